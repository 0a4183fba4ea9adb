import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, overPglite } from '../../examples/service/database.js'
import { migrate } from '../../examples/service/migrate.js'
import { createTakeHit, type Room, type Span } from '../../examples/service/throttle.js'
import { describeWith } from '../fixtures/services.js'
import { freshPglite } from './fresh-pglite.js'
import { ownSchema } from './service-own-schema.js'
import { migrationsOf } from './service-probe.js'

const secret = 'a secret that is long enough for all'
const start = Date.UTC(2030, 0, 1)

describe('a throttle', () => {
  let database: Database
  let at = start
  const takeHit: ReturnType<typeof createTakeHit> = (...hit) => createTakeHit(database, secret, () => at)(...hit)

  beforeAll(async () => {
    database = overPglite(await freshPglite())
    await migrate(database, [migrationsOf('service')])
  }, 60_000)
  afterAll(() => database?.close())

  test('says how much room is left, when a hit is free again, and how long to wait', async () => {
    at = start
    const take = () => takeHit('room', [{ max: 2, windowMs: 60_000 }], 'one')
    expect(await take()).toEqual({ limit: 2, remaining: 1, resetAt: start + 60_000, retryAfterMs: undefined })
    at += 10_000
    expect(await take()).toEqual({ limit: 2, remaining: 0, resetAt: start + 60_000, retryAfterMs: undefined })
    at += 10_000
    expect(await take()).toEqual({ limit: 2, remaining: 0, resetAt: start + 60_000, retryAfterMs: 40_000 })
    at = start + 59_999
    expect((await take()).retryAfterMs).toBe(1)
    at = start + 60_000
    expect(await take()).toEqual({ limit: 2, remaining: 0, resetAt: start + 70_000, retryAfterMs: undefined })
  })

  test('counts each name and each key for itself', async () => {
    const spans: [Span] = [{ max: 1, windowMs: 1_000 }]
    const left = async (name: string, key: string) => (await takeHit(name, spans, key)).retryAfterMs === undefined
    expect([await left('a', 'x'), await left('a', 'y'), await left('b', 'x'), await left('a', 'x')]).toEqual([true, true, true, false])
    // No key can be made to look like another name's.
    expect(await left('a","x', '')).toBe(true)
  })

  test('keeps neither address nor phone nor name, and forgets what is over', async () => {
    at = start + 3_600_000
    await takeHit('login', [{ max: 5, windowMs: 60_000 }], '203.0.113.77')
    await takeHit('phone', [{ max: 5, windowMs: 60_000 }], '+33612345678')
    const rows = await database.query<{ key: string }>('SELECT * FROM throttle_hit')
    expect(JSON.stringify(rows)).not.toMatch(/203\.0|336123|login|phone/)
    expect(rows.every(({ key }) => /^[\w-]{43}$/.test(key))).toBe(true)
    at += 59_999
    await takeHit('other', [{ max: 5, windowMs: 60_000 }], 'x')
    at += 1
    // A sweep is not waited for, and runs before what is asked after it: this database has one connection.
    await takeHit('other', [{ max: 5, windowMs: 60_000 }], 'x')
    expect(await database.query('SELECT 1 FROM throttle_hit WHERE expires_at <= $1', [at])).toEqual([])
    expect(await database.query('SELECT 1 FROM throttle_hit')).toHaveLength(2)
  })

  const span = fc.record({ max: fc.integer({ min: 1, max: 4 }), windowMs: fc.integer({ min: 1, max: 50 }) })
  let runs = 0

  test('passes exactly what a list of all hits would pass', { timeout: 120_000 }, async () => {
    const visits = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.tuple(span, span), visits, async (spans, steps) => {
        const hits: Record<string, number[]> = { a: [], b: [] }
        runs += 1
        at = start
        for (const [key, waitMs] of steps) {
          at += waitMs
          const mine = hits[key] ?? []
          const within = ({ windowMs }: Span, moment: number) => mine.filter((hit) => hit > moment - windowMs).length
          const passes = (moment: number) => spans.every((one) => within(one, moment) < one.max)
          let freeAt = at
          while (!passes(freeAt)) freeAt += 1
          const room: Room = await takeHit(`run ${runs}`, spans, key)
          expect(room.retryAfterMs).toBe(freeAt === at ? undefined : freeAt - at)
          if (freeAt === at) {
            expect(room.remaining / room.limit).toBe(Math.min(...spans.map((one) => (one.max - within(one, at) - 1) / one.max)))
            mine.push(at)
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})

describeWith('a throttle of two processes', 'postgres', ({ postgres }) => {
  let schema: Awaited<ReturnType<typeof ownSchema>>
  let databases: readonly [Database, Database]

  beforeAll(async () => {
    schema = await ownSchema(postgres)
    databases = [await schema.open(), await schema.open()]
    await migrate(databases[0], [migrationsOf('service')])
  }, 30_000)
  afterAll(() => schema?.close())

  const max = 7

  test('fifty at once: as many pass as may', async () => {
    const takers = databases.map((database) => createTakeHit(database, secret, () => start))
    const rooms = await Promise.all(Array.from({ length: 50 }, (_, n) => takers[n % 2]?.('race', [{ max, windowMs: 60_000 }], 'one')))
    const passed = rooms.filter((room) => room?.retryAfterMs === undefined)
    expect(passed.map((room) => room?.remaining).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('clocks that differ, and time that passes: no window ever holds more', async () => {
    const hits: number[] = []
    const windowMs = 100
    await Promise.all(
      databases.map(async (database, skew) => {
        let at = start + 1_000_000
        const takeHit = createTakeHit(database, secret, () => at + skew * 37)
        for (let round = 0; round < 12; round += 1, at += 13) {
          const now = at + skew * 37
          const rooms = await Promise.all(Array.from({ length: 4 }, () => takeHit('skew', [{ max, windowMs }], 'one')))
          for (const { retryAfterMs } of rooms) if (retryAfterMs === undefined) hits.push(now)
        }
      }),
    )
    expect(hits.length).toBeGreaterThan(max)
    for (const from of hits) expect(hits.filter((hit) => hit >= from && hit < from + windowMs).length).toBeLessThanOrEqual(max)
  })

  test('control: who counts first and takes then lets more pass', async () => {
    const naive = async ({ query }: Database) => {
      const [{ hits } = { hits: 0 }] = await query<{ hits: number }>("SELECT count(*)::int AS hits FROM throttle_hit WHERE key = 'naive'")
      if (hits >= max) return false
      await query("INSERT INTO throttle_hit (key, at, expires_at) VALUES ('naive', $1, $1)", [start])
      return true
    }
    const passed = await Promise.all(Array.from({ length: 50 }, (_, n) => naive(databases[n % 2 === 0 ? 0 : 1])))
    expect(passed.filter(Boolean).length).toBeGreaterThan(max)
  })
})
