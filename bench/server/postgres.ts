import { Pool } from 'pg'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { serverFloor } from '../floor/enter.js'
import { postgresKept } from '../floor/postgres-kept.js'
import { floorSchema } from '../floor/postgres-schema.js'
import { ours } from '../ours.js'
import type { Ground } from './ground.js'

export const postgresUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** The two schemas of this process. */
export const ownSchema = `pvbench_${process.pid}`
const byHandSchema = `pvbench_floor_${process.pid}`

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
  pool.query(`DROP SCHEMA IF EXISTS ${ownSchema} CASCADE; DROP SCHEMA IF EXISTS ${byHandSchema} CASCADE`)

/** Undefined where no server answers. */
export async function postgresGround(url = postgresUrl): Promise<Ground | undefined> {
  const [pool, admin] = [await connectPostgres(url), await connectPostgres(postgresUrl, 1)]
  if (pool === undefined || admin === undefined) return undefined
  await dropSchemas(admin)
  await admin.query(postgresSchema({ schema: ownSchema }))
  await admin.query(floorSchema(byHandSchema))

  const kept = postgresKept(pool, byHandSchema)
  const emptied = async () => {
    const table = (name: string) => `${byHandSchema}.${name}`
    await admin.query(`TRUNCATE ${['challenge', 'proof', 'hit'].map(table).join(', ')}`)
  }
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
    floorInOne: serverFloor(kept, 'in one', emptied),
    floorInTwo: serverFloor(kept, 'in two', emptied),
    kept: () => kept,
    async leave() {
      await dropSchemas(admin)
      await pool.end()
      await admin.end()
    },
  }
}
