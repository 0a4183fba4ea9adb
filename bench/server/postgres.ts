import { Pool } from 'pg'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { serverFloor } from '../floor/enter.js'
import { postgresKept } from '../floor/postgres-kept.js'
import { floorSchema } from '../floor/postgres-schema.js'
import { ours } from '../ours.js'
import type { Ground } from './ground.js'

export const postgresUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** The schemas of this process. */
export const ownSchema = `pvbench_${process.pid}`
const byHandSchemas = { one: `pvbench_one_${process.pid}`, two: `pvbench_two_${process.pid}` } as const

/** Tables without rows and statistics would be scanned whole, and the plans kept: no table in use is like that. */
const indexesOnly = '-c enable_seqscan=off'

/** A pool, or undefined where no server answers. */
export async function connectPostgres(url = postgresUrl, max = 20, options = indexesOnly): Promise<Pool | undefined> {
  const pool = new Pool({ connectionString: url, max, options, connectionTimeoutMillis: 5_000 })
  pool.on('error', () => {})
  return pool.query('SELECT 1').then(
    () => pool,
    async () => {
      await pool.end()
      return undefined
    },
  )
}

export const dropSchemas = (pool: Pool) =>
  pool.query([ownSchema, ...Object.values(byHandSchemas)].map((schema) => `DROP SCHEMA IF EXISTS ${schema} CASCADE;`).join('\n'))

/** Undefined where no server answers. */
export async function postgresGround(url = postgresUrl): Promise<Ground | undefined> {
  const admin = await connectPostgres(postgresUrl, 1)
  if (admin === undefined) return undefined
  const pool = await connectPostgres(url)
  if (pool === undefined) throw new Error('Postgres was there and is gone')
  await dropSchemas(admin)
  await admin.query(postgresSchema({ schema: ownSchema }))
  for (const schema of Object.values(byHandSchemas)) await admin.query(floorSchema(schema))

  const floor = (schema: string, guessing: 'in one' | 'in two') =>
    serverFloor(postgresKept(pool, schema), guessing, async () => {
      await admin.query(`TRUNCATE ${['challenge', 'proof', 'hit'].map((table) => `${schema}.${table}`).join(', ')}`)
    })
  return {
    name: 'pg',
    ours(carrier) {
      const contestant = ours(postgresStore(pool, { schema: ownSchema }), carrier)
      return {
        ...contestant,
        async end() {
          await contestant.end()
          await admin.query(`TRUNCATE ${ownSchema}.record, ${ownSchema}.hit`)
        },
      }
    },
    floorInOne: floor(byHandSchemas.one, 'in one'),
    floorInTwo: floor(byHandSchemas.two, 'in two'),
    kept: () => postgresKept(pool, byHandSchemas.one),
    async leave() {
      await dropSchemas(admin)
      await pool.end()
      await admin.end()
    },
  }
}
