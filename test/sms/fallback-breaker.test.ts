import { describe, expect, test, vi } from 'vitest'
import type { SmsBackend } from '../../src/sms/backend.js'
import { type FallbackOptions, fallback } from '../../src/sms/fallback.js'
import { createCircuitBreaker } from '../../src/sms/fallback-breaker.js'
import { fakeClock } from '../../src/testing/clock.js'
import { makeLeaf, makeMessage, outcomeOf } from './fallback-leaf.js'

const make = () => {
  const clock = fakeClock()
  const breaker = createCircuitBreaker({ failures: 3, coolDownMs: 10_000, now: clock.now })
  const end = (ending: 'well' | 'badly' | 'undecided') => breaker.enter()?.(ending)
  const trip = () => {
    for (let index = 0; index < 3; index += 1) end('badly')
  }
  return { clock, breaker, end, trip }
}

describe('closed', () => {
  test('opens at the third failure in a row, not before', () => {
    const { breaker, end } = make()
    for (const ending of ['badly', 'badly', 'well', 'badly', 'undecided', 'badly'] as const) end(ending)
    expect(breaker.openedAt()).toBeUndefined()
    end('badly')
    expect(breaker.openedAt()).toBe(Date.UTC(2026, 0, 1))
    expect(breaker.enter()).toBeUndefined()
  })
})

describe('open', () => {
  test('lets nobody in until the cool-down is over, and then one', () => {
    const { clock, breaker, trip } = make()
    trip()
    clock.advance(9_999)
    expect(breaker.enter()).toBeUndefined()
    clock.advance(1)
    const probe = breaker.enter()
    expect(probe).toBeDefined()
    clock.advance(60_000)
    expect(breaker.enter()).toBeUndefined()
    probe?.('well')
    expect(breaker.openedAt()).toBeUndefined()
    expect(breaker.enter()).toBeDefined()
  })

  test('a probe that fails begins a new cool-down, from when it failed', () => {
    const { clock, breaker, trip } = make()
    trip()
    clock.advance(10_000)
    const probe = breaker.enter()
    clock.advance(3_000)
    probe?.('badly')
    clock.advance(9_999)
    expect(breaker.enter()).toBeUndefined()
    clock.advance(1)
    expect(breaker.enter()).toBeDefined()
  })

  test('a probe that says nothing makes room for the next, a second after it began', () => {
    const { clock, breaker, trip, end } = make()
    trip()
    clock.advance(10_000)
    end('undecided')
    clock.advance(999)
    expect(breaker.enter()).toBeUndefined()
    clock.advance(1)
    end('well')
    expect(breaker.openedAt()).toBeUndefined()
  })

  test('what began before it opened is no evidence: neither closes it nor counts after it closed', () => {
    const { clock, breaker, trip, end } = make()
    const [good, ...bad] = [1, 2, 3, 4].map(() => breaker.enter())
    trip()
    good?.('well')
    expect(breaker.openedAt()).toBeDefined()
    clock.advance(10_000)
    end('well')
    for (const leave of bad) leave?.('badly')
    expect(breaker.openedAt()).toBeUndefined()
  })

  test('a last resort that succeeds closes it; one that fails puts no probe off', () => {
    const { clock, breaker, trip } = make()
    trip()
    clock.advance(9_999)
    breaker.force()('badly')
    clock.advance(1)
    breaker.enter()?.('undecided')
    breaker.force()('well')
    expect(breaker.openedAt()).toBeUndefined()
  })
})

describe('in a fallback', () => {
  const makePair = (options: FallbackOptions = {}) => {
    const clock = fakeClock()
    const [a, b] = [makeLeaf('a').carrier, makeLeaf('b').carrier]
    const backend = fallback([a, b], { now: clock.now, failures: 2, ...options })
    return { clock, a, b, backend, send: () => outcomeOf(backend.send(makeMessage())) }
  }

  test.each([
    ['unavailable', 2],
    ['unknown', 2],
    ['refused', 6],
    ['configuration', 6],
  ] as const)('six times %s: asked %i times', async (how, calls) => {
    const { a, send } = makePair()
    a.fail(how)
    for (let index = 0; index < 6; index += 1) await send()
    expect(a.calls).toBe(calls)
  })

  test('no send fails only because of breakers: where all are open, all are tried, the one that opened first before the others', async () => {
    const { clock, a, b, send } = makePair({ failures: 1 })
    b.fail('unavailable')
    a.fail('unavailable', 1)
    await send()
    expect([a.calls, b.calls]).toEqual([1, 1])
    clock.advance(1)
    a.fail('unavailable')
    await send()
    expect([a.calls, b.calls]).toEqual([2, 2])
    b.recover()
    expect(await send()).toBe('b')
    a.recover()
    b.fail('unavailable')
    expect(await send()).toBe('a')
  })

  test('the one that opened longest ago comes first', async () => {
    const { clock, a, b, backend, send } = makePair({ failures: 1, order: ({ purpose }) => (purpose === 'b' ? ['b'] : ['a', 'b']) })
    b.fail('unavailable')
    await outcomeOf(backend.send(makeMessage({ purpose: 'b' })))
    clock.advance(1)
    a.fail('unavailable')
    await send()
    a.recover()
    b.recover()
    const before = [a.calls, b.calls] as const
    expect(await send()).toBe('b')
    expect([a.calls, b.calls]).toEqual([before[0], before[1] + 1])
  })

  test('a caller who leaves early says nothing about the backend; one who waited for most of its share does', async () => {
    vi.useFakeTimers()
    try {
      let calls = 0
      const hanging: SmsBackend = {
        name: 'hanging',
        send: () => {
          calls += 1
          return new Promise(() => {})
        },
      }
      const other = makeLeaf('other').carrier
      const backend = fallback([hanging, other], { failures: 1, timeoutMs: 10_000 })
      const sendAndLeave = async (afterMs: number) => {
        const controller = new AbortController()
        const sending = outcomeOf(backend.send(makeMessage(), controller.signal))
        await vi.advanceTimersByTimeAsync(afterMs)
        controller.abort()
        await vi.advanceTimersByTimeAsync(1_000)
        return sending
      }
      for (let index = 0; index < 30; index += 1) expect(await sendAndLeave(2_000)).toBe('ERR_PV_SMS_UNKNOWN')
      expect([calls, other.calls]).toEqual([30, 0])
      await sendAndLeave(3_000)
      expect(await outcomeOf(backend.send(makeMessage()))).toBe('other')
      expect([calls, other.calls]).toEqual([31, 1])
    } finally {
      vi.useRealTimers()
    }
  })

  test('5 000 sends in the instant in which the cool-down ends: one goes to the backend that was down', async () => {
    const { clock, a, b, send } = makePair()
    a.fail('unavailable')
    for (let index = 0; index < 6; index += 1) await send()
    clock.advance(30_000)
    a.recover()
    a.hold()
    const before = [a.calls, b.calls] as const
    const herd = Array.from({ length: 5_000 }, send)
    expect([a.calls - before[0], b.calls - before[1]]).toEqual([1, 4_999])
    a.release()
    const served = await Promise.all(herd)
    expect(served.filter((name) => name === 'a')).toHaveLength(1)
    expect(served.filter((name) => name === 'b')).toHaveLength(4_999)
    expect(await send()).toBe('a')
  })
})
