import type { Account } from '../accounts/account.js'
import type { Transaction } from '../service/database.js'
import type { Answer, Visitor } from '../service/route.js'
import { readBackupCode } from './backup-codes.js'
import { type Factors, factorsOf, type Method } from './factors.js'
import type { Tools } from './tools.js'
import { outcomeReply, wrongFields } from './wire.js'

/** A second factor as it was typed. */
export interface Guess {
  readonly method: Method
  readonly code: string
  /** Of a text message: what came back when it was sent. */
  readonly sessionToken: string
}

/** Right, and to be used up by whoever comes first; or not right. */
export type Checked = { readonly claim: (transaction: Transaction) => Promise<boolean> } | { readonly refused: Answer }

interface Typed {
  readonly code: string
  readonly session_token?: string | undefined
}

/** Which factor this can be; nothing where it can be none. */
export function readGuess({ code, session_token }: Typed): Guess | undefined {
  if (session_token !== undefined) return { method: 'sms', code, sessionToken: session_token }
  const digits = /^\d{6}$/.exec(code.replace(/\s/g, ''))?.[0]
  if (digits !== undefined) return { method: 'totp', code: digits, sessionToken: '' }
  const backupCode = readBackupCode(code)
  return backupCode === undefined ? undefined : { method: 'backup_code', code: backupCode, sessionToken: '' }
}

const wrong = { fr: 'Code de vérification incorrect.', en: 'Wrong verification code.' } as const

export const wrongCode = (language: Visitor['language']): Answer => wrongFields({ code: [wrong[language]] })

/** Compares a guess that was counted before. Nothing opens by it alone: what is right must be claimed, in the transaction of what it opens. */
export async function checkFactor(
  { parts: { database }, authenticators, backupCodes, verifier, redeem }: Tools,
  account: Account,
  { method, code, sessionToken }: Guess,
  { language, ip }: Pick<Visitor, 'language' | 'ip'>,
): Promise<Checked> {
  const { methods }: Factors = await factorsOf(database, account)
  if (!methods.includes(method)) return { refused: wrongCode(language) }

  if (method === 'totp') {
    const match = await authenticators.match(database, account.id, 'active', code)
    return match ? { claim: (transaction) => authenticators.claim(transaction, account.id, match) } : { refused: wrongCode(language) }
  }
  if (method === 'backup_code') return { claim: (transaction) => backupCodes.claim(transaction, account.id, code) }

  // The number and the account are ours to say: a code that was sent to anybody else, or for anybody else, is none here.
  const binding = { purpose: 'two_factor', subject: account.id, phone: account.phone }
  const verified = await verifier.verifyCode({ ...binding, sessionToken, code, client: { ip } })
  if (!verified.ok) return { refused: outcomeReply(verified, language) }
  return { claim: async (transaction) => (await redeem(transaction, { ...binding, proof: verified.proof })).ok }
}
