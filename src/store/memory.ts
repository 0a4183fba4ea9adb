import { misconfigured, PhoneVerifyError } from '../errors.js'
import { count, type Hits, indexOfHit, NONE, tally, withHit, withoutHit } from './memory-hits.js'
import { createTable, flat } from './memory-table.js'
import type { Granted, Limited, OneShot, Quota, Store } from './store.js'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** The clock: milliseconds from any origin. Default: `performance.now()`, which no change of the system's time moves. */
  readonly now?: (() => number) | undefined
  /** The most records kept at once: challenges, one-shots and quota keys together. Default: 100 000. Guesses and proofs may use a tenth more. */
  readonly maxRecords?: number | undefined
}

/** A challenge or, without a digest, a one-shot. */
interface Entry {
  codeDigest: string | undefined
  attemptsLeft: number
  closed: boolean
  codeEndsAt: number
  readonly endsAt: number
}

/** The most records looked at in one go: a fraction of a millisecond. */
const SLICE = 1000

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `memoryStore: ${message}`)

/** NaN compares false with everything and would make a life or a window without end. */
const span = (ms: number) => {
  if (ms >= 0 && ms < Number.POSITIVE_INFINITY) return ms
  throw fault('a span of time must be a finite number of milliseconds, 0 or more')
}

const isLimited = (taken: Granted | Limited): taken is Limited => Object.hasOwn(taken, 'status')

/**
 * Keeps everything in this process, for one process: development, tests, a single server. A restart forgets it all: codes die, quotas
 * begin anew. When `maxRecords` live records are there, a send rejects with `ERR_PV_STORE`, while open challenges
 * can still be verified; nothing live is ever evicted.
 *
 * @returns a store with reach `'process'`
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 * @example
 * ```ts
 * import { memoryStore } from 'phone-verify/store/memory'
 *
 * export const store = memoryStore({ maxRecords: 20_000 })
 * ```
 */
