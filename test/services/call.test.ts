import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCall } from '../../src/services/call.js'
import type { Challenge } from '../../src/services/challenge.js'
import { sampleChallenge } from '../fixtures/challenge.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const never = () => new Promise<never>(() => {})

describe('a call has so many milliseconds', () => {
  test('and says how many are left', async () => {
    const call = createCall(1_000)
    expect([call.elapsedMs(), call.remainingMs()]).toEqual([0, 1_000])
    await vi.advanceTimersByTimeAsync(400)
    expect([call.elapsedMs(), call.remainingMs()]).toEqual([400, 600])
    await vi.advanceTimersByTimeAsync(4_000)
    expect(call.remainingMs()).toBe(0)
  })

  // T-TTL-02: deadlines do not follow a clock that somebody sets.
  test.each([-3_600_000, 3_600_000])('whatever becomes of the system clock: %i ms', async (jump) => {
    const call = createCall(1_000)
    vi.setSystemTime(Date.now() + jump)
    expect(call.remainingMs()).toBe(1_000)
    await vi.advanceTimersByTimeAsync(400)
    expect(call.remainingMs()).toBe(600)
  })

  test('all of its work together, not each part', async () => {
    const call = createCall(1_000)
    await vi.advanceTimersByTimeAsync(700)
    const limited = call.limit(never()).catch((error) => error)
    await vi.advanceTimersByTimeAsync(300)
    expect(await limited).toMatchObject({ code: 'ERR_PV_TIMEOUT', message: 'the call did not settle within 1000 ms' })
    const tooLate = call.limit(never()).catch((error) => error)
    await vi.advanceTimersByTimeAsync(1)
    expect(await tooLate).toMatchObject({ code: 'ERR_PV_TIMEOUT' })
  })

  test('work that is done, or fails, in time is what it is', async () => {
    const call = createCall(1_000)
    const error = new Error('work')
    await expect(call.limit(Promise.resolve(7))).resolves.toBe(7)
    await expect(call.limit(Promise.reject(error))).rejects.toBe(error)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('check', () => {
  test('lets a call go on that has time and a caller', () => {
    const call = createCall(1_000)
    call.heed(undefined)
    expect(() => call.check()).not.toThrow()
    call.heed(new AbortController().signal)
    expect(() => call.check()).not.toThrow()
  })

  test('stops one whose caller has gone, or whose owner stops it', () => {
    const aborted = AbortSignal.abort('a reason of the caller')
    expect(() => createCall(1_000, aborted).check()).toThrow(expect.objectContaining({ code: 'ERR_PV_ABORTED' }))
    const call = createCall(1_000)
    call.heed(aborted)
    expect(() => call.check()).toThrow(
      expect.objectContaining({ code: 'ERR_PV_ABORTED', message: 'the caller aborted before anything was sent' }),
    )
    expect(call.signal).toBe(aborted)
  })

  test('stops one whose time is up', async () => {
    const call = createCall(1_000)
    await vi.advanceTimersByTimeAsync(999)
    expect(() => call.check()).not.toThrow()
    await vi.advanceTimersByTimeAsync(1)
    expect(() => call.check()).toThrow(expect.objectContaining({ code: 'ERR_PV_TIMEOUT' }))
  })

  test('a signal that a thousand calls share is no leak to warn of', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const { signal } = new AbortController()
    for (let n = 0; n < 1_000; n++) {
      const call = createCall(1_000)
      call.heed(signal)
      call.signal?.addEventListener('abort', () => n)
    }
    await vi.advanceTimersByTimeAsync(1)
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
  })
})

describe('what its event will say', () => {
  test('begins with nothing, and leaves out what is absent', () => {
    const call = createCall(1_000)
    expect(call.facts).toEqual({})
    call.note({ tenant: undefined, decoy: undefined, testNumber: undefined, limit: undefined })
    expect(call.facts).toEqual({})
    call.note({ tenant: 'acme', decoy: true, attemptsLeft: 0 })
    call.note({ tenant: undefined, limit: 'sendsPerPhone' })
    expect(call.facts).toEqual({ tenant: 'acme', decoy: true, attemptsLeft: 0, limit: 'sendsPerPhone' })
  })

  test('of a challenge: its opaque id without the tag, and nothing personal', () => {
    const call = createCall(1_000)
    call.about(sampleChallenge())
    expect(call.facts).toEqual({ challenge: 'AAECAwQFBgcICQoLDA0ODw', purpose: 'payment', tenant: 'acme', country: 'FR' })
  })

  test('of a decoy, a test number, a challenge without tenant', () => {
    const facts = (over: Partial<Challenge>) => {
      const call = createCall(1_000)
      call.about(sampleChallenge({ tenant: undefined, country: undefined, ...over }))
      return call.facts
    }
    expect(facts({})).toEqual({ challenge: 'AAECAwQFBgcICQoLDA0ODw', purpose: 'payment' })
    expect(facts({ testNumber: true })).toMatchObject({ testNumber: true })
    // One word more or less would take time: of what leaves after the reply it is always said.
    const later = { policy: { ...sampleChallenge().policy, delivery: 'background' } } as const
    expect([true, false].map((decoy) => facts({ ...later, decoy }).decoy)).toEqual([true, false])
  })
})
