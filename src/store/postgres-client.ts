import { PhoneVerifyError } from '../errors.js'

/** What is called of a connection. */
export interface PostgresConnection {
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** What is called of a connection that a pool lends. */
export interface PooledConnection extends PostgresConnection {
  release(destroy?: boolean): void
  on?(event: 'error', listener: () => void): unknown
  off?(event: 'error', listener: () => void): unknown
}

/** What is called of a `Pool` of pg 8. */
export interface PostgresPool {
  connect(): Promise<PooledConnection>
  /** A pool counts its connections. A single connection does not, and may be inside the application's transaction. */
  readonly totalCount: number
  on?(event: 'error', listener: () => void): unknown
  listenerCount?(event: 'error'): number
}

/** What is called of PGlite. */
export interface PgliteDatabase extends PostgresConnection {
  readonly waitReady: Promise<unknown>
}

export type PostgresClient = PostgresPool | PgliteDatabase

export type Row = Readonly<Record<string, unknown>>

/** Runs one statement in a transaction of its own and answers its one row. */
export type RunSql = (sql: string, values: readonly unknown[]) => Promise<Row>

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const isPglite = (client: unknown): client is PgliteDatabase =>
  isObject(client) && 'waitReady' in client && 'query' in client && typeof client.query === 'function'

export const isPool = (client: unknown): client is PostgresPool =>
  isObject(client) && 'connect' in client && typeof client.connect === 'function' && 'totalCount' in client

/** Rolled back whole by the server, which asks for another try. Of everything else nobody knows whether it was done. */
const isRolledBack = (error: unknown) => ['40001', '40P01'].includes(String((error as { code?: unknown } | undefined)?.code))

const late = () => new PhoneVerifyError('ERR_PV_STORE', 'postgresStore: the database did not answer in time')

const firstRow = ({ rows }: { readonly rows: readonly unknown[] }) => (rows[0] ?? {}) as Row

/** A statement on a connection of the pool's: never one that the application holds. */
function inPool(pool: PostgresPool, timeoutMs: number): RunSql {
  // A connection that breaks says so twice: to its statement, and by an event that would end the process if nobody heard it. While it is
  // idle its pool must hear, while it is lent we do.
  const hear = () => {}
  if (pool.listenerCount?.('error') === 0) pool.on?.('error', hear)

  return (sql, values) =>
    new Promise((resolve, reject) => {
      let lent: PooledConnection | undefined
      let isOver = false
      const end = (isSound: boolean, tell: () => void) => {
        if (isOver) return
        isOver = true
        clearTimeout(timer)
        // A statement that failed or hangs takes its connection with it: the next caller gets one that owes nothing.
        lent?.release(!isSound)
        if (isSound) lent?.off?.('error', hear)
        tell()
      }
      const fail = (error: unknown) => end(false, () => reject(error))
      const timer = setTimeout(() => fail(late()), timeoutMs)
      const use = (connection: PooledConnection) => {
        // Its caller has been refused: what it asked for must not be done any more.
        if (isOver) return connection.release()
        lent = connection
        connection.on?.('error', hear)
        return connection.query(sql, [...values]).then((result) => end(true, () => resolve(firstRow(result))))
      }
      pool.connect().then(use).catch(fail)
    })
}

/** One way to run a statement, whichever client was given. A transaction that the server rolled back for another's sake is tried once more. */
export function createRunSql(client: PostgresClient, timeoutMs: number): RunSql {
  const run: RunSql = isPglite(client) ? async (sql, values) => firstRow(await client.query(sql, [...values])) : inPool(client, timeoutMs)
  return (sql, values) =>
    run(sql, values).catch((error: unknown) => {
      if (isRolledBack(error)) return run(sql, values)
      throw error
    })
}
