import { PGlite } from '@electric-sql/pglite'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PostgresClient, postgresSchema, postgresStore } from '../../src/store/postgres.js'
import type { Quota } from '../../src/store/store.js'
import { storeContract } from '../../src/testing/store-contract.js'
import { clockedSchema, freshSchema, runAll, type Sql } from '../fixtures/clocked-postgres.js'
import { describeWith } from '../fixtures/services.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 60_000, lifeMs: 120_000 }
const quota = (key: string, max = 5, windowMs = 60_000): Quota => ({ key, max, windowMs })
let made = 0
const fresh = () => `{t}${process.pid}.${++made}`
/** Longer than any wait on a busy machine: how long is too long is another test. */
const timeoutMs = 30_000
const configuration = (option: string) =>
  expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(new RegExp(`^${option}: `)) })

describe('what is given', () => {
  test.each([undefined, null, {}, 'postgres://', new Client(), { query() {} }])('%o is no pool', (pool) => {
    expect(() => postgresStore(pool as never)).toThrow(configuration('pool'))
  })

  test.each(['', 'Upper', '1st', 'a-b', 'a"; DROP SCHEMA public; --', 'a'.repeat(64), 1, null])('%o is no name of a schema', (schema) => {
    expect(() => postgresSchema({ schema: schema as string })).toThrow(configuration('schema'))
    expect(() => postgresStore(new Pool(), { schema: schema as string })).toThrow(configuration('schema'))
  })

  test.each([0, -1, 0.5, Number.NaN, '1'])('%o is no timeout', (timeoutMs) => {
    expect(() => postgresStore(new Pool(), { timeoutMs: timeoutMs as number })).toThrow(configuration('timeoutMs'))
  })
})

/** What holds on every Postgres, whoever runs it. */
function everywhere(connect: () => PostgresClient & Sql) {
  const schema = freshSchema()
  let client: PostgresClient & Sql
  let clock: Awaited<ReturnType<typeof clockedSchema>>

  beforeAll(async () => {
    client = connect()
    clock = await clockedSchema(client)
    await runAll(client, postgresSchema({ schema }))
  })
  afterAll(async () => {
    await clock.dispose()
    await runAll(client, `DROP SCHEMA ${schema} CASCADE`)
  })

  const standing = () => ({ store: postgresStore(client, { schema: clock.schema, timeoutMs }), advance: clock.advance })
  const gone = () => postgresStore(new Pool({ port: 1, host: '127.0.0.1' }))
  storeContract({ test, group: 'on a clock that stands', makeStore: standing, unavailable: gone })

  const storeOf = () => postgresStore(client, { schema, timeoutMs })

  test('the schema may be installed again, over what is there', async () => {
    const store = storeOf()
    const id = fresh()
    await store.open({ id, ...record }, [])
    await runAll(client, postgresSchema({ schema }))
    expect(await store.attempt(id, [])).toMatchObject({ status: 'granted', attemptsLeft: 4 })
  })

  test('the start-up checks miss a schema that is not installed', async () => {
    await expect(postgresStore(client, { schema: freshSchema() }).check?.()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringMatching(/^store: the schema \w+ is not installed: run the SQL of postgresSchema\(\)$/),
    })
    await expect(storeOf().check?.()).resolves.toBeUndefined()
  })

  test.each([0, -1, 101, 2_147_483_647])('a record with %i attempts is exhausted (T-ATT-12)', async (attempts) => {
    const store = storeOf()
    const id = fresh()
    await store.open({ id, ...record }, [])
    await client.query(`UPDATE ${schema}.record SET attempts_left = $1 WHERE id = $2`, [attempts, id])
    expect(await store.attempt(id, [])).toEqual({ status: 'exhausted' })
  })

  test('what is over is swept, and nothing else (T-TTL-05)', async () => {
    const store = postgresStore(client, { schema: clock.schema, timeoutMs })
    const [over, live] = [fresh(), fresh()]
    await store.open({ id: over, ...record }, [quota(over)], [{ id: `${over}s`, ttlMs: 1_000 }])
    await store.open({ id: live, ...record, lifeMs: 600_000 }, [quota(live, 5, 600_000)])
    await clock.advance(120_000)
    const names = async (table: string, column: string) =>
      (
        await client.query(`SELECT ${column} AS name FROM ${clock.schema}.${table} WHERE ${column} IN ($1, $2, $3)`, [
          over,
          live,
          `${over}s`,
        ])
      ).rows
    expect((await names('record', 'id')).length + (await names('hit', 'key')).length).toBe(5)
    await client.query(`CALL ${clock.schema}.sweep_v1($1)`, [100_000])
    expect([await names('record', 'id'), await names('hit', 'key')]).toEqual([[{ name: live }], [{ name: live }]])
    expect(await store.attempt(live, [])).toMatchObject({ status: 'expired' })
  })

  test('a hit that is released makes room although later ones stay', async () => {
    const store = storeOf()
    const key = fresh()
    const hits: string[] = []
    for (let count = 0; count < 4; count++) {
      const opened = await store.open({ id: fresh(), ...record }, [quota(key, 4)])
      if (opened.status === 'opened') hits.push(opened.hit)
    }
    expect(await store.open({ id: fresh(), ...record }, [quota(key, 4)])).toMatchObject({ status: 'limited' })
    await store.release([key], hits[1])
    await store.release([key], hits[2])
    expect(await store.open({ id: fresh(), ...record }, [quota(key, 4)])).toMatchObject({ status: 'opened', room: [{ remaining: 1 }] })
    const { rows } = await client.query(`SELECT place::int FROM ${schema}.hit WHERE key = $1 ORDER BY at, place`, [key])
    expect(rows).toEqual([{ place: 1 }, { place: 2 }, { place: 3 }])
  })
}

