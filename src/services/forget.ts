import { optionalId, ownFields } from '../domain/field.js'
import { anyNumber } from '../domain/phone-number.js'
import type { Store } from '../store/store.js'
import type { Call, Quotas, Tenants, TestNumbers } from './challenge.js'
import type { AdministrationOutcome, ForgetRequest } from './verbs.js'

export interface ForgetParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly quotas: Quotas
  readonly store: Store
}

/**
 * Drops the send records of a phone, when its owner deletes an account. The ledger stays, as a keyed hash, until its window ends:
 * deleting an account must not be a free unlock (GDPR Art. 17(3)(e) leaves room for what security needs).
 */
export function createForget({ purposes, tenants, testNumbers, quotas, store }: ForgetParts) {
  return async (request: ForgetRequest, call: Call): Promise<AdministrationOutcome> => {
    const asked = ownFields(request)
    const tenant = optionalId('tenant', asked.tenant)
    call.note({ tenant })

    const terms = await tenants.terms(tenant, '', call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }
    const phone = testNumbers.find(asked.phone)?.phone ?? anyNumber(asked.phone, terms.defaultCountry)
    if (phone === undefined) return { ok: false, reason: 'invalid_phone_number' }

    await store.release(quotas.sendKeys({ tenant, phone }, [...purposes]))
    return { ok: true }
  }
}
