import { defaultLimits } from './domain/limits.js'
import { defaultPolicy, type Policy } from './domain/purpose.js'
import type { Terms } from './domain/terms.js'
import type { Problem } from './errors.js'
import type { TenantOptions } from './options.js'

/** Levels from the verifier's to the tenant's; within a level, a purpose's own word beats the top one. */
export const combineTerms = (levels: readonly TenantOptions[], purpose: string): Terms => ({
  appName: last(levels, 'appName') as string,
  countries: last(levels, 'countries') as Terms['countries'],
  defaultCountry: last(levels, 'defaultCountry'),
  limits: Object.assign({}, defaultLimits, ...levels.map((level) => defined(level.limits))),
  policy: policyOf(levels, purpose),
})

const policyOf = (levels: readonly TenantOptions[], purpose: string): Policy =>
  Object.assign(defaultPolicy(purpose), ...levels.flatMap((level) => [topLevel(level, purpose), defined(ofPurpose(level, purpose))]))

function topLevel(
  { codeLength, ttlMs, maxAttempts, allowShortCodes, numberTypes, delivery }: TenantOptions,
  purpose: string,
): Partial<Policy> {
  // A password reset leaves after the reply unless its own policy says otherwise: that is what hides who has an account.
  return defined({
    codeLength,
    ttlMs,
    maxAttempts,
    allowShortCodes,
    numberTypes,
    delivery: purpose === 'password_reset' ? undefined : delivery,
  })
}

const ofPurpose = ({ purposes }: TenantOptions, purpose: string) =>
  typeof purposes === 'object' && purposes !== null && Object.hasOwn(purposes, purpose) ? purposes[purpose] : undefined

const last = <Name extends keyof TenantOptions>(levels: readonly TenantOptions[], name: Name): TenantOptions[Name] =>
  levels.findLast((level) => level[name] !== undefined)?.[name]

type Defined<Part> = { [Name in keyof Part]?: Exclude<Part[Name], undefined> }

/** The fields of `part` that are said. */
export const defined = <Part extends object>(part: Part | undefined): Defined<Part> =>
  Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined)) as Defined<Part>

/**
 * Five guesses at four digits are one in two thousand: short codes are a choice, and get three. Options that are wrong by themselves may
 * be given, so that one start tells everything.
 */
export function conflicts(levels: readonly TenantOptions[], purpose: string): readonly Problem[] {
  const { codeLength, allowShortCodes, maxAttempts } = policyOf(levels, purpose)
  if (codeLength !== 4 && codeLength !== 5) return []
  const option = (name: 'codeLength' | 'maxAttempts') =>
    levels.some((level) => ofPurpose(level, purpose)?.[name] !== undefined || ofPurpose(level, purpose)?.codeLength !== undefined)
      ? `purposes.${purpose}.${name}`
      : name
  if (!allowShortCodes) return [{ option: option('codeLength'), message: 'must be 6 to 10, or 4 or 5 with allowShortCodes' }]
  return Number.isInteger(maxAttempts) && maxAttempts > 3
    ? [{ option: option('maxAttempts'), message: 'must be at most 3 with a code of 4 or 5 digits' }]
    : []
}
