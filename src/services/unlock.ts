import { optionalId, ownFields, requiredPurpose } from '../domain/field.js'
import { anyNumber } from '../domain/phone-number.js'
import type { Store } from '../store/store.js'
import type { Call, Quotas, Tenants, TestNumbers } from './challenge.js'
import type { AdministrationOutcome, UnlockRequest } from './verbs.js'

export interface UnlockParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly quotas: Quotas
  readonly store: Store
}

/** Clears the ledger of a phone, and of a subject where one is named: what otherwise only a success does. */
export function createUnlock({ purposes, tenants, testNumbers, quotas, store }: UnlockParts) {
  return async (request: UnlockRequest, call: Call): Promise<AdministrationOutcome> => {
    const asked = ownFields(request)
    const tenant = optionalId('tenant', asked.tenant)
    const subject = optionalId('subject', asked.subject)
    const unlocked = asked.purpose === undefined ? [...purposes] : [requiredPurpose(asked.purpose, purposes)]
    call.note({ tenant, ...(asked.purpose !== undefined && { purpose: asked.purpose }) })

    const terms = await tenants.terms(tenant, unlocked[0] as string, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }
    const phone = testNumbers.find(asked.phone)?.phone ?? anyNumber(asked.phone, terms.defaultCountry)
    if (phone === undefined) return { ok: false, reason: 'invalid_phone_number' }

    const keys = unlocked.flatMap((purpose) => quotas.ledgerKeys({ tenant, purpose, phone, subject, client: undefined }))
    await store.release([...new Set(keys)])
    return { ok: true }
  }
}
