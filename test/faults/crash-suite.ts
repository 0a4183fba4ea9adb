import { Pool } from 'pg'
import { expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../fixtures/postgres-server.js'
import { keepsEverything, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { type Crash, type CrashParts, crashCycle } from './crash-cycle.js'
import { installSchema, openIoredis, openNodeRedis, openPostgres } from './opened-store.js'
import { until } from './until.js'
import { makeVisits } from './visits.js'

interface Cycles extends Crash {
  /** From the server's first answer until the whole flow passes, in milliseconds. */
  readonly recoveries: readonly number[]
}

const none = { lost: 0, closedTwice: 0, revived: 0 }

async function crashes(name: string, times: number, parts: CrashParts): Promise<Cycles> {
  const visits = makeVisits(parts.fenced[0] ?? (parts.counting[0] as never))
  const recoveries: number[] = []
  const restart = async () => {
    await parts.restart()
    recoveries.push(await until('the flow passes again', () => visits.passes()))
  }
  const total = { acknowledged: 0, ...none }
  for (let cycle = 0; cycle < times; cycle++) {
    const one = await crashCycle({ ...parts, restart }, 50 + ((cycle * 37) % 300))
    for (const key of Object.keys(total) as (keyof Crash)[]) total[key] += one[key]
  }
  const sorted = [...recoveries].sort((a, b) => a - b).map(Math.round)
  const say = { ...total, medianRecoveryMs: sorted[sorted.length >> 1], maxRecoveryMs: sorted.at(-1) }
  console.info(`${name}, ${times} kills: ${JSON.stringify(say)}`)
  return { ...total, recoveries }
}

/** The same count with a plain UPDATE: what a session's own setting does to it. */
async function naiveCycle(server: PostgresServer): Promise<number> {
  const pool = new Pool({ connectionString: server.url, max: 4 })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  await pool.query(
    'CREATE TABLE IF NOT EXISTS naive (id int PRIMARY KEY, spent int); INSERT INTO naive VALUES (1, 0) ON CONFLICT DO NOTHING',
  )
  await pool.query('CHECKPOINT')
  let acknowledged = 0
  let over = false
  const lane = async () => {
    while (!over)
      acknowledged = Math.max(acknowledged, (await pool.query('UPDATE naive SET spent = spent + 1 RETURNING spent')).rows[0].spent)
  }
  const lanes = Array.from({ length: 4 }, () => lane().catch(() => {}))
  const target = 200 + Number((await pool.query('SELECT spent FROM naive')).rows[0].spent)
  await until('the load is there', () => acknowledged >= target)
  await server.kill()
  over = true
  await Promise.all(lanes)
  await pool.end()
  await server.restart()
  const after = new Pool({ connectionString: server.url, max: 1 })
  const { rows } = await after.query('SELECT spent FROM naive')
  await after.end()
  return acknowledged - rows[0].spent
}

/** T-CRS-02 and T-CRS-03: what a store has acknowledged it still knows after a SIGKILL. */
export const crashSuite = ({ redis, postgres }: { readonly redis: number; readonly postgres: number }) => {
  describeWith('T-CRS-02: a Redis that is killed under load', 'redisServer', () => {
    test(`${redis} kills lose no answered attempt, and no code opens twice`, { timeout: 30_000 + redis * 3_000 }, async () => {
      const server = await startRedis({ args: keepsEverything })
      const unfenced = { prefix: 'unfenced:', fence: false }
      const counting = [openIoredis(server, unfenced), openIoredis(server, unfenced), openNodeRedis(server, unfenced)]
      const fenced = [openIoredis(server), openNodeRedis(server)]
      const stores = { counting: counting.map(({ store }) => store), fenced: fenced.map(({ store }) => store) }
      const found = await crashes('Redis', redis, { ...stores, kill: server.kill, restart: server.restart })
      await Promise.all([...counting, ...fenced].map(({ end }) => end()))
      await server.stop()
      expect(found).toMatchObject(none)
      expect(found.acknowledged).toBeGreaterThanOrEqual(redis * 50)
      expect(Math.max(...found.recoveries)).toBeLessThanOrEqual(2_000)
    })
  })

  const kinds = { 'as it comes': {}, 'with synchronous_commit off (T-CRS-03)': { synchronous_commit: 'off', wal_writer_delay: '10s' } }
  describeWith('T-CRS-02: a Postgres that is killed under load', 'postgresServer', () => {
    test.each(Object.entries(kinds))(
      `%s: ${postgres} kills lose no answered attempt`,
      { timeout: 60_000 + postgres * 10_000 },
      async (name, settings) => {
        const server = await startPostgres({ settings })
        await installSchema(server)
        const counting = [openPostgres(server, { max: 4 }), openPostgres(server, { max: 4 })]
        const parts = { counting: counting.map(({ store }) => store), fenced: [], kill: server.kill, restart: server.restart }
        const found = await crashes(`Postgres ${name}`, postgres, parts)
        // The control: its own answers, over as many kills, are lost.
        let lost = 0
        if ('synchronous_commit' in settings) for (let cycle = 0; cycle < Math.min(postgres, 5); cycle++) lost += await naiveCycle(server)
        await Promise.all(counting.map(({ end }) => end()))
        await server.stop()
        expect(found).toMatchObject(none)
        expect(found.acknowledged).toBeGreaterThanOrEqual(postgres * 50)
        expect(Math.max(...found.recoveries)).toBeLessThanOrEqual(2_000)
        if ('synchronous_commit' in settings) console.info(`plain UPDATE lost ${lost} answered attempts`)
        expect(lost > 0).toBe('synchronous_commit' in settings)
      },
    )
  })
}
