import { randomBytes } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import { accountByPhone, lockAccount, setPasswordHash } from '../accounts/account.js'
import type { Passwords } from '../accounts/password.js'
import type { Sessions } from '../accounts/sessions.js'
import type { Transaction } from '../service/database.js'
import type { Language } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { isTaken } from './change-phone.js'
import type { Notices } from './notices.js'
import { undoDigest } from './undo-token.js'

export interface UndoParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly notices: Notices
}

interface Changed {
  readonly id: string
  readonly accountId: string
  readonly oldPhone: PhoneNumber
  readonly oldVerifiedAt: Date
  readonly isOpen: boolean
}

export type UndoOutcome =
  | { readonly ok: true; readonly changeId: string }
  | { readonly ok: false; readonly reason: 'unknown' | 'over' | 'used' | 'taken' }

/**
 * Takes a change back. The token is all that it asks for: a thief has the password and a session already, and the old number's texts are
 * what the owner has left.
 */
export function createUndoChange({ parts: { database, now }, sessions, passwords, notices }: UndoParts) {
  const find = async (token: string): Promise<Changed | undefined> => {
    const [changed] = await database.query<Changed>(
      `SELECT id, account_id::text AS "accountId", old_phone AS "oldPhone", old_verified_at AS "oldVerifiedAt", undo_until > $2 AS "isOpen"
       FROM phone_change WHERE undo_digest = $1`,
      [undoDigest(token), new Date(now())],
    )
    return changed
  }

  const undo = async (transaction: Transaction, changed: Changed, passwordHash: string, language: Language): Promise<UndoOutcome> => {
    const { id: changeId, accountId, oldPhone: phone } = changed
    await lockAccount(transaction, accountId)
    const holder = await accountByPhone(transaction, phone)
    const isTakenBack = holder === undefined || holder.id === accountId
    // Exactly one gets a row in: the same link pressed twice, by two people perhaps, undoes once.
    const [won] = await transaction.query(
      'INSERT INTO phone_change_undo (change_id, undone_at, outcome) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING change_id',
      [changeId, new Date(now()), isTakenBack ? 'restored' : 'closed'],
    )
    if (won === undefined) return { ok: false, reason: 'used' }

    // The password is a thief's as well. Nobody knows the one that stands there now: "forgot password", to the restored number, sets another.
    await setPasswordHash(transaction, accountId, passwordHash)
    await sessions.revokeAll(transaction, accountId)
    if (!isTakenBack) {
      // Nothing to restore, and the thief's number must not reset the password either: a person has to look.
      await transaction.query('UPDATE account SET is_active = false WHERE id = $1', [accountId])
      return { ok: false, reason: 'taken' }
    }
    await transaction.query('UPDATE account SET phone = $2, phone_verified_at = $3 WHERE id = $1', [
      accountId,
      phone,
      changed.oldVerifiedAt,
    ])
    await notices.owe(transaction, { changeId, phone, template: 'phone_change_undone', language })
    return { ok: true, changeId }
  }

  return async (token: string, language: Language): Promise<UndoOutcome> => {
    const changed = await find(token)
    if (changed === undefined) return { ok: false, reason: 'unknown' }
    if (!changed.isOpen) return { ok: false, reason: 'over' }
    // Outside of the transaction: a hash takes its time.
    const passwordHash = await passwords.hash(randomBytes(32).toString('base64url'))
    const once = () => database.transaction((transaction) => undo(transaction, changed, passwordHash, language))
    // Somebody verified the old number in this very moment: now it is seen.
    return once().catch((error) => (isTaken(error) ? once() : Promise.reject(error)))
  }
}
