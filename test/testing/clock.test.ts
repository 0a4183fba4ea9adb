import { describe, expect, test } from 'vitest'
import { fakeClock } from '../../src/testing/clock.js'

describe('fakeClock', () => {
  test('begins with 2026, or where it is told', () => {
    expect(new Date(fakeClock().now()).toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(fakeClock(0).now()).toBe(0)
  })

  test('moves only when it is moved, without this', () => {
    const { now, advance, set } = fakeClock(1_000)
    expect([now(), now()]).toEqual([1_000, 1_000])
    advance(250)
    advance(0)
    expect(now()).toBe(1_250)
    set(400)
    expect(now()).toBe(400)
    advance(-1)
    expect(now()).toBe(399)
  })

  test('shares nothing with another clock', () => {
    const [one, two] = [fakeClock(1), fakeClock(1)]
    one.advance(1)
    expect([one.now(), two.now()]).toEqual([2, 1])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '5', undefined, 5n])('takes no %s for a time, and stays where it was', (ms) => {
    const clock = fakeClock(1)
    expect(() => clock.advance(ms as number)).toThrow(RangeError)
    expect(() => clock.set(ms as number)).toThrow(RangeError)
    expect(clock.now()).toBe(1)
  })

  test('cannot begin at NaN', () => {
    expect(() => fakeClock(Number.NaN)).toThrow(RangeError)
  })
})
