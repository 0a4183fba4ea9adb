import { misconfigured, type Problem } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { createExchange } from './exchange.js'
import { createFailures } from './failure.js'
import { type HttpMapping, judge } from './http-answer.js'
import { encodeBody, encodeHeaders } from './http-request.js'
import { requireText } from './must-contain.js'
import { providerUrl } from './provider-url.js'

export type { HttpAnswer, HttpMapping } from './http-answer.js'

/** Options of `httpBackend`. */
export interface HttpOptions extends HttpMapping {
  /** Name in receipts, errors and events: that of the gateway. */
  readonly name: string
  /** https, or http on this machine. A number or a code has no place in it, for addresses stand in logs. */
  readonly url: string | URL
  /** Credentials, for instance. `content-type` follows from the body unless it stands here. */
  readonly headers?:
    | Headers
    | Readonly<Record<string, string>>
    | ((message: SmsMessage) => Headers | Readonly<Record<string, string>>)
    | undefined
  /** What is posted for one message: text as it is, `URLSearchParams` as a form, any other object as JSON. */
  readonly body: (message: SmsMessage) => string | URLSearchParams | object
  /** The longest a request may take, 1 to 60 000. Default: 5000. */
  readonly timeoutMs?: number | undefined
}

/**
 * Sends through any gateway that takes an SMS by POST. Connections are kept open; a request ends in time, is made once and never again,
 * follows no redirect, and of its answer at most 64 KiB are read.
 *
 * Without a mapping 2xx is taken, 4xx certainly not sent, and everything else unknown. Most gateways answer 200 to mistakes as well: say
 * with `accepted` what a message that was taken looks like.
 *
 * @returns a backend that rejects with `ERR_PV_SMS_REFUSED` where `refused` says so, `ERR_PV_SMS_UNAVAILABLE` where the message was
 * certainly not sent, `ERR_PV_SMS_UNKNOWN` in every other case, and with `ERR_PV_CONFIGURATION` for a text that lacks one of `mustContain`
 * and where `headers` or `body` throws or makes what cannot be sent.
 * @throws `ERR_PV_CONFIGURATION` with everything that is wrong in the options
 * @example
 * ```ts
 * import { httpBackend } from 'phone-verify/sms/http'
 *
 * export const smsFor = (key: string) =>
 *   httpBackend({
 *     name: 'gateway',
 *     url: 'https://sms.example.com/messages',
 *     headers: { authorization: `Bearer ${key}` },
 *     body: ({ to, text }) => ({ to, text }),
 *     accepted: ({ json }) => {
 *       const { id } = json as { id?: string }
 *       return id === undefined ? undefined : { messageId: id }
 *     },
 *     refused: ({ status }) => status === 422,
 *   })
 * ```
 */
export function httpBackend(options: HttpOptions): SmsBackend {
  const { name, url, headers, body, timeoutMs, ...mapping } = readOptions(options)
  const failures = createFailures(name)
  const exchange = createExchange()

  return {
    name,
    async send(message, signal) {
      requireText(message, name)
      if (signal?.aborted) throw failures.unavailable('aborted before the send')
      const encoded = made(name, 'body', () => encodeBody(body(message)))
      const extra = made(name, 'headers', () => encodeHeaders(typeof headers === 'function' ? headers(message) : headers))
      const asked = { url, headers: { ...usual, 'content-type': encoded.type, ...extra }, body: encoded.text, timeoutMs, signal }
      const verdict = judge(await exchange(asked), mapping)
      if (verdict.meaning === 'taken') return { backend: name, messageId: verdict.messageId }
      throw failures[verdict.meaning](verdict.what, verdict.providerCode)
    },
  }
}

/** Unpacking could make much of little. */
const usual = { accept: 'application/json, */*;q=0.5', 'accept-encoding': 'identity', 'user-agent': 'phone-verify' }

/** What the application's function makes of a message. What it throws may repeat the message, and is not passed on. */
function made<Made>(backend: string, option: 'body' | 'headers', make: () => Made | undefined): Made {
  let result: Made | undefined
  let message = 'the function made what cannot be sent'
  try {
    result = make()
  } catch {
    message = 'the function threw'
  }
  if (result !== undefined) return result
  throw misconfigured([{ option, message }], backend)
}

const known: ReadonlySet<string> = new Set<keyof HttpOptions>([
  'name',
  'url',
  'headers',
  'body',
  'accepted',
  'refused',
  'unavailable',
  'timeoutMs',
])

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,40}$/.test(value)

/** It repeats no value, for any of them may be a secret. */
function readOptions(options: HttpOptions) {
  const given: HttpOptions = Object.assign(Object.create(null), options)
  const { name, headers = {}, body, accepted, refused, unavailable, timeoutMs = 5000 } = given
  const url = providerUrl(given.url)
  const problems: Problem[] = Object.keys(given)
    .filter((option) => !known.has(option))
    .map((option) => ({ option, message: 'is no option of http' }))
  const check = (option: keyof HttpOptions, holds: boolean, message: string) => {
    if (!holds) problems.push({ option, message })
  }
  check('name', isName(name), 'must be 1 to 40 letters, digits, dots, hyphens or underscores')
  check('url', url !== undefined, 'must be an https URL without credentials; http only on this machine')
  const areHeaders = typeof headers === 'function' || encodeHeaders(headers) !== undefined
  check('headers', areHeaders, 'must be names and values that HTTP can carry, none of the connection, or a function')
  check('body', typeof body === 'function', 'must be a function')
  check('timeoutMs', Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 60_000, 'must be 1 to 60 000 milliseconds')
  for (const [option, value] of Object.entries({ accepted, refused, unavailable })) {
    check(option as keyof HttpMapping, value === undefined || typeof value === 'function', 'must be a function')
  }
  if (problems.length > 0 || url === undefined) {
    throw misconfigured(problems, isName(name) ? name : 'http')
  }
  return { name, url, headers, body, timeoutMs, accepted, refused, unavailable }
}
