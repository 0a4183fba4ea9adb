import type { CodeSent, PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { success } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import type { Route } from '../service/route.js'
import type { Organizations } from './organizations.js'
import { createTenantRoute, refusedAnswer } from './tenant-route.js'
import { wordingOf } from './wording.js'

const sentences = {
  sent: { fr: 'Un code de vérification a été envoyé.', en: 'A verification code was sent.' },
  resent: { fr: 'Le code a été renvoyé.', en: 'The code was sent again.' },
  verified: { fr: 'Numéro vérifié.', en: 'Number verified.' },
} as const satisfies Readonly<Record<string, Sentence>>

const sessionToken = z.string().max(8_192)

const sent = (language: Language, sentence: Sentence, outcome: CodeSent) =>
  success(202, sentence[language], {
    session_token: outcome.sessionToken,
    expires_at: outcome.expiresAt.toISOString(),
    resend_at: outcome.resendAt.toISOString(),
  })

/** A code for a phone, asked for in the name of an organization, and the proof for it. */
export function codeRoutes(organizations: Organizations, verifier: PhoneVerifier): readonly Route[] {
  const tenantRoute = createTenantRoute(organizations)
  return [
    tenantRoute('send', {
      summary: 'Sends a code',
      body: z.object({ phone: z.string().max(64) }),
      replies: { 202: 'Sent', 400: 'The number is wrong', 429: 'Too many texts' },
      async answer({ body, language, ip }, organization) {
        const outcome = await verifier.sendCode({
          ...{ phone: body.phone, purpose: 'registration', tenant: organization.id, client: { ip } },
          context: wordingOf(organization),
        })
        return outcome.ok ? sent(language, sentences.sent, outcome) : refusedAnswer(outcome, language)
      },
    }),
    tenantRoute('resend', {
      summary: 'Sends the code again',
      body: z.object({ session_token: sessionToken }),
      replies: { 202: 'Sent', 400: 'The request is unknown, over or used', 429: 'Too many texts' },
      async answer({ body, language, ip }, { id }) {
        const outcome = await verifier.resendCode({ sessionToken: body.session_token, tenant: id, client: { ip } })
        return outcome.ok ? sent(language, sentences.resent, outcome) : refusedAnswer(outcome, language)
      },
    }),
    tenantRoute('verify', {
      summary: 'Checks the code, and answers a proof that is good once',
      body: z.object({ session_token: sessionToken, code: z.string().max(64) }),
      replies: { 200: 'Verified', 400: 'The code is wrong, over or used', 429: 'Too many codes' },
      async answer({ body, language, ip }, { id }) {
        const asked = { sessionToken: body.session_token, code: body.code, purpose: 'registration', tenant: id, client: { ip } }
        const outcome = await verifier.verifyCode(asked)
        if (!outcome.ok) return refusedAnswer(outcome, language)
        return success(200, sentences.verified[language], { phone: outcome.phone, proof: outcome.proof })
      },
    }),
  ]
}
