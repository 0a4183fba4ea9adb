import { createHmac } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import type { Account } from './account.js'

export interface Subjects {
  /** The account as it is now: whoever gives it another password makes another subject of it. */
  of(account: Pick<Account, 'id' | 'passwordHash'>): string
  /** Who stands in for the account of a phone that has none. */
  ofNobody(phone: PhoneNumber): string
}

/**
 * The subjects that challenges are bound to. An account's is made of its id and of the hash of its password, so that no code and no proof
 * from before a change opens anything after it, whoever made the change. Both kinds look alike and are equally long.
 */
export function createSubjects(secret: string): Subjects {
  const keyed = (...words: readonly string[]) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['password subject', ...words]))
      .digest('base64url')
  return {
    of: ({ id, passwordHash }) => keyed('account', id, passwordHash),
    ofNobody: (phone) => keyed('nobody', phone),
  }
}
