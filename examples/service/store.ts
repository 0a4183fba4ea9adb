import type { Store } from 'phone-verify'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import type { Database } from './database.js'

export interface OpenStore {
  readonly store: Store
  /** Whether it lives in the database that was given. */
  readonly joins: boolean
  close(): Promise<void>
}

/** Where verification lives: in Redis where there is one, else in the database itself. */
export async function openStore(database: Database, redisUrl: string | undefined): Promise<OpenStore> {
  if (redisUrl === undefined) {
    await database.run(postgresSchema())
    return { store: postgresStore(database.client), joins: true, close: async () => {} }
  }
  const { Redis } = await import('ioredis')
  // A visitor does not wait for a Redis that is away: one retry, then 503.
  const client = new Redis(redisUrl, { maxRetriesPerRequest: 1 })
  client.on('error', () => {})
  return { store: redisStore(client), joins: false, close: async () => client.disconnect() }
}
