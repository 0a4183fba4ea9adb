import { PhoneVerifyError } from '../errors.js'
import type { Granted, Limited, OneShot, Quota, Room, Store } from './store.js'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** The clock: milliseconds from any origin. Default: `performance.now()`, which no change of the system's time moves. */
  readonly now?: (() => number) | undefined
  /** The most records kept at once: challenges, one-shots and quota keys together. Default: 100 000. */
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

/** The hits of one key, oldest first: `[keepMs, at, call, at, call, …]`. Flat, because an object a hit weighs four times as much. */
type Hits = number[]

/** One key of a call: its hits before the call, and the room that the call would leave. */
interface Row {
  readonly hits: Hits
  keepMs: number
  room: Room
}

const SHARDS = 128
/** The most records looked at in one go: about 0.1 ms. */
const SLICE = 1000
const AT = 1
const CALL = 2
const NONE: Hits = [0]

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `memoryStore: ${message}`)

const misconfigured = (option: string, message: string) =>
  new PhoneVerifyError('ERR_PV_CONFIGURATION', `${option}: ${message}`, { problems: [{ option, message }] })

/** NaN compares false with everything and would make a life or a window without end. */
const span = (ms: number) => {
  if (ms >= 0 && ms < Number.POSITIVE_INFINITY) return ms
  throw fault('a span of time must be a finite number of milliseconds, 0 or more')
}

const scratch = Buffer.allocUnsafeSlow(256)

/** A slice or a concatenation keeps the strings alive that it came from; its copy does not. What latin1 cannot hold stays as it is. */
const flat = (text: string) => {
  if (text.length > scratch.length) return text
  const copy = scratch.toString('latin1', 0, scratch.write(text, 'latin1'))
  return copy === text ? copy : text
}

/** Many small maps: one Map of a million entries rehashes all of them at once and stalls the event loop for tens of milliseconds. */
const createTable = <Value>(isOver: (value: Value) => boolean) => {
  const shards: (Map<string, Value> | undefined)[] = Array.from({ length: SHARDS })
  let size = 0
  // The ends of ids and keys are random in practice. Where they are not, the shards are uneven and all else holds.
  const shardOf = (key: string) => {
    let hash = 0
    for (let index = Math.max(0, key.length - 8); index < key.length; index++) hash = (hash * 31 + key.charCodeAt(index)) | 0
    hash &= SHARDS - 1
    shards[hash] ??= new Map()
    return shards[hash] as Map<string, Value>
  }
  const remove = (key: string) => {
    if (shardOf(key).delete(key)) size -= 1
  }
  const walk = function* () {
    for (;;) {
      yield
      for (const shard of shards) {
        for (const [key, value] of shard ?? []) {
          if (isOver(value)) remove(key)
          yield
        }
      }
    }
  }
  const cursor = walk()
  return {
    size: () => size,
    remove,
    get(key: string) {
      const value = shardOf(key).get(key)
      if (value === undefined || !isOver(value)) return value
      remove(key)
      return undefined
    },
    put(key: string, value: Value) {
      const shard = shardOf(key)
      const before = shard.size
      shard.set(shard.has(key) ? key : flat(key), value)
      size += shard.size - before
    },
    /** Looks at the next so many records and frees those that are over. */
    sweep(visits: number) {
      for (let visit = 0; visit < visits && size > 0; visit++) cursor.next()
    },
  }
}

const isLimited = (taken: Granted | Limited): taken is Limited => Object.hasOwn(taken, 'status')

const count = (hits: Hits) => (hits.length - 1) / 2

/** The index of the first hit whose field is above the bound. Times and calls only grow: every step skips half of the rest. */
const firstAbove = (hits: Hits, field: typeof AT | typeof CALL, bound: number) => {
  let low = 0
  let high = count(hits)
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hits[middle * 2 + field] as number) > bound) high = middle
    else low = middle + 1
  }
  return low
}

