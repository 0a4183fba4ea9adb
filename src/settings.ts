import { combineTerms, conflicts, defined } from './combine-terms.js'
import { ownFields } from './domain/field.js'
import type { PhoneNumber } from './domain/phone-number.js'
import { builtInPurposes } from './domain/purpose.js'
import type { Terms } from './domain/terms.js'
import { PhoneVerifyError, type Problem } from './errors.js'
import type { PhoneVerifierOptions, TenantOptions } from './options.js'
import { readProofKeys } from './proof-keys.js'
import type { TestNumber } from './services/challenge.js'
import type { ProofKey } from './services/proof.js'
import {
  createInspection,
  type Inspection,
  inspectTerms,
  isFunction,
  isListOf,
  isObject,
  isOneOf,
  isSecret,
  isText,
  isWithin,
} from './validation.js'

/** The options, checked, with every default in its place. */
export interface Settings {
  readonly secrets: readonly string[]
  readonly indexSecret: string
  /** Whether a secret looks typed rather than drawn. */
  readonly weakSecret: boolean
  readonly purposes: ReadonlySet<string>
  readonly defaultCountry: string | undefined
  readonly proofKeys: readonly ProofKey[]
  readonly issuer: string
  readonly audience: string
  readonly deadlines: Readonly<Record<keyof typeof defaultDeadlines, number>>
  readonly testNumbers: readonly TestNumber[]
  readonly now: () => number
  /** What holds for a purpose, a tenant's own terms over the verifier's. Throws ERR_PV_CONFIGURATION where those are wrong. */
  termsOf(tenant: object | undefined, purpose: string): Terms
}

const defaultDeadlines = { send: 10_000, verify: 3_000, redeem: 2_000, store: 1_000, provider: 5_000 }

/** Checks all options at once. Throws one ERR_PV_CONFIGURATION that lists every problem. */
export function readSettings(given: PhoneVerifierOptions): Settings {
  const options = isObject(given) ? ownFields(given) : ({} as PhoneVerifierOptions)
  const inspection = createInspection()
  const purposes = new Set<string>([...builtInPurposes, ...Object.keys(isObject(options.purposes) ? options.purposes : {})])
  inspectParts(options, inspection)
  inspectTerms({ ...options }, purposes, inspection)
  const proofKeys = readProofKeys(options.proofKeys, inspection)
  refuse([...inspection.problems, ...[...purposes].flatMap((purpose) => conflicts([options], purpose))])

  const secrets = typeof options.secret === 'string' ? [options.secret] : options.secret
  const own = new Map([...purposes, ''].map((purpose) => [purpose, combineTerms([options], purpose)]))
  return {
    secrets,
    indexSecret: options.indexSecret ?? (secrets.at(-1) as string),
    weakSecret: secrets.some((secret) => new Set(secret).size < 8),
    purposes,
    proofKeys,
    issuer: options.issuer ?? 'phone-verify',
    audience: options.audience ?? 'phone-verify',
    defaultCountry: options.defaultCountry,
    deadlines: withinCalls({ ...defaultDeadlines, ...defined(options.deadlines) }),
    testNumbers: (options.testNumbers ?? []).map(({ phone, code, until }) => ({
      phone: phone as PhoneNumber,
      code,
      until: until.getTime(),
    })),
    now: options.now ?? Date.now,
    termsOf(tenant, purpose) {
      if (tenant === undefined) return own.get(purpose) as Terms
      const overrides = ownFields(tenant) as TenantOptions
      const judged = createInspection()
      inspectTerms({ ...overrides }, purposes, judged)
      refuse([...judged.problems, ...conflicts([options, overrides], purpose)], 'tenants.')
      return combineTerms([options, overrides], purpose)
    },
  }
}

/** A step of the store that outlasts its call must be known as the store's fault: it ends before the shortest call does. */
const withinCalls = (deadlines: Settings['deadlines']): Settings['deadlines'] => ({
  ...deadlines,
  store: Math.min(deadlines.store, Math.ceil(0.9 * Math.min(deadlines.send, deadlines.verify, deadlines.redeem))),
})

function refuse(problems: readonly Problem[], within = ''): void {
  const distinct = [
    ...new Map(problems.map(({ option, message }) => [`${within}${option}: ${message}`, { option: within + option, message }])),
  ]
  if (distinct.length === 0) return
  const details = { problems: distinct.map(([, problem]) => problem) }
  throw new PhoneVerifyError('ERR_PV_CONFIGURATION', distinct.map(([line]) => line).join('\n'), details)
}

