import { misconfigured, type Problem } from '../errors.js'

/** Options of `byTenant`. Times are in milliseconds. */
export interface ByTenantOptions {
  /** So many tenants' backends are kept, those used last, 1 to 100 000. Default: 1 000. */
  readonly maxCached?: number | undefined
  /** A kept backend that is older is resolved again before it sends, 1 000 to 86 400 000. Default: 60 000. */
  readonly refreshMs?: number | undefined
  /**
   * While `resolve` fails, a kept backend may serve up to this age. Default: 300 000, or `refreshMs` where that is longer; up to
   * 86 400 000. As long as `refreshMs`: never.
   */
  readonly staleMs?: number | undefined
  /** `resolve` must settle within this time, 10 to 60 000. Default: 2 000. */
  readonly timeoutMs?: number | undefined
  /** A clock that only goes forward. Default: `performance.now()`. */
  readonly now?: (() => number) | undefined
}

export type ByTenantSettings = Required<{ readonly [Name in keyof ByTenantOptions]: Exclude<ByTenantOptions[Name], undefined> }>

const dayMs = 86_400_000

const isWithin = (min: number, max: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max

const rules: Readonly<Record<keyof ByTenantOptions, readonly [holds: (value: unknown) => boolean, message: string]>> = {
  maxCached: [isWithin(1, 100_000), 'must be 1 to 100 000'],
  refreshMs: [isWithin(1_000, dayMs), 'must be 1 000 to 86 400 000 milliseconds'],
  staleMs: [isWithin(1_000, dayMs), 'must be 1 000 to 86 400 000 milliseconds'],
  timeoutMs: [isWithin(10, 60_000), 'must be 10 to 60 000 milliseconds'],
  now: [(value) => typeof value === 'function', 'must be a function'],
}

/** Checks everything at once. Throws one ERR_PV_CONFIGURATION that lists every problem. */
export function readOptions(resolve: unknown, given: ByTenantOptions): ByTenantSettings {
  const problems: Problem[] = []
  const check = (holds: boolean, option: string, message: string) => void (holds || problems.push({ option, message }))
  check(typeof resolve === 'function', 'resolve', 'must be a function')
  check(typeof given === 'object' && given !== null, 'options', 'must be an object')
  const options: ByTenantOptions = Object.assign(Object.create(null), given)
  const said = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [option, value] of said) {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof ByTenantOptions] : undefined
    check(rule?.[0](value) ?? false, option, rule?.[1] ?? 'is no option of byTenant')
  }
  const { refreshMs = 60_000, staleMs = Math.max(300_000, refreshMs) } = options
  if (problems.length === 0) check(staleMs >= refreshMs, 'staleMs', 'must not be shorter than refreshMs')
  if (problems.length > 0) throw misconfigured(problems)
  return { maxCached: 1_000, timeoutMs: 2_000, now: () => performance.now(), ...Object.fromEntries(said), refreshMs, staleMs }
}
