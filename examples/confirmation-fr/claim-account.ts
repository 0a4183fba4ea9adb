import type { PhoneNumber, PhoneVerifier } from 'phone-verify'
import { type Account, accountByPhone, lockAccount } from '../accounts/account.js'
import { createSubjects } from '../accounts/subjects.js'
import type { Transaction } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { redeemWithin } from '../service/verifier.js'
import type { Flow } from './flows.js'

/** What was proven, and for whom. */
export interface Proven {
  readonly phone: PhoneNumber
  /** The account as it was when the code was asked for. */
  readonly subject: string
  readonly proof: string
}

/** Does what a proof allows to its account, all or nothing: undefined where the account is another by now, or the proof is spent. */
export type ClaimAccount = <Result>(
  proven: Proven,
  allowed: (transaction: Transaction, account: Account) => Promise<Result>,
) => Promise<Result | undefined>

export function createClaimAccount(parts: Parts, verifier: PhoneVerifier, { purpose, tenant }: Flow): ClaimAccount {
  const subjects = createSubjects(parts.secrets.tokens)
  return ({ phone, subject, proof }, allowed) =>
    parts.database.transaction(async (transaction) => {
      const found = await accountByPhone(transaction, phone)
      // One at a time for each account: whoever waited here sees what the other did.
      const account = found && (await lockAccount(transaction, found.id))
      // A password or a number that was changed meanwhile has made another subject of it.
      if (!account?.isActive || account.phone !== phone || subjects.of(account) !== subject) return undefined
      const redeemed = await redeemWithin(verifier, parts)(transaction, { proof, purpose, tenant, phone, subject })
      return redeemed.ok ? allowed(transaction, account) : undefined
    })
}
