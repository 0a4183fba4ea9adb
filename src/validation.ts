import { limitNames } from './domain/limits.js'
import { isCallingCode, isCountry, isNumberType } from './domain/phone-number.js'
import type { Policy } from './domain/purpose.js'
import type { Problem } from './errors.js'

/** Collects everything that is wrong, so that one start tells all of it. */
export interface Inspection {
  readonly problems: readonly Problem[]
  /** Says `message` of `option` unless it holds. An option left out holds where it is not `required`. */
  check(option: string, value: unknown, holds: (value: unknown) => boolean, message: string, required?: 'required'): void
}

export function createInspection(): Inspection {
  const problems: Problem[] = []
  return {
    problems,
    check(option, value, holds, message, required) {
      if (value === undefined && required === undefined) return
      if (value === undefined || !holds(value)) problems.push({ option, message })
    },
  }
}

export const isWithin = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max

export const isOneOf =
  (...words: readonly unknown[]) =>
  (value: unknown) =>
    words.includes(value)

export const isText = (max: number) => (value: unknown) =>
  typeof value === 'string' && value !== '' && value.length <= max && !/\p{Surrogate}/u.test(value)

export const isFunction = (value: unknown) => typeof value === 'function'

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

export const isListOf = (holds: (entry: unknown) => boolean) => (value: unknown) => Array.isArray(value) && Array.from(value).every(holds)

/** At least 256 bits, and not one of the words that stand in for a secret. Randomness itself cannot be seen. */
export const isSecret = (value: unknown) =>
  typeof value === 'string' && Buffer.byteLength(value) >= 32 && !/^(?:0+|\0+|(?:change_?me)+.*|(?:secret)+|(?:password)+)$/is.test(value)

const minute = 60_000
const maxWindowMs = 31 * 24 * 60 * minute

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

const truth: Rule = [isOneOf(true, false), 'must be true or false']
const life: Rule = [isWithin(minute, 10 * minute), 'must be 60 000 to 600 000 milliseconds']

/** What a purpose may say. */
const policyRules: Readonly<Record<keyof Policy, Rule>> = {
  codeLength: [isWithin(4, 10), 'must be 6 to 10, or 4 or 5 with allowShortCodes'],
  ttlMs: life,
  maxAttempts: [isWithin(1, 10), 'must be 1 to 10'],
  allowShortCodes: truth,
  numberTypes: [isListOf(isNumberType), 'must list number types as libphonenumber names them'],
  delivery: [isOneOf('await', 'background', 'deferred'), "must be 'await', 'background' or 'deferred'"],
  resend: [isOneOf('same', 'new'), "must be 'same' or 'new'"],
  subject: [isOneOf('compare', 'return'), "must be 'compare' or 'return'"],
  ledger: [isOneOf('phone', 'subject'), "must be 'phone' or 'subject'"],
  payloadRequired: truth,
  proofTtlMs: life,
}

const isPlace = (entry: unknown) => isCountry(entry) || isCallingCode(entry)

/** What the verifier and each of its tenants may say. */
const termRules: Readonly<Record<string, Rule>> = {
  appName: [isText(64), 'must be a string of 1 to 64 characters'],
  countries: [
    (value) => value === '*' || (isListOf(isPlace)(value) && (value as readonly string[]).length > 0),
    "must list ISO 3166-1 alpha-2 codes or calling codes such as '+44', or be '*'",
  ],
  defaultCountry: [isCountry, 'must be an ISO 3166-1 alpha-2 code'],
  purposes: [isObject, 'must be an object of policies by purpose'],
  limits: [isObject, 'must be an object of lists'],
}

const own = (part: object, name: string): unknown => (Object.hasOwn(part, name) ? part[name as keyof object] : undefined)

const limitRule: Rule = [
  isListOf((entry) => isObject(entry) && isWithin(1, 1e9)(own(entry, 'max')) && isWithin(1, maxWindowMs)(own(entry, 'windowMs'))),
  'must list { max, windowMs }: whole numbers from 1, windows of at most 31 days',
]

/** NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures on one account. */
const ledgerRule: Rule = [
  isListOf((entry) => isObject(entry) && !isWithin(101, Number.POSITIVE_INFINITY)(own(entry, 'max'))),
  'must stop at 100 failures or fewer',
]

export function inspectTerms(given: Readonly<Record<string, unknown>>, declared: ReadonlySet<string>, inspection: Inspection): void {
  const { check } = inspection
  // Without a prototype: what is not said here, a polluted Object.prototype must not say either.
  const terms: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), given)
  for (const [name, rule] of Object.entries(termRules)) check(name, terms[name], ...rule)
  for (const name of ['codeLength', 'ttlMs', 'maxAttempts', 'allowShortCodes', 'numberTypes', 'delivery'] as const)
    check(name, terms[name], ...policyRules[name])
  const { purposes, limits } = terms as { readonly purposes?: unknown; readonly limits?: unknown }
  for (const [purpose, policy] of entries(purposes)) inspectPurpose(purpose, policy, declared, inspection)
  for (const [name, list] of entries(limits)) {
    check(`limits.${name}`, name, isOneOf(...limitNames), 'is no limit')
    check(`limits.${name}`, list, ...limitRule)
    if (name === 'failuresPerPhone') check(`limits.${name}`, list, ...ledgerRule)
  }
}

function inspectPurpose(purpose: string, policy: unknown, declared: ReadonlySet<string>, { check }: Inspection): void {
  const path = `purposes.${purpose}`
  check(path, purpose, (name) => declared.has(String(name)), 'was never declared')
  check(path, purpose, (name) => /^[A-Za-z][\w-]{0,63}$/.test(String(name)), 'must be a name of letters, digits, _ and -')
  check(path, policy, isObject, 'must be an object')
  for (const [name, value] of entries(policy)) {
    const rule = Object.hasOwn(policyRules, name) ? policyRules[name as keyof Policy] : undefined
    check(`${path}.${name}`, value, rule?.[0] ?? (() => false), rule?.[1] ?? 'is no option of a purpose')
  }
}

const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
  isObject(value) ? Object.entries(value).filter(([, entry]) => entry !== undefined) : []
