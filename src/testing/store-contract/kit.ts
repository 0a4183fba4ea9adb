import assert from 'node:assert/strict'
import type { ChallengeRecord, OneShot, Quota, Store } from '../../store/store.js'

/** A store under test. Every test makes its own, and uses ids and keys that no other test uses. */
export interface StoreFixture {
  readonly store: Store
  /** Moves the store's clock, in milliseconds; nothing else may move it. Without it the tests wait, and assert no exact milliseconds. */
  readonly advance?: ((ms: number) => void | Promise<void>) | undefined
  /** The same records by another connection or, where they outlive it, after a crash of the server. Default: the store itself. */
  readonly reopen?: (() => Store | Promise<Store>) | undefined
  readonly dispose?: (() => void | Promise<void>) | undefined
}

/** One sentence of the contract, and its proof. */
export interface Sentence {
  readonly title: string
  readonly prove: (kit: Kit) => Promise<void>
}

/** What a proof works with. */
export type Kit = ReturnType<typeof createKit>

/** A life short enough to wait for. What must still be there when a proof looks lives `LONG_MS`, however slow the server is. */
export const SPAN_MS = 100
export const LONG_MS = 600_000

const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url')

export const times = <Result>(count: number, make: (index: number) => Result) => Array.from({ length: count }, (_, index) => make(index))

export const quota = (key: string, max: number, windowMs = LONG_MS): Quota => ({ key, max, windowMs })

/** Fails unless the answer has this status, and narrows it. */
export function answered<Answer extends { readonly status: string }, Status extends Answer['status']>(answer: Answer, status: Status) {
  assert.equal(answer.status, status)
  return answer as Extract<Answer, { readonly status: Status }>
}

export function createKit(
  { store, advance, reopen = () => store }: StoreFixture,
  seed: number,
  unavailable?: () => Store | Promise<Store>,
) {
  const tag = `{${random(6)}}`
  let passedMs = 0
  const now = () => (advance ? passedMs : performance.now())

  /** An id or a key that is new. All of a test begin with one tag, so that they share a slot of a cluster. */
  const fresh = (end = '') => `${tag}${random(16)}${end}`

  const challenge = (changes: Partial<ChallengeRecord> = {}): ChallengeRecord => ({
    id: fresh(),
    codeDigest: random(16),
    attempts: 5,
    ttlMs: LONG_MS,
    lifeMs: 2 * LONG_MS,
    ...changes,
  })

  return {
    store,
    reopen,
    unavailable,
    seed,
    tag,
    now,
    fresh,
    challenge,

    /** Whether time stands still between two calls, so that every millisecond can be told. */
    exact: advance !== undefined,

    /** Lets so many milliseconds pass; a few more where the clock cannot be moved. */
    async pass(ms: number): Promise<void> {
      passedMs += ms
      if (advance) return advance(ms)
      await new Promise((resolve) => setTimeout(resolve, ms + 20))
    },

    /** Fails unless `actual` is what is left of `ms` that began at `since`; a little less will do where the clock cannot be held. */
    isLeft(actual: number, ms: number, since: number): void {
      const least = ms - (now() - since)
      if (advance) assert.equal(actual, least)
      assert.ok(actual <= ms + 1 && actual >= least - 20, `${actual} of ${ms} ms are left, expected at least ${least}`)
    },

    /** A challenge that is open now, taking these quotas. */
    async opened(changes: Partial<ChallengeRecord> = {}, quotas: readonly Quota[] = [], also: readonly OneShot[] = []) {
      const record = challenge(changes)
      return { ...record, ...answered(await store.open(record, quotas, also), 'opened') }
    },

    /** How many hits within `LONG_MS` a key has. Looking leaves none. */
    async hitsOn(key: string): Promise<number> {
      const { hit, room } = answered(await store.open(challenge(), [quota(key, 50)]), 'opened')
      await store.release([key], hit)
      return 49 - (room[0]?.remaining ?? Number.NaN)
    },

    async exhaust(id: string, attempts: number): Promise<void> {
      for (let spent = 0; spent < attempts; spent += 1) answered(await store.attempt(id, []), 'granted')
    },
  }
}
