import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { createTenantCache } from './by-tenant-cache.js'
import type { Found, ResolveBackend } from './by-tenant-lookup.js'
import { type ByTenantOptions, readOptions } from './by-tenant-options.js'

export type { ResolveBackend } from './by-tenant-lookup.js'
export type { ByTenantOptions } from './by-tenant-options.js'

/** A backend that chooses by tenant. */
export interface TenantBackend extends SmsBackend {
  /**
   * Drops what is kept for a tenant: call it where credentials changed. Every send that begins afterwards, and every one that still waits
   * for `resolve`, asks anew. Without an argument: the backend of messages that have no tenant. It reaches this process only.
   */
  forget(tenant?: string): void
}

/**
 * Passes each message to the backend of its tenant, which `resolve` gives. Credentials of one tenant never serve another.
 *
 * A tenant that `resolve` does not know (it answers anything but a backend) gets `ERR_PV_SMS_UNAVAILABLE`, and so does a message without
 * tenant (`undefined`) unless `resolve` answers one for it. There is no default. It is the same when `resolve` throws or takes too long.
 *
 * Backends are kept, by the exact string. One older than `refreshMs` is resolved again before it sends; sends at once share one call.
 * Where that call fails the old one serves on, up to the age of `staleMs`; where it answers nobody, the old one is dropped at once. Give
 * the same object as long as nothing changed: the breakers of a `fallback` and the connections of a leaf live in it.
 *
 * @param resolve gets a signal that is aborted when it takes too long
 * @returns a backend named `by-tenant`; receipts and errors name the leaf
 * @throws `ERR_PV_CONFIGURATION` when `resolve` is no function, or an option is wrong or unknown
 *
 * @example
 * ```ts
 * import type { SmsBackend } from 'phone-verify'
 * import { byTenant } from 'phone-verify/sms/by-tenant'
 *
 * const backends = new Map<string | undefined, SmsBackend>()
 * export const sms = byTenant((tenant) => backends.get(tenant))
 * export const onCredentialsChanged = (tenant: string) => sms.forget(tenant)
 * ```
 */
export function byTenant(resolve: ResolveBackend, options: ByTenantOptions = {}): TenantBackend {
  const cache = createTenantCache(resolve, readOptions(resolve, options))
  const name = 'by-tenant'
  const unavailable = (what: string) => new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', `${name}: ${what}`, { backend: name })

  const backendOf = async (message: SmsMessage, signal: AbortSignal | undefined): Promise<SmsBackend> => {
    // Its own: what a message does not say, a polluted Object.prototype must not say either.
    const { tenant }: Pick<SmsMessage, 'tenant'> = Object.assign(Object.create(null), message)
    if (tenant !== undefined && typeof tenant !== 'string') throw unavailable('no backend for this tenant')
    const found = await unlessAborted(cache.find(tenant), signal)
    // Nothing has been sent yet, so a caller who has gone gets no SMS.
    if (found === 'aborted') throw unavailable('aborted before the send')
    if (found.status === 'found') return found.backend
    throw unavailable(found.status === 'nobody' ? 'no backend for this tenant' : 'the backend of this tenant could not be resolved')
  }

  return {
    name,
    async send(message, signal) {
      if (signal?.aborted) throw unavailable('aborted before the send')
      const backend = await backendOf(message, signal)
      return backend.send(message, signal)
    },
    forget: cache.forget,
  }
}

/** Waits, but no longer than the caller does: others may wait for the same. */
const unlessAborted = (finding: Promise<Found>, signal: AbortSignal | undefined): Promise<Found | 'aborted'> =>
  new Promise((resolve, reject) => {
    const leave = () => resolve('aborted')
    signal?.addEventListener('abort', leave)
    finding.finally(() => signal?.removeEventListener('abort', leave)).then(resolve, reject)
  })
