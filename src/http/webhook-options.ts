import { misconfigured, type Problem } from '../errors.js'
import type { WebhookOptions } from './webhooks.js'

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

/** An empty or a short secret signs whatever a forger likes; one with a line break was pasted with more than itself. */
const secret: Rule = [
  (value) => typeof value === 'string' && /^[^\s\p{Cc}\p{Surrogate}]{16,256}$/u.test(value),
  'must be a secret of at least 16 characters, without white space',
]

const key: Rule = [(value) => typeof value === 'string' && /^[!-~]{1,64}$/.test(value), 'must be an API key, without white space']

/** What each provider may be told. */
const providers: Readonly<Record<'twilio' | 'vonage', Readonly<Record<string, Rule>>>> = {
  twilio: { authToken: secret },
  vonage: { signatureSecret: secret, apiKey: key },
}

const optional: ReadonlySet<string> = new Set(['apiKey'])

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/** Where a provider may send reports: https, or http on this machine, and nothing behind the path. */
const isPublicUrl = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^https?:\/\/[^/\\?#\s]+(?:\/[^\\?#\s]*)?$/i.test(value) || !URL.canParse(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  return username === '' && password === '' && (protocol === 'https:' || loopback.test(hostname))
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own fields alone: a polluted prototype configures no secret. */
const ownOf = <Value extends object>(value: Value): Value => Object.assign(Object.create(null), value)

/**
 * The options as they hold, the public address without the slashes it ends with.
 *
 * @throws `ERR_PV_CONFIGURATION` with all that is wrong with them. No value is repeated.
 */
export function readWebhookOptions(given: WebhookOptions): WebhookOptions {
  if (!isObject(given)) throw misconfigured([{ option: 'webhooks', message: 'must be an object' }])
  const options = ownOf(given)
  const problems: Problem[] = []
  const say = (option: string, message: string) => problems.push({ option: `webhooks.${option}`, message })

  for (const name of Object.keys(options))
    if (name !== 'publicUrl' && !Object.hasOwn(providers, name)) say(name, 'is no option of webhooks')
  if (!isPublicUrl(options.publicUrl))
    say('publicUrl', 'must be an absolute https URL (http only on this machine) without credentials, query and fragment')

  for (const [provider, rules] of Object.entries(providers)) {
    const given = options[provider as keyof typeof providers] as unknown
    if (given === undefined) continue
    // What is no object says nothing, so what is required of it is missing.
    const said: Readonly<Record<string, unknown>> = ownOf(isObject(given) ? given : {}) as never
    for (const name of Object.keys(said)) if (!Object.hasOwn(rules, name)) say(`${provider}.${name}`, `is no option of ${provider}`)
    for (const [name, [holds, message]] of Object.entries(rules))
      if (!(said[name] === undefined && optional.has(name)) && !holds(said[name])) say(`${provider}.${name}`, message)
  }
  if (options.twilio === undefined && options.vonage === undefined) say('twilio', 'must be given, or webhooks.vonage')
  if (problems.length > 0) throw misconfigured(problems)

  const { publicUrl, twilio, vonage } = options
  return ownOf({
    publicUrl: publicUrl.replace(/\/+$/, ''),
    twilio: twilio && ownOf(twilio),
    vonage: vonage && ownOf(vonage),
  })
}
