import { settleWithin } from '../domain/deadline.js'
import { type ErrorCode, ownWords, PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage, SmsReceipt } from '../sms/backend.js'
import type { Call, Delivered } from './challenge.js'

export interface HandOverParts {
  readonly sms: SmsBackend
  readonly providerMs: number
}

/** Kept back from the call, so that an ambiguous send is still answered as one. */
const marginMs = 20

/** Hands one message to the backend, once. Never rejects. */
export type HandOver = (message: SmsMessage, call: Pick<Call, 'remainingMs' | 'signal'>) => Promise<Delivered>

const meanings: Readonly<Partial<Record<ErrorCode, Exclude<Delivered['status'], 'accepted'>>>> = {
  ERR_PV_SMS_REFUSED: 'refused',
  ERR_PV_SMS_UNAVAILABLE: 'unavailable',
  ERR_PV_CONFIGURATION: 'misconfigured',
}

/** A backend within its deadline, its answer one of five, its errors made anew so that nothing of the message is in them. */
export function createHandOver({ sms, providerMs }: HandOverParts): HandOver {
  return async (message, call) => {
    // A caller that has gone, or has been answered already, must not be surprised by an SMS.
    const leftMs = call.remainingMs() - marginMs
    if (call.signal?.aborted || leftMs <= 0) return failure({ code: 'ERR_PV_SMS_UNAVAILABLE' }, sms.name)
    const abort = new AbortController()
    const leave = () => abort.abort()
    call.signal?.addEventListener('abort', leave)
    try {
      const sent = Promise.resolve(sms.send(message, abort.signal))
      const receipt = await settleWithin(sent, Math.min(providerMs, leftMs), () => late(sms.name))
      return { status: 'accepted', receipt: receiptOf(receipt, sms.name, message.code) }
    } catch (error) {
      // A provider that outlasted its deadline is told to stop.
      leave()
      return failure(error, sms.name, message.code)
    } finally {
      call.signal?.removeEventListener('abort', leave)
    }
  }
}

/** A provider that does not answer may have sent: a POST of an SMS is not idempotent. */
const late = (backend: string) => new PhoneVerifyError('ERR_PV_SMS_UNKNOWN', 'the provider did not answer in time', { backend })

const receiptOf = (receipt: SmsReceipt | undefined, name: string, code: string | undefined): SmsReceipt => ({
  backend: plain(receipt?.backend, code) ?? name,
  messageId: receipt?.messageId ?? null,
  ...(receipt?.segments !== undefined && { segments: receipt.segments }),
})

function failure(error: unknown, name: string, sentCode?: string): Delivered {
  const { code, backend, providerCode } = ownWords(error)
  const status = (typeof code === 'string' && Object.hasOwn(meanings, code) && meanings[code as ErrorCode]) || 'unknown'
  const details = { backend: plain(backend, sentCode) ?? name, providerCode: plain(providerCode, sentCode) }
  return { status, error: new PhoneVerifyError(...descriptions[status], details) }
}

const descriptions: Readonly<Record<Exclude<Delivered['status'], 'accepted'>, readonly [ErrorCode, string]>> = {
  refused: ['ERR_PV_SMS_REFUSED', 'the provider will not deliver to this number'],
  unavailable: ['ERR_PV_SMS_UNAVAILABLE', 'the SMS was not sent: no provider was available'],
  unknown: ['ERR_PV_SMS_UNKNOWN', 'the SMS may have been sent: the provider did not say'],
  misconfigured: ['ERR_PV_CONFIGURATION', 'sms: the text is empty or lacks what the person must read'],
}

/** A short word of a provider: longer ones, and whatever could hold a number or a code of ours, stay out of errors and events. */
function plain(word: unknown, sentCode: string | undefined): string | undefined {
  if (typeof word !== 'string' || !/^[\w.:#/-]{1,40}$/.test(word)) return undefined
  const digits = word.replace(/\D/g, '')
  return digits.length < 6 && !(sentCode && digits.includes(sentCode)) ? word : undefined
}