const names: Readonly<Record<keyof PhoneVerifierOptions, true>> = {
  store: true,
  sms: true,
  secret: true,
  indexSecret: true,
  appName: true,
  countries: true,
  defaultCountry: true,
  codeLength: true,
  ttlMs: true,
  maxAttempts: true,
  allowShortCodes: true,
  numberTypes: true,
  delivery: true,
  purposes: true,
  limits: true,
  tenants: true,
  admit: true,
  waitUntil: true,
  proofKeys: true,
  issuer: true,
  audience: true,
  deadlines: true,
  testNumbers: true,
  allowTestNumbersInProduction: true,
  requireReach: true,
  onEvent: true,
  now: true,
}

function inspectParts(options: PhoneVerifierOptions, { check }: Inspection): void {
  for (const name of Object.keys(options)) check(name, name, isOneOf(...Object.keys(names)), 'is no option')
  const verbs = ['open', 'renew', 'attempt', 'close', 'release'] as const
  const isStore = (value: unknown) => isObject(value) && verbs.every((verb) => isFunction((value as PhoneVerifierOptions['store'])[verb]))
  check('store', options.store, isStore, 'must be a store: memoryStore(), or one of the others', 'required')
  const isBackend = (value: unknown) => isObject(value) && isFunction((value as PhoneVerifierOptions['sms']).send)
  check('sms', options.sms, isBackend, 'must be an SMS backend: an object with name and send', 'required')
  const areSecrets = (value: unknown) => isSecret(value) || (isListOf(isSecret)(value) && (value as []).length > 0)
  check('secret', options.secret, areSecrets, 'must be at least 32 random bytes, or a list of such strings', 'required')
  check('indexSecret', options.indexSecret, isSecret, 'must be at least 32 random bytes')
  check('appName', options.appName, () => true, 'is required', 'required')
  check('countries', options.countries, () => true, "is required: a list of countries, or '*' on purpose", 'required')
  for (const name of ['tenants', 'admit', 'waitUntil', 'onEvent', 'now'] as const)
    check(name, options[name], isFunction, 'must be a function')
  for (const name of ['issuer', 'audience'] as const) check(name, options[name], isText(256), 'must be a string of 1 to 256 characters')
  check('deadlines', options.deadlines, isObject, 'must be an object of milliseconds')
  for (const [name, ms] of Object.entries(isObject(options.deadlines) ? options.deadlines : {})) {
    check(`deadlines.${name}`, name, isOneOf(...Object.keys(defaultDeadlines)), 'is no deadline')
    check(`deadlines.${name}`, ms, isWithin(1, 600_000), 'must be 1 to 600 000 milliseconds')
  }
  check('requireReach', options.requireReach, isOneOf('process', 'shared'), "must be 'process' or 'shared'")
  const reaches = () => !isObject(options.store) || options.store.reach === 'shared'
  if (options.requireReach === 'shared') check('requireReach', 'shared', reaches, 'the store reaches one process only')
  inspectTestNumbers(options, { check })
}

function inspectTestNumbers(
  { testNumbers, allowTestNumbersInProduction }: PhoneVerifierOptions,
  { check }: Pick<Inspection, 'check'>,
): void {
  const isTestNumber = (entry: unknown) => {
    const { phone, code, until } = (entry ?? {}) as Readonly<Record<string, unknown>>
    const ends = until instanceof Date && !Number.isNaN(until.getTime())
    return typeof phone === 'string' && /^\+[1-9]\d{5,14}$/.test(phone) && typeof code === 'string' && /^\d{4,10}$/.test(code) && ends
  }
  check(
    'testNumbers',
    testNumbers,
    isListOf(isTestNumber),
    'must list { phone, code, until }: E.164, 4 to 10 digits, and a Date at which it ends',
  )
  check('allowTestNumbersInProduction', allowTestNumbersInProduction, isOneOf(true, false), 'must be true or false')
  // A fixed code in production opens an account to whoever reads the configuration: it has to be wanted twice.
  const wanted = () => process.env['NODE_ENV'] !== 'production' || allowTestNumbersInProduction === true
  if ((testNumbers ?? []).length > 0)
    check('testNumbers', testNumbers, wanted, 'need allowTestNumbersInProduction when NODE_ENV is production')
}
