import type { SmsBackend } from './backend.js'
import { type Found, lookUp, type ResolveBackend } from './by-tenant-lookup.js'
import type { ByTenantSettings } from './by-tenant-options.js'

type Tenant = string | undefined

/** A backend that was resolved, since when, and from when on it is to be resolved again. */
interface Kept {
  readonly backend: SmsBackend
  readonly bornAt: number
  refreshAt: number
}

/** Backends by tenant. A tenant is the exact string: no prototype, no case, no normal form makes two of them one. */
export interface TenantCache {
  find(tenant: Tenant): Promise<Found>
  /** Nothing that was resolved before, or is being resolved, is found after. */
  forget(tenant: Tenant): void
}

/** After a failure a kept backend serves for so long before `resolve` is asked again: an outage must not slow down every send. */
const retryMs = 1_000

export function createTenantCache(resolve: ResolveBackend, settings: ByTenantSettings): TenantCache {
  const { maxCached, refreshMs, staleMs, timeoutMs, now } = settings
  // The tenant that was used last stands last.
  const kept = new Map<Tenant, Kept>()
  const pending = new Map<Tenant, Promise<Found>>()

  const keep = (tenant: Tenant, one: Kept) => {
    kept.delete(tenant)
    kept.set(tenant, one)
    if (kept.size > maxCached) kept.delete(kept.keys().next().value)
  }

  /** What the answer means for what was kept, in one step with the end of the look-up. */
  const settle = (tenant: Tenant, found: Found, askedAt: number): Found => {
    // Its age counts from the question: what changed while it was answered may not be in it.
    if (found.status === 'found') keep(tenant, { backend: found.backend, bornAt: askedAt, refreshAt: askedAt + refreshMs })
    if (found.status === 'nobody') kept.delete(tenant)
    const old = found.status === 'failed' ? kept.get(tenant) : undefined
    if (old === undefined) return found
    if (now() - old.bornAt >= staleMs) {
      kept.delete(tenant)
      return found
    }
    old.refreshAt = now() + retryMs
    return { status: 'found', backend: old.backend }
  }

  /** One look-up for all sends that wait for it. */
  const refresh = (tenant: Tenant): Promise<Found> => {
    const askedAt = now()
    const asking: Promise<Found> = lookUp(resolve, tenant, timeoutMs).then((found) => {
      // Forgotten meanwhile: the answer may be older than the reason to forget it, so it is asked for again.
      if (pending.get(tenant) !== asking) return find(tenant)
      pending.delete(tenant)
      return settle(tenant, found, askedAt)
    })
    pending.set(tenant, asking)
    return asking
  }

  const find = async (tenant: Tenant): Promise<Found> => {
    const one = kept.get(tenant)
    if (one === undefined || now() >= one.refreshAt || now() - one.bornAt >= staleMs) return pending.get(tenant) ?? refresh(tenant)
    keep(tenant, one)
    return { status: 'found', backend: one.backend }
  }

  return {
    find,
    forget(tenant) {
      kept.delete(tenant)
      pending.delete(tenant)
    },
  }
}
