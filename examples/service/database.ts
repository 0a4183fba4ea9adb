import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { PostgresClient } from 'phone-verify/store/postgres'
import { lockFolder } from './folder-lock.js'

export interface Sql {
  /** Runs one statement, and answers its rows. */
  query<Row extends object = Readonly<Record<string, unknown>>>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Runs the statements of one text. */
  run(sql: string): Promise<void>
}

/** Statements that commit together. */
export interface Transaction extends Sql {
  /** What `redeemProof({ transaction })` joins. */
  readonly client: unknown
}

/** Postgres, on a server or embedded. */
export interface Database extends Sql {
  /** Commits what `work` did when it resolves, and undoes it when it rejects. Inside, ask nothing of the database but by the transaction. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>
  /** What `postgresStore` takes. */
  readonly client: PostgresClient
  close(): Promise<void>
}

/** What both kinds of client do. */
interface Client {
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

const sqlOf = (client: Client, run: (sql: string) => Promise<unknown>): Sql => ({
  query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await client.query(sql, [...values])).rows as readonly Row[],
  run: async (sql) => void (await run(sql)),
})

/** What the server says has a SQLSTATE. What the driver says of a connection has no code at all, and gets that of a broken one. */
const asOutage = (error: Error & { readonly code?: unknown }): never => {
  throw error.code === undefined ? Object.assign(new Error('the database does not answer'), { code: '08006' }) : error
}

const withCodes = (client: Client): Client => ({ query: (sql, values) => client.query(sql, values).catch(asOutage) })

/** A Postgres server, through a pool. */
export async function openServer(connectionString: string): Promise<Database> {
  const { Pool } = await import('pg')
  const open = () => {
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000, query_timeout: 15_000 })
    // An idle connection that breaks is replaced; without a listener it would end the process.
    return pool.on('error', () => {})
  }
  // Two, so that a guess never waits, and fails, behind what the app does with its own.
  const [pool, storePool] = [open(), open()]
  return {
    ...sqlOf(withCodes(pool), (sql) => pool.query(sql).catch(asOutage)),
    client: storePool,
    async transaction(work) {
      const client = await pool.connect().catch(asOutage)
      let broken: Error | undefined
      const hear = (error: Error) => {
        broken = error
      }
      client.on('error', hear)
      try {
        await client.query('BEGIN').catch(asOutage)
        const result = await work({ ...sqlOf(withCodes(client), (sql) => client.query(sql).catch(asOutage)), client })
        const { command } = await client.query('COMMIT').catch(asOutage)
        // What the server answers where a statement had failed and `work` went on nevertheless.
        if (command !== 'COMMIT') throw new Error('the transaction was rolled back instead of committed')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(hear)
        throw error
      } finally {
        client.off('error', hear)
        client.release(broken)
      }
    },
    async close() {
      await Promise.all([pool.end(), storePool.end()])
    },
  }
}

/** Postgres inside this process, opened by whoever asks. */
export const overPglite = (database: PGlite, closed: () => Promise<void> = async () => {}): Database => ({
  ...sqlOf(database, (sql) => database.exec(sql)),
  client: database,
  transaction: (work) => database.transaction((client) => work({ ...sqlOf(client, (sql) => client.exec(sql)), client })),
  async close() {
    await database.close()
    await closed()
  },
})

/** Postgres inside this process: in a folder that no other process may use meanwhile, or, without one, in memory. */
export async function openEmbedded(folder?: string): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite')
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  const unlock = folder === undefined ? async () => {} : await lockFolder(folder)
  const database = await PGlite.create(folder === undefined ? 'memory://' : join(folder, 'postgres')).catch(async (error) => {
    await unlock()
    throw error
  })
  return overPglite(database, unlock)
}
