import type { Sql } from '../service/database.js'

/** A factor beside the password, whichever app keeps it: an authenticator's codes, say. */
export interface SecondFactor {
  /** Whether this account must give one. */
  isEnabled(sql: Sql, accountId: string): Promise<boolean>
  /** Whether the code is right. A code is good once: what is checked here is used up. */
  check(sql: Sql, accountId: string, code: string): Promise<boolean>
}
