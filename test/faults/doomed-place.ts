import type { PhoneVerifierOptions } from 'phone-verify'
import { unlimited } from '../fixtures/rig.js'
import { type OpenedStore, openIoredis, openPostgres } from './opened-store.js'
import { secret } from './visits.js'

/** Where a process finds its store. */
export interface Somewhere {
  readonly kind: 'redis' | 'postgres'
  readonly port: number
}

export const openPlace = ({ kind, port }: Somewhere): OpenedStore =>
  kind === 'redis' ? openIoredis({ port }) : openPostgres({ port }, { max: 2 })

const hour = 3_600_000
/** Wide, but counted: what was counted can be read from what is left. */
export const room = 1_000

/** One application: the process that dies and the one that looks after it are two copies of it. */
export const applicationOptions = {
  ...{ secret, appName: 'Fault', countries: '*' as const, maxAttempts: 10, tenants: () => ({}) },
  limits: {
    ...unlimited,
    sendsPerPhone: [{ max: room, windowMs: hour }],
    sendsPerTenant: [{ max: room, windowMs: hour }],
  },
  purposes: { registration: { delivery: 'deferred' as const }, counting: {} },
} satisfies Partial<PhoneVerifierOptions>
