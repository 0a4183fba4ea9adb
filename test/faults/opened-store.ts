import { Redis } from 'ioredis'
import { Pool, type PoolConfig } from 'pg'
import type { Store } from 'phone-verify'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { type RedisStoreOptions, redisStore } from 'phone-verify/store/redis'
import { createClient } from 'redis'

/** A store on a client of its own. */
export interface OpenedStore {
  readonly store: Store
  end(): Promise<void>
}

export interface Place {
  readonly port: number
}

const host = '127.0.0.1'

/**
 * Both clients wait longer after every failure, up to two seconds, and ioredis up to ten for a server that still loads, unless told
 * otherwise. How fast the store recovers is measured with a steady pace: it is what we promise, not what they do.
 */
const reconnectMs = 100

export function openIoredis({ port }: Place, options: RedisStoreOptions = {}): OpenedStore {
  const client = new Redis({ host, port, retryStrategy: () => reconnectMs, maxLoadingRetryTime: reconnectMs })
  client.on('error', () => {})
  return { store: redisStore(client, options), end: async () => client.disconnect() }
}

export function openNodeRedis({ port }: Place, options: RedisStoreOptions = {}): OpenedStore {
  const client = createClient({ socket: { host, port, reconnectStrategy: reconnectMs } })
  client.on('error', () => {})
  client.connect().catch(() => {})
  return { store: redisStore(client, options), end: async () => client.destroy() }
}

export function openPostgres({ port }: Place, more: PoolConfig = {}): OpenedStore & { pool: Pool } {
  const pool = new Pool({ host, port, user: 'postgres', database: 'postgres', max: 10, ...more })
  pool.on('error', () => {})
  return { pool, store: postgresStore(pool), end: () => pool.end() }
}

/** What an application's deployment does, once. */
export async function installSchema(at: Place): Promise<void> {
  const { pool, end } = openPostgres(at, { max: 1 })
  await pool.query(postgresSchema())
  await end()
}
