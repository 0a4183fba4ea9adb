import { randomBytes } from 'node:crypto'
import { misconfigured, PhoneVerifyError } from '../errors.js'
import { distinctKeys, span, wellFormed } from './given.js'
import { checkPostgres } from './postgres-check.js'
import { createRunSql, isPglite, isPool, type PostgresClient, type Row } from './postgres-client.js'
import { type PostgresSchemaOptions, schemaName } from './postgres-schema.js'
import { createSweep } from './postgres-sweep.js'
import { joined } from './postgres-transaction.js'
import { hitValues, lockValues, nameList, quotaValues, shotValues } from './postgres-values.js'
import type { Granted, Limited, Quota, Store } from './store.js'

export type { PgliteDatabase, PostgresClient, PostgresConnection, PostgresPool } from './postgres-client.js'
export { type PostgresSchemaOptions, postgresSchema } from './postgres-schema.js'

/** Options of `postgresStore`. */
export interface PostgresStoreOptions extends PostgresSchemaOptions {
  /** The longest that a statement may take, waits for a connection of the pool and for locks included, in milliseconds. Default: 1 000. */
  readonly timeoutMs?: number | undefined
}

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `postgresStore: ${message}`)

/** Figures come as text: a driver takes longer for an array than the server for the call. */
const numbers = (column: unknown) =>
  String(column ?? '')
    .split(',')
    .map(Number)

/**
 * Keeps everything in Postgres 12 or later, for any number of processes. Every verb is one call of a procedure on the server's clock, which
 * commits by itself, durably whatever `synchronous_commit` says, and refuses to run inside a transaction of the application. Run the SQL
 * of `postgresSchema()` first. Takes a `Pool` of pg 8 or a PGlite; it stays yours, to make and to end.
 *
 * What is over is deleted in small batches, about once a minute while there are calls.
 *
 * @returns a store with reach `'shared'`, over PGlite `'process'`
 * @throws `ERR_PV_CONFIGURATION` when the pool or an option is wrong
 * @example
 * ```ts
 * import { Pool } from 'pg'
 * import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
 *
 * const pool = new Pool({ connectionString: 'postgres://postgres@127.0.0.1:5432/postgres' })
 * await pool.query(postgresSchema())
 * export const store = postgresStore(pool)
 * ```
 */
export function postgresStore(pool: PostgresClient, options: PostgresStoreOptions = {}): Store {
  const { timeoutMs = 1_000 }: PostgresStoreOptions = Object.assign(Object.create(null), options)
  const schema = schemaName(options)
  if (!isPool(pool) && !isPglite(pool))
    throw misconfigured([{ option: 'pool', message: 'must be a Pool of pg or a PGlite: a single connection may be in use' }])
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
    throw misconfigured([{ option: 'timeoutMs', message: 'must be a whole number of milliseconds, 1 or more' }])

  const run = createRunSql(pool, timeoutMs)
  const sweep = createSweep(() => run(`CALL ${schema}.sweep_v1($1)`, [500]))
  const process = randomBytes(9).toString('base64url')
  let calls = 0
  const nextCall = () => {
    calls += 1
    return `${process}${calls.toString(36)}`
  }

  // The server gives up on a lock before we give up on the server.
  const patienceMs = Math.ceil(timeoutMs * 0.8)
  const call = async (procedure: string, locks: string, own: readonly unknown[]): Promise<Row> => {
    const values = [patienceMs, locks, ...own]
    const row = await run(`CALL ${schema}.${procedure}_v1(${values.map((_, index) => `$${index + 1}`).join(', ')})`, values)
    sweep()
    return row
  }

  const granted = (name: string, keys: readonly string[], row: Row): Granted => {
    const figures = numbers(row['room'])
    const roomOf = (key: string, index: number) => ({
      key,
      remaining: Number(figures[index]),
      nextInMs: Number(figures[keys.length + index]),
    })
    return { hit: `${row['began']}:${name}`, room: keys.map(roomOf) }
  }

  const limitedBy = (quotas: readonly Quota[], row: Row): Limited => {
    const [full = 0, wait] = numbers(row['figures'])
    const key = quotas[full - 1]?.key
    if (key === undefined) throw fault('no answer of ours')
    return { status: 'limited', key, retryAfterMs: Number(wait) }
  }

  const store: Store = {
    reach: isPglite(pool) ? 'process' : 'shared',

    check: () => checkPostgres(run, schema),

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const [name, keys] = [nextCall(), distinctKeys(quotas)]
      const allowed = Number.isSafeInteger(attempts) ? attempts : 0
      const record = [name, wellFormed(id), codeDigest, allowed, span(ttlMs), span(lifeMs)]
      const row = await call('open', lockValues([id], keys), [...record, ...quotaValues(keys, quotas), ...shotValues(also)])
      const { status } = row
      if (status === 'limited') return limitedBy(quotas, row)
      const [expiresInMs, leftMs] = numbers(row['figures'])
      if (status === 'exists') return { status, expiresInMs: Number(expiresInMs), lifeMs: Number(leftMs) }
      if (status === 'opened') return { status, ...granted(name, keys, row) }
      throw fault('no answer of ours')
    },

    async renew(id, { codeDigest, ttlMs }, quotas, also = []) {
      const [name, keys] = [nextCall(), distinctKeys(quotas)]
      const change = [name, wellFormed(id), codeDigest ?? null, span(ttlMs)]
      const row = await call('renew', lockValues([id], keys), [...change, ...quotaValues(keys, quotas), ...shotValues(also)])
      const { status } = row
      if (status === 'limited') return limitedBy(quotas, row)
      if (status === 'renewed') return { status, expiresInMs: Number(numbers(row['figures'])[0]), ...granted(name, keys, row) }
      if (status === 'absent' || status === 'closed' || status === 'exhausted') return { status }
      throw fault('no answer of ours')
    },

    async attempt(id, quotas) {
      const [name, keys] = [nextCall(), distinctKeys(quotas)]
      const row = await call('attempt', lockValues([id], keys), [name, wellFormed(id), ...quotaValues(keys, quotas)])
      const { status } = row
      if (status === 'limited') return limitedBy(quotas, row)
      const [attemptsLeft] = numbers(row['figures'])
      if (status === 'granted') {
        return { status, codeDigest: String(row['digest']), attemptsLeft: Number(attemptsLeft), ...granted(name, keys, row) }
      }
      if (status === 'absent' || status === 'expired' || status === 'closed' || status === 'exhausted') return { status }
      throw fault('no answer of ours')
    },

    async close(id, { release = [], hit, open = [] } = {}) {
      const { status } = await call('close', lockValues([id], release), [
        wellFormed(id),
        nameList(release),
        ...hitValues(hit),
        ...shotValues(open),
      ])
      if (status === 'closed' || status === 'already' || status === 'absent') return status
      throw fault('no answer of ours')
    },

    async closeWithin(transaction, id) {
      return joined(transaction, `SELECT ${schema}.join_v1($1, $2, $3) AS status`, [patienceMs, lockValues([id], []), wellFormed(id)])
    },

    async release(keys, hit) {
      if (keys.length > 0) await call('release', lockValues([], keys), [nameList(keys), ...hitValues(hit)])
    },
  }
  return store
}
