import { hkdfSync } from 'node:crypto'
import type { Parts } from '../service/parts.js'
import { seal, unseal } from '../service/seal.js'
import type { Account } from './account.js'

export interface AccountSeal {
  seal(organization: string, account: Account): string
  /** Undefined where it was sealed by another key, for another organization, or changed. */
  open(organization: string, sealed: string): Account | undefined
}

/** Keeps accounts encrypted, each for its organization: copied into another's row, it opens nothing. */
export function createAccountSeal({ tokens }: Parts['secrets']): AccountSeal {
  // A key for this one use (RFC 5869): what it protects says nothing of the others.
  const key = Buffer.from(hkdfSync('sha256', tokens, '', 'multi-tenant: account', 32))
  return {
    seal: (organization, account) => seal(key, organization, JSON.stringify(account)),
    open(organization, sealed) {
      try {
        return JSON.parse(unseal(key, organization, sealed).toString()) as Account
      } catch {
        return undefined
      }
    },
  }
}
