import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockValues } from '../../src/store/postgres-values.js'
import { type PostgresServer, startPostgres } from '../fixtures/postgres-server.js'
import { describeWith } from '../fixtures/services.js'
import { installSchema, openPostgres } from './opened-store.js'
import { until } from './until.js'
import { makeVisits, nameOf, nextPhone, purpose } from './visits.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 60_000, lifeMs: 120_000 }
const quota = (key: string) => ({ key, max: 5, windowMs: 60_000 })

/** The one lock of a record or of a quota key. */
const lockOf = (ids: readonly string[], keys: readonly string[]) => Number(/\d+/.exec(lockValues(ids, keys))?.[0])

// T-STO-04: a Postgres that cannot, will not, or must be asked again.
describeWith('T-STO-04: a Postgres in trouble', 'postgresServer', () => {
  const stops: (() => Promise<unknown>)[] = []
  let server: PostgresServer
  let admin: Pool
  beforeAll(async () => {
    server = await startPostgres({ settings: { deadlock_timeout: '50ms' } })
    await installSchema(server)
    admin = new Pool({ connectionString: server.url, max: 3 })
    admin.on('error', () => {})
  }, 60_000)
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
    await admin.end()
    await server.stop()
  }, 60_000)
  const open = (more = {}) => {
    const opened = openPostgres(server, more)
    stops.push(opened.end)
    return opened
  }
  const count = async (table: 'record' | 'hit') => Number((await admin.query(`SELECT count(*) FROM phone_verify.${table}`)).rows[0].count)
  const sendOf = ({ verifier }: ReturnType<typeof makeVisits>) => nameOf(verifier.sendCode({ phone: nextPhone(), purpose }))

  test('a pool without a free connection refuses in time, sends nothing, and spends nothing later', async () => {
    const { store, pool } = open({ max: 2 })
    const visits = makeVisits(store)
    const challenge = await visits.start()
    const held = [await pool.connect(), await pool.connect()]
    const begunAt = performance.now()
    const outcomes = await Promise.all([sendOf(visits), nameOf(visits.guessWrong(challenge)), nameOf(visits.guess(challenge))])
    expect(outcomes).toEqual(['ERR_PV_STORE', 'ERR_PV_STORE', 'ERR_PV_STORE'])
    expect(performance.now() - begunAt).toBeLessThan(1_200)
    const before = [await count('record'), await count('hit')]
    for (const one of held) one.release()
    await until('the pool is idle', () => pool.waitingCount === 0 && pool.idleCount === pool.totalCount)
    expect([await count('record'), await count('hit')]).toEqual(before)
    expect(visits.messages).toHaveLength(1)
    expect(await visits.guessWrong(challenge)).toMatchObject({ attemptsLeft: 4 })
    expect(await nameOf(visits.guess(challenge))).toBe('ok')
  })

  test('a deadlock with a stranger is tried once more, and counts once', async () => {
    const { store } = open()
    const [first, second] = ['a', 'b'].sort((one, other) => lockOf([], [one]) - lockOf([], [other])) as [string, string]
    const stranger = await admin.connect()
    // The stranger holds what the store takes second, and asks for what it takes first: the store, less patient, is the one to give way.
    await stranger.query("SET deadlock_timeout = '10s'; BEGIN")
    await stranger.query(`SELECT pg_advisory_xact_lock(${lockOf([], [second])})`)
    const opening = store.open({ id: 'deadlock', ...record }, [quota(first), quota(second)])
    const waits = `SELECT count(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
    await until('the store waits', async () => (await admin.query(waits)).rows[0].waiting === 1)
    const taking = stranger.query(`SELECT pg_advisory_xact_lock(${lockOf([], [first])})`)
    await taking
    await stranger.query('COMMIT')
    stranger.release(true)
    expect(await opening).toMatchObject({ status: 'opened', room: [{ remaining: 4 }, { remaining: 4 }] })
    await until('the deadlock is on record', async () => {
      await admin.query('SELECT pg_stat_clear_snapshot()')
      return (await admin.query(`SELECT deadlocks::int FROM pg_stat_database WHERE datname = 'postgres'`)).rows[0].deadlocks > 0
    })
    expect(await store.attempt('deadlock', [quota(first)])).toMatchObject({ attemptsLeft: 4, room: [{ remaining: 3 }] })
  })

  test('a connection that breaks under a statement is its caller’s to hear of, and ends no process', async () => {
    const { store, pool } = open()
    const heard: (() => number)[] = []
    pool.on('connect', (client) => void heard.push(() => client.listenerCount('error')))
    const stranger = await admin.connect()
    await stranger.query(`BEGIN; SELECT pg_advisory_xact_lock(${lockOf(['broken'], [])})`)
    const opening = store.open({ id: 'broken', ...record }, []).catch((error: Error) => error)
    const waits = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
    await until('the store waits', async () => (await admin.query(waits)).rows.length === 1)
    // An error event that nobody hears is an uncaught exception: a restart of the database would end the application.
    const listeners = heard.map((count) => count())
    await admin.query(`SELECT pg_terminate_backend(pid) FROM (${waits}) AS waiting`)
    expect(await opening).toBeInstanceOf(Error)
    await stranger.query('COMMIT')
    stranger.release()
    expect(listeners).toHaveLength(1)
    expect(listeners[0]).toBeGreaterThan(0)
    expect(await store.attempt('broken', [])).toEqual({ status: 'absent' })
  })

  test.each([
    ['once', 1, 'granted'],
    ['always', 1_000, undefined],
  ])('a serialization failure %s: tried once more at most, and never counted twice', async (_, times, status) => {
    const { store } = open()
    const id = `serial${times}`
    await store.open({ id, ...record }, [])
    // A sequence is not rolled back: it tells the first time from the second.
    await admin.query(`
      CREATE SEQUENCE tries;
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= ${times} THEN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER fail BEFORE INSERT ON phone_verify.hit FOR EACH ROW EXECUTE FUNCTION fail();`)
    const answer = await store.attempt(id, [quota(id)]).catch((error: { readonly code: string }) => error.code)
    const tried = Number((await admin.query('SELECT last_value FROM tries')).rows[0].last_value)
    await admin.query('DROP TRIGGER fail ON phone_verify.hit; DROP FUNCTION fail; DROP SEQUENCE tries')
    expect(tried).toBe(2)
    expect(typeof answer === 'string' ? undefined : answer.status).toBe(status)
    const left = status === undefined ? 4 : 3
    expect(await store.attempt(id, [quota(id)])).toMatchObject({ attemptsLeft: left, room: [{ remaining: left }] })
  })

  test('one that turns read only allows nothing, and is refused at the next start', async () => {
    const visits = makeVisits(open().store)
    const challenge = await visits.start()
    await admin.query('ALTER DATABASE postgres SET default_transaction_read_only = on')
    const fresh = makeVisits(open().store)
    await expect(fresh.verifier.ready()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringContaining('read only'),
    })
    const later = makeVisits({ ...open().store, check: async () => {} })
    expect([await sendOf(later), await nameOf(later.guess(challenge))]).toEqual(['ERR_PV_STORE', 'ERR_PV_STORE'])
    expect([fresh.messages, later.messages]).toEqual([[], []])
    await admin.query('SET default_transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only')
    expect(await nameOf(visits.guess(challenge))).toBe('ok')
  })
})
