import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { createPhoneClient } from 'phone-verify/client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { countDown } from '../../src/client/countdown.js'
import { pageStorage } from './page-storage.js'

const begin = Date.UTC(2026, 0, 1)

afterEach(() => {
  vi.useRealTimers()
})

test('whatever is left, it tells each second once and on the second, ends with 0, and leaves neither timer nor listener', () => {
  vi.useFakeTimers()
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90_000 }), (leftMs) => {
      vi.setSystemTime(begin)
      const { signal } = new AbortController()
      const told: (readonly [atMs: number, seconds: number])[] = []
      const listener = (seconds: number) => void told.push([Date.now() - begin, seconds])
      countDown(() => begin + leftMs, Date.now, listener, signal)
      vi.advanceTimersByTime(100_000)
      const whole = Math.ceil(leftMs / 1_000)
      const [first, ...others] = Array.from({ length: whole + 1 }, (_, index) => whole - index)
      expect(told).toEqual([[0, first], ...others.map((seconds) => [leftMs - seconds * 1_000, seconds])])
      expect([vi.getTimerCount(), getEventListeners(signal, 'abort')]).toEqual([0, []])
    }),
  )
})

test.each([0, -1, -60_000])('with %i ms left it tells 0, once', (leftMs) => {
  vi.useFakeTimers({ now: begin })
  const told: number[] = []
  countDown(
    () => begin + leftMs,
    Date.now,
    (seconds) => void told.push(seconds),
    undefined,
  )
  expect([told, vi.getTimerCount()]).toEqual([[0], 0])
})

test('stopped by its function, it leaves nothing on the signal', () => {
  vi.useFakeTimers({ now: begin })
  const { signal } = new AbortController()
  const stop = countDown(
    () => begin + 5_000,
    Date.now,
    () => {},
    signal,
  )
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  stop()
  expect([vi.getTimerCount(), getEventListeners(signal, 'abort')]).toEqual([0, []])
})

describe('of a session', () => {
  /** A client with a session until then, and the timers of the test. */
  function counting({ resendMs = 30_000, expiryMs = 300_000 } = {}) {
    vi.useFakeTimers({ now: begin })
    const kept = new Map<string, string>()
    const keep = (resendAt: number) => {
      const session = { sessionToken: 'a', resendAt: new Date(resendAt), expiresAt: new Date(begin + expiryMs) }
      kept.set('key', JSON.stringify(session))
    }
    keep(begin + resendMs)
    const client = createPhoneClient({ baseUrl: '', storage: pageStorage(kept), storageKey: 'key' })
    const told: number[] = []
    return { client, keep, told, listener: (seconds: number) => void told.push(seconds) }
  }

  test('tells at once, then each second, until 0', () => {
    const { client, told, listener } = counting({ resendMs: 3_500 })
    client.countdown('resend', listener)
    expect(told).toEqual([4])
    vi.advanceTimersByTime(500)
    expect(told).toEqual([4, 3])
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([4, 3, 2, 1, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('to the end of the code', () => {
    const { client, told, listener } = counting({ expiryMs: 300_000 })
    client.countdown('expiry', listener)
    vi.advanceTimersByTime(300_000)
    expect([told[0], told.at(-1), told.length]).toEqual([300, 0, 301])
  })

  test('after a sleep it goes by the clock', () => {
    const { client, told, listener } = counting()
    client.countdown('resend', listener)
    vi.setSystemTime(begin + 20_000)
    vi.advanceTimersToNextTimer()
    expect(told).toEqual([30, 9])
    vi.setSystemTime(begin + 86_400_000)
    vi.advanceTimersToNextTimer()
    expect(told).toEqual([30, 9, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('follows a resend', () => {
    const { client, keep, told, listener } = counting({ resendMs: 2_000 })
    client.countdown('resend', listener)
    keep(begin + 60_000)
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual([2, 59])
  })

  test('ends by its function, by a signal, and by a reset', () => {
    const { client, told, listener } = counting()
    const gone = new AbortController()
    const stop = client.countdown('resend', listener)
    client.countdown('resend', listener, { signal: gone.signal })
    client.countdown('resend', listener, { signal: AbortSignal.abort() })
    stop()
    gone.abort()
    expect(vi.getTimerCount()).toBe(0)
    expect(told).toEqual([30, 30])

    client.countdown('resend', listener)
    client.reset()
    vi.advanceTimersByTime(5_000)
    expect(told).toEqual([30, 30, 30, 0])
  })

  test('a listener may stop it, be it that it knows how', () => {
    const { client } = counting()
    const told: number[] = []
    const gone = new AbortController()
    const listener = (seconds: number) => {
      told.push(seconds)
      gone.abort()
    }
    client.countdown('resend', listener, { signal: gone.signal })
    expect([told, vi.getTimerCount()]).toEqual([[30], 0])
  })

  test('of nothing is 0', () => {
    const told: number[] = []
    createPhoneClient({ baseUrl: '' }).countdown('resend', (seconds) => void told.push(seconds))
    expect(told).toEqual([0])
  })
})
