import type { ResendCodeOutcome } from 'phone-verify'
import { z } from 'zod'
import { member } from '../accounts/access.js'
import type { Account } from '../accounts/account.js'
import type { Language, Sentence } from '../service/language.js'
import { type Access, type Answer, type Route, route } from '../service/route.js'
import { factorsOf } from './factors.js'
import { profileOf } from './profile.js'
import type { Tools } from './tools.js'
import { outcomeReply, refused } from './wire.js'

const sentences = {
  sent: { fr: 'Code envoyé par SMS.', en: 'Code sent by text message.' },
  off: { fr: "L'authentification à deux facteurs n'est pas activée.", en: 'Two-factor authentication is not on.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** Enough for its owner to know which phone to look at. */
const masked = (phone: string) => `${phone.slice(0, 3)}${'•'.repeat(phone.length - 5)}${phone.slice(-2)}`

/** What a send answers with. */
export function sentReply(sent: ResendCodeOutcome, language: Language, phone?: string): Answer {
  if (!sent.ok) return outcomeReply(sent, language)
  const { sessionToken: session_token, expiresAt, resendAt } = sent
  const times = { expires_at: expiresAt.toISOString(), resend_at: resendAt.toISOString() }
  const to = phone === undefined ? {} : { phone: masked(phone) }
  return { status: 200, body: { message: sentences.sent[language], session_token, ...to, ...times } }
}

/** Limits on texts by address, beside those of the verifier by number and account. */
export const smsThrottles = [{ name: 'sms', spans: [{ max: 20, windowMs: 600_000 }] }] as const

/** `POST /2fa/sms/send/` and `POST /2fa/sms/resend/`. The number is the account's verified one, never one that is typed. */
export function smsRoutes({ parts: { database }, sessions, preLogins, verifier }: Tools): readonly Route[] {
  const anyStep: Access<{ readonly account: Account }> = {
    says: 'A pre-login token, or an access token',
    async admit(visitor) {
      const first = await preLogins.access.admit(visitor)
      return 'who' in first ? first : member(sessions).admit(visitor)
    },
  }
  return [
    route({
      method: 'POST',
      path: '/api/auth/2fa/sms/send/',
      summary: 'Sends a code to the verified phone, for verify-login',
      access: preLogins.access,
      throttles: smsThrottles,
      replies: { 200: 'Sent: its session token belongs to the code', 403: 'Text messages are no factor of this account' },
      async answer({ who: { account }, language, ip }) {
        const { id: subject, phone } = account
        const { methods } = await factorsOf(database, account)
        if (phone === null || !methods.includes('sms')) return refused(403, sentences.off[language])
        const { language: locale } = await profileOf(database, subject)
        return sentReply(await verifier.sendCode({ phone, purpose: 'two_factor', subject, locale, client: { ip } }), language, phone)
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/2fa/sms/resend/',
      summary: 'Sends the code of a session token again',
      access: anyStep,
      body: z.object({ session_token: z.string().max(4_096) }),
      throttles: smsThrottles,
      replies: { 200: 'Sent again', 400: 'The session token is wrong, or its code is over' },
      async answer({ body, who: { account }, language, ip }) {
        return sentReply(await verifier.resendCode({ sessionToken: body.session_token, subject: account.id, client: { ip } }), language)
      },
    }),
  ]
}
