import { createHmac } from 'node:crypto'
import type { Database } from './database.js'
import type { Asked } from './route.js'

/** So many requests in any span of this length. */
export interface Span {
  readonly max: number
  readonly windowMs: number
}

/** A limit on requests of one kind. */
export interface Throttle<Body = unknown, Who = unknown> {
  /** One name, one count: routes that share a throttle share what it counted. */
  readonly name: string
  readonly spans: readonly [Span, ...Span[]]
  /** Whose requests are counted together. Default: the address, counted before anything else is looked at. Undefined: this request is not counted. */
  key?(asked: Asked<Body, Who>): string | undefined
}

/** What `X-RateLimit-…` says. */
export interface Room {
  readonly limit: number
  readonly remaining: number
  /** Unix milliseconds: when a hit of the window is free again. */
  readonly resetAt: number
  readonly retryAfterMs: number | undefined
}

export type TakeHit = (name: string, spans: readonly Span[], key: string) => Promise<Room>

interface Hits {
  readonly hits: readonly number[]
}

/**
 * Counts requests in the database, for all processes together: a hit is taken, and only then counted, so that of requests that come at the
 * same time no more pass than may. A request that is refused takes nothing.
 */
export function createTakeHit(database: Database, secret: string, now: () => number): TakeHit {
  let sweptAt = 0
  const sweep = (at: number) => {
    if (at - sweptAt < 60_000) return
    sweptAt = at
    // What is over hurts nobody: a sweep that fails is tried again in a minute.
    database.query('DELETE FROM throttle_hit WHERE expires_at <= $1', [at]).catch(() => {})
  }

  return (name, spans, key) => {
    const id = createHmac('sha256', secret)
      .update(JSON.stringify(['throttle', name, key]))
      .digest('base64url')
    const at = now()
    const longest = Math.max(...spans.map(({ windowMs }) => windowMs))
    sweep(at)
    return database.transaction(async ({ query }) => {
      // One at a time for each key: who counts sees everybody who was let through before.
      await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [id])
      const [{ hits } = { hits: [] }] = await query<Hits>(
        "SELECT coalesce(array_agg(at::float8 ORDER BY at), '{}') AS hits FROM throttle_hit WHERE key = $1 AND at > $2",
        [id, at - longest],
      )
      const rooms = spans.map((span) => roomOf(span, hits, at))
      const tightest = rooms.reduce((one, other) => (urgency(other) > urgency(one) ? other : one))
      if (tightest.retryAfterMs === undefined) {
        await query('INSERT INTO throttle_hit (key, at, expires_at) VALUES ($1, $2, $3)', [id, at, at + longest])
      }
      return tightest
    })
  }
}

/** What is left of one span once this request took its hit. */
function roomOf({ max, windowMs }: Span, all: readonly number[], at: number): Room {
  const hits = all.filter((hit) => hit > at - windowMs)
  const oldest = hits[Math.max(0, hits.length - max)] ?? at
  const resetAt = oldest + windowMs
  return { limit: max, remaining: Math.max(0, max - hits.length - 1), resetAt, retryAfterMs: hits.length >= max ? resetAt - at : undefined }
}

/** A full span before one with room, then the one that is full the longest, or has the least room. */
const urgency = ({ retryAfterMs, remaining, limit }: Room) => (retryAfterMs === undefined ? -remaining / limit : 1 + retryAfterMs)
