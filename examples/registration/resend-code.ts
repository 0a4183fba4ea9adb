import type { PhoneVerifier, ResendCodeOutcome } from 'phone-verify'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { findPending } from './pending.js'
import { phoneField } from './phone-field.js'
import { registrationRefusal } from './registration-refusal.js'
import { describeSent, sendActivation } from './send-activation.js'
import { sentences } from './sentences.js'

export interface ResendCodeParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly verifier: Pick<PhoneVerifier, 'sendCode' | 'resendCode'>
}

const minute = 60_000

/** Of a challenge that no code opens any more. Its registration goes on with a new one. */
const isOver = (outcome: ResendCodeOutcome) =>
  !outcome.ok && ['expired', 'too_many_attempts', 'already_used', 'invalid_session'].includes(outcome.reason)

/** Sends the code of a registration again. When its ten minutes are over, a new one: nobody types a form twice for that. */
export const resendCodeRoute = (base: `/${string}`, { parts, verifier }: ResendCodeParts): Route =>
  route({
    method: 'POST',
    path: `${base}/resend-code/`,
    summary: 'Sends an activation code again',
    body: z.object({ phone: phoneField, registration_id: z.guid('registration_unknown'), session_token: z.string().max(4_096) }),
    throttles: [
      {
        name: 'resend_code',
        spans: [
          { max: 1, windowMs: minute },
          { max: 5, windowMs: 24 * 60 * minute },
        ],
        // Of one registration: strangers who register the same number take nothing from its owner. What all of them get is the verifier's to limit.
        key: ({ body }) => JSON.stringify([body.phone, body.registration_id.toLowerCase()]),
      },
    ],
    replies: { 200: 'A code was sent', 400: 'There is no such registration any more' },
    async answer({ body, ip, language }) {
      const pending = await findPending(parts.database, body.registration_id, body.phone, parts.now())
      if (pending === undefined) return failure(400, sentences.unknownRegistration[language])
      const again = await verifier.resendCode({ sessionToken: body.session_token, subject: pending.id, client: { ip } })
      const sent = isOver(again) ? await sendActivation(verifier, pending, { ip, language }) : again
      return sent.ok ? success(200, sentences.resent[language], describeSent(pending.id, sent)) : registrationRefusal(sent, language)
    },
  })
