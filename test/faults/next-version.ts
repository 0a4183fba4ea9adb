import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import type { OpenedStore, Place } from './opened-store.js'

export { makeVisits } from './visits.js'

// The version after this one, as far as a store can see it: other scripts and other procedures that write a field more, on the same data.

export function openNextRedis({ port }: Place): OpenedStore {
  const client = new Redis(port, '127.0.0.1')
  client.on('error', () => {})
  const more = (script: string) => `-- the next version\n${script.replace("'HSET', KEYS[1], 'd',", "'HSET', KEYS[1], 'more', '1', 'd',")}`
  const next = {
    evalsha: () => Promise.reject(new Error('NOSCRIPT it has another name')),
    eval: (script: string, count: number, ...rest: string[]) => client.eval(more(script), count, ...rest),
  }
  return { store: redisStore(next), end: async () => client.disconnect() }
}

/** Installed beside what is there. */
export const nextSchema = (): string =>
  `${postgresSchema().replaceAll('_v1', '_v2')}
  ALTER TABLE phone_verify.record ADD COLUMN IF NOT EXISTS more text DEFAULT 'more';
  ALTER TABLE phone_verify.hit ADD COLUMN IF NOT EXISTS more text DEFAULT 'more';`

export function openNextPostgres({ port }: Place): OpenedStore {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  const next = {
    totalCount: 0,
    async connect() {
      const connection = await pool.connect()
      return {
        query: (sql: string, values: unknown[]) => connection.query(sql.replaceAll('_v1(', '_v2('), values),
        release: (destroy?: boolean) => connection.release(destroy),
      }
    },
  }
  return { store: postgresStore(next), end: () => pool.end() }
}