/** A short list is made anew at its exact size, for `push` leaves room for sixteen more; a long one is cut once half of it is over. */
const withHit = (hits: Hits, keepMs: number, at: number, call: number): Hits => {
  if (hits === NONE) return [keepMs, at, call]
  const over = firstAbove(hits, AT, at - keepMs)
  if (hits.length < 64) return [keepMs].concat(hits.slice(over * 2 + 1), [at, call])
  if (over * 2 > count(hits)) hits.splice(1, over * 2)
  hits[0] = keepMs
  hits.push(at, call)
  return hits
}

/** The room of one quota after one more hit. Less than 0 is full; the wait is then until it is free again. */
const weigh = (hits: Hits, { key, max, windowMs }: Quota, at: number): Room => {
  const most = Math.floor(max)
  const total = count(hits)
  const oldest = firstAbove(hits, AT, at - span(windowMs))
  const remaining = most - (total - oldest) - 1
  const next = remaining >= 0 ? oldest : total - Math.max(most, 0)
  return { key, remaining, nextInMs: (hits[next * 2 + AT] ?? at) + windowMs - at }
}

/**
 * Keeps everything in this process, for one process: development, tests, a single server. A restart forgets it all: codes die, quotas
 * begin anew. When `maxRecords` live records are there, what needs one more rejects with `ERR_PV_STORE`; nothing live is ever evicted.
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
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) throw misconfigured('maxRecords', 'must be a whole number, 1 or more')
  // Counted from here, times are small integers, which V8 keeps without a heap number each.
  const origin = Math.floor(now())
  if (!Number.isFinite(origin)) throw misconfigured('now', 'must return a number of milliseconds')

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
  const makeRoom = (records: number) => {
    if (size() + records > maxRecords / 2) sweep(records * 2)
    if (size() + records > maxRecords) sweep(SLICE)
    if (size() + records > maxRecords) throw fault(`full, maxRecords is ${maxRecords}`)
    if (records === 0 || ticking) return
    ticking = true
    setTimeout(tick, 500).unref()
  }

  const tally = (quotas: readonly Quota[], at: number) => {
    const rows: Row[] = []
    let limited: Limited | undefined
    for (const quota of quotas) {
      const { key, windowMs } = quota
      const row = rows.find((candidate) => candidate.room.key === key)
      const hits = row?.hits ?? keys.get(key) ?? NONE
      const room = weigh(hits, quota, at)
      if (!(room.remaining >= 0)) {
        limited = { status: 'limited', key: limited?.key ?? key, retryAfterMs: Math.max(limited?.retryAfterMs ?? 0, room.nextInMs) }
      }
      if (!row) rows.push({ hits, keepMs: Math.max(windowMs, hits[0] as number), room })
      else {
        row.keepMs = Math.max(row.keepMs, windowMs)
        const looser = room.remaining - row.room.remaining || row.room.nextInMs - room.nextInMs
        if (looser < 0) row.room = room
      }
    }
    return limited ?? rows
  }

  /** All or nothing: what can refuse or fail comes before the first write. */
  const take = (at: number, quotas: readonly Quota[], shots: readonly OneShot[], records: number, write: () => void): Granted | Limited => {
    const rows = tally(quotas, at)
    if (!Array.isArray(rows)) return rows
    const missing = shots.filter(({ id, ttlMs }) => span(ttlMs) >= 0 && !entries.get(id))
    makeRoom(records + missing.length + rows.filter(({ hits }) => hits === NONE).length)
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
    const index = firstAbove(hits, CALL, Number(hit) - 1)
    if (hit !== undefined && String(hits[index * 2 + CALL]) !== hit) return
    if (hit === undefined || count(hits) === 1) keys.remove(key)
    else hits.splice(index * 2 + 1, 2)
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
      const taken = take(at, quotas, also, 1, () => {
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
      const taken = take(at, quotas, also, 0, () => {
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
      const taken = take(at, quotas, [], 0, () => {
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
      take(at, [], open, 0, () => {
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
