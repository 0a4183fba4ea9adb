import type { PhoneNumber } from '../domain/phone-number.js'

/**
 * Something that delivers an SMS. A leaf hands `text` to a provider; a wrapper rewrites `text` or chooses whom to pass it to.
 *
 * Every sentence with a MUST below is the name of a test in `backendContract` (`phone-verify/testing`).
 *
 * - send MUST resolve only when the provider has taken the message, and then hand it over exactly once.
 * - send MUST deliver text to the number in to, character for character.
 * - send MUST name the backend in its receipt.
 * - send MUST NOT change the message it was given.
 * - Sends made at once MUST NOT mix.
 * - A text that lacks one of mustContain MUST reject with ERR_PV_CONFIGURATION before any input or output.
 * - An empty text MUST reject with ERR_PV_CONFIGURATION before any input or output.
 * - A signal aborted before the call MUST reject with ERR_PV_SMS_UNAVAILABLE, and nothing is sent.
 * - A failure MUST reject with ERR_PV_SMS_REFUSED, ERR_PV_SMS_UNAVAILABLE or ERR_PV_SMS_UNKNOWN, and name the backend.
 * - An error MUST NOT hold the code, the number, the text or a credential: not in its message, properties or cause.
 *
 * | code | meaning | what the core does |
 * |---|---|---|
 * | `ERR_PV_SMS_REFUSED` | this number, for good: the next provider would refuse too | answers `undeliverable` |
 * | `ERR_PV_SMS_UNAVAILABLE` | certainly not sent | throws it, gives every quota back |
 * | `ERR_PV_SMS_UNKNOWN` | may have been sent; any other rejection counts as this | answers `delivery: 'unknown'` |
 */
export interface SmsBackend {
  /** Short name for receipts, errors and events: `twilio`. */
  readonly name: string
  send(message: SmsMessage, signal?: AbortSignal): Promise<SmsReceipt>
}

/** One message to one phone. */
export interface SmsMessage {
  readonly to: PhoneNumber
  /** What the person reads. */
  readonly text: string
  /** The code within the text; absent from notices. */
  readonly code?: string
  /** The purpose, or `notice`. */
  readonly purpose: string
  readonly locale?: string
  readonly tenant?: string
  /** What is left of the code's life, in milliseconds. */
  readonly expiresInMs?: number
  /** What templates may say besides: `app`, the fields of the payload, the caller's context. */
  readonly context: Readonly<Record<string, string | number>>
  /** What the person must be able to read before approving: each must stand in the text. */
  readonly mustContain?: readonly string[]
  /** The template of a notice: `password_changed`. */
  readonly template?: string
}

/** The provider has taken the message. */
export interface SmsReceipt {
  /** The leaf that sent it. */
  readonly backend: string
  /** The provider's id, where it gave one. */
  readonly messageId: string | null
  readonly segments?: number
}
