import type { PhoneVerifier } from 'phone-verify'
import { type Account, accountById, accountByPhone, lockAccount } from '../accounts/account.js'
import type { Passwords } from '../accounts/password.js'
import { type PasswordProblem, passwordProblems } from '../accounts/password-policy.js'
import type { SecondFactor } from '../accounts/second-factor.js'
import type { Subjects } from '../accounts/subjects.js'
import type { Parts } from '../service/parts.js'
import { forgotten } from './challenges.js'
import type { Grants } from './grants.js'
import type { ReplacePassword } from './replace-password.js'

export interface ResetParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly verifier: PhoneVerifier
  readonly subjects: Subjects
  readonly grants: Grants
  readonly passwords: Passwords
  readonly secondFactor: SecondFactor
  readonly replacePassword: ReplacePassword
  /** How long a verified number is taken for its owner's, in milliseconds: it may be given to somebody else. */
  readonly phoneTrustedMs: number
}

type Refused<Reason> = { readonly ok: false; readonly reason: Reason }
export type Proven = { readonly ok: true; readonly token: string; readonly needsTotp: boolean } | Refused<'invalid_code' | 'stale_phone'>
export type Done =
  | { readonly ok: true; readonly account: Account }
  | Refused<'invalid_code' | 'totp_required' | 'totp_incorrect'>
  | (Refused<'weak_password'> & { readonly problems: readonly PasswordProblem[] })

export interface Reset {
  /** Trades a code for a grant. What may be told of an account is told from here on, and never before. */
  prove(sessionToken: string, code: string, ip: string): Promise<Proven>
  /** Trades a grant, and the second factor of whoever has one, for a new password. */
  finish(token: string, password: string, totp: string | undefined): Promise<Done>
}

const refused = <Reason extends string>(reason: Reason): Refused<Reason> => ({ ok: false, reason })

export function createReset(given: ResetParts): Reset {
  const { verifier, subjects, grants, passwords, secondFactor, replacePassword, phoneTrustedMs } = given
  const { database, now } = given.parts

  return {
    async prove(sessionToken, code, ip) {
      const verified = await verifier.verifyCode({ ...forgotten, sessionToken, code, client: { ip } })
      if (!verified.ok) return refused('invalid_code')

      // Whose reset it is says the challenge, and nothing that a visitor sends: the account of this phone, as it was when the code was asked for.
      const account = await accountByPhone(database, verified.phone)
      if (!account?.isActive || verified.subject !== subjects.of(account)) return refused('invalid_code')

      // A number that changed hands since would open its former owner's account (NIST 63B, recycled numbers).
      const needsTotp = await secondFactor.isEnabled(database, account.id)
      const isStale = now() - (account.phoneVerifiedAt?.getTime() ?? 0) > phoneTrustedMs
      if (isStale && !needsTotp) return refused('stale_phone')

      const token = await grants.open({ accountId: account.id, proof: verified.proof }, verified.proofExpiresAt)
      return { ok: true, token, needsTotp }
    },

    async finish(token, password, totp) {
      // One try is spent before anything is compared.
      const grant = await grants.take(token)
      if (grant === undefined) return refused('invalid_code')
      const account = await accountById(database, grant.accountId)
      if (!account?.isActive) return refused('invalid_code')

      const problems = passwordProblems(password, account)
      if (problems.length > 0) return { ok: false, reason: 'weak_password', problems }

      // A phone alone recovers no account that asks for more at its login (ASVS 6.4.3).
      const needsTotp = await secondFactor.isEnabled(database, account.id)
      if (needsTotp && totp === undefined) return refused('totp_required')

      // Long work, before the transaction and not in it.
      const passwordHash = await passwords.hash(password)
      return database.transaction(async (transaction): Promise<Done> => {
        const locked = await lockAccount(transaction, account.id)
        if (!locked?.isActive) return refused('invalid_code')
        const isTotpRight = !needsTotp || (await secondFactor.check(transaction, locked.id, totp ?? ''))
        if (!isTotpRight) return refused('totp_incorrect')
        // Proof, password and the end of all sessions commit together; of two that come at once, the second finds another subject.
        const replaced = await replacePassword(transaction, locked, { ...forgotten, proof: grant.proof, passwordHash })
        return replaced ? { ok: true, account: locked } : refused('invalid_code')
      })
    },
  }
}
