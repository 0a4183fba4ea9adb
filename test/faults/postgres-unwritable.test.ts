import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Pool } from 'pg'
import { postgresSchema } from 'phone-verify/store/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPostgres, findProgram } from '../fixtures/find-program.js'
import { type PostgresServer, startPostgres } from '../fixtures/postgres-server.js'
import { unlimited } from '../fixtures/rig.js'
import { describeWith } from '../fixtures/services.js'
import { installSchema, openPostgres } from './opened-store.js'
import { until } from './until.js'
import { makeVisits, nameOf, nextPhone, purpose } from './visits.js'

const run = promisify(execFile)

// T-STO-04: a Postgres whose place is taken, by another server or by data.
describeWith('T-STO-04: a Postgres that cannot write', 'postgresServer', () => {
  const stops: (() => Promise<unknown>)[] = []
  let server: PostgresServer
  let admin: Pool
  beforeAll(async () => {
    server = await startPostgres()
    await installSchema(server)
    admin = new Pool({ connectionString: server.url, max: 2 })
    admin.on('error', () => {})
  }, 60_000)
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
    await admin.end()
    await server.stop()
  }, 60_000)
  const sendOf = ({ verifier }: ReturnType<typeof makeVisits>) => nameOf(verifier.sendCode({ phone: nextPhone(), purpose }))

  test('a hot standby is refused, and after its promotion it is used', { timeout: 60_000 }, async () => {
    const standby = await startPostgres()
    stops.push(standby.stop)
    const data = join(standby.dir, 'data')
    await standby.immediateStop()
    await rm(data, { recursive: true })
    const folder = findPostgres() as string
    const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
    const user = process.getuid?.() === 0 ? { uid: await id('-u'), gid: await id('-g') } : {}
    const args = ['-h', '127.0.0.1', '-p', `${server.port}`, '-U', 'postgres', '-D', data, '-R', '-c', 'fast']
    await run(join(folder, 'pg_basebackup'), args, { cwd: standby.dir, ...user })
    await standby.restart()
    const { store, pool, end } = openPostgres(standby)
    stops.push(end)
    const visits = makeVisits(store)
    await expect(visits.verifier.ready()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringContaining('read only'),
    })
    expect(await sendOf(visits)).toBe('ERR_PV_CONFIGURATION')
    expect(visits.messages).toEqual([])

    // What the primary answered and the standby has received is spent there too.
    const leader = openPostgres(server)
    stops.push(leader.end)
    const primary = makeVisits(leader.store)
    const [guessed, consumed] = [await primary.start(), await primary.start()]
    for (let guess = 0; guess < 4; guess++) await primary.guessWrong(guessed)
    expect(await nameOf(primary.guess(consumed))).toBe('ok')
    const { rows } = await admin.query('SELECT pg_current_wal_flush_lsn() AS lsn')
    const caughtUp = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS yes'
    await until('the standby has it all', async () => (await pool.query(caughtUp, [rows[0].lsn])).rows[0].yes === true)
    await pool.query('SELECT pg_promote()')
    expect(await visits.guessWrong(guessed)).toMatchObject({ reason: 'incorrect_code', attemptsLeft: 0 })
    expect(await nameOf(visits.guess(consumed))).toBe('already_used')
    expect(await visits.passes()).toBe(true)
  })

  test('a full disk allows nothing, and leaves nothing half written', { timeout: 60_000 }, async ({ skip }) => {
    const small = await mkdtemp(join(tmpdir(), 'phone-verify-disk-'))
    stops.push(() => rm(small, { recursive: true, force: true }))
    const mounted = findProgram('mount') && (await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]).catch(() => undefined))
    if (!mounted) {
      if (process.env['CI'] === 'true') throw new Error('no file system can be mounted here. With CI=true nothing is skipped.')
      console.warn('SKIPPED: a full disk: no file system can be mounted here')
      return skip()
    }
    stops.push(() => run('umount', ['-l', small]))
    const place = join(small, 'space')
    await mkdir(place)
    await chown(place, Number((await run('id', ['-u', 'postgres'])).stdout), Number((await run('id', ['-g', 'postgres'])).stdout))
    await admin.query(`CREATE TABLESPACE small LOCATION '${place}'`)
    await admin.query('CREATE DATABASE small_disk TEMPLATE template0')
    const pool = new Pool({ connectionString: server.url.replace(/postgres$/, 'small_disk'), max: 2 })
    pool.on('error', () => {})
    stops.push(() => pool.end())
    await pool.query(postgresSchema())
    for (const table of ['record', 'hit']) await pool.query(`ALTER TABLE phone_verify.${table} SET TABLESPACE small`)
    await pool.query('CREATE TABLE junk (text text) TABLESPACE small')

    const { store, end } = openPostgres(server, { database: 'small_disk' })
    stops.push(end)
    const visits = makeVisits(store, { limits: { ...unlimited, sendsPerPhone: [{ max: 1_000, windowMs: 3_600_000 }] } })
    const challenge = await visits.start()
    const counts = async () =>
      (
        await pool.query(
          'SELECT (SELECT count(*)::int FROM phone_verify.record) AS records, (SELECT count(*)::int FROM phone_verify.hit) AS hits',
        )
      ).rows[0]
    for (const bytes of [1_000_000, 100_000, 8_000, 8_000, 8_000]) {
      const fill = () => pool.query('INSERT INTO junk SELECT repeat(md5(random()::text), 60) FROM generate_series(1, $1)', [bytes / 2_000])
      await until('the disk is full', () =>
        fill().then(
          () => false,
          () => true,
        ),
      )
    }
    let refusals = 0
    await until('sends are refused', async () => {
      const [sms, before] = [visits.messages.length, await counts()]
      const outcome = await sendOf(visits)
      if (outcome === 'ok') return false
      expect(outcome).toBe('ERR_PV_STORE')
      refusals += 1
      expect(visits.messages).toHaveLength(sms)
      expect(await counts()).toEqual(before)
      return refusals >= 5
    })
    await pool.query('DROP TABLE junk')
    expect(await visits.guessWrong(challenge)).toMatchObject({ reason: 'incorrect_code' })
    expect(await visits.passes()).toBe(true)
  })
})
