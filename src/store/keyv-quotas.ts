import type { Entry, KeyvClient } from './keyv-client.js'
import type { Limited, Quota, Room } from './store.js'

interface Hit {
  readonly at: number
  readonly call: string
}

/** The hits of one key, oldest first, and how long the newest is kept. */
interface Hits {
  readonly keepMs: number
  readonly list: readonly Hit[]
}

/** One key of a call: its hits before the call, and the room that the call would leave. */
export interface Row {
  readonly hits: Hits
  keepMs: number
  room: Room
}

const NONE: Hits = { keepMs: 0, list: [] }

const format = ({ keepMs, list }: Hits): string => JSON.stringify([keepMs, ...list.flatMap(({ at, call }) => [at, call])])

/** The hits that a value holds; none when all are over; 'unreadable' when somebody else wrote it: then a quota is full, not fresh. */
function parse(text: string | undefined, now: number): Hits | 'unreadable' {
  if (text === undefined) return NONE
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {}
  if (!Array.isArray(value) || value.length % 2 === 0) return 'unreadable'
  const [keepMs, ...fields]: unknown[] = value
  if (!Number.isFinite(keepMs)) return 'unreadable'
  const list: Hit[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const [at, call] = [fields[index], fields[index + 1]]
    if (!Number.isFinite(at) || typeof call !== 'string') return 'unreadable'
    list.push({ at: at as number, call })
  }
  // Another process may have written by another clock.
  list.sort((one, other) => one.at - other.at)
  const newest = list.at(-1)
  return newest && now - newest.at < (keepMs as number) ? { keepMs: keepMs as number, list } : NONE
}

/** With one hit more, and without those that no window shows any more. */
const withHit = ({ hits, keepMs }: Row, at: number, call: string): Hits => ({
  keepMs,
  list: [...hits.list.filter((hit) => hit.at > at - keepMs), { at, call }],
})

const withoutHit = ({ keepMs, list }: Hits, call: string): Hits => ({ keepMs, list: list.filter((hit) => hit.call !== call) })

/** The room of one quota after one more hit. Less than 0 is full; the wait is then until it is free again. */
const weigh = ({ list }: Hits, { key, max, windowMs }: Quota, at: number): Room => {
  const most = Math.floor(max)
  const oldest = list.length - list.filter((hit) => hit.at > at - windowMs).length
  const remaining = most - (list.length - oldest) - 1
  const next = remaining >= 0 ? oldest : list.length - most
  return { key, remaining, nextInMs: (list[next]?.at ?? at) + windowMs - at }
}

/** The rows of a call, if every quota has room; else the first full key, and the wait until all are free. */
function tally(quotas: readonly Quota[], at: number, hitsOf: (key: string) => Hits | 'unreadable'): Row[] | Limited {
  const rows: Row[] = []
  let limited: Limited | undefined
  for (const quota of quotas) {
    const { key, windowMs } = quota
    const row = rows.find((candidate) => candidate.room.key === key)
    const hits = row?.hits ?? hitsOf(key)
    const readable = hits === 'unreadable' ? NONE : hits
    const room = weigh(readable, hits === 'unreadable' ? { ...quota, max: 0 } : quota, at)
    if (!(room.remaining >= 0)) {
      limited = { status: 'limited', key: limited?.key ?? key, retryAfterMs: Math.max(limited?.retryAfterMs ?? 0, room.nextInMs) }
    }
    if (!row) rows.push({ hits: readable, keepMs: Math.max(windowMs, readable.keepMs), room })
    else {
      row.keepMs = Math.max(row.keepMs, windowMs)
      const looser = room.remaining - row.room.remaining || row.room.nextInMs - room.nextInMs
      if (looser < 0) row.room = room
    }
  }
  return limited ?? rows
}

/** Hits by key. A call that wants to take them reads them first, and writes them when nothing else can refuse it. */
export const createKeyvQuotas = (client: KeyvClient, nameOf: (key: string) => string, graceMs: number) => {
  const read = async (keys: readonly string[], at: number) => {
    const found = await client.get(keys.map(nameOf))
    return new Map(keys.map((key, index) => [key, parse(found[index], at)]))
  }
  const entryOf = (key: string, hits: Hits): Entry => [nameOf(key), format(hits), hits.keepMs + graceMs]

  return {
    async tally(quotas: readonly Quota[], at: number): Promise<Row[] | Limited> {
      const hits = await read([...new Set(quotas.map(({ key }) => key))], at)
      return tally(quotas, at, (key) => hits.get(key) ?? NONE)
    },

    hit: (rows: readonly Row[], at: number, call: string): Entry[] => rows.map((row) => entryOf(row.room.key, withHit(row, at, call))),

    async forget(released: readonly string[], call: string | undefined, at: number): Promise<void> {
      const keys = [...new Set(released)]
      const found = call === undefined ? undefined : await read(keys, at)
      for (const key of keys) {
        const hits = found?.get(key)
        if (hits === 'unreadable' || (hits && !hits.list.some((hit) => hit.call === call))) continue
        if (hits && call !== undefined && hits.list.length > 1) await client.set([entryOf(key, withoutHit(hits, call))])
        else await client.delete(nameOf(key))
      }
    },
  }
}
