import type { Account } from '../accounts/account.js'
import type { Sql } from '../service/database.js'

/** How a second factor may be given. */
export type Method = 'totp' | 'sms' | 'backup_code'

export interface Factors {
  /** Whether signing in takes a second factor. */
  readonly isOn: boolean
  /** Those of this account, the strongest first: a text message can be read and redirected on its way, an authenticator's code cannot. */
  readonly methods: readonly Method[]
  readonly backupCodes: number
}

interface Row {
  readonly totp: boolean
  readonly sms: boolean
  readonly backupCodes: number
}

/** The second factors that an account has. */
export async function factorsOf(sql: Sql, { id, phone }: Pick<Account, 'id' | 'phone'>): Promise<Factors> {
  const [row] = await sql.query<Row>(
    `SELECT EXISTS (SELECT 1 FROM account_authenticator WHERE account_id = $1 AND activated_at IS NOT NULL) AS totp,
       EXISTS (SELECT 1 FROM two_factor_sms WHERE account_id = $1) AS sms,
       (SELECT count(*)::int FROM two_factor_backup_code WHERE account_id = $1) AS "backupCodes"`,
    [id],
  )
  const { totp = false, sms = false, backupCodes = 0 } = row ?? {}
  const methods: Method[] = [...(totp ? (['totp'] as const) : []), ...(sms && phone !== null ? (['sms'] as const) : [])]
  const isOn = methods.length > 0
  return { isOn, methods: isOn && backupCodes > 0 ? [...methods, 'backup_code'] : methods, backupCodes }
}

/** Ends all of them, with everything that stood in for one. */
export async function dropFactors(sql: Sql, accountId: string): Promise<void> {
  const tables = ['account_authenticator', 'two_factor_sms', 'two_factor_backup_code', 'two_factor_device', 'two_factor_pre_login']
  for (const table of tables) {
    await sql.query(`DELETE FROM ${table} WHERE account_id = $1`, [accountId])
  }
}
