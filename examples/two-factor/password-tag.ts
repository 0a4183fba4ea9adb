import { createHash } from 'node:crypto'
import type { Account } from '../accounts/account.js'

/** What pre-logins and remembered devices are bound to: whichever way a password is changed, what the old one had opened is closed. */
export const passwordTag = ({ passwordHash }: Pick<Account, 'passwordHash'>): string =>
  createHash('sha256').update(passwordHash).digest('base64url')
