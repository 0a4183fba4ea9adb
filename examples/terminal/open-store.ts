import type { Store } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import type { DemoOptions } from './options.js'

/** A store, and how to let go of its server. */
export interface OpenStore {
  readonly store: Store
  /** Whether its time is the server's: a script cannot move it, and has to wait. */
  readonly hasOwnTime: boolean
  close(): Promise<void>
}

type Open = (url: string | undefined, now: (() => number) | undefined) => Promise<OpenStore>

/** The client libraries are yours to choose and to connect; each is loaded only when its store is asked for. */
const kinds: Readonly<Record<DemoOptions['store'], Open>> = {
  async memory(_url, now) {
    return { store: memoryStore({ now }), hasOwnTime: false, close: async () => {} }
  },

  async redis(url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379') {
    const [{ Redis }, { redisStore }] = await Promise.all([import('ioredis'), import('phone-verify/store/redis')])
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
    // A connection that fails is said once, by what rejects.
    client.on('error', () => {})
    await client.connect().catch(unreachable('Redis', url))
    return { store: redisStore(client), hasOwnTime: true, close: async () => client.disconnect() }
  },

  async postgres(connectionString = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres') {
    const [{ Pool }, { postgresSchema, postgresStore }] = await Promise.all([import('pg'), import('phone-verify/store/postgres')])
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 5_000 })
    // An application does this when it is deployed.
    await pool.query(postgresSchema()).catch(unreachable('Postgres', connectionString))
    return { store: postgresStore(pool), hasOwnTime: true, close: () => pool.end() }
  },

  async keyv(url, now) {
    const [{ Keyv }, { keyvStore }] = await Promise.all([import('keyv'), import('phone-verify/store/keyv')])
    const keyv = url === undefined ? new Keyv() : new Keyv(new (await import('@keyv/redis')).default(url))
    return { store: keyvStore(keyv, { now }), hasOwnTime: false, close: async () => void (await keyv.disconnect()) }
  },
}

/** The store that the command line names. `now` is the clock of a script, where the store can follow one. */
export const openStore = ({ store, url }: Pick<DemoOptions, 'store' | 'url'>, now?: () => number): Promise<OpenStore> =>
  kinds[store](url, now)

/** Without what a driver says: its message may hold the address with the password in it. */
const unreachable = (server: string, url: string) => (): never => {
  throw new Error(`no ${server} answers at ${URL.canParse(url) ? new URL(url).host : 'this address'}: give another with --url`)
}
