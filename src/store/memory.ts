import { PhoneVerifyError } from '../errors.js'
import type { Granted, Limited, OneShot, Quota, Room, Store } from './store.js'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** The clock, in milliseconds from any origin. Default: `performance.now()`, which no change of the system's time moves. */
  readonly now?: (() => number) | undefined
  /** The most records kept at once: challenges, one-shots and quota keys together. Default: 100 000. */
  readonly maxRecords?: number | undefined
}

/** A challenge, or, without a digest, a one-shot. Narrow on purpose: a million of them may wait at once. */
interface Entry {
  codeDigest: string | undefined
  attemptsLeft: number
  closed: boolean
  codeEndsAt: number
  readonly endsAt: number
}

/** What one key has been hit with, oldest first and flat, for an object a hit would weigh four times as much: `[keepMs, at, call, at, call, …]`. */
type Hits = number[]

/** One key of a call: its hits before the call, and the room that the call would leave. */
interface Row {
  readonly key: string
  readonly hits: Hits | undefined
  keepMs: number
  remaining: number
  nextInMs: number
}

const SHARDS = 1024
/** The most records looked at in one go. A slice takes about 0.1 ms. */
const SLICE = 1000
const VISITS_PER_RECORD = 2
const AT = 1
const CALL = 2

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `memoryStore: ${message}`)

const misconfigured = (option: string, message: string) =>
  new PhoneVerifyError('ERR_PV_CONFIGURATION', `${option}: ${message}`, { problems: [{ option, message }] })

/** Not-a-number compares false with everything, and would make a life or a window that never ends. */
const span = (ms: number) => {
  if (!(ms >= 0 && ms < Infinity)) throw fault('a span of time must be a finite number of milliseconds, 0 or more')
  return ms
}

const scratch = Buffer.allocUnsafeSlow(256)

/** A slice or a concatenation keeps alive the strings it came from, a copy does not. What latin1 cannot hold stays as it is. */
const flat = (text: string) => {
  if (text.length > scratch.length) return text
  const copy = scratch.toString('latin1', 0, scratch.write(text, 'latin1'))
  return copy === text ? copy : text
}

/** The ends of ids and keys are random in practice. Where they are not, the shards are uneven and nothing else. */
const shardOf = (text: string) => {
  let hash = 0
  for (let index = Math.max(0, text.length - 8); index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) | 0
  return hash & (SHARDS - 1)
}

/** Many small maps: a Map rehashes all that it holds at once, which stalls the event loop for tens of milliseconds at a million entries. */
const createTable = <Value>(isOver: (value: Value, at: number) => boolean) => {
  const shards: (Map<string, Value> | undefined)[] = Array.from({ length: SHARDS }, () => undefined)
  let size = 0
  const remove = (key: string) => {
    if (shards[shardOf(key)]?.delete(key)) size -= 1
  }
  return {
    size: () => size,
    remove,
    get(key: string, at: number) {
      const value = shards[shardOf(key)]?.get(key)
      if (value === undefined || !isOver(value, at)) return value
      remove(key)
      return undefined
    },
    add(key: string, value: Value) {
      const index = shardOf(key)
      const shard = shards[index] ?? new Map<string, Value>()
      shards[index] = shard
      shard.set(flat(key), value)
      size += 1
    },
    replace: (key: string, value: Value) => shards[shardOf(key)]?.set(key, value),
    /** Frees what is over, one record a step. */
    *walk(at: number): Generator<void, number, number> {
      for (const shard of shards) {
        if (!shard) continue
        for (const [key, value] of shard) {
          if (isOver(value, at) && shard.delete(key)) size -= 1
          at = yield
        }
      }
      return at
    },
  }
}

const count = (hits: Hits) => (hits.length - 1) / 2

const field = (hits: Hits, index: number, offset: 1 | 2) => hits[index * 2 + offset] as number

/** The index of the first hit whose field is above the bound: times and calls only grow, so half of the rest is skipped at every step. */
const firstAbove = (hits: Hits, offset: 1 | 2, bound: number) => {
  let low = 0
  let high = count(hits)
  while (low < high) {
    const middle = (low + high) >> 1
    if (field(hits, middle, offset) > bound) high = middle
    else low = middle + 1
  }
  return low
}

