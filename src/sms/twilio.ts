import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage, SmsReceipt } from './backend.js'
import { createExchange } from './exchange.js'
import { createFailures, type Failures } from './failure.js'
import { requireText } from './must-contain.js'
import { isHttpStatus, isTwilioCode, judge, twilioCodes } from './twilio-answers.js'
import { type Connect, loadConnect, type TwilioMessage, type TwilioParams } from './twilio-client.js'
import { readOptions, senderOf, type TwilioOptions } from './twilio-options.js'
import { within } from './twilio-patience.js'

export type { TwilioClient, TwilioMessage, TwilioParams } from './twilio-client.js'
export type { TwilioOptions, TwilioSender } from './twilio-options.js'

/**
 * Sends by Programmable Messaging of Twilio, with the package `twilio`, which is loaded at the first send. One send is one request: nothing
 * is ever sent again, no redirect followed, no proxy of the environment used.
 *
 * @returns a backend named `twilio`, or `name`.
 * @throws `ERR_PV_CONFIGURATION`, which lists every option that is wrong. `send` rejects so where the package is missing or a function
 * chose a sender that is none.
 *
 * @example
 * ```ts
 * import { twilioBackend } from 'phone-verify/sms/twilio'
 *
 * export const smsFor = (accountSid: string, authToken: string) => twilioBackend({ accountSid, authToken, from: 'Acme' })
 * ```
 */
export function twilioBackend(given: TwilioOptions): SmsBackend {
  const options = readOptions(given)
  const { name = 'twilio', timeoutMs = 5_000, client } = options
  const failures = createFailures(name)
  const exchange = createExchange()
  let loading: Promise<Connect> | undefined

  const load = () => {
    loading ??= loadConnect(options, exchange, failures)
    // A package may be installed later.
    loading.catch(() => {
      loading = undefined
    })
    return loading
  }

  const create = async (params: TwilioParams, signal: AbortSignal | undefined): Promise<TwilioMessage> => {
    if (client === undefined) return (await load())(timeoutMs, signal).messages.create(params)
    return within(() => client.messages.create(params), { timeoutMs, signal, late: () => failures.unknown('no answer in time') })
  }

  return {
    name,
    async send(message, signal) {
      requireText(message, name)
      const params = paramsOf(message, options)
      if (signal?.aborted) throw failures.unavailable('aborted before the send')
      try {
        return receiptOf(await create(params, signal), name, failures)
      } catch (error) {
        throw failureOf(error, failures, message.code)
      }
    },
  }
}

function paramsOf(message: SmsMessage, options: TwilioOptions): TwilioParams {
  const { to, text, code, expiresInMs } = message
  // A code that comes after its time only confuses. Twilio takes 1 second to 10 hours.
  const seconds = Math.min(36_000, Math.max(1, Math.floor((expiresInMs ?? 0) / 1_000)))
  return {
    to,
    body: text,
    ...senderOf(options, message),
    ...(code !== undefined && { messageIntent: 'otp' }),
    ...(code !== undefined && expiresInMs !== undefined && { validityPeriod: seconds }),
    ...(options.discardContent && { contentRetention: 'discard' }),
    ...(options.obfuscateAddress && { addressRetention: 'obfuscate' }),
    ...(options.statusCallback !== undefined && { statusCallback: options.statusCallback }),
  }
}

function receiptOf(message: TwilioMessage, backend: string, failures: Failures): SmsReceipt {
  const { sid, status, numSegments, errorCode } = message
  if (typeof sid !== 'string' || !/^(?:SM|MM)\w{1,62}$/.test(sid)) throw failures.unknown('an answer without a receipt')
  if (status === 'failed' || status === 'canceled') {
    const code = isTwilioCode(errorCode) ? errorCode : undefined
    throw failures[(code !== undefined && twilioCodes.get(code)?.[0]) || 'unavailable']('taken, but not sent', code?.toString())
  }
  const segments = Number(numSegments)
  return { backend, messageId: sid, ...(Number.isInteger(segments) && segments > 0 && { segments }) }
}

/** The meaning of a rejection. Nothing of the original goes along: clients put numbers, texts and credentials into theirs. */
function failureOf(error: unknown, failures: Failures, sentCode: string | undefined): PhoneVerifyError {
  if (error instanceof PhoneVerifyError) return error
  const { status, code } = (error ?? {}) as { readonly status?: unknown; readonly code?: unknown }
  if (isHttpStatus(status)) {
    const { meaning, what, providerCode } = judge(status, isTwilioCode(code) && String(code) !== sentCode ? code : undefined)
    return failures[meaning](what, providerCode)
  }
  // What a client of the application says where no connection was made.
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(code))) return failures.unavailable('not sent: unreachable')
  return failures.unknown('no receipt')
}
