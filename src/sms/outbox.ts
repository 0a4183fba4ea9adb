import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { requireText } from './must-contain.js'

/** A backend that keeps what it is given. */
export interface Outbox extends SmsBackend {
  /** Every message sent, oldest first: frozen copies. The array is live and grows without bound. */
  readonly messages: readonly SmsMessage[]
  /** The newest message, or the newest to that number. */
  last(to?: string): SmsMessage | undefined
  /** Forgets every message. */
  clear(): void
}

/**
 * Delivers into an array, for tests. It holds codes and numbers in plain text and never forgets by itself: not for production.
 *
 * @returns a backend named `outbox`; it rejects with `ERR_PV_CONFIGURATION` for a text that is empty or lacks one of `mustContain`, and
 * with `ERR_PV_SMS_UNAVAILABLE` for a signal that was aborted before the call.
 *
 * @example
 * ```ts
 * import { outboxBackend } from 'phone-verify/sms/outbox'
 *
 * const outbox = outboxBackend()
 * export const codeSentTo = (phone: string) => outbox.last(phone)?.code
 * ```
 */
export function outboxBackend(): Outbox {
  const name = 'outbox'
  const messages: SmsMessage[] = []
  let sent = 0

  return {
    name,
    messages,
    async send(message, signal) {
      requireText(message, name)
      if (signal?.aborted) throw new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', `${name}: aborted before the send`, { backend: name })
      messages.push(frozen(message))
      sent += 1
      return { backend: name, messageId: `${name}-${sent}` }
    },
    last: (to) => messages.findLast((message) => to === undefined || message.to === to),
    clear() {
      messages.length = 0
    },
  }
}

function frozen(message: SmsMessage): SmsMessage {
  const { context, mustContain }: SmsMessage = Object.assign(Object.create(null), message)
  return Object.freeze({
    ...message,
    context: Object.freeze({ ...context }),
    ...(mustContain && { mustContain: Object.freeze([...mustContain]) }),
  })
}
