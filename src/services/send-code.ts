import { clientKey } from '../domain/client.js'
import {
  badArgument,
  optionalClient,
  optionalContext,
  optionalFunction,
  optionalId,
  optionalPayload,
  optionalSignal,
  ownFields,
  requiredBoolean,
  requiredPurpose,
  requireSmall,
} from '../domain/field.js'
import { canonicalLocale } from '../domain/locale.js'
import { parsePhoneNumber } from '../domain/phone-number.js'
import type { Terms } from '../domain/terms.js'
import type { AdmissionRequest } from './admission.js'
import type { Call, Tenants, TestNumbers } from './challenge.js'
import type { OpenChallenge } from './open-challenge.js'
import type { SendCodeOutcome, SendCodeRequest } from './verbs.js'

export interface SendCodeParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly admission: (request: AdmissionRequest, call: Call) => Promise<boolean>
  readonly openChallenge: OpenChallenge
  /** Says once that sends cannot be limited by client. */
  readonly warnOfNoClient: () => void
}

export function createSendCode({ purposes, tenants, testNumbers, admission, openChallenge, warnOfNoClient }: SendCodeParts) {
  /** What the visitor typed, as a phone we may send to. */
  const recipient = (phone: unknown, terms: Terms) => {
    const testNumber = testNumbers.find(phone)
    if (testNumber !== undefined) return { ok: true, phone: testNumber.phone, country: undefined, testNumber } as const
    const { defaultCountry, countries, policy } = terms
    const rules = { ...(defaultCountry !== undefined && { defaultCountry }), countries, numberTypes: policy.numberTypes }
    const parsed = parsePhoneNumber(phone, rules)
    return parsed.ok ? ({ ok: true, phone: parsed.phone, country: parsed.country, testNumber } as const) : parsed
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
    call.heed(optionalSignal(asked.signal), optionalFunction('waitUntil', asked.waitUntil))
    requireSmall(payload, context)
    if (asked.channel !== undefined && asked.channel !== 'sms') throw badArgument('channel', "must be 'sms'")
    if (clientKey(client) === undefined) warnOfNoClient()
    call.note({ purpose, tenant, decoy: asked.decoy })

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
    call.note({ country, testNumber: testNumber && true })

    // The application's own say, before anything is counted.
    const locale = canonicalLocale(asked.locale)
    const asking = { phone, country, purpose, tenant, subject, payload, context, client, locale }
    const admitted = testNumber !== undefined || (await admission({ resend: false, ...asking }, call))
    if (!admitted) return { ok: false, reason: 'blocked' }

    call.check()
    return openChallenge({ decoy, idempotencyKey, terms, testNumber, ...asking }, call)
  }
}
