/** Time that only the test moves. Its methods need no `this`. */
export interface FakeClock {
  /** Unix time in milliseconds: give it as `now`. */
  readonly now: () => number
  /** Moves on by so many milliseconds. */
  readonly advance: (ms: number) => void
  /** Jumps to a Unix time in milliseconds, backwards too. */
  readonly set: (ms: number) => void
}

/**
 * A clock for tests.
 *
 * @param start Unix time in milliseconds. Default: the first instant of 2026, UTC.
 * @throws `RangeError` when given anything but a finite number: a clock at `NaN` would make every comparison false, and tests pass.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'phone-verify/store/memory'
 * import { fakeClock } from 'phone-verify/testing'
 *
 * const clock = fakeClock()
 * export const store = memoryStore({ now: clock.now })
 * clock.advance(60_000)
 * ```
 */
export function fakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let time = finite(start)

  return {
    now: () => time,
    advance: (ms) => {
      time += finite(ms)
    },
    set: (ms) => {
      time = finite(ms)
    },
  }
}

function finite(ms: number): number {
  if (!Number.isFinite(ms)) throw new RangeError('fakeClock takes a finite number of milliseconds')
  return ms
}
