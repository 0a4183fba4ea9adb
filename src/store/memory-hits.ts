import type { Limited, Quota, Room } from './store.js'

/** The hits of one key, oldest first: `[keepMs, at, call, at, call, …]`. Flat, because an object a hit weighs four times as much. */
export type Hits = number[]

/** One key of a call: its hits before the call, and the room that the call would leave. */
export interface Row {
  readonly hits: Hits
  keepMs: number
  room: Room
}

const AT = 1
const CALL = 2

/** A key that was never hit. */
export const NONE: Hits = [0]

export const count = (hits: Hits) => (hits.length - 1) / 2

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
export const withHit = (hits: Hits, keepMs: number, at: number, call: number): Hits => {
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
  const oldest = firstAbove(hits, AT, at - windowMs)
  const remaining = most - (total - oldest) - 1
  const next = remaining >= 0 ? oldest : total - most
  return { key, remaining, nextInMs: (hits[next * 2 + AT] ?? at) + windowMs - at }
}

/** The rows of a call, if every quota has room; else the first full key, and the wait until all are free. */
export function tally(quotas: readonly Quota[], at: number, hitsOf: (key: string) => Hits): Row[] | Limited {
  const rows: Row[] = []
  let limited: Limited | undefined
  for (const quota of quotas) {
    const { key, windowMs } = quota
    const row = rows.find((candidate) => candidate.room.key === key)
    const hits = row?.hits ?? hitsOf(key)
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

/** Where the hit of that call is, or -1. A call is named by its number. */
export function indexOfHit(hits: Hits, hit: string): number {
  const index = firstAbove(hits, CALL, Number(hit) - 1)
  return index < count(hits) && String(hits[index * 2 + CALL]) === hit ? index : -1
}

export const withoutHit = (hits: Hits, index: number) => hits.splice(index * 2 + 1, 2)
