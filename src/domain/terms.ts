import type { Limits } from './limits.js'
import type { Policy } from './purpose.js'

/** What holds for one tenant and one purpose, after every default and override. */
export interface Terms {
  readonly appName: string
  /** ISO 3166-1 alpha-2 codes and calling codes that are sent to. */
  readonly countries: readonly string[] | '*'
  readonly defaultCountry: string | undefined
  readonly limits: Limits
  readonly policy: Policy
}
