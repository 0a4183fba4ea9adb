import type { Enter } from '../contestant.js'
import type { Kept } from '../floor/kept.js'

/** A server on which everybody is measured, each in a place of his own that is empty at first and empty again at his end. */
export interface Ground {
  readonly name: string
  readonly ours: Enter
  /** One call for each step, the right guess too. */
  readonly floorInOne: Enter
  /** As many calls as ours: a right guess is compared here, and is two. */
  readonly floorInTwo: Enter
  /** What the floor keeps, in another place of its own: to see that it enforces what it promises. */
  kept(): Kept
  /** Empties every place and hangs up. */
  leave(): Promise<void>
}

/** What is said aloud of a server that is not there. Its address may hold a password. */
export const missing = {
  redis: 'SKIPPED: no Redis answers at REDIS_URL or, without one, on this machine',
  postgres: 'SKIPPED: no Postgres answers at DATABASE_URL or, without one, on this machine',
} as const
