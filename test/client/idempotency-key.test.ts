import { afterEach, expect, test, vi } from 'vitest'
import { makeIdempotencyKey } from '../../src/client/idempotency-key.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const thousand = () => Array.from({ length: 1_000 }, makeIdempotencyKey)

test('is a random UUID where there is one', () => {
  const keys = thousand()
  expect(new Set(keys).size).toBe(1_000)
  for (const key of keys) expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

test.each([undefined, {}])('with %j for crypto no two are the same, within a millisecond and when the clock is set back', (crypto) => {
  vi.stubGlobal('crypto', crypto)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
  const before = thousand()
  vi.setSystemTime(Date.UTC(2025, 0, 1))
  const earlier = thousand()
  vi.setSystemTime(Date.UTC(2026, 0, 1))
  expect(new Set([...before, ...earlier, ...thousand()]).size).toBe(3_000)
  // What the server reads as a key.
  for (const key of [...before, ...earlier]) expect(key).toMatch(/^[\w-]{8,40}$/)
})
