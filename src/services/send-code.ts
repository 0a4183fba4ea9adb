import { clientKey } from '../domain/client.js'
import {
  badArgument,
  optionalClient,
  optionalContext,
  optionalId,
  optionalPayload,
  optionalSignal,
  ownFields,
  requiredBoolean,
  requiredPurpose,
  requireSmall,
} from '../domain/field.js'
import { type Keyring, randomIdentifier } from '../domain/keyring.js'
import { canonicalLocale } from '../domain/locale.js'
import { parsePhoneNumber } from '../domain/phone-number.js'
import { challengeLifeMs } from '../domain/purpose.js'
import type { Terms } from '../domain/terms.js'
import type { OneShot, Store } from '../store/store.js'
import type { AdmissionRequest } from './admission.js'
import type { BeginChallenge, Beginning } from './begin-challenge.js'
import type { Call, Challenge, Claims, Codes, Quotas, SessionTokens, Tenants, TestNumbers } from './challenge.js'
import type { Dispatch } from './dispatch.js'
import type { CodeSent, SendCodeOutcome, SendCodeRequest } from './verbs.js'

export interface SendCodeParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly admission: (request: AdmissionRequest, call: Call) => Promise<boolean>
  readonly challenges: BeginChallenge
  readonly keyring: Keyring
  readonly codes: Codes
  readonly quotas: Quotas
  readonly claims: Claims
  readonly tokens: SessionTokens
  readonly store: Store
  readonly dispatch: Dispatch
  readonly now: () => number
  /** Says once that sends cannot be limited by client. */
  readonly warnOfNoClient: () => void
}

/** How often one idempotency key may be tried anew after sends that failed for certain. */
const maxTurns = 10

export function createSendCode(parts: SendCodeParts) {
  const {
    purposes,
    tenants,
    testNumbers,
    admission,
    challenges,
    keyring,
    codes,
    quotas,
    claims,
    tokens,
    store,
    dispatch,
    now,
    warnOfNoClient,
  } = parts

  /** What the visitor typed, as a phone we may send to. */
  const recipient = (phone: unknown, terms: Terms) => {
    const testNumber = testNumbers.find(phone)
    if (testNumber !== undefined) return { ok: true, phone: testNumber.phone, country: undefined, testNumber } as const
    const { defaultCountry, countries, policy } = terms
    const rules = { ...(defaultCountry !== undefined && { defaultCountry }), countries, numberTypes: policy.numberTypes }
    const parsed = parsePhoneNumber(phone, rules)
    return parsed.ok ? ({ ok: true, phone: parsed.phone, country: parsed.country, testNumber } as const) : parsed
  }

  /** The digest of the one code that opens this challenge; of no code at all for a decoy. */
  const digestOf = (challenge: Challenge, { testNumber }: Beginning) => {
    if (challenge.decoy) return randomIdentifier()
    return codes.digest(challenge, keyring.current, testNumber?.code ?? codes.code(challenge, keyring.current))
  }

  /** A repeat of an idempotency key: the same challenge, and nothing is sent. */
  const repeat = (challenge: Challenge, terms: Terms, call: Call): CodeSent => {
    call.note({ repeated: true })
    const [firstGap] = terms.limits.sendsPerPhone
    return {
      ok: true,
      sessionToken: tokens.seal(challenge),
      expiresAt: new Date(challenge.expiresAt),
      resendAt: new Date(Math.max(now(), challenge.startedAt + (firstGap?.windowMs ?? 0))),
      delivery: challenge.policy.delivery === 'await' ? 'unknown' : 'pending',
      limits: [],
    }
  }

  const open = async (beginning: Beginning, turn: number, call: Call): Promise<SendCodeOutcome> => {
    const { terms, testNumber } = beginning
    const challenge = challenges.begin(beginning, turn)
    const taken = testNumber === undefined ? quotas.forSend(beginning, terms, true) : []
    const { ttlMs, maxAttempts } = challenge.policy
    const record = { id: challenge.id, codeDigest: digestOf(challenge, beginning), attempts: maxAttempts, ttlMs, lifeMs: challengeLifeMs }

    // The challenge and every quota in one durable step, before anything leaves: an SMS never refers to a code that the store does not
    // know, and no cap is passed by asking twice at once.
    const opened = await store.open(record, taken, claims.oneShots(challenge))
    call.note({ challenge: challenge.id.slice(-22) })
    if (opened.status === 'limited') {
      const limited = quotas.limited(opened)
      call.note({ limit: limited.limit })
      return { ok: false, reason: 'rate_limited', ...limited }
    }

    const anew: OneShot = { id: `${challenge.id}r`, ttlMs: challengeLifeMs }
    if (opened.status === 'exists') {
      // A failed send left a one-shot beside its challenge: this repeat may be the one that tries anew.
      const failed = turn < maxTurns && (await store.close(anew.id)) !== 'absent'
      return failed ? open(beginning, turn + 1, call) : repeat(challenges.restate(challenge, opened), terms, call)
    }

    const onFailure = beginning.idempotencyKey === undefined ? [] : [anew]
    return dispatch({ challenge, keys: keyring.current, granted: opened, taken, first: true, onFailure }, call)
  }

  return async (request: SendCodeRequest, call: Call): Promise<SendCodeOutcome> => {
    // What the server says is right, or the programmer hears of it.
    const asked = ownFields(request)
    const purpose = requiredPurpose(asked.purpose, purposes)
    const tenant = optionalId('tenant', asked.tenant)
    const subject = optionalId('subject', asked.subject)
    const payload = optionalPayload(asked.payload)
    const context = optionalContext(asked.context)
    const client = optionalClient(asked.client)
    const idempotencyKey = optionalId('idempotencyKey', asked.idempotencyKey)
    const decoy = asked.decoy !== undefined && requiredBoolean('decoy', asked.decoy)
    optionalSignal(asked.signal)
    requireSmall(payload, context)
    if (asked.channel !== undefined && asked.channel !== 'sms') throw badArgument('channel', "must be 'sms'")
    if (clientKey(client) === undefined) warnOfNoClient()
    call.note({ purpose, tenant, decoy })

    // A tenant that nobody knows gets no one else's terms.
    const terms = await tenants.terms(tenant, purpose, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }
    if (terms.policy.payloadRequired && payload === undefined) throw badArgument('payload', `is required for ${purpose}`)
    // Only a send that leaves after the reply takes the same time whether it is real or not.
    if (asked.decoy !== undefined && terms.policy.delivery === 'await') throw badArgument('decoy', 'needs background or deferred delivery')

    // One canonical number before it becomes a key, a digest or a destination.
    const to = recipient(asked.phone, terms)
    if (!to.ok) return { ok: false, reason: to.reason }
    const { phone, country, testNumber } = to
    call.note({ country, testNumber: testNumber !== undefined })

    // The application's own say, before anything is counted.
    const locale = canonicalLocale(asked.locale)
    const asking = { phone, country, purpose, tenant, subject, payload, context, client, locale }
    const admitted = testNumber !== undefined || (await admission({ ...asking, resend: false }, call))
    if (!admitted) return { ok: false, reason: 'blocked' }

    call.check()
    return open({ ...asking, decoy, idempotencyKey, terms, testNumber }, 0, call)
  }
}
