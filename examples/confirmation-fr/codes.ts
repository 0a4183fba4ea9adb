import type { PhoneVerifier, VerifyCodeOutcome } from 'phone-verify'
import type { Parts } from '../service/parts.js'
import type { Answer, Visitor } from '../service/route.js'
import { type Audit, createAudit } from './audit.js'
import { readCode } from './code.js'
import type { Flow } from './flows.js'
import type { Telephone } from './phone-field.js'
import { sendAnswer, smsUnavailable } from './send-answer.js'
import { createSessionCookie, type SessionCookie } from './session-cookie.js'
import { greet } from './texts.js'

type Asking = Pick<Visitor, 'ip' | 'language' | 'cookie'>
type Verified = Extract<VerifyCodeOutcome, { readonly ok: true }>

export interface Sending {
  readonly telephone: Telephone
  readonly prenom?: string | undefined
  /** Whose challenge it is; absent where nobody has an account yet. */
  readonly subject?: string
  /** Everything but the text: for whoever has no account and must not notice. */
  readonly decoy?: boolean
}

export interface Checking {
  readonly telephone: Telephone
  readonly code: string
  readonly subject?: string
}

export type Checked<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly reason: 'changed_meanwhile' }
  | Extract<VerifyCodeOutcome, { readonly ok: false }>

/** Sends and checks the codes of one flow, each in the audit, with the session token in the visitor's cookie. */
export interface Codes {
  readonly cookie: SessionCookie
  send(visitor: Asking, sending: Sending, message: string): Promise<Answer>
  /** `claim` does what the code allows: undefined where that is not to be had any more. */
  check<Result>(visitor: Asking, checking: Checking, claim: (verified: Verified) => Promise<Result | undefined>): Promise<Checked<Result>>
}

export function createCodes(parts: Parts, verifier: PhoneVerifier, { purpose, tenant, sends, checks }: Flow): Codes {
  const audit: Audit = createAudit(parts)
  const cookie = createSessionCookie(parts, tenant)

  return {
    cookie,
    async send({ ip, language }, { telephone, prenom, ...whose }, message) {
      const { phone } = telephone
      const context = greet(prenom, language)
      const question = { phone, purpose, tenant, context, locale: language, client: { ip }, ...whose }
      try {
        const sent = await audit({ action: sends, phone, ip }, () => verifier.sendCode(question))
        return sendAnswer(sent, { telephone, message, language, cookie })
      } catch (error) {
        return smsUnavailable(error, language)
      }
    },
    check: ({ ip, ...visitor }, { telephone: { phone }, code, ...whose }, claim) =>
      audit({ action: checks, phone, ip }, async () => {
        // The number is compared as well: a token for one number confirms no other.
        const verified = await verifier.verifyCode({
          ...{ sessionToken: cookie.read(visitor), code: readCode(code), purpose, tenant, phone, client: { ip } },
          ...whose,
        })
        if (!verified.ok) return verified
        const result = await claim(verified)
        return result === undefined ? { ok: false, reason: 'changed_meanwhile' } : { ok: true, result }
      }),
  }
}
