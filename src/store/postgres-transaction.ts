import { PhoneVerifyError } from '../errors.js'
import type { PostgresConnection } from './postgres-client.js'

const notOpen = () => new PhoneVerifyError('ERR_PV_ARGUMENT', 'transaction: must be a pg client inside BEGIN', { field: 'transaction' })

const isConnection = (transaction: unknown): transaction is PostgresConnection =>
  typeof (transaction as Partial<PostgresConnection> | null | undefined)?.query === 'function'

/**
 * One statement within the application's transaction. Behind a savepoint: its failure is the caller's to judge and leaves the transaction
 * usable. Postgres grants a savepoint inside a transaction only, so a pool, or a client without BEGIN, is told from one.
 */
export async function joined(transaction: unknown, sql: string, values: unknown[]): Promise<'closed' | 'already' | 'absent'> {
  if (!isConnection(transaction)) throw notOpen()
  await transaction.query('SAVEPOINT phone_verify', []).catch((error: unknown) => {
    throw (error as { code?: unknown } | undefined)?.code === '25P01' ? notOpen() : error
  })
  try {
    const { rows } = await transaction.query(sql, values)
    await transaction.query('RELEASE SAVEPOINT phone_verify', [])
    return (rows[0] as { readonly status: 'closed' | 'already' | 'absent' }).status
  } catch (error) {
    await transaction.query('ROLLBACK TO SAVEPOINT phone_verify', []).catch(() => {})
    throw error
  }
}
