import { badArgument, optionalContext, optionalId, ownFields, requireSmall } from '../domain/field.js'
import { canonicalLocale } from '../domain/locale.js'
import { parsePhoneNumber } from '../domain/phone-number.js'
import { randomIdentifier } from '../domain/random.js'
import { ownWords } from '../errors.js'
import type { SmsMessage } from '../sms/backend.js'
import type { Store } from '../store/store.js'
import type { Call, Quotas, Tenants, TestNumbers } from './challenge.js'
import type { HandOver } from './hand-over.js'
import type { Notice } from './notice.js'
import type { NotifyOutcome, NotifyRequest } from './verbs.js'

export interface NotifyParts {
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly quotas: Quotas
  readonly store: Store
  readonly handOver: HandOver
  readonly compose: (notice: Notice) => SmsMessage
}

/** Texts without a code have no purpose: the top-level terms hold. No purpose can be declared by this name. */
const notice = ''

/** Sends a text without a code: "your password was changed". */
export function createNotify({ tenants, testNumbers, quotas, store, handOver, compose }: NotifyParts) {
  return async (request: NotifyRequest, call: Call): Promise<NotifyOutcome> => {
    const asked = ownFields(request)
    const tenant = optionalId('tenant', asked.tenant)
    const context = optionalContext(asked.context)
    requireSmall(undefined, context)
    const { template } = asked
    if (typeof template !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(template)) throw badArgument('template', 'must be a snake_case name')
    call.note({ tenant })

    const terms = await tenants.terms(tenant, notice, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }
    if (testNumbers.find(asked.phone)) return { ok: true, delivery: 'accepted' }
    const { defaultCountry, countries, policy, appName } = terms
    const to = parsePhoneNumber(asked.phone, {
      ...(defaultCountry !== undefined && { defaultCountry }),
      countries,
      numberTypes: policy.numberTypes,
    })
    if (!to.ok) return { ok: false, reason: to.reason === 'invalid_phone_number' ? to.reason : 'undeliverable' }
    call.note({ country: to.country })

    // The tenant's brake holds for every text. The record beside it is a challenge that nobody can answer.
    const record = { id: quotas.tag(tenant) + randomIdentifier(), codeDigest: randomIdentifier(), attempts: 1, ttlMs: 1_000, lifeMs: 1_000 }
    const taken = quotas.forNotice(tenant, terms)
    const opened = await store.open(record, taken)
    if (opened.status === 'exists') return { ok: false, reason: 'unavailable' }
    if (opened.status === 'limited') {
      const limited = quotas.limited(opened)
      call.note({ limit: limited.limit })
      return { ok: false, reason: 'rate_limited', ...limited }
    }

    const message = compose({ to: to.phone, template, appName, tenant, context, locale: canonicalLocale(asked.locale) })
    const delivered = await handOver(message, call)
    if (delivered.status === 'accepted') {
      call.note({ delivery: 'accepted', backend: delivered.receipt.backend })
      return { ok: true, delivery: 'accepted' }
    }
    const { backend, providerCode } = ownWords(delivered.error)
    call.note({ backend, providerCode })
    if (delivered.status === 'unknown') return { ok: true, delivery: 'unknown' }
    // Certainly not sent: an outage of the carrier must not use up the brake that logins share.
    if (delivered.status !== 'refused') {
      const keys = taken.map(({ key }) => key)
      await store.release(keys, opened.hit).catch(() => call.note({ cleanUpFailed: true }))
    }
    if (delivered.status === 'misconfigured') throw delivered.error
    return { ok: false, reason: delivered.status === 'refused' ? 'undeliverable' : 'unavailable' }
  }
}

/** Whoever notifies has done its work already: a fault of the world, the start-up checks included, must not undo it. */
export function unavailable(error: unknown): { readonly ok: false; readonly reason: 'unavailable' } {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (code !== 'ERR_PV_STORE' && code !== 'ERR_PV_TENANTS' && code !== 'ERR_PV_TIMEOUT') throw error
  return { ok: false, reason: 'unavailable' }
}
