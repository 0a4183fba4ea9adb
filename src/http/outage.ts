/** What is down, late or gone. The visitor may try again. */
const outages: ReadonlySet<unknown> = new Set([
  'ERR_PV_STORE',
  'ERR_PV_TENANTS',
  'ERR_PV_SMS_UNAVAILABLE',
  'ERR_PV_TIMEOUT',
  'ERR_PV_ABORTED',
  'ERR_PV_CLOSED',
])

export const isOutage = (error: unknown): boolean => outages.has((error as { readonly code?: unknown } | undefined)?.code)
