import { createHash } from 'node:crypto'
import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { redeemWithin } from '../service/verifier.js'
import type { Disclosure } from './disclosure.js'
import { giveConsent } from './give-consent.js'
import type { Hearing } from './hearing.js'
import type { ManageTokens } from './manage-token.js'
import type { PhoneKey } from './phone-key.js'
import type { Program } from './programs.js'
import type { Replies } from './replies.js'
import { sentences } from './sentences.js'
import { purpose } from './subscribe.js'
import { describePreferences } from './subscriber.js'

export interface ConfirmParts {
  readonly parts: Pick<Parts, 'database' | 'storeJoins' | 'now'>
  readonly verifier: PhoneVerifier
  readonly hearing: Hearing
  readonly replies: Replies
  readonly tokens: ManageTokens
  readonly phoneKey: PhoneKey
  readonly disclosures: Readonly<Record<Language, Disclosure>>
  readonly sender: string
}

interface OptInRequest {
  readonly programs: readonly Program[]
  readonly timeZone: string | null
  readonly locale: Language
  readonly version: string
  readonly account: string | null
  readonly ip: string
  readonly userAgent: string
  readonly askedAt: Date
}

const columns = `programs, time_zone AS "timeZone", locale, text_version AS version, account_id::text AS account, ip, user_agent AS "userAgent",
  asked_at AS "askedAt"`

/** The code: proof, consent record and subscription are one transaction, and the welcome is entered with them. */
export function confirmRoute(confirm: ConfirmParts): Route {
  const { parts, verifier, hearing, replies, tokens, phoneKey, disclosures, sender } = confirm
  const redeem = redeemWithin(verifier, parts)
  return route({
    method: 'POST',
    path: '/api/confirm',
    summary: 'Confirms the subscription by the code',
    throttles: [{ name: 'confirm', spans: [{ max: 60, windowMs: 60_000 }] }],
    body: z.object({ session_token: z.string().max(8_192), code: z.string().max(32) }),
    replies: { 200: 'Subscribed', 400: 'The code is wrong or over, or the request is unknown' },
    async answer({ body, language, ip }) {
      const { result: verified, challenge } = await hearing.hear(() =>
        verifier.verifyCode({ sessionToken: body.session_token, code: body.code, purpose, client: { ip } }),
      )
      if (!verified.ok) return outcomeAnswer(verified, language)
      const { phone, proof, verifiedAt } = verified
      const subscriber = await parts.database.transaction(async (transaction) => {
        const redeemed = await redeem(transaction, { proof, purpose, phone })
        const request = redeemed.ok ? redeemed.subject : undefined
        const [asked] = await transaction.query<OptInRequest>(`DELETE FROM opt_in_request WHERE id = $1::uuid RETURNING ${columns}`, [
          request ?? null,
        ])
        // A text that changed between box and code was agreed to by nobody.
        const agreed = asked && disclosures[asked.locale]
        if (request === undefined || asked === undefined || agreed?.version !== asked.version) return undefined
        const key = phoneKey(phone)
        const consenting = await giveConsent(transaction, {
          ...{ phone, phoneKey: key, programs: asked.programs, timeZone: asked.timeZone, locale: asked.locale, method: 'web_form' },
          ...{ at: new Date(parts.now()), saidAt: asked.askedAt, text: agreed.text, textVersion: agreed.version },
          evidence: {
            request,
            challenge,
            verified_at: verifiedAt.toISOString(),
            proof: createHash('sha256').update(proof).digest('base64url'),
          },
          personal: { account: asked.account, ip: asked.ip, user_agent: asked.userAgent, confirmed_from: ip },
        })
        await replies.ask(transaction, { phoneKey: key, kind: 'welcome', phone, locale: asked.locale })
        return consenting
      })
      if (subscriber === undefined) return failure(400, sentences.request_gone[language], { reason: 'invalid_session' })
      const welcome = (await replies.send()).get(`${subscriber.phoneKey} welcome`) ?? 'pending'
      const sentence = welcome === 'blocked' ? sentences.confirmed_blocked : sentences.confirmed
      return success(200, sentence[language].replace('{sender}', sender), {
        preferences: { ...describePreferences(subscriber), blocked: welcome === 'blocked' },
        ...{ confirmation_text: welcome, manage_token: await tokens.sign(subscriber) },
      })
    },
  })
}
