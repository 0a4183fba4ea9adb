import type { PhoneVerifier } from 'phone-verify'
import { type Account, setPasswordHash } from '../accounts/account.js'
import type { Sessions } from '../accounts/sessions.js'
import type { Subjects } from '../accounts/subjects.js'
import type { Transaction } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { redeemWithin } from '../service/verifier.js'

export interface ReplacementParts {
  readonly parts: Pick<Parts, 'now' | 'storeJoins'>
  readonly verifier: PhoneVerifier
  readonly sessions: Sessions
  readonly subjects: Subjects
}

export interface Replacement {
  readonly proof: string
  /** What the proof must have been made for. */
  readonly purpose: string
  readonly tenant?: string
  readonly passwordHash: string
  /** The one session that stays. */
  readonly exceptSessionId?: string
}

/** Gives an account, which the transaction has locked, another password: false where the proof is not of this account as it is now. */
export type ReplacePassword = (transaction: Transaction, locked: Account, replacement: Replacement) => Promise<boolean>

/**
 * Ends what the old password opened as well: sessions with their refresh tokens, reset grants, and, because the account's subject is another
 * from now on, every code and proof that is under way.
 */
export function createReplacePassword({ parts, verifier, sessions, subjects }: ReplacementParts): ReplacePassword {
  const redeem = redeemWithin(verifier, parts)
  return async (transaction, locked, { passwordHash, exceptSessionId, ...proven }) => {
    const { id, phone } = locked
    // Whose phone or password was changed meanwhile is another subject: a proof from before is none of its.
    const redeemed = phone !== null && (await redeem(transaction, { ...proven, phone, subject: subjects.of(locked) })).ok
    if (!redeemed) return false
    await setPasswordHash(transaction, id, passwordHash)
    // The code came by this phone: it was verified by that.
    await transaction.query('UPDATE account SET phone_verified_at = $2 WHERE id = $1', [id, new Date(parts.now())])
    await transaction.query('DELETE FROM password_reset_grant WHERE account_id = $1', [id])
    await sessions.revokeAll(transaction, id, exceptSessionId)
    return true
  }
}