export const memoryStore = (options: MemoryStoreOptions = {}): Store => {
  const { now = () => performance.now(), maxRecords = 100_000 }: MemoryStoreOptions = Object.assign(Object.create(null), options)
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1)
    throw misconfigured([{ option: 'maxRecords', message: 'must be a whole number, 1 or more' }])
  // Counted from here, times are small integers, which V8 keeps without a heap number each.
  const origin = Math.floor(now())
  if (!Number.isFinite(origin)) throw misconfigured([{ option: 'now', message: 'must return a number of milliseconds' }])

  // A flood of sends must not keep anybody from verifying: guesses and proofs of open challenges have a tenth more.
  const withReserve = maxRecords + Math.floor(maxRecords / 10)
  let latest = 0
  let calls = 0
  let ticking = false
  const entries = createTable<Entry>(({ endsAt }) => latest >= endsAt)
  const keys = createTable<Hits>((hits) => latest - (hits.at(-2) as number) >= (hits[0] as number))
  const size = () => entries.size() + keys.size()

  const clock = () => {
    const at = Math.floor(now()) - origin
    if (at > latest) latest = at
    return latest
  }
  const sweep = (visits: number) => {
    const share = Math.ceil((visits * entries.size()) / (size() || 1))
    entries.sweep(share)
    keys.sweep(visits - share)
  }
  const tick = () => {
    const before = size()
    clock()
    sweep(SLICE)
    ticking = size() > 0
    if (ticking) setTimeout(tick, before - size() > SLICE / 8 ? 10 : 500).unref()
  }
  const makeRoom = (records: number, most: number) => {
    if (size() + records > maxRecords / 2) sweep(records * 2)
    if (size() + records > most) sweep(SLICE)
    if (size() + records > most) throw fault(`full, maxRecords is ${maxRecords}`)
    if (records === 0 || ticking) return
    ticking = true
    setTimeout(tick, 500).unref()
  }

  /** All or nothing: what can refuse or fail comes before the first write. */
  const take = (
    at: number,
    quotas: readonly Quota[],
    shots: readonly OneShot[],
    records: number,
    most: number,
    write: () => void,
  ): Granted | Limited => {
    for (const { windowMs } of quotas) span(windowMs)
    const rows = tally(quotas, at, (key) => keys.get(key) ?? NONE)
    if (!Array.isArray(rows)) return rows
    for (const { ttlMs } of shots) span(ttlMs)
    const missing = shots.filter(({ id }) => !entries.get(id))
    makeRoom(records + missing.length + rows.filter(({ hits }) => hits === NONE).length, most)
    write()
    for (const { id, ttlMs } of missing) {
      if (!entries.get(id)) entries.put(id, { codeDigest: undefined, attemptsLeft: 0, closed: false, codeEndsAt: at, endsAt: at + ttlMs })
    }
    calls += 1
    for (const { hits, keepMs, room } of rows) keys.put(room.key, withHit(hits, keepMs, at, calls))
    return { hit: String(calls), room: rows.map(({ room }) => room) }
  }

  const forget = (key: string, hit: string | undefined) => {
    const hits = keys.get(key)
    if (!hits) return
    const index = hit === undefined ? 0 : indexOfHit(hits, hit)
    if (index === -1) return
    if (hit === undefined || count(hits) === 1) keys.remove(key)
    else withoutHit(hits, index)
  }

  return {
    reach: 'process',

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const at = clock()
      const present = entries.get(id)
      if (present) return { status: 'exists', expiresInMs: Math.max(0, present.codeEndsAt - at), lifeMs: present.endsAt - at }
      const endsAt = at + span(lifeMs)
      const codeEndsAt = Math.min(endsAt, at + span(ttlMs))
      const attemptsLeft = Number.isSafeInteger(attempts) ? attempts : 0
      const taken = take(at, quotas, also, 1, maxRecords, () => {
        entries.put(id, { codeDigest: flat(codeDigest), attemptsLeft, closed: false, codeEndsAt, endsAt })
      })
      return isLimited(taken) ? taken : { status: 'opened', ...taken }
    },

    async renew(id, { codeDigest, ttlMs }, quotas, also = []) {
      const at = clock()
      const entry = entries.get(id)
      if (entry?.codeDigest === undefined) return { status: 'absent' }
      if (entry.closed) return { status: 'closed' }
      if (!(entry.attemptsLeft >= 1)) return { status: 'exhausted' }
      const codeEndsAt = Math.min(entry.endsAt, at + span(ttlMs))
      const taken = take(at, quotas, also, 0, maxRecords, () => {
        entry.codeEndsAt = codeEndsAt
        if (codeDigest !== undefined) entry.codeDigest = flat(codeDigest)
      })
      return isLimited(taken) ? taken : { status: 'renewed', expiresInMs: codeEndsAt - at, ...taken }
    },

    async attempt(id, quotas) {
      const at = clock()
      const entry = entries.get(id)
      if (entry?.codeDigest === undefined) return { status: 'absent' }
      if (at >= entry.codeEndsAt) return { status: 'expired' }
      if (entry.closed) return { status: 'closed' }
      if (!(entry.attemptsLeft >= 1)) return { status: 'exhausted' }
      const taken = take(at, quotas, [], 0, withReserve, () => {
        entry.attemptsLeft -= 1
      })
      if (isLimited(taken)) return taken
      return { status: 'granted', codeDigest: entry.codeDigest, attemptsLeft: entry.attemptsLeft, ...taken }
    },

    async close(id, { release = [], hit, open = [] } = {}) {
      const at = clock()
      const entry = entries.get(id)
      if (!entry) return 'absent'
      if (entry.closed) return 'already'
      take(at, [], open, 0, withReserve, () => {
        entry.closed = true
        for (const key of release) forget(key, hit)
      })
      return 'closed'
    },

    async release(released, hit) {
      clock()
      for (const key of released) forget(key, hit)
    },
  }
}
