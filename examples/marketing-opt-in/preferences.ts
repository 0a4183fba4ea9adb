import { type PhoneVerifier, parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { redeemWithin } from '../service/verifier.js'
import { changePreferences } from './change-preferences.js'
import { newChoices } from './choices.js'
import type { Disclosure } from './disclosure.js'
import type { ManageTokens } from './manage-token.js'
import type { PhoneKey } from './phone-key.js'
import { sentences } from './sentences.js'
import { describePreferences, subscriberByKey } from './subscriber.js'

export interface PreferencesParts {
  readonly parts: Pick<Parts, 'database' | 'storeJoins' | 'now'>
  readonly verifier: PhoneVerifier
  readonly tokens: ManageTokens
  readonly phoneKey: PhoneKey
  readonly disclosures: Readonly<Record<Language, Disclosure>>
}

const purpose = 'preferences'

/** Who has no account proves the phone anew: a code opens the preferences for half an hour. */
export function preferencesRoutes({ parts, verifier, tokens, phoneKey, disclosures }: PreferencesParts): readonly Route[] {
  const { database } = parts
  const redeem = redeemWithin(verifier, parts)
  const throttles = [{ name: 'preferences', spans: [{ max: 30, windowMs: 60_000 }] as const }]
  return [
    route({
      method: 'POST',
      path: '/api/preferences/code',
      summary: 'Sends a code to a subscriber',
      throttles,
      body: z.object({ phone: z.string().max(64) }),
      replies: { 202: 'A code was sent, if the number is subscribed', 400: 'This is no number' },
      async answer({ body, language, ip }) {
        const parsed = parsePhoneNumber(body.phone)
        const subscriber = parsed.ok ? await subscriberByKey(database, phoneKey(parsed.phone)) : undefined
        // A number that is not on the list gets the same answer in the same time, and no text.
        const outcome = await verifier.sendCode({
          ...{ phone: body.phone, purpose, decoy: subscriber === undefined, client: { ip } },
          ...(subscriber && { locale: subscriber.locale }),
        })
        if (!outcome.ok) return outcomeAnswer(outcome, language)
        const { sessionToken, expiresAt, resendAt } = outcome
        const data = { session_token: sessionToken, expires_at: expiresAt, resend_at: resendAt }
        return success(202, sentences.code_maybe_sent[language], data)
      },
    }),
    route({
      method: 'POST',
      path: '/api/preferences/token',
      summary: 'Trades the code for a manage token',
      throttles,
      body: z.object({ session_token: z.string().max(8_192), code: z.string().max(32) }),
      replies: { 200: 'A token for half an hour', 400: 'The code is wrong or over' },
      async answer({ body, language, ip }) {
        const verified = await verifier.verifyCode({ sessionToken: body.session_token, code: body.code, purpose, client: { ip } })
        if (!verified.ok) return outcomeAnswer(verified, language)
        const { phone, proof } = verified
        const subscriber = await database.transaction(async (transaction) => {
          const redeemed = await redeem(transaction, { proof, purpose, phone })
          return redeemed.ok ? subscriberByKey(transaction, phoneKey(phone)) : undefined
        })
        // Erased since the code was sent.
        if (subscriber === undefined) return failure(400, sentences.request_gone[language], { reason: 'invalid_session' })
        return success(200, sentences.opened[language], { manage_token: await tokens.sign(subscriber) })
      },
    }),
    route({
      method: 'GET',
      path: '/api/preferences',
      summary: 'What the holder of the number is subscribed to',
      access: tokens.holder,
      replies: { 200: 'The preferences' },
      answer: async ({ who, language }) => success(200, sentences.preferences[language], { preferences: describePreferences(who) }),
    }),
    route({
      method: 'PUT',
      path: '/api/preferences',
      summary: 'Changes what the holder is subscribed to',
      access: tokens.holder,
      body: newChoices,
      replies: { 200: 'Changed', 400: 'A new program needs consent to the text of today' },
      async answer({ body, who, language, ip, userAgent = '' }) {
        const agreed =
          body.consent === true ? Object.values(disclosures).find(({ version }) => version === body.disclosure_version) : undefined
        const changed = await changePreferences(parts, who, {
          ...{ programs: body.programs, timeZone: body.time_zone, agreed, personal: { ip, user_agent: userAgent.slice(0, 400) } },
        })
        if (changed === undefined)
          return failure(400, sentences.consent_needed[language], { reason: 'consent_needed', disclosure: disclosures[language] })
        return success(200, sentences.preferences[language], { preferences: describePreferences(changed) })
      },
    }),
  ]
}
