/**
 * Where challenges, one-shots and the hits of quotas live: five verbs, no policy, none that reveals without spending.
 *
 * Every sentence with a MUST below is the name of a test in `storeContract` (`phone-verify/testing`). A store that passes it may be
 * used. The interface cannot say check-then-act: a digest is revealed only by spending an attempt, and a quota is taken only together
 * with the act that it guards.
 *
 * - Every verb MUST be one atomic step: calls made at once end as if they had been made one after another.
 * - Every refusal MUST leave no trace: no record, no hit, no changed digest.
 * - Ids and keys MUST be opaque: two different strings never meet, whatever characters they hold.
 * - An id and a quota key that are the same string MUST NOT meet.
 * - What a store cannot do, a span of time that is no finite number included, MUST reject, never resolve with a guess.
 */
export interface Store {
  /** How far the promises hold: one process, or every process that shares the server. */
  readonly reach: 'process' | 'shared'

  /** Start-up checks: schema, eviction policy, probe. Rejects when the store must not be used; says by `warn` what deserves a look. */
  check?(warn?: (warning: StoreWarning) => void): Promise<void>

  /**
   * Records a challenge, takes one hit of every quota and opens the one-shots `also`: all of it, or nothing.
   *
   * - open MUST be as durable as the store is configured to be before it resolves.
   * - open MUST answer exists for an id within its life, closed and exhausted ones too, with what is left of its code and of its life.
   * - open MUST free an id when its life is over.
   * - open MUST answer limited when a quota is full, naming the first full key in the order given.
   * - retryAfterMs of limited MUST be the time until every full quota is free again.
   * - A quota MUST admit at most max hits in any window of windowMs, wherever the window begins.
   * - Quotas of one call with the same key MUST share one record: one hit, tested against every window.
   * - room MUST hold one row for every key, in the order given: what its tightest window has left and when that window has more;
   *   of equally tight ones, the longest wait.
   */
  open(challenge: ChallengeRecord, quotas: readonly Quota[], also?: readonly OneShot[]): Promise<Opened | Exists | Limited>

  /**
   * A resend: new life for the code, perhaps a new digest, never new attempts.
   *
   * - renew MUST give the code ttlMs from now, also after it expired, but never beyond the life of its challenge.
   * - renew MUST replace the digest where one is given and keep it where none is.
   * - renew MUST NOT give attempts back.
   * - renew MUST take the quotas and open the one-shots, or do nothing.
   * - renew MUST answer absent, closed, exhausted and limited in this precedence.
   */
  renew(
    id: string,
    change: Renewal,
    quotas: readonly Quota[],
    also?: readonly OneShot[],
  ): Promise<Renewed | Refused<'absent' | 'closed' | 'exhausted'> | Limited>

  /**
   * Spends one attempt and, in the same step, reveals the digest.
   *
   * - attempt MUST be granted at most attempts times in all, renewals or not.
   * - attempt MUST say how many attempts are left after it.
   * - attempt MUST answer absent, expired, closed, exhausted and limited in this precedence.
   * - attempt MUST answer expired at the very millisecond the code ends.
   * - A count of attempts that is not a positive number MUST read as exhausted.
   */
  attempt(id: string, quotas: readonly Quota[]): Promise<Attempted | Refused<'absent' | 'expired' | 'closed' | 'exhausted'> | Limited>

  /**
   * Ends a challenge or a one-shot.
   *
   * - close MUST answer closed to exactly one caller within its life, already to the others, absent outside it.
   * - close MUST forget the released keys and open the one-shots in the winner's step only.
   * - close with hit MUST forget only the hits of that call.
   * - A one-shot MUST only be closed: attempt and renew call it absent.
   * - A one-shot that is there already MUST stay as it is when it is opened again.
   */
  close(id: string, then?: Aftermath): Promise<'closed' | 'already' | 'absent'>

  /**
   * Ends a one-shot within the application's own transaction: it stays closed if that commits, and was never closed if that is rolled back.
   * Optional: for a store whose records live beside the application's. Rejects with ERR_PV_ARGUMENT what is no open transaction.
   */
  closeWithin?(transaction: unknown, id: string): Promise<'closed' | 'already' | 'absent'>

  /**
   * Forgets quota keys wholly, or only the hits of one call.
   *
   * - release MUST forget a key wholly without hit, and only the hits of that call with it.
   * - release MUST do nothing the second time, or for what is not there.
   */
  release(keys: readonly string[], hit?: string): Promise<void>
}

/** `store_not_persistent`: a restart of the server forgets quotas. `store_unfenced`: a restart may revive used codes. */
export type StoreWarning = 'store_not_persistent' | 'store_unfenced'

/** A challenge as a store keeps it. The digest says nothing without the key that made it. */
export interface ChallengeRecord {
  readonly id: string
  readonly codeDigest: string
  /** How many attempts may ever be granted: 1 to 10. */
  readonly attempts: number
  /** Life of the code, in milliseconds, from now. */
  readonly ttlMs: number
  /** Life of the record, in milliseconds, from now. No renewal outlives it. */
  readonly lifeMs: number
}

/** What a resend changes. */
export interface Renewal {
  readonly codeDigest?: string
  /** New life of the code, in milliseconds, from now. */
  readonly ttlMs: number
}

/** A record that can only be closed: a proof, a delivery claim. */
export interface OneShot {
  readonly id: string
  /** Life in milliseconds, from now. */
  readonly ttlMs: number
}

/** At most `max` hits on `key` in any sliding window of `windowMs` milliseconds. A hit counts until `windowMs` after it, and then no more. */
export interface Quota {
  readonly key: string
  readonly max: number
  readonly windowMs: number
}

/** What the winner's step of `close` does besides. */
export interface Aftermath {
  /** Quota keys to forget: wholly, or only the hits that `hit` names. */
  readonly release?: readonly string[]
  readonly hit?: string
  readonly open?: readonly OneShot[]
}

/** What a key has left after this hit, by its tightest window. */
export interface Room {
  readonly key: string
  readonly remaining: number
  /** Milliseconds until that window has room for one more than `remaining`. */
  readonly nextInMs: number
}

/** The quotas were taken. */
export interface Granted {
  /** Names the hits of this call, for release. */
  readonly hit: string
  readonly room: readonly Room[]
}

export interface Opened extends Granted {
  readonly status: 'opened'
}

export interface Renewed extends Granted {
  readonly status: 'renewed'
  /** Milliseconds until the code ends. */
  readonly expiresInMs: number
}

export interface Attempted extends Granted {
  readonly status: 'granted'
  readonly codeDigest: string
  readonly attemptsLeft: number
}

export interface Exists {
  readonly status: 'exists'
  /** Milliseconds until the code ends; 0 when it has ended. */
  readonly expiresInMs: number
  /** Milliseconds until the record ends. */
  readonly lifeMs: number
}

export type Refused<Status extends string> = Status extends string ? { readonly status: Status } : never

export interface Limited {
  readonly status: 'limited'
  /** The first full quota, in the order given. */
  readonly key: string
  /** Milliseconds until all full ones are free. */
  readonly retryAfterMs: number
}
