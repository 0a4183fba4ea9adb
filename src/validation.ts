import { limitNames } from './domain/limits.js'
import { isCallingCode, isCountry, isNumberType } from './domain/phone-number.js'
import type { Problem } from './errors.js'

/** Collects everything that is wrong, so that one start tells all of it. */
export interface Inspection {
  readonly problems: readonly Problem[]
  /** Says `message` of `option` unless it holds. An option left out holds where `required` is not set. */
  check(option: string, value: unknown, holds: (value: never) => boolean, message: string, required?: 'required'): void
}

export function createInspection(): Inspection {
  const problems: Problem[] = []
  return {
    problems,
    check(option, value, holds, message, required) {
      if (value === undefined && required === undefined) return
      if (value === undefined || !holds(value as never)) problems.push({ option, message })
    },
  }
}

export const isWithin = (min: number, max: number) => (value: unknown) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max

export const isOneOf =
  (...words: readonly unknown[]) =>
  (value: unknown) =>
    words.includes(value)

export const isText = (max: number) => (value: unknown) => typeof value === 'string' && value !== '' && value.length <= max && !/\p{Surrogate}/u.test(value)

export const isFunction = (value: unknown) => typeof value === 'function'

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** At least 256 bits, and not one of the values that stand in for a secret. Randomness itself cannot be seen. */
export const isSecret = (value: unknown) =>
  typeof value === 'string' && Buffer.byteLength(value) >= 32 && !/^(?:0+|\0+|(?:change_?me)+.*|(?:secret)+|(?:password)+)$/is.test(value)

export const isListOf =
  (holds: (entry: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(holds)

const minute = 60_000
const maxWindowMs = 31 * 24 * 60 * minute

/** What a tenant may say as well: terms, at any level. */
export function inspectTerms(terms: Readonly<Record<string, unknown>>, declared: ReadonlySet<string>, { check }: Inspection): void {
  check('appName', terms['appName'], isText(64), 'must be a string of 1 to 64 characters')
  const isPlace = (entry: unknown) => isCountry(entry) || isCallingCode(entry)
  const countries = (value: unknown) => value === '*' || (isListOf(isPlace)(value) && (value as []).length > 0)
  check('countries', terms['countries'], countries, "must list ISO 3166-1 alpha-2 codes or calling codes such as '+44', or be '*'")
  check('defaultCountry', terms['defaultCountry'], isCountry, 'must be an ISO 3166-1 alpha-2 code')
  inspectPolicy('', terms, { check })
  check('purposes', terms['purposes'], isObject, 'must be an object of policies by purpose')
  for (const [name, policy] of entries(terms['purposes'])) {
    check(`purposes.${name}`, name, (it) => declared.has(it), 'was never declared')
    check(`purposes.${name}`, name, (it) => /^[A-Za-z][\w-]{0,63}$/.test(it), 'must be a name of letters, digits, _ and -')
    check(`purposes.${name}`, policy, isObject, 'must be an object')
    if (isObject(policy)) inspectPolicy(`purposes.${name}.`, policy as Readonly<Record<string, unknown>>, { check }, purposeOnly)
  }
  check('limits', terms['limits'], isObject, 'must be an object of lists')
  for (const [name, list] of entries(terms['limits'])) inspectLimit(name, list, { check })
}

const purposeOnly = ['resend', 'subject', 'ledger', 'payloadRequired', 'proofTtlMs']
const everywhere = ['codeLength', 'ttlMs', 'maxAttempts', 'allowShortCodes', 'numberTypes', 'delivery']

function inspectPolicy(path: string, policy: Readonly<Record<string, unknown>>, { check }: Pick<Inspection, 'check'>, more: readonly string[] = []): void {
  check(`${path}codeLength`, policy['codeLength'], isWithin(4, 10), 'must be 6 to 10, or 4 or 5 with allowShortCodes')
  check(`${path}ttlMs`, policy['ttlMs'], isWithin(minute, 10 * minute), 'must be 60 000 to 600 000 milliseconds')
  check(`${path}maxAttempts`, policy['maxAttempts'], isWithin(1, 10), 'must be 1 to 10')
  check(`${path}allowShortCodes`, policy['allowShortCodes'], isOneOf(true, false), 'must be true or false')
  check(`${path}numberTypes`, policy['numberTypes'], isListOf(isNumberType), 'must list number types as libphonenumber names them')
  check(`${path}delivery`, policy['delivery'], isOneOf('await', 'background', 'deferred'), "must be 'await', 'background' or 'deferred'")
  if (more.length === 0) return
  check(`${path}resend`, policy['resend'], isOneOf('same', 'new'), "must be 'same' or 'new'")
  check(`${path}subject`, policy['subject'], isOneOf('compare', 'return'), "must be 'compare' or 'return'")
  check(`${path}ledger`, policy['ledger'], isOneOf('phone', 'subject'), "must be 'phone' or 'subject'")
  check(`${path}payloadRequired`, policy['payloadRequired'], isOneOf(true, false), 'must be true or false')
  check(`${path}proofTtlMs`, policy['proofTtlMs'], isWithin(minute, 10 * minute), 'must be 60 000 to 600 000 milliseconds')
  for (const [name] of entries(policy)) check(`${path}${name}`, name, isOneOf(...everywhere, ...more), 'is no option of a purpose')
}

function inspectLimit(name: string, list: unknown, { check }: Pick<Inspection, 'check'>): void {
  const isLimit = (entry: unknown) => {
    const { max, windowMs } = (entry ?? {}) as { readonly max?: unknown; readonly windowMs?: unknown }
    return isWithin(1, 1_000_000_000)(max) && isWithin(1, maxWindowMs)(windowMs)
  }
  check(`limits.${name}`, name, isOneOf(...limitNames), 'is no limit')
  check(`limits.${name}`, list, isListOf(isLimit), 'must list { max, windowMs }: whole numbers from 1, windows of at most 31 days')
  // NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failed attempts on one account.
  const stops = (entry: unknown) => !(Number((entry as { readonly max?: unknown } | null)?.max) > 100)
  if (name === 'failuresPerPhone') check(`limits.${name}`, list, isListOf(stops), 'must stop at 100 failures or fewer')
}

const entries = (value: unknown): readonly [string, unknown][] => (isObject(value) ? Object.entries(value).filter(([, entry]) => entry !== undefined) : [])
