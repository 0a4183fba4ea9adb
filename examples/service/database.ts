import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
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

/** A Postgres server, through a pool. */
export async function openServer(connectionString: string): Promise<Database> {
  const { Pool } = await import('pg')
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000 })
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => {})
  return {
    ...sqlOf(pool, (sql) => pool.query(sql)),
    client: pool,
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      const hear = (error: Error) => {
        broken = error
      }
      client.on('error', hear)
      try {
        await client.query('BEGIN')
        const result = await work({ ...sqlOf(client, (sql) => client.query(sql)), client })
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(hear)
        throw error
      } finally {
        client.off('error', hear)
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

/** Postgres inside this process: in a folder that no other process may use meanwhile, or, without one, in memory. */
export async function openEmbedded(folder?: string): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite')
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  const unlock = folder === undefined ? async () => {} : await lockFolder(folder)
  const database = await PGlite.create(folder === undefined ? 'memory://' : join(folder, 'postgres'))
  return {
    ...sqlOf(database, (sql) => database.exec(sql)),
    client: database,
    transaction: (work) => database.transaction((client) => work({ ...sqlOf(client, (sql) => client.exec(sql)), client })),
    async close() {
      await database.close()
      await unlock()
    },
  }
}
