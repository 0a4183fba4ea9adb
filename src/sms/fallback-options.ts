import { misconfigured, type Problem } from '../errors.js'
import type { SmsBackend } from './backend.js'
import type { FailureCode } from './fallback-failure.js'
import type { FallbackOrder } from './fallback-order.js'

/** One backend that did not send. Safe to log: nothing of the message is in it. */
export interface FallbackFailure {
  /** The backend that was asked, by its name in the list. */
  readonly backend: string
  readonly code: FailureCode
  /** The provider's own error code, where it gave one. */
  readonly providerCode: string | undefined
  /** The backend that is tried next; undefined where the send ends here. */
  readonly next: string | undefined
}

/** Options of `fallback`. */
export interface FallbackOptions {
  /** Which backends are asked, and in which order. Default: `'listed'`. */
  readonly order?: FallbackOrder | undefined
  /** Goes on, once, to another backend after a send that may have happened: the person may get the same message twice. Default: false. */
  readonly failoverOnUnknown?: boolean | undefined
  /** For all attempts together, in milliseconds, 100 to 60 000. Default: 4 500, within the verifier's 5 000. */
  readonly timeoutMs?: number | undefined
  /** For each attempt, in milliseconds, 50 to 60 000. Default: an equal share of what is left of `timeoutMs`, and never more than that. */
  readonly attemptTimeoutMs?: number | undefined
  /** So many failures in a row (unavailable or unknown) open a backend's breaker, 1 to 20. Default: 5. */
  readonly failures?: number | undefined
  /** For so long an open breaker keeps sends away, in milliseconds, 1 000 to 3 600 000. Default: 30 000. */
  readonly coolDownMs?: number | undefined
  /** Hears of every failed attempt, before the next begins. What it throws is ignored. */
  readonly onFailure?: ((failure: FallbackFailure) => void) | undefined
  /** A clock that only goes forward, in milliseconds. Default: `performance.now()`. */
  readonly now?: (() => number) | undefined
}

/** The options with every default in its place. */
export type FallbackSettings = Required<{ readonly [Name in keyof FallbackOptions]: Exclude<FallbackOptions[Name], undefined> }>

const isWithin = (min: number, max: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max
const isFunction = (value: unknown) => typeof value === 'function'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

const rules: Readonly<Record<Exclude<keyof FallbackOptions, 'order'>, Rule>> = {
  failoverOnUnknown: [(value) => typeof value === 'boolean', 'must be true or false'],
  timeoutMs: [isWithin(100, 60_000), 'must be 100 to 60 000 milliseconds'],
  attemptTimeoutMs: [isWithin(50, 60_000), 'must be 50 to 60 000 milliseconds'],
  failures: [isWithin(1, 20), 'must be 1 to 20'],
  coolDownMs: [isWithin(1_000, 3_600_000), 'must be 1 000 to 3 600 000 milliseconds'],
  onFailure: [isFunction, 'must be a function'],
  now: [isFunction, 'must be a function'],
}

/** Checks everything at once. Throws one ERR_PV_CONFIGURATION that lists every problem. */
export function readOptions(backends: readonly SmsBackend[], given: FallbackOptions): FallbackSettings {
  const problems: Problem[] = [...problemsOfBackends(backends)]
  const names = problems.length === 0 ? backends.map(({ name }) => name) : []
  if (!isObject(given)) problems.push({ option: 'options', message: 'must be an object' })
  const options: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), isObject(given) ? given : {})
  const said = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [option, value] of said) {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof typeof rules] : undefined
    if (option === 'order') problems.push(...(names.length > 0 ? problemsOfOrder(value, names) : []))
    else if (rule === undefined) problems.push({ option, message: 'is no option of fallback' })
    else if (!rule[0](value)) problems.push({ option, message: rule[1] })
  }
  if (problems.length > 0) throw misconfigured(problems)
  return { ...defaults, ...Object.fromEntries(said) }
}

const defaults: FallbackSettings = {
  order: 'listed',
  failoverOnUnknown: false,
  timeoutMs: 4_500,
  attemptTimeoutMs: Number.POSITIVE_INFINITY,
  failures: 5,
  coolDownMs: 30_000,
  onFailure: () => {},
  now: () => performance.now(),
}

function problemsOfBackends(backends: unknown): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ option: 'backends', message }]
  if (!Array.isArray(backends) || backends.length === 0) return problem('must list at least one backend')
  const isBackend = (one: unknown) => isText((one as SmsBackend | undefined)?.name) && isFunction((one as SmsBackend).send)
  if (!Array.from(backends).every(isBackend)) return problem('each must have a name and a send function')
  const names = backends.map(({ name }: SmsBackend) => name)
  return new Set(names).size === names.length ? [] : problem('each must have a name of its own')
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''

function problemsOfOrder(order: unknown, names: readonly string[]): readonly Problem[] {
  if (order === 'listed' || isFunction(order)) return []
  const [[kind, rows] = [], ...others] = isObject(order) ? Object.entries(order) : []
  if (!isObject(rows) || others.length > 0 || (kind !== 'weights' && kind !== 'byPrefix'))
    return [{ option: 'order', message: "must be 'listed', { weights }, { byPrefix } or a function" }]
  const entries: readonly (readonly [string, unknown])[] = Object.entries(rows)
  return kind === 'weights' ? problemsOfWeights(entries, names) : problemsOfPrefixes(entries, names)
}

function problemsOfWeights(entries: readonly (readonly [string, unknown])[], names: readonly string[]): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ option: 'order.weights', message }]
  const weighed = entries.map(([name]) => name)
  if (weighed.length !== names.length || !names.every((name) => weighed.includes(name)))
    return problem('must weigh each backend by its name')
  if (!entries.every(([, weight]) => isWithin(0, 1_000_000)(weight))) return problem('each must be a whole number of 0 to 1 000 000')
  return entries.some(([, weight]) => weight !== 0) ? [] : problem('one must be more than 0')
}

function problemsOfPrefixes(entries: readonly (readonly [string, unknown])[], names: readonly string[]): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ option: 'order.byPrefix', message }]
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.length > 0 && new Set(row).size === row.length && Array.from(row).every((name) => names.includes(name))
  if (!entries.every(([prefix]) => /^\+[1-9][0-9]{0,14}$/.test(prefix))) return problem("each prefix must be + and digits, as '+33'")
  return entries.every(([, row]) => isRow(row)) ? [] : problem('each must list names of the backends, each once')
}
