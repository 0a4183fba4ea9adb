/** At most `max` in any sliding window of `windowMs` milliseconds. */
export interface Limit {
  readonly max: number
  readonly windowMs: number
}

const names = [
  'sendsPerPhone',
  'sendsPerClient',
  'sendsPerPrefix',
  'sendsPerTenant',
  'sendsPerSubject',
  'checksPerClient',
  'failuresPerPhone',
] as const

export type LimitName = (typeof names)[number]

/** For each limit the windows that must all have room. An empty list is no limit. */
export type Limits = Readonly<Record<LimitName, readonly Limit[]>>

export const limitNames: readonly LimitName[] = names

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const limit = (max: number, windowMs: number): Limit => ({ max, windowMs })

/** The windows of `sendsPerPhone` below this are the cooldown: counted apart, so that a send that never left can give it back. */
export const cooldownBelowMs = 10 * minute

/** However a phone is asked for, this many challenges can be open for one purpose, so five guesses each stay far from a million. */
export const challengesPerPhone: readonly Limit[] = [limit(3, 10 * minute)]

export const defaultLimits: Limits = {
  // Gaps of 30, 60, 120 and 300 seconds between the sends of one visit, then five an hour and ten a day.
  sendsPerPhone: [
    limit(1, 30 * second),
    limit(2, 90 * second),
    limit(3, 210 * second),
    limit(4, 510 * second),
    limit(5, hour),
    limit(10, day),
  ],
  sendsPerClient: [limit(10, hour), limit(50, day)],
  // Pumping runs through neighbouring numbers: a block of ten thousand shares one brake.
  sendsPerPrefix: [limit(20, hour)],
  // What an install that configured nothing can lose in a day.
  sendsPerTenant: [limit(200, hour), limit(1_000, day)],
  sendsPerSubject: [limit(5, hour), limit(10, day)],
  checksPerClient: [limit(30, 5 * minute)],
  // NIST SP 800-63B-4 §3.2.2 allows no more than 100 consecutive failures; this stops at half of it.
  failuresPerPhone: [limit(10, 15 * minute), limit(20, day), limit(50, 30 * day)],
}
