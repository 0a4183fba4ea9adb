import { parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'
import { success } from '../service/envelope.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import type { PhoneKey } from './phone-key.js'
import { programs } from './programs.js'
import type { Replies } from './replies.js'
import { revokeConsent } from './revoke-consent.js'
import { sentences } from './sentences.js'

export interface UnsubscribeParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly phoneKey: PhoneKey
  readonly replies: Replies
}

/**
 * Leaving needs no code, no token and no account: it is as easy as it can be (L7), and the worst that a stranger does by it is that a number
 * gets less advertising. Who is on the list is not told: the reply is the same, and so are the statements behind it.
 */
export const unsubscribeRoute = ({ parts: { database, now }, phoneKey, replies }: UnsubscribeParts): Route =>
  route({
    method: 'POST',
    path: '/api/unsubscribe',
    summary: 'Ends the marketing texts to a number, whoever asks',
    throttles: [{ name: 'unsubscribe', spans: [{ max: 10, windowMs: 60_000 }] }],
    body: z.object({ phone: z.string().max(64), program: z.enum(programs, 'program_unknown').optional() }),
    replies: { 200: 'Whether it was subscribed or not, it is not any more', 400: 'This is no number' },
    async answer({ body, language, ip, userAgent = '' }) {
      const parsed = parsePhoneNumber(body.phone)
      if (!parsed.ok) return outcomeAnswer(parsed, language)
      const { phone } = parsed
      const [at, key] = [new Date(now()), phoneKey(phone)]
      await database.transaction(async (transaction) => {
        const subscriber = await revokeConsent(transaction, {
          ...{ at, saidAt: at, method: 'web_unsubscribe', phoneKey: key, evidence: {}, scope: body.program ?? 'all' },
          personal: { ip, user_agent: userAgent.slice(0, 400) },
        })
        // A text to whom we never wrote would be the first one: only who was subscribed is told.
        const wasMember = subscriber !== undefined && subscriber.programs.length > 0
        if (wasMember && body.program === undefined) {
          await replies.ask(transaction, { phoneKey: key, kind: 'stopped', phone, locale: subscriber.locale })
        }
      })
      // Not waited for: the provider's time would tell who is on the list.
      replies.sendSoon()
      return success(200, sentences.unsubscribed[language])
    },
  })
