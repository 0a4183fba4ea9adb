import type { Secret } from 'otpauth'
import type { Sql } from '../service/database.js'
import type { SecretSeal } from './secret-seal.js'
import { stepOf } from './totp.js'

/** A code that was right for a secret, and the time step that it belongs to. */
export interface Match {
  readonly sealed: string
  readonly step: number
}

export interface Authenticators {
  /** Keeps a new secret that waits for its first code: false where another is active. */
  propose(sql: Sql, accountId: string, secret: Secret, backupDigests: readonly string[]): Promise<boolean>
  /** Whether one waits, or is active. */
  stateOf(sql: Sql, accountId: string): Promise<'waiting' | 'active' | undefined>
  /** Compares a code with the secret that waits, or is active. Nothing is used up yet. */
  match(sql: Sql, accountId: string, state: 'waiting' | 'active', code: string): Promise<Match | undefined>
  /** Makes the one that waits active: the backup codes drawn with it, for exactly one caller. */
  activate(sql: Sql, accountId: string, match: Match): Promise<readonly string[] | undefined>
  /** Uses a code up, with all that came before it: true for exactly one of those who come with it. */
  claim(sql: Sql, accountId: string, match: Match): Promise<boolean>
}

interface Kept {
  readonly sealed: string
  readonly isActive: boolean
}

export function createAuthenticators(seal: SecretSeal, now: () => number): Authenticators {
  const keptOf = async (sql: Sql, accountId: string): Promise<Kept | undefined> =>
    (
      await sql.query<Kept>(
        'SELECT sealed_secret AS sealed, activated_at IS NOT NULL AS "isActive" FROM account_authenticator WHERE account_id = $1',
        [accountId],
      )
    )[0]

  const stateOf: Authenticators['stateOf'] = async (sql, accountId) => {
    const kept = await keptOf(sql, accountId)
    return kept && (kept.isActive ? 'active' : 'waiting')
  }

  return {
    stateOf,

    async propose(sql, accountId, secret, backupDigests) {
      const kept = await sql.query(
        `INSERT INTO account_authenticator AS kept (account_id, sealed_secret, pending_backup_digests) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET sealed_secret = $2, pending_backup_digests = $3 WHERE kept.activated_at IS NULL
         RETURNING 1`,
        [accountId, seal.seal(accountId, secret.bytes), backupDigests],
      )
      return kept.length > 0
    },

    async match(sql, accountId, state, code) {
      const kept = await keptOf(sql, accountId)
      if (kept === undefined || kept.isActive !== (state === 'active')) return undefined
      const step = stepOf(seal.open(accountId, kept.sealed), code, now())
      return step === undefined ? undefined : { sealed: kept.sealed, step }
    },

    async activate(sql, accountId, { sealed, step }) {
      // The very secret that was compared: another setup may have replaced it since.
      const [activated] = await sql.query<{ readonly digests: readonly string[] }>(
        `UPDATE account_authenticator SET activated_at = $4, last_step = $3
         WHERE account_id = $1 AND sealed_secret = $2 AND activated_at IS NULL RETURNING pending_backup_digests AS digests`,
        [accountId, sealed, step, new Date(now())],
      )
      return activated?.digests
    },

    async claim(sql, accountId, { sealed, step }) {
      // RFC 6238 §5.2: a code is accepted once. One statement looks and moves on, so of two with the same code one is too late.
      const claimed = await sql.query(
        `UPDATE account_authenticator SET last_step = $3
         WHERE account_id = $1 AND sealed_secret = $2 AND activated_at IS NOT NULL AND last_step < $3 RETURNING 1`,
        [accountId, sealed, step],
      )
      return claimed.length > 0
    },
  }
}
