import { optionalClient, optionalFunction, optionalId, optionalSignal, ownFields } from '../domain/field.js'
import { parsePhoneNumber } from '../domain/phone-number.js'
import { challengeLifeMs } from '../domain/purpose.js'
import { randomIdentifier } from '../domain/random.js'
import type { Terms } from '../domain/terms.js'
import type { Store } from '../store/store.js'
import type { AdmissionRequest } from './admission.js'
import type { Call, Challenge, Claims, Codes, OpenedToken, Quotas, SessionTokens, Tenants, TestNumbers } from './challenge.js'
import type { Dispatch } from './dispatch.js'
import type { ResendCodeOutcome, ResendCodeRequest } from './verbs.js'

export interface ResendCodeParts {
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly admission: (request: AdmissionRequest, call: Call) => Promise<boolean>
  readonly codes: Codes
  readonly quotas: Quotas
  readonly claims: Claims
  readonly tokens: SessionTokens
  readonly store: Store
  readonly dispatch: Dispatch
  readonly now: () => number
}

/** A challenge this close to its end is over: nobody should wait for an SMS that arrives too late to type. */
const tooLateMs = 60_000

export function createResendCode(parts: ResendCodeParts) {
  const { tenants, testNumbers, admission, codes, quotas, claims, tokens, store, dispatch, now } = parts

  /** The digest of a challenge's code; of no code at all for a decoy. Both are made, so that both take the same time. */
  const digestOf = (challenge: Challenge, { keys }: OpenedToken) => {
    const matchable = codes.digest(challenge, keys, codes.code(challenge, keys))
    const unmatchable = randomIdentifier()
    return challenge.decoy ? unmatchable : matchable
  }

  /** Whether this resend sets a digest: not where the store certainly holds it. A send after the reply that was refused has unset it. */
  const setsDigest = ({ policy, repeatable, testNumber }: Challenge) =>
    !testNumber && (policy.resend === 'new' || policy.delivery !== 'await' || repeatable)

  /** Whether the number is still one we send to: the rules may have changed since the first send. */
  const recipient = ({ phone }: Challenge, { countries, policy }: Terms) =>
    parsePhoneNumber(phone, { countries, numberTypes: policy.numberTypes })

  return async (request: ResendCodeRequest, call: Call): Promise<ResendCodeOutcome> => {
    const asked = ownFields(request)
    const tenant = optionalId('tenant', asked.tenant)
    const subject = optionalId('subject', asked.subject)
    const client = optionalClient(asked.client)
    call.heed(optionalSignal(asked.signal), optionalFunction('waitUntil', asked.waitUntil))

    // Forged, foreign and ended tokens stop here, without any input or output.
    const opened = tokens.open(asked.sessionToken)
    if (opened === undefined) return { ok: false, reason: 'invalid_session' }
    const before = opened.challenge
    call.about(before)
    const { policy, purpose, phone, country, payload, context, locale } = before
    const sameSubject = subject === before.subject || (policy.subject === 'return' && subject === undefined)
    if (tenant !== before.tenant || !sameSubject) return { ok: false, reason: 'invalid_session' }
    const lifeMs = before.startedAt + challengeLifeMs - now()
    if (lifeMs < tooLateMs) return { ok: false, reason: 'expired' }

    const terms = await tenants.terms(tenant, purpose, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }

    // A test number is one only until its date; the others must still be numbers that we send to.
    if (before.testNumber) {
      if (testNumbers.find(phone) === undefined) return { ok: false, reason: 'expired' }
    } else {
      const to = recipient(before, terms)
      if (!to.ok) return { ok: false, reason: to.reason }
      const asking = { phone, country, purpose, tenant, subject: before.subject, payload, context, locale, client, resend: true }
      if (!(await admission(asking, call))) return { ok: false, reason: 'blocked' }
    }

    // A new life for the code, never beyond the challenge's own, and with `resend: 'new'` a new code.
    call.check()
    const ttlMs = Math.min(policy.ttlMs, lifeMs)
    const nonce = policy.resend === 'new' ? randomIdentifier() : before.nonce
    const challenge = { ...before, nonce, expiresAt: now() + ttlMs }
    const taken = before.testNumber ? [] : quotas.forSend({ ...before, client }, terms, false)
    const digest = setsDigest(before) ? { codeDigest: digestOf(challenge, opened) } : {}
    const renewed = await store.renew(challenge.id, { ...digest, ttlMs }, taken)
    if (renewed.status === 'absent') return { ok: false, reason: 'expired' }
    if (renewed.status === 'closed') return { ok: false, reason: 'already_used' }
    if (renewed.status === 'exhausted') return { ok: false, reason: 'too_many_attempts' }
    if (renewed.status === 'limited') {
      const limited = quotas.limited(renewed)
      call.note({ limit: limited.limit })
      return { ok: false, reason: 'rate_limited', ...limited }
    }

    // A worker that still holds an older token must not send an older code after this one.
    const claim = await claims.renew(before)

    const sent = { ...challenge, claim, expiresAt: now() + renewed.expiresInMs }
    return dispatch({ challenge: sent, keys: opened.keys, granted: renewed, taken, first: false }, call)
  }
}
