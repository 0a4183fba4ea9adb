import { createPrivateKey, type KeyObject } from 'node:crypto'
import { misconfigured, type Problem } from '../errors.js'
import type { SmsMessage } from './backend.js'
import { providerUrl } from './provider-url.js'
import type { Api } from './vonage-answers.js'
import { type Auth, createAuth } from './vonage-auth.js'
import { isVonageApi, type VonageApi, type VonageClient } from './vonage-client.js'

/** Options of `vonageBackend`. One way to authenticate: key and secret, application and private key, or a client that has its own. */
export interface VonageOptions {
  readonly apiKey?: string | undefined
  readonly apiSecret?: string | undefined
  readonly applicationId?: string | undefined
  /** RSA, in PEM: the key itself, not the path of its file. */
  readonly privateKey?: string | Uint8Array | undefined
  /** A `Vonage` of the SDK, or `{ messages: new Messages(…) }` of the small package, which loads faster. */
  readonly client?: VonageClient | undefined
  /** The sender: a number of yours, or up to 11 letters where a country allows them. */
  readonly from: string | ((message: SmsMessage) => string)
  /** Default: `messages`. The older `sms` knows no applications. */
  readonly api?: Api | undefined
  /** Where delivery reports of these messages go. Default: what the account says. */
  readonly webhookUrl?: string | URL | undefined
  /** Where Vonage is: https, or http on this machine. Default: that of the client, else `https://api.nexmo.com` or `https://rest.nexmo.com`. */
  readonly baseUrl?: string | URL | undefined
  /** The longest a request may take, 1 to 60 000. Default: 5000. */
  readonly timeoutMs?: number | undefined
  /** Name in receipts, errors and events. Default: `vonage`. */
  readonly name?: string | undefined
}

export interface VonageSettings {
  readonly name: string
  readonly api: Api
  /** What is loaded with this, or the client that was given. */
  readonly access: { readonly auth: Auth } | { readonly client: VonageApi }
  readonly from: (message: SmsMessage) => unknown
  readonly webhookUrl: string | undefined
  readonly baseUrl: string
  readonly timeoutMs: number
}

const known: ReadonlySet<string> = new Set<keyof VonageOptions>([
  'apiKey',
  'apiSecret',
  'applicationId',
  'privateKey',
  'client',
  'from',
  'api',
  'webhookUrl',
  'baseUrl',
  'timeoutMs',
  'name',
])

const hosts = { messages: ['apiHost', 'https://api.nexmo.com'], sms: ['restHost', 'https://rest.nexmo.com'] } as const

/** A number, or letters: Vonage cuts what is longer than 15. */
export const isSender = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && /^(?:\+\d{1,15}|[^\p{C}]{1,15})$/u.test(value)

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,40}$/.test(value)
const isWord = (value: unknown): value is string => typeof value === 'string' && /^[!-~]{1,200}$/.test(value)

/** @throws `ERR_PV_CONFIGURATION` with everything that is wrong; it repeats no value */
export function readOptions(options: VonageOptions): VonageSettings {
  const given: VonageOptions = Object.assign(Object.create(null), options)
  const { api = 'messages', name = 'vonage', from, timeoutMs = 5000 } = given
  const problems: Problem[] = Object.keys(given)
    .filter((option) => !known.has(option))
    .map((option) => ({ option, message: 'is no option of vonage' }))
  const check = (option: keyof VonageOptions, holds: boolean, message: string) => {
    if (!holds) problems.push({ option, message })
  }

  check('name', isName(name), 'must be 1 to 40 letters, digits, dots, hyphens or underscores')
  check('api', api === 'messages' || api === 'sms', "must be 'messages' or 'sms'")
  check('from', typeof from === 'function' || isSender(from), 'must be a number, or up to 15 characters, or a function')
  check('timeoutMs', Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 60_000, 'must be 1 to 60 000 milliseconds')

  const webhookUrl = given.webhookUrl === undefined ? undefined : providerUrl(given.webhookUrl)?.href
  check('webhookUrl', given.webhookUrl === undefined || webhookUrl !== undefined, 'must be an https URL')
  check('webhookUrl', api !== 'sms' || (webhookUrl ?? '').length <= 100, 'must have at most 100 characters for the SMS API')

  const access = accessOf(given, api, check)
  const [host, usual] = hosts[api] ?? hosts.messages
  const configured = access !== undefined && 'client' in access ? Reflect.get(Object(access.client.getConfig()), host) : undefined
  const baseUrl = providerUrl(given.baseUrl ?? configured ?? usual)
  const isBase = baseUrl !== undefined && baseUrl.search + baseUrl.hash === ''
  check('baseUrl', isBase, 'must be https, or http on this machine, without credentials, query or fragment')

  if (problems.length > 0 || access === undefined || baseUrl === undefined) {
    throw misconfigured(problems, isName(name) ? name : 'vonage')
  }
  const sender = typeof from === 'function' ? from : () => from
  return { name, api, access, from: sender, webhookUrl, baseUrl: baseUrl.href.replace(/\/+$/, ''), timeoutMs }
}

type Check = (option: keyof VonageOptions, holds: boolean, message: string) => void

function accessOf(given: VonageOptions, api: Api, check: Check): VonageSettings['access'] | undefined {
  const { apiKey, apiSecret, applicationId, privateKey, client } = given
  const hasKey = apiKey !== undefined || apiSecret !== undefined
  const hasApplication = applicationId !== undefined || privateKey !== undefined

  if (client !== undefined) {
    const found: unknown = Reflect.get(Object(client), api)
    check('client', isVonageApi(found), `must be a Vonage client with ${api}`)
    check('client', !hasKey && !hasApplication, 'has its own credentials: give no others')
    return isVonageApi(found) ? { client: found } : undefined
  }
  if (hasApplication) {
    const key = rsaKey(privateKey)
    check('applicationId', isWord(applicationId), 'must be the id of the application')
    check('privateKey', key !== undefined, 'must be an RSA private key in PEM, not the path of its file')
    check('apiKey', !hasKey, 'apiKey and apiSecret, or applicationId and privateKey: not both')
    check('api', api !== 'sms', 'the SMS API takes apiKey and apiSecret only')
    return key && applicationId !== undefined ? { auth: createAuth({ applicationId, privateKey: key }) } : undefined
  }
  // A colon would end the key where Basic credentials are read (RFC 7617).
  check('apiKey', isWord(apiKey) && !apiKey.includes(':'), 'must be the API key of the account')
  check('apiSecret', isWord(apiSecret), 'must be the API secret of the account')
  return isWord(apiKey) && isWord(apiSecret) ? { auth: createAuth({ apiKey, apiSecret }) } : undefined
}

function rsaKey(pem: unknown): KeyObject | undefined {
  if (typeof pem !== 'string' && !(pem instanceof Uint8Array)) return undefined
  try {
    const key = createPrivateKey(Buffer.from(pem as string))
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    return undefined
  }
}
