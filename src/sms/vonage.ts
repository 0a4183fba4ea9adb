import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { createExchange } from './exchange.js'
import { createFailures } from './failure.js'
import { requireText } from './must-contain.js'
import { judge } from './vonage-answers.js'
import { loadVonageApi, prepare, type VonageApi } from './vonage-client.js'
import { isSender, readOptions, type VonageOptions, type VonageSettings } from './vonage-options.js'
import { createRequest } from './vonage-request.js'

export type { VonageApi, VonageClient } from './vonage-client.js'
export type { VonageOptions } from './vonage-options.js'

/**
 * Sends through Vonage: its Messages API, or with `api: 'sms'` its older SMS API. What goes over the wire is made by `@vonage/server-sdk`,
 * which is loaded at the first send; it travels over connections of this backend, which end in time, follow no redirect and read at most
 * 64 KiB. A request is made once and never again.
 *
 * @returns a backend named `vonage`. It rejects with `ERR_PV_SMS_REFUSED` where Vonage says that the number is barred, invalid or out of
 * use, `ERR_PV_SMS_UNAVAILABLE` where it certainly did not take the message, `ERR_PV_SMS_UNKNOWN` in every other case, and with
 * `ERR_PV_CONFIGURATION` for a text that lacks one of `mustContain` and where the SDK is missing.
 * @throws `ERR_PV_CONFIGURATION` with everything that is wrong in the options
 * @example
 * ```ts
 * import { vonageBackend } from 'phone-verify/sms/vonage'
 *
 * export const smsFor = (apiKey: string, apiSecret: string) => vonageBackend({ apiKey, apiSecret, from: 'Acme' })
 * ```
 */
export function vonageBackend(options: VonageOptions): SmsBackend {
  const settings = readOptions(options)
  const { name, api, baseUrl, timeoutMs, webhookUrl } = settings
  const failures = createFailures(name)
  const exchange = createExchange()
  const client = keepOnce(() => clientOf(settings))

  return {
    name,
    async send(message, signal) {
      requireText(message, name)
      if (signal?.aborted) throw failures.unavailable('aborted before the send')
      const request = createRequest(api, message, senderOf(settings, message), webhookUrl)
      const { path, body, authorization } = await prepare(name, await client(), request)
      const url = new URL(`${baseUrl}${path}`)
      const verdict = judge(api, await exchange({ url, headers: { ...headers, authorization }, body, timeoutMs, signal }))
      if (verdict.meaning === 'taken') return { backend: name, messageId: verdict.messageId }
      const { meaning, what, providerCode } = verdict
      // A short code may happen to be a code of theirs.
      throw failures[meaning](what, providerCode === message.code ? undefined : providerCode)
    },
  }
}

/** Unpacking could make much of little. */
const headers = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'phone-verify',
}

const clientOf = async ({ name, api, access }: VonageSettings): Promise<VonageApi> =>
  'client' in access ? access.client : loadVonageApi(name, api, access.auth)

/** Made at the first call and kept, unless it failed. */
function keepOnce<Kept>(make: () => Promise<Kept>): () => Promise<Kept> {
  let kept: Promise<Kept> | undefined
  return () => {
    kept ??= make().catch((error: unknown) => {
      kept = undefined
      throw error
    })
    return kept
  }
}

/** The function is the application's; what it throws may repeat the message. */
function senderOf({ name, from }: VonageSettings, message: SmsMessage): string {
  const problem = (what: string) =>
    new PhoneVerifyError('ERR_PV_CONFIGURATION', `from: ${what}`, { backend: name, problems: [{ option: 'from', message: what }] })
  let sender: unknown
  try {
    sender = from(message)
  } catch {
    throw problem('the function threw')
  }
  if (!isSender(sender)) throw problem('the function must return a number or up to 15 characters')
  return sender
}
