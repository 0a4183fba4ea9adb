import { misconfigured, type PhoneVerifyError, type Problem } from '../errors.js'
import type { SmsMessage } from './backend.js'
import { providerUrl } from './provider-url.js'
import type { TwilioClient } from './twilio-client.js'

/** A sender: the same for every message, or chosen for each. */
export type TwilioSender = string | ((message: SmsMessage) => string)

/** Options of `twilioBackend`. Either `client`, or `accountSid` with `authToken` or with `apiKey` and `apiKeySecret`. */
export interface TwilioOptions {
  /** Short name for receipts, errors and events. Default: `twilio`. */
  readonly name?: string | undefined
  readonly accountSid?: string | undefined
  readonly authToken?: string | undefined
  readonly apiKey?: string | undefined
  readonly apiKeySecret?: string | undefined
  /** A client of your own. Its connections, redirects and retries are your affair; this backend only waits `timeoutMs` for it. */
  readonly client?: TwilioClient | undefined
  /** A number in E.164, a short code or an alphanumeric sender. Either this or `messagingServiceSid`. */
  readonly from?: TwilioSender | undefined
  readonly messagingServiceSid?: TwilioSender | undefined
  /** The longest that a send may take, in milliseconds, 100 to 60 000. Default: 5 000. */
  readonly timeoutMs?: number | undefined
  /** Where Twilio reports deliveries to. */
  readonly statusCallback?: string | undefined
  /** Twilio keeps no text. Accounts without that feature are refused. Default: false. */
  readonly discardContent?: boolean | undefined
  /** Twilio keeps numbers without their last digits. Default: false. */
  readonly obfuscateAddress?: boolean | undefined
  /** As in `au1`. The environment is not read. */
  readonly region?: string | undefined
  /** As in `sydney`. */
  readonly edge?: string | undefined
  /** In place of `https://api.twilio.com`: a gateway, or a server for tests. Only on this machine may it be http. */
  readonly baseUrl?: string | undefined
}

const matches = (pattern: { test(text: string): boolean }) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const isBoolean = (value: unknown) => typeof value === 'boolean'
const isWithin = (min: number, max: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max

const isFrom = matches(/^(?:\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11})$/)
const isService = matches(/^MG[0-9a-fA-F]{32}$/)
const isSecret = matches(/^[\x21-\x7e]{16,}$/)
const isPlace = matches(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/)

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

const place: Rule = [isPlace, 'must be lower-case letters, digits and hyphens']
const secret: Rule = [isSecret, 'must be 16 or more visible characters']
const truth: Rule = [isBoolean, 'must be true or false']
const senders = {
  from: [isFrom, 'must be a number in E.164, a short code or an alphanumeric sender'],
  messagingServiceSid: [isService, 'must be MG and 32 hexadecimal digits'],
} as const satisfies Record<string, Rule>

const rules: Readonly<Record<keyof TwilioOptions, Rule>> = {
  name: [matches(/^[\w.-]{1,40}$/), 'must be 1 to 40 letters, digits, dots, hyphens or underscores'],
  accountSid: [matches(/^AC[0-9a-fA-F]{32}$/), 'must be AC and 32 hexadecimal digits'],
  authToken: secret,
  apiKey: [matches(/^SK[0-9a-fA-F]{32}$/), 'must be SK and 32 hexadecimal digits'],
  apiKeySecret: secret,
  client: [isClient, 'must have messages.create'],
  from: [orFunction(senders.from[0]), `${senders.from[1]}, or a function`],
  messagingServiceSid: [orFunction(senders.messagingServiceSid[0]), `${senders.messagingServiceSid[1]}, or a function`],
  timeoutMs: [isWithin(100, 60_000), 'must be 100 to 60 000 milliseconds'],
  statusCallback: [isWebAddress, 'must be an address that begins with https:// or http://'],
  discardContent: truth,
  obfuscateAddress: truth,
  region: place,
  edge: place,
  baseUrl: [isBase, 'must be https, or http on this machine, without credentials, query or fragment'],
}

/** Checks everything at once. Values are never repeated: they may be secrets in the wrong place. */
export function readOptions(given: TwilioOptions): TwilioOptions {
  const isObject = typeof given === 'object' && given !== null
  const said = Object.entries(isObject ? given : {}).filter(([, value]) => value !== undefined)
  const options: TwilioOptions = Object.assign(Object.create(null), Object.fromEntries(said))
  const broken = said.flatMap(([option, value]): readonly Problem[] => {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof TwilioOptions] : undefined
    if (rule === undefined) return [{ option, message: 'is no option of twilio' }]
    return rule[0](value) ? [] : [{ option, message: rule[1] }]
  })
  const problems = isObject ? [...broken, ...problemsOfAccount(options), ...problemsOfSender(options)] : [notObject]
  if (problems.length > 0) throw unfit(options.name, problems)
  return options
}

const notObject: Problem = { option: 'options', message: 'must be an object' }

function problemsOfAccount(options: TwilioOptions): readonly Problem[] {
  const problem = (option: keyof TwilioOptions, message: string): Problem => ({ option, message })
  if (options.client !== undefined) {
    const besides = (['accountSid', 'authToken', 'apiKey', 'apiKeySecret', 'region', 'edge', 'baseUrl'] as const).filter(
      (name) => name in options,
    )
    return besides.map((name) => problem(name, 'belongs to the client where one is given'))
  }
  const hasKey = options.apiKey !== undefined || options.apiKeySecret !== undefined
  const needed = ['accountSid', ...(hasKey ? (['apiKey', 'apiKeySecret'] as const) : (['authToken'] as const))] as const
  const missing = needed.filter((name) => !(name in options)).map((name) => problem(name, 'is missing'))
  const both = hasKey && options.authToken !== undefined
  return [...missing, ...(both ? [problem('authToken', 'does not go with apiKey and apiKeySecret')] : [])]
}

function problemsOfSender({ from, messagingServiceSid }: TwilioOptions): readonly Problem[] {
  if ((from === undefined) !== (messagingServiceSid === undefined)) return []
  return [{ option: 'from', message: 'either from or messagingServiceSid must be given, and not both' }]
}

/** The sender of one message. What a function chooses is checked each time. */
export function senderOf(
  options: TwilioOptions,
  message: SmsMessage,
): { readonly from: string } | { readonly messagingServiceSid: string } {
  const option = options.from === undefined ? 'messagingServiceSid' : 'from'
  const [holds, description] = senders[option]
  const sender = options[option]
  let chosen: unknown
  try {
    chosen = typeof sender === 'function' ? sender(message) : sender
  } catch {}
  if (!holds(chosen)) throw unfit(options.name, [{ option, message: description }])
  return { [option]: chosen } as { readonly from: string }
}

export const unfit = (name: unknown, problems: readonly Problem[]): PhoneVerifyError =>
  misconfigured(problems, matches(/^[\w.-]{1,40}$/)(name) ? String(name) : 'twilio')

function isClient(value: unknown): boolean {
  return typeof (value as TwilioClient | null)?.messages?.create === 'function'
}

function orFunction(holds: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => typeof value === 'function' || holds(value)
}

function isWebAddress(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
}

function isBase(value: unknown): boolean {
  const url = providerUrl(value)
  return url !== undefined && url.search + url.hash === ''
}
