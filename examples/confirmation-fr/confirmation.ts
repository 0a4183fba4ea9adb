import { z } from 'zod'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { checkRefusal } from './check-refusal.js'
import type { Codes } from './codes.js'
import { firstName } from './first-name.js'
import { telephone } from './phone-field.js'
import { checkThrottle, codeField, sendThrottle } from './throttles.js'
import { succeeded } from './wire.js'

const sentences = {
  sent: { fr: 'Code de confirmation envoyé avec succès', en: 'Confirmation code sent' },
  valid: { fr: 'Code de confirmation valide', en: 'Valid confirmation code' },
  invalid: { fr: 'Code de confirmation invalide ou expiré', en: 'Invalid or expired confirmation code' },
} as const satisfies Readonly<Record<string, Sentence>>

/** A code to a phone, and its check: whoever reads the texts of a number says so. */
export const confirmationRoutes = (base: `/${string}`, codes: Codes): readonly Route[] => [
  route({
    method: 'POST',
    path: `${base}/envoyer-code-confirmation/`,
    summary: 'Sends a confirmation code to a phone',
    body: z.object({ telephone, prenom: firstName.optional() }),
    throttles: [sendThrottle],
    replies: { 200: 'Sent; its session token is in the cookie', 429: 'Three sends an hour to a number' },
    answer: ({ body, ...visitor }) => codes.send(visitor, body, sentences.sent[visitor.language]),
  }),
  route({
    method: 'POST',
    path: `${base}/verifier-code-confirmation/`,
    summary: 'Checks a confirmation code, with or without its prefix',
    body: z.object({ telephone, code: codeField }),
    throttles: [checkThrottle],
    replies: { 200: 'Valid, this once', 400: 'Wrong, expired, used, or asked for by somebody else' },
    async answer({ body, ...visitor }) {
      const { language } = visitor
      const checked = await codes.check(visitor, body, async () => true)
      if (!checked.ok) return checkRefusal(checked, sentences.invalid[language], language)
      return succeeded(sentences.valid[language], { telephone: body.telephone.typed }, codes.cookie.drop())
    },
  }),
]
