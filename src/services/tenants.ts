import type { Terms } from '../domain/terms.js'
import { ownWords, PhoneVerifyError } from '../errors.js'
import type { Call, Tenants } from './challenge.js'

export interface TenantsParts {
  /** The application's `tenants`: overrides, or nothing for a tenant it does not know. */
  readonly lookUp: ((tenant: string) => unknown) | undefined
  /** Every default and override, put together. Throws ERR_PV_CONFIGURATION when the overrides are wrong. */
  readonly termsOf: (overrides: object | undefined, purpose: string) => Terms
}

/** What holds for a tenant. Without a `tenants` function a tenant only keeps counters and codes apart. */
export function createTenants({ lookUp, termsOf }: TenantsParts): Tenants {
  const overridesOf = async (tenant: string, call: Call): Promise<unknown> => {
    try {
      return await call.limit(Promise.resolve(lookUp?.(tenant)))
    } catch (error) {
      if (ownWords(error).code === 'ERR_PV_TIMEOUT') throw new PhoneVerifyError('ERR_PV_TIMEOUT', 'tenants did not settle in time')
      // The application's error may hold anything. A tenant that cannot be looked up is never served with another's terms.
      throw new PhoneVerifyError('ERR_PV_TENANTS', 'the tenants function failed')
    }
  }

  return {
    async terms(tenant, purpose, call) {
      if (tenant === undefined || lookUp === undefined) return termsOf(undefined, purpose)
      const overrides = await overridesOf(tenant, call)
      // Nobody is what `rows[tenant]` finds as well for a tenant that calls itself `__proto__`.
      if (overrides === undefined || overrides === null || overrides === Object.prototype) return undefined
      // A list is what a query answers for a tenant that is not there.
      if (typeof overrides !== 'object' || Array.isArray(overrides))
        throw new PhoneVerifyError('ERR_PV_TENANTS', 'the tenants function answered neither an object nor undefined')
      return termsOf(overrides, purpose)
    },
  }
}
