import { memoryStore } from 'phone-verify/store/memory'
import { expect, test } from 'vitest'
import { lifted, type MakeStore, sendAtOnce } from './races.js'

const memory: MakeStore = (now) => memoryStore({ now })

test('T-SND-01: of 1 000 sends to one phone at once exactly one SMS leaves', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 10; round++) {
    const { counts, sms } = await sendAtOnce(memory, 1_000)
    expect(counts).toEqual({ ok: 1, rate_limited: 999 })
    expect(sms).toHaveLength(1)
  }
})

test('T-SND-04: nor do more spellings of the number make more SMS', { timeout: 60_000 }, async () => {
  const spellings = [
    '+14155552671',
    '+1 415 555 2671',
    '+1 (415) 555-2671',
    '+1.415.555.2671',
    '\u200e+1\u00a0415\u2011555\u20112671',
    '＋１４１５５５５２６７１',
    '+١٤١٥٥٥٥٢٦٧١',
  ]
  const { counts, sms } = await sendAtOnce(memory, 700, spellings)
  expect(counts).toEqual({ ok: 1, rate_limited: 699 })
  expect(sms.map(({ to }) => to)).toEqual(['+14155552671'])
})

test('at most three challenges of a phone are opened at once, whatever the limits', { timeout: 60_000 }, async () => {
  const { outcomes, sms } = await sendAtOnce(memory, 1_000, ['+14155552671'], { limits: lifted })
  expect(sms).toHaveLength(3)
  const refused = { ok: false, reason: 'rate_limited', limit: 'challengesPerPhone', retryAfterMs: 600_000 }
  expect(outcomes.filter(({ ok }) => !ok)).toEqual(Array(997).fill(refused))
})

test('T-SND-08: 1 000 sends to as many phones at once keep to the budget, and each accepted one is one SMS', {
  timeout: 60_000,
}, async () => {
  const phones = Array.from({ length: 1_000 }, (_, index) => `+1415${5550000 + index}`)
  const { counts, sms } = await sendAtOnce(memory, 1_000, phones, {
    limits: { ...lifted, sendsPerTenant: [{ max: 17, windowMs: 3_600_000 }] },
  })
  expect(counts).toEqual({ ok: 17, rate_limited: 983 })
  expect(new Set(sms.map(({ to }) => to)).size).toBe(17)
  expect(sms).toHaveLength(17)
})
