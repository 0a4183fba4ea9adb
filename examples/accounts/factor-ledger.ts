import type { Sql } from '../service/database.js'

export interface FactorLedger {
  /** Takes one guess, before it is compared: how long to wait where there is none to take. */
  take(sql: Sql, accountId: string): Promise<{ readonly retryAfterMs: number } | undefined>
  /** Gives a guess back that was never compared. */
  giveBack(sql: Sql, accountId: string): Promise<void>
  /** A right one was among them. */
  clear(sql: Sql, accountId: string): Promise<void>
}

const hour = 3_600_000

/**
 * Counts the second factors that are tried, by account and whatever the method: who is locked out of one is locked out of all, and a new
 * sign-in by password changes nothing. Every fifth wrong one in a row locks: for 15 minutes, an hour, then a day. NIST SP 800-63B-4 §3.2.2
 * allows a hundred in a row: after them only support unlocks.
 */
export function createFactorLedger(now: () => number): FactorLedger {
  return {
    async take(sql, accountId) {
      const at = now()
      // One statement counts and locks, and a row is changed by one at a time: of guesses that come together five are taken.
      const taken = await sql.query(
        `INSERT INTO account_factor_ledger AS ledger (account_id, failures) VALUES ($1, 1)
         ON CONFLICT (account_id) DO UPDATE SET failures = ledger.failures + 1, locked_until = CASE
           WHEN (ledger.failures + 1) % 5 > 0 THEN NULL
           WHEN ledger.failures + 1 = 5 THEN $3::timestamptz
           WHEN ledger.failures + 1 = 10 THEN $4::timestamptz
           ELSE $5::timestamptz END
         WHERE ledger.failures < 100 AND (ledger.locked_until IS NULL OR ledger.locked_until <= $2::timestamptz)
         RETURNING 1`,
        [accountId, ...[0, hour / 4, hour, 24 * hour].map((ms) => new Date(at + ms))],
      )
      if (taken.length > 0) return undefined
      const [row] = await sql.query<{ readonly until: Date | null }>(
        'SELECT locked_until AS until FROM account_factor_ledger WHERE account_id = $1',
        [accountId],
      )
      // Cleared by a right one just now.
      if (row === undefined) return { retryAfterMs: 1_000 }
      const waitMs = (row.until?.getTime() ?? at) - at
      // No lock that ends: the hundred are used up.
      return { retryAfterMs: waitMs > 0 ? waitMs : 24 * hour }
    },

    async giveBack(sql, accountId) {
      await sql.query(
        'UPDATE account_factor_ledger SET failures = failures - 1, locked_until = NULL WHERE account_id = $1 AND failures > 0',
        [accountId],
      )
    },

    async clear(sql, accountId) {
      await sql.query('DELETE FROM account_factor_ledger WHERE account_id = $1', [accountId])
    },
  }
}
