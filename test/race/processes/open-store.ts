import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { Pool } from 'pg'
import type { Store } from 'phone-verify'
import { postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import { createClient } from 'redis'
import { naiveSharedStore } from './naive-shared.js'

/** Where the records of a race are: everything that a process needs to know to take part. */
export interface Place {
  readonly server: 'redis' | 'postgres'
  readonly url: string
  /** The prefix of keys, or the schema. */
  readonly space: string
  /** The control: a store that reads, compares and writes. */
  readonly naive?: boolean | undefined
  /** Default: ioredis 6, or pg. */
  readonly client?: 'ioredis 6' | 'ioredis 5' | 'node-redis 6' | 'pg' | undefined
  /** The store's own patience for a statement. A slow machine is no finding, so it is long where nothing else is said. */
  readonly timeoutMs?: number | undefined
}

export interface OpenedStore {
  readonly store: Store
  end(): Promise<unknown>
}

/** Together with the others of the race, and with other tests, below the hundred that a server takes by default. */
const connections = 8
const patienceMs = 60_000
const unheard = () => {}

export const openStore = (place: Place): Promise<OpenedStore> => (place.server === 'redis' ? onRedis(place) : onPostgres(place))

async function onRedis({ url, space, naive, client }: Place): Promise<OpenedStore> {
  if (client === 'node-redis 6') {
    const redis = createClient({ url }).on('error', unheard)
    await redis.connect()
    return { store: redisStore(redis, { prefix: space }), end: async () => redis.destroy() }
  }
  const redis = client === 'ioredis 5' ? new Redis5(url) : new Redis(url)
  redis.on('error', unheard)
  await redis.ping()
  const end = async () => redis.disconnect()
  if (!naive) return { store: redisStore(redis, { prefix: space }), end }
  return { store: naiveSharedStore({ get: (key) => redis.get(space + key), set: (key, value) => redis.set(space + key, value) }), end }
}

async function onPostgres({ url, space, naive, timeoutMs = patienceMs }: Place): Promise<OpenedStore> {
  const pool = new Pool({ connectionString: url, max: connections }).on('error', unheard)
  const end = () => pool.end()
  // All connections are there before the race begins.
  const all = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const one of all) one.release()
  if (!naive) return { store: postgresStore(pool, { schema: space, timeoutMs }), end }
  return { store: naiveOnPostgres(pool, space), end }
}

interface Sql {
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export function naiveOnPostgres(sql: Sql, space: string): Store {
  const upsert = `INSERT INTO ${space}.kept (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
  return naiveSharedStore({
    async get(key) {
      const { rows } = await sql.query(`SELECT value FROM ${space}.kept WHERE key = $1`, [key])
      return (rows[0] as { readonly value: string } | undefined)?.value ?? null
    },
    set: (key, value) => sql.query(upsert, [key, value]),
  })
}
