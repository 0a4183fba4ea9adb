/**
 * Every error this library throws. Compare by `code`, never by `instanceof`: an application may load two copies or two module formats.
 *
 * | code | whose fault | meaning |
 * |---|---|---|
 * | `ERR_PV_CONFIGURATION` | programmer | an option is wrong; `problems` lists all of them |
 * | `ERR_PV_ARGUMENT` | programmer | a field the server says is wrong; `field` names it |
 * | `ERR_PV_STORE` | world | the store failed or outlasted its deadline: nothing was allowed |
 * | `ERR_PV_TENANTS` | world | the application's `tenants` function failed |
 * | `ERR_PV_SMS_REFUSED` | world | the provider will never deliver to this number |
 * | `ERR_PV_SMS_UNAVAILABLE` | world | certainly not sent; another provider or a later call may do better |
 * | `ERR_PV_SMS_UNKNOWN` | world | may have been sent |
 * | `ERR_PV_TIMEOUT` | world | the application's own function outlasted the call's deadline |
 * | `ERR_PV_ABORTED` | caller | the caller's `signal` was aborted before anything was sent |
 * | `ERR_PV_CLOSED` | caller | the verifier was closed |
 */
export type ErrorCode =
  | 'ERR_PV_CONFIGURATION'
  | 'ERR_PV_ARGUMENT'
  | 'ERR_PV_STORE'
  | 'ERR_PV_TENANTS'
  | 'ERR_PV_SMS_REFUSED'
  | 'ERR_PV_SMS_UNAVAILABLE'
  | 'ERR_PV_SMS_UNKNOWN'
  | 'ERR_PV_TIMEOUT'
  | 'ERR_PV_ABORTED'
  | 'ERR_PV_CLOSED'

/** One thing wrong with the configuration. */
export interface Problem {
  /** The option, as a path: `purposes.login.ttlMs`. */
  readonly option: string
  readonly message: string
}

/** What an error may say beside its code. All of it is safe to log: no code, token, key or full phone number. */
export interface ErrorDetails {
  /** The SMS backend that failed. */
  readonly backend?: string | undefined
  /** The provider's own error code, where it gave one. */
  readonly providerCode?: string | undefined
  /** The argument at fault. */
  readonly field?: string | undefined
  /** Everything wrong with the configuration. */
  readonly problems?: readonly Problem[] | undefined
}

/**
 * An error with a stable `code`. It never carries a `cause`: errors of stores, providers and callbacks hold codes, numbers and
 * credentials, so they are re-created and never passed on.
 *
 * @example
 * ```ts
 * import type { PhoneVerifyError } from 'phone-verify'
 *
 * export const isOutage = (error: unknown) => (error as PhoneVerifyError).code === 'ERR_PV_STORE'
 * ```
 */
export class PhoneVerifyError extends Error implements ErrorDetails {
  readonly code: ErrorCode
  declare readonly backend?: string
  declare readonly providerCode?: string
  declare readonly field?: string
  declare readonly problems?: readonly Problem[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = 'PhoneVerifyError'
    this.code = code
    const { backend, providerCode, field, problems }: ErrorDetails = Object.assign(Object.create(null), details)
    Object.assign(this, backend !== undefined && { backend }, providerCode !== undefined && { providerCode })
    Object.assign(this, field !== undefined && { field }, problems !== undefined && { problems })
  }
}

const words = ['code', 'message', 'backend', 'providerCode'] as const

/** What an error of anybody says for itself: its own words, none that are inherited, and none that cannot be read. */
export function ownWords(error: unknown): Partial<Pick<PhoneVerifyError, (typeof words)[number]>> {
  const own = Object.create(null)
  try {
    for (const word of words) if (Object.hasOwn(Object(error), word)) own[word] = (error as PhoneVerifyError)[word]
  } catch {}
  return own
}

/** Everything that is wrong with a configuration, in one error: a line for each problem, which begins with the option or, of a backend, its name. */
export function misconfigured(problems: readonly Problem[], backend?: string): PhoneVerifyError {
  const whose = backend === undefined ? '' : `${backend}: `
  const lines = problems.map(({ option, message }) => `${whose}${option}: ${message}`)
  return new PhoneVerifyError('ERR_PV_CONFIGURATION', lines.join('\n'), { problems, backend })
}
