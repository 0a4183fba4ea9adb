import { randomUUID } from 'node:crypto'
import type { PhoneVerifier, SendCodeOutcome } from 'phone-verify'
import { z } from 'zod'
import { bearerToken } from '../accounts/access.js'
import type { Sessions } from '../accounts/sessions.js'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Parts } from '../service/parts.js'
import { type Answer, type Route, route } from '../service/route.js'
import { firstChoices } from './choices.js'
import type { Disclosure } from './disclosure.js'
import { sentences } from './sentences.js'

export interface SubscribeParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly verifier: PhoneVerifier
  readonly sessions: Sessions
  readonly disclosures: Readonly<Record<Language, Disclosure>>
}

export const purpose = 'marketing_opt_in'

/** The form, and the code again. Nobody is on the list by that: only what was ticked is noted, until the phone confirms it (L3). */
export function subscribeRoutes({ parts: { database, now }, verifier, sessions, disclosures }: SubscribeParts): readonly Route[] {
  const throttles = [{ name: 'subscribe', spans: [{ max: 30, windowMs: 60_000 }] as const }]
  return [
    route({
      method: 'POST',
      path: '/api/subscribe',
      summary: 'Asks to subscribe: sends a code to the phone',
      throttles,
      body: z.object({
        phone: z.string().max(64),
        preferences: firstChoices.prefault({}),
        // True and nothing else: no silence, no default, no "on" (L1).
        consent: z.literal(true, 'consent_needed'),
        disclosure_version: z.string().max(64),
      }),
      replies: { 202: 'A code was sent', 400: 'A field is wrong, or the number cannot be texted', 409: 'The text has changed meanwhile' },
      async answer({ body, language, ip, userAgent = '', authorization }) {
        const agreed = Object.values(disclosures).find(({ version }) => version === body.disclosure_version)
        if (agreed === undefined) return failure(409, sentences.disclosure_changed[language], { disclosure: disclosures[language] })
        const token = bearerToken({ authorization })
        const signedIn = token === undefined ? undefined : await sessions.signedIn(token)
        const { programs, time_zone: timeZone = null } = body.preferences
        const request = randomUUID()
        await database.query(
          `INSERT INTO opt_in_request (id, programs, time_zone, locale, text_version, account_id, ip, user_agent, asked_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            ...[request, [...new Set(programs)], timeZone, agreed.language, agreed.version, signedIn?.account.id ?? null, ip],
            ...[userAgent.slice(0, 400), new Date(now())],
          ],
        )
        // The challenge is bound to the request, which the session token brings back: the client cannot swap it.
        return sent(
          await verifier.sendCode({ phone: body.phone, purpose, subject: request, locale: agreed.language, client: { ip } }),
          language,
        )
      },
    }),
    route({
      method: 'POST',
      path: '/api/subscribe/resend',
      summary: 'Sends the code again',
      throttles,
      body: z.object({ session_token: z.string().max(8_192) }),
      replies: { 202: 'The code was sent again', 400: 'The request is unknown, over, or used' },
      async answer({ body, language, ip }) {
        return sent(await verifier.resendCode({ sessionToken: body.session_token, client: { ip } }), language)
      },
    }),
  ]
}

function sent(outcome: SendCodeOutcome | Awaited<ReturnType<PhoneVerifier['resendCode']>>, language: Language): Answer {
  // The sender of codes was told STOP, or the number is dead: say which, and what else there is (L9).
  if (!outcome.ok && outcome.reason === 'undeliverable') return failure(400, sentences.refused_codes[language], { reason: outcome.reason })
  if (!outcome.ok) return outcomeAnswer(outcome, language)
  const { sessionToken, expiresAt, resendAt } = outcome
  return success(202, sentences.code_sent[language], { session_token: sessionToken, expires_at: expiresAt, resend_at: resendAt })
}
