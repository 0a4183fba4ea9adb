import type { TenantOptions } from 'phone-verify'
import type { Settings } from './organizations.js'

const hour = 3_600_000

/** What holds for an organization's codes. The library freezes name, length and life into each challenge; limits hold at once. */
export const overridesOf = ({ name, codeLength, codeSeconds, sendsPerHour, sendsPerDay }: Settings): TenantOptions => ({
  appName: name,
  codeLength,
  ttlMs: codeSeconds * 1_000,
  limits: {
    sendsPerTenant: [
      { max: sendsPerHour, windowMs: hour },
      { max: sendsPerDay, windowMs: 24 * hour },
    ],
  },
})