/** A short list is made anew at its exact size, because `push` leaves room for sixteen more; a long one is cut when half of it is over. */
const withHit = (hits: Hits | undefined, keepMs: number, at: number, call: number): Hits => {
  if (!hits) return [keepMs, at, call]
  const over = firstAbove(hits, AT, at - keepMs)
  if (hits.length < 64) return [keepMs].concat(hits.slice(1 + over * 2), [at, call])
  if (over * 2 > count(hits)) hits.splice(1, over * 2)
  hits[0] = keepMs
  hits.push(at, call)
  return hits
}

export const memoryStore = ({ now = () => performance.now(), maxRecords = 100_000 }: MemoryStoreOptions = {}): Store => {
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) throw misconfigured('maxRecords', 'must be a whole number, 1 or more')
  const origin = Math.floor(now())
  if (!Number.isFinite(origin)) throw misconfigured('now', 'must return a number of milliseconds')

  const entries = createTable<Entry>(({ endsAt }, at) => at >= endsAt)
  const keys = createTable<Hits>((hits, at) => at - field(hits, count(hits) - 1, AT) >= (hits[0] as number))
  const size = () => entries.size() + keys.size()
  let calls = 0
  let latest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const clock = () => {
    const at = Math.floor(now()) - origin
    if (!Number.isFinite(at)) throw fault('the clock does not return a number')
    latest = Math.max(latest, at)
    return latest
  }

  const walk = function* (): Generator<void, never, number> {
    for (let at = yield; ; at = yield) {
      at = yield* entries.walk(at)
      yield* keys.walk(at)
    }
  }
  const cursor = walk()
  cursor.next(0)
  const sweep = (visits: number, at: number) => {
    for (let visit = 0; visit < visits && size() > 0; visit++) cursor.next(at)
  }
  const tick = () => {
    const before = size()
    sweep(SLICE, clock())
    timer = size() > 0 ? setTimeout(tick, before - size() > SLICE / 4 ? 10 : 500).unref() : undefined
  }

  const makeRoom = (records: number, at: number) => {
    if (records === 0) return
    sweep(records * VISITS_PER_RECORD, at)
    if (size() + records > maxRecords) sweep(SLICE, at)
    if (size() + records > maxRecords) throw fault(`full, maxRecords is ${maxRecords}`)
    timer ??= setTimeout(tick, 500).unref()
  }

  const tally = (quotas: readonly Quota[], at: number): Row[] | Limited => {
    const rows: Row[] = []
    let full: string | undefined
    let retryAfterMs = 0
    for (const { key, max, windowMs } of quotas) {
      let row = rows.find((candidate) => candidate.key === key)
      if (!row) rows.push((row = { key, hits: keys.get(key, at), keepMs: 0, remaining: Infinity, nextInMs: 0 }))
      const { hits } = row
      row.keepMs = Math.max(row.keepMs, span(windowMs), hits?.[0] ?? 0)
      const most = Math.floor(max)
      const total = hits ? count(hits) : 0
      const first = hits ? firstAbove(hits, AT, at - windowMs) : 0
      const remaining = most - (total - first) - 1
      if (!(remaining >= 0)) {
        full ??= key
        const frees = hits && most >= 1 ? field(hits, total - most, AT) : at
        retryAfterMs = Math.max(retryAfterMs, frees + windowMs - at)
        continue
      }
      const nextInMs = (hits && first < total ? field(hits, first, AT) : at) + windowMs - at
      if (remaining > row.remaining || (remaining === row.remaining && nextInMs <= row.nextInMs)) continue
      row.remaining = remaining
      row.nextInMs = nextInMs
    }
    return full === undefined ? rows : { status: 'limited', key: full, retryAfterMs }
  }

  const missing = (shots: readonly OneShot[], at: number) => shots.filter(({ id, ttlMs }) => span(ttlMs) >= 0 && !entries.get(id, at))
  const fresh = (rows: readonly Row[]) => rows.reduce((sum, { hits }) => sum + (hits ? 0 : 1), 0)

  const grant = (rows: readonly Row[], at: number): Granted => {
    calls += 1
    for (const { key, hits, keepMs } of rows) {
      if (hits) keys.replace(key, withHit(hits, keepMs, at, calls))
      else keys.add(key, withHit(hits, keepMs, at, calls))
    }
    return { hit: String(calls), room: rows.map(({ key, remaining, nextInMs }): Room => ({ key, remaining, nextInMs })) }
  }
  const openShots = (shots: readonly OneShot[], at: number) => {
    for (const { id, ttlMs } of shots) {
      if (!entries.get(id, at)) entries.add(id, { codeDigest: undefined, attemptsLeft: 0, closed: false, codeEndsAt: at, endsAt: at + ttlMs })
    }
  }
  const forget = (key: string, hit: string | undefined, at: number) => {
    const hits = keys.get(key, at)
    if (!hits) return
    if (hit === undefined) return keys.remove(key)
    const index = firstAbove(hits, CALL, Number(hit) - 1)
    if (index === count(hits) || String(field(hits, index, CALL)) !== hit) return
    if (count(hits) === 1) return keys.remove(key)
    hits.splice(1 + index * 2, 2)
  }

  return {
    reach: 'process',

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const at = clock()
      const present = entries.get(id, at)
      if (present) return { status: 'exists', expiresInMs: Math.max(0, present.codeEndsAt - at), lifeMs: present.endsAt - at }
      const rows = tally(quotas, at)
      if (!Array.isArray(rows)) return rows
      const endsAt = at + span(lifeMs)
      const codeEndsAt = Math.min(endsAt, at + span(ttlMs))
      const shots = missing(also, at)
      makeRoom(1 + shots.length + fresh(rows), at)
      const attemptsLeft = Number.isSafeInteger(attempts) ? attempts : 0
      entries.add(id, { codeDigest: flat(codeDigest), attemptsLeft, closed: false, codeEndsAt, endsAt })
      openShots(shots, at)
      return { status: 'opened', ...grant(rows, at) }
    },

    async renew(id, { codeDigest, ttlMs }, quotas, also = []) {
      const at = clock()
      const entry = entries.get(id, at)
      if (entry?.codeDigest === undefined) return { status: 'absent' }
      if (entry.closed) return { status: 'closed' }
      if (!(entry.attemptsLeft >= 1)) return { status: 'exhausted' }
      const rows = tally(quotas, at)
      if (!Array.isArray(rows)) return rows
      const codeEndsAt = Math.min(entry.endsAt, at + span(ttlMs))
      const shots = missing(also, at)
      makeRoom(shots.length + fresh(rows), at)
      entry.codeEndsAt = codeEndsAt
      if (codeDigest !== undefined) entry.codeDigest = flat(codeDigest)
      openShots(shots, at)
      return { status: 'renewed', expiresInMs: codeEndsAt - at, ...grant(rows, at) }
    },

    async attempt(id, quotas) {
      const at = clock()
      const entry = entries.get(id, at)
      if (entry?.codeDigest === undefined) return { status: 'absent' }
      if (at >= entry.codeEndsAt) return { status: 'expired' }
      if (entry.closed) return { status: 'closed' }
      if (!(entry.attemptsLeft >= 1)) return { status: 'exhausted' }
      const rows = tally(quotas, at)
      if (!Array.isArray(rows)) return rows
      makeRoom(fresh(rows), at)
      entry.attemptsLeft -= 1
      return { status: 'granted', codeDigest: entry.codeDigest, attemptsLeft: entry.attemptsLeft, ...grant(rows, at) }
    },

    async close(id, { release = [], hit, open = [] } = {}) {
      const at = clock()
      const entry = entries.get(id, at)
      if (!entry) return 'absent'
      if (entry.closed) return 'already'
      const shots = missing(open, at)
      makeRoom(shots.length, at)
      entry.closed = true
      for (const key of release) forget(key, hit, at)
      openShots(shots, at)
      return 'closed'
    },

    async release(released, hit) {
      const at = clock()
      for (const key of released) forget(key, hit, at)
    },
  }
}
