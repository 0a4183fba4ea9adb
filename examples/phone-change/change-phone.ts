import { randomUUID } from 'node:crypto'
import type { PhoneNumber, PhoneVerifier, RedeemProofOutcome } from 'phone-verify'
import { accountByPhone, lockAccount } from '../accounts/account.js'
import type { Sessions } from '../accounts/sessions.js'
import type { Sql } from '../service/database.js'
import type { Language } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { redeemWithin } from '../service/verifier.js'
import type { Notices } from './notices.js'
import { undoDigest, undoMs, undoToken } from './undo-token.js'

export interface ChangeParts {
  readonly parts: Parts
  readonly verifier: PhoneVerifier
  readonly sessions: Sessions
  readonly notices: Notices
}

export interface Change {
  readonly accountId: string
  /** The session that asks, and stays. */
  readonly sessionId: string
  readonly proof: string
  readonly language: Language
}

export type ChangeOutcome =
  | { readonly ok: true; readonly phone: PhoneNumber; readonly changeId: string }
  | { readonly ok: false; readonly reason: 'changed_lately' | 'taken' | 'signed_out' }
  | Extract<RedeemProofOutcome, { readonly ok: false }>

/** Whether the number of an account was changed within the day, undone or not. */
export async function wasChangedLately(sql: Sql, accountId: string, now: number): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM phone_change WHERE account_id = $1 AND undo_until > $2', [accountId, new Date(now)])
  return rows.length > 0
}

/** Gives an account the number that a proof is of: proof, number, record, sessions and the texts that are owed, all or nothing. */
export function createChangePhone({ parts, verifier, sessions, notices }: ChangeParts) {
  const { database, secrets, now } = parts
  return async ({ accountId, sessionId, proof, language }: Change): Promise<ChangeOutcome> => {
    const changeId = randomUUID()
    const at = new Date(now())
    try {
      return await database.transaction(async (transaction): Promise<ChangeOutcome> => {
        // One at a time for each account: whoever waited here sees what the other did.
        const account = await lockAccount(transaction, accountId)
        if (!account?.isActive || account.phone === null) return { ok: false, reason: 'signed_out' }
        // A session that somebody ended meanwhile, with a new password perhaps, changes nothing any more.
        const live = await transaction.query('SELECT 1 FROM account_session WHERE id = $1 AND revoked_at IS NULL', [sessionId])
        if (live.length === 0) return { ok: false, reason: 'signed_out' }
        // A second change would push the first one's undo away, and a change after an undo would be the thief's next try.
        if (await wasChangedLately(transaction, accountId, now())) return { ok: false, reason: 'changed_lately' }

        const redeemed = await redeemWithin(verifier, parts)(transaction, { proof, purpose: 'phone_change', subject: accountId })
        if (!redeemed.ok) return redeemed

        // Only now is it said that somebody has this number: to whoever reads its texts.
        if (await accountByPhone(transaction, redeemed.phone)) return { ok: false, reason: 'taken' }
        // Somebody may have taken it a moment ago. The database knows, and throws.
        await transaction.query('UPDATE account SET phone = $2, phone_verified_at = $3 WHERE id = $1', [accountId, redeemed.phone, at])
        await transaction.query(
          `INSERT INTO phone_change (id, account_id, old_phone, old_verified_at, new_phone, changed_at, undo_digest, undo_until)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            ...[changeId, accountId, account.phone, account.phoneVerifiedAt, redeemed.phone, at],
            ...[undoDigest(undoToken(secrets.tokens, changeId)), new Date(at.getTime() + undoMs)],
          ],
        )
        await sessions.revokeAll(transaction, accountId, sessionId)
        await notices.owe(transaction, { changeId, phone: account.phone, template: 'phone_changed_old', language })
        await notices.owe(transaction, { changeId, phone: redeemed.phone, template: 'phone_changed_new', language })
        return { ok: true, phone: redeemed.phone, changeId }
      })
    } catch (error) {
      if (isTaken(error)) return { ok: false, reason: 'taken' }
      throw error
    }
  }
}

/** Whether the database refused a number because another account has it. */
export function isTaken(error: unknown): boolean {
  const { code, constraint } = Object(error) as { readonly code?: unknown; readonly constraint?: unknown }
  return code === '23505' && constraint === 'account_phone_key'
}
