import type { Client } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import { canonicalTag } from '../domain/language.js'
import { misconfigured, type Problem } from '../errors.js'
import type { CodeVerified } from '../services/verbs.js'
import { isBasePath } from './base-path.js'
import type { CorsOptions } from './cors.js'
import type { Said, SaidOptions } from './said.js'
import type { WebhookOptions } from './webhooks.js'
import type { WireHeaders } from './wire.js'

/** What `onVerified` adds to the reply. */
export interface ReplyAdditions {
  /** By name in lower case: `{ 'set-cookie': '…' }`. */
  readonly headers?: WireHeaders | undefined
  /** Members beside those of the wire, which stay as they are. */
  readonly body?: Readonly<Record<string, unknown>> | undefined
}

/** What the server says of a request, for every adapter. `Request` is the framework's own. */
export interface HttpOptions<Request> extends SaidOptions<Request> {
  /** Why phones are verified here. One purpose for each mount: never the visitor's word. */
  readonly purpose: string
  /** What templates may say besides. */
  readonly context?: ((request: Request) => Said<Context>) | undefined
  /** The visitor's language, where you know it better than `Accept-Language`. A `locale` in the body comes first. */
  readonly locale?: ((request: Request) => Said<string>) | undefined
  /** The languages that your texts are written in, as BCP 47 tags: one of them is chosen from `Accept-Language`. Default: the 49 of `localized`. */
  readonly languages?: readonly string[] | undefined
  /** Who asks, for the limits by client. Default: the network address, `unknown` where there is none. */
  readonly client?: ((request: Request) => Said<Client>) | undefined
  /** Whether nothing is sent and no code opens: for a phone that nobody registered. Only for purposes delivered in the background. */
  readonly decoy?: ((phone: string, request: Request) => Said<boolean>) | undefined
  /** How many proxies of yours every request passes. Default 0: `X-Forwarded-For` is not read. */
  readonly trustedProxies?: number | undefined
  /** Called once for every success, before the reply. What it throws makes the reply 500, and the code stays used. */
  readonly onVerified?: ((result: CodeVerified, request: Request) => Said<ReplyAdditions>) | undefined
  /** Called with what a function of yours threw, and with what the verifier says of a programmer's mistake. Default: a warning of the process. */
  readonly onError?: ((error: unknown, request: Request) => void) | undefined
  /** The path before `/send`, where the framework does not cut it off itself. Default `''`. */
  readonly basePath?: string | undefined
  /** Which web sites may call from a browser. Default: the own origin alone. */
  readonly cors?: CorsOptions | undefined
  /** `uniform`: every failed verification is 422 `incorrect_code`. Default `detailed`, for `password_reset` `uniform`. */
  readonly disclosure?: 'detailed' | 'uniform' | undefined
  /** Serverless platforms: keeps a background send alive after the reply. */
  readonly waitUntil?: ((work: Promise<void>, request: Request) => void) | undefined
  /** The longest body of a request, in bytes. Default 4 096. A webhook may have 64 KiB. */
  readonly maxBodyBytes?: number | undefined
  /** Delivery reports of providers, at `/webhooks/twilio` and `/webhooks/vonage`. Default: none is taken. */
  readonly webhooks?: WebhookOptions | undefined
}

export type HttpSettings<Request> = HttpOptions<Request> & {
  readonly basePath: string
  readonly trustedProxies: number
  readonly maxBodyBytes: number
  readonly disclosure: 'detailed' | 'uniform'
  readonly onError: (error: unknown, request: Request) => void
}

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

const isWhole = (min: number, max: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max
const aFunction: Rule = [(value) => typeof value === 'function', 'must be a function']
const anObject: Rule = [(value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object']

const rules: Readonly<Record<keyof HttpOptions<unknown>, Rule>> = {
  purpose: [(value) => typeof value === 'string' && value !== '', 'must be the purpose of this mount'],
  tenant: aFunction,
  subject: aFunction,
  payload: aFunction,
  context: aFunction,
  locale: aFunction,
  languages: [
    (value) => Array.isArray(value) && Array.from(value).every((tag) => canonicalTag(tag) !== undefined),
    'must list BCP 47 tags',
  ],
  client: aFunction,
  decoy: aFunction,
  trustedProxies: [isWhole(0, 20), 'must be a whole number from 0 to 20'],
  onVerified: aFunction,
  onError: aFunction,
  basePath: [isBasePath, "must begin with / and not end with it, or be ''"],
  cors: anObject,
  disclosure: [(value) => value === 'detailed' || value === 'uniform', "must be 'detailed' or 'uniform'"],
  waitUntil: aFunction,
  maxBodyBytes: [isWhole(1_024, 1_048_576), 'must be a whole number of bytes from 1 024 to 1 048 576'],
  webhooks: anObject,
}

/** Said aloud, and never to the visitor. */
const warn = (error: unknown) => process.emitWarning(error instanceof Error ? error : new Error(String(error)))

/** Options as they hold, or all that is wrong with them. */
export function readOptions<Request>(given: HttpOptions<Request>): HttpSettings<Request> {
  if (!anObject[0](given)) throw misconfigured([{ option: 'options', message: 'must be an object' }])
  const options: HttpOptions<Request> = Object.assign(Object.create(null), given)
  const problems: Problem[] = Object.entries(options).flatMap(([option, value]) => {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof typeof rules] : undefined
    if (rule === undefined) return [{ option, message: 'is no option of an endpoint' }]
    return value === undefined || rule[0](value) ? [] : [{ option, message: rule[1] }]
  })
  if (options.purpose === undefined) problems.push({ option: 'purpose', message: rules.purpose[1] })
  if (problems.length > 0) throw misconfigured(problems)
  const { basePath = '', trustedProxies = 0, maxBodyBytes = 4_096 } = options
  const { disclosure = options.purpose === 'password_reset' ? 'uniform' : 'detailed', onError = warn } = options
  // Without a prototype: what is not said here, a polluted Object.prototype must not say either.
  return Object.assign(Object.create(null), options, { basePath, trustedProxies, maxBodyBytes, disclosure, onError })
}