describe('on PGlite', () => {
  const database = new PGlite()
  afterAll(() => database.close())
  everywhere(() => database)

  test('the store reaches one process', () => {
    expect(postgresStore(database).reach).toBe('process')
  })
})

describeWith('on Postgres', 'postgres', ({ postgres: connectionString }) => {
  const pool = new Pool({ connectionString, max: 10 })
  const schema = freshSchema()
  beforeAll(async () => void (await pool.query(postgresSchema({ schema }))))
  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  })
  const store = postgresStore(pool, { schema, timeoutMs })

  everywhere(() => pool)
  storeContract({ test, group: 'in real time', makeStore: () => ({ store, reopen: () => postgresStore(pool, { schema, timeoutMs }) }) })

  test('ten processes may install the schema at once', async () => {
    const another = freshSchema()
    await Promise.all(Array.from({ length: 10 }, () => pool.query(postgresSchema({ schema: another }))))
    await expect(postgresStore(pool, { schema: another }).check?.()).resolves.toBeUndefined()
    await pool.query(`DROP SCHEMA ${another} CASCADE`)
  })

  test('inside a transaction of the application every verb is refused (T-ATT-11)', async () => {
    const id = fresh()
    await store.open({ id, ...record }, [])
    const connection = await pool.connect()
    const leaked = { totalCount: 1, connect: async () => ({ query: connection.query.bind(connection), release() {} }) } as unknown as Pool
    const inside = postgresStore(leaked, { schema })
    await connection.query('BEGIN')
    await expect(inside.attempt(id, [])).rejects.toMatchObject({ code: '2D000' })
    await connection.query('ROLLBACK')
    connection.release()
    expect(await store.attempt(id, [])).toMatchObject({ status: 'granted', attemptsLeft: 4 })
  })

  test.each(['serializable', 'repeatable read'])('a default isolation of %s changes no count', async (isolation) => {
    const strict = new Pool({ connectionString, max: 10, options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}` })
    const key = fresh()
    const isolated = postgresStore(strict, { schema, timeoutMs })
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => isolated.open({ id: fresh(), ...record }, [quota(key, 3)])))
    await strict.end()
    const statuses = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.status : 'rejected'))
    expect(statuses.sort()).toEqual([...Array(37).fill('limited'), ...Array(3).fill('opened')])
  })

  test('a default of read only is refused at start-up, and by every verb that writes', async () => {
    const readOnly = new Pool({ connectionString, max: 1, options: '-c default_transaction_read_only=on' })
    const standby = postgresStore(readOnly, { schema })
    await expect(standby.check?.()).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: expect.stringContaining('read only') })
    await expect(standby.open({ id: fresh(), ...record }, [])).rejects.toMatchObject({ code: '25006' })
    await readOnly.end()
  })

  test('two calls with the same keys in two orders do not wait for each other', async () => {
    const [one, two] = [fresh(), fresh()]
    const orders = [
      [quota(one, 1_000), quota(two, 1_000)],
      [quota(two, 1_000), quota(one, 1_000)],
    ]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => store.open({ id: fresh(), ...record }, orders[index % 2] as Quota[])),
    )
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.status : 'rejected'))).toEqual(
      Array(60).fill('opened'),
    )
  })

  test('a caller that was refused for want of a connection spends nothing later', async () => {
    const narrow = new Pool({ connectionString, max: 1 })
    const hurried = postgresStore(narrow, { schema, timeoutMs: 50 })
    const id = fresh()
    await store.open({ id, ...record }, [])
    const held = await narrow.connect()
    await expect(hurried.attempt(id, [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    held.release()
    await narrow.query('SELECT 1')
    await narrow.end()
    expect(await store.attempt(id, [])).toMatchObject({ attemptsLeft: 4 })
  })

  test('a transaction that the server rolls back for another’s sake is tried once more, and no more', async () => {
    for (const [code, times] of [
      ['40P01', 2],
      ['40001', 2],
      ['57014', 1],
      ['08006', 1],
    ] as const) {
      const query = vi.fn(() => Promise.reject(Object.assign(new Error('x'), { code })))
      const failing = postgresStore({ totalCount: 0, connect: async () => ({ query, release() {} }) })
      await expect(failing.close('a'), code).rejects.toMatchObject({ code })
      expect(query).toHaveBeenCalledTimes(times)
    }
  })

  describe('a close within the application’s transaction', () => {
    const opened = async () => {
      const id = fresh()
      await store.open({ id: fresh(), ...record }, [], [{ id, ttlMs: 60_000 }])
      return id
    }
    const within = async (end: 'COMMIT' | 'ROLLBACK', work: (connection: Sql) => Promise<void>) => {
      const connection = await pool.connect()
      await connection.query('BEGIN')
      await work(connection)
      await connection.query(end)
      connection.release()
    }

    test('holds when it commits', async () => {
      const id = await opened()
      await within('COMMIT', async (connection) => expect(await store.closeWithin?.(connection, id)).toBe('closed'))
      expect(await store.close(id)).toBe('already')
    })

    test('never was when it is rolled back', async () => {
      const id = await opened()
      await within('ROLLBACK', async (connection) => expect(await store.closeWithin?.(connection, id)).toBe('closed'))
      expect(await store.close(id)).toBe('closed')
    })

    test('makes another wait, who is told how it ended', async () => {
      const id = await opened()
      let other: Promise<string> | undefined
      await within('COMMIT', async (connection) => {
        expect(await store.closeWithin?.(connection, id)).toBe('closed')
        other = store.close(id)
      })
      expect(await other).toBe('already')
    })

    test('leaves the transaction usable when it fails, and its settings as they were', async () => {
      const id = await opened()
      const broken = postgresStore(pool, { schema: freshSchema() })
      await within('COMMIT', async (connection) => {
        await connection.query("SET LOCAL lock_timeout = '7s'")
        await expect(broken.closeWithin?.(connection, id)).rejects.toThrow()
        expect(await store.closeWithin?.(connection, id)).toBe('closed')
        expect((await connection.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '7s' }])
      })
      expect(await store.close(id)).toBe('already')
    })

    test('is refused without a transaction', async () => {
      const id = await opened()
      const connection = await pool.connect()
      for (const nothing of [pool, connection, undefined, {}, 'BEGIN']) {
        await expect(store.closeWithin?.(nothing, id)).rejects.toMatchObject({ code: 'ERR_PV_ARGUMENT' })
      }
      connection.release()
      expect(await store.close(id)).toBe('closed')
    })
  })
})
