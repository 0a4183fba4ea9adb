import { parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'
import type { Subjects } from '../accounts/subjects.js'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { type Challenges, forgotten, resetLink } from './challenges.js'
import { findOwner } from './find-owner.js'
import { pasted } from './pasted.js'
import { sentences } from './sentences.js'

export interface ForgotParts {
  readonly parts: Parts
  readonly challenges: Challenges
  readonly subjects: Subjects
  /** How a number without `+` is read. */
  readonly defaultCountry: string
}

const minute = 60_000

/** Asks for a code, and for the text once more. Both answer one thing, whoever has the phone: nobody learns here who has an account. */
export function forgotRoutes(base: `/${string}`, { parts, challenges, subjects, defaultCountry }: ForgotParts): readonly Route[] {
  const { verifier, hollow } = challenges
  const context = { link: resetLink(parts) }
  // By address alone, and before the phone is looked at. What is counted by phone is counted in silence.
  const asks = {
    name: 'password_forgot',
    spans: [
      { max: 5, windowMs: minute },
      { max: 10, windowMs: 60 * minute },
      { max: 50, windowMs: 24 * 60 * minute },
    ],
  } as const
  const answered = (language: Language, sessionToken: string) =>
    success(202, sentences.sentIfKnown[language], { session_token: sessionToken, expires_in: 600 })

  return [
    route({
      method: 'POST',
      path: `${base}/password/forgot/`,
      summary: 'Sends a code to the phone of an account, where there is one',
      body: z.object({ phone: z.string().max(64) }),
      throttles: [asks],
      replies: { 202: 'Whoever has an account with this phone gets a code', 400: 'This is no phone number' },
      async answer({ body, ip, language }) {
        const typed = parsePhoneNumber(body.phone, { defaultCountry })
        // What can be told by looking at a number is said; no account has one that no text reaches.
        if (!typed.ok && typed.reason === 'invalid_phone_number') {
          return failure(400, sentences.invalidPhone[language], { phone: [sentences.invalidPhone[language]] })
        }
        if (!typed.ok) return answered(language, await hollow(language))
        const { phone } = typed

        const owner = await findOwner(parts.database, phone)
        const subject = owner ? subjects.of(owner) : subjects.ofNobody(phone)
        // The text leaves after the reply. Where there is nobody to send it to, everything else happens all the same.
        const decoy = !owner?.isActive
        const ask = (key: number) =>
          verifier.sendCode({
            ...{ ...forgotten, phone, subject, decoy, context, locale: language, client: { ip } },
            idempotencyKey: `minute ${key}`,
          })
        // Whoever asks twice gets the challenge of the first text again: a token of another would refuse the code that just came.
        const thisMinute = Math.floor(parts.now() / minute)
        const first = await ask(thisMinute)
        const sent = first.ok ? first : await ask(thisMinute - 1)
        // Too many to this number: not said either, for who asked before may have known of an account.
        return answered(language, sent.ok ? sent.sessionToken : await hollow(language))
      },
    }),

    route({
      method: 'POST',
      path: `${base}/password/reset/resend/`,
      summary: 'Sends the same code again',
      body: z.object({ session_token: pasted(4_096) }),
      throttles: [asks],
      replies: { 202: 'The code is on its way again, unless there were too many', 400: 'This session is over' },
      async answer({ body, ip, language }) {
        const sent = await verifier.resendCode({ sessionToken: body.session_token, tenant: forgotten.tenant, client: { ip } })
        if (sent.ok) return answered(language, sent.sessionToken)
        // Too many: the text that was sent before still holds the code, and the token stays good.
        if (sent.reason === 'rate_limited') return answered(language, body.session_token)
        return failure(400, sentences.invalidCode[language])
      },
    }),
  ]
}
