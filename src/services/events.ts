import { channel } from 'node:diagnostics_channel'
import type { ErrorCode } from '../errors.js'
import type { StoreWarning } from '../store/store.js'
import type { DeliveryReport } from './report-delivery.js'
import type { DeliverOutcome, NotifyOutcome, RedeemProofOutcome, ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from './verbs.js'

/** What a call found out, free of personal data: never a number, a code, a token, a subject or a payload. */
export interface Facts {
  readonly purpose?: string
  /** Characters that end a line, colour it or turn its direction stand as `\u{2028}`. */
  readonly tenant?: string
  /** ISO 3166-1 alpha-2 country of the phone. */
  readonly country?: string
  /** Opaque id, the same in every event of one challenge. */
  readonly challenge?: string
  readonly delivery?: 'accepted' | 'unknown' | 'pending'
  /** The SMS backend that sent, or failed to. */
  readonly backend?: string
  readonly providerCode?: string
  /** The limit that was full. */
  readonly limit?: string
  readonly attemptsLeft?: number
  /** Said, true or false, of what leaves after the reply: a decoy must not take the time of one word more. */
  readonly decoy?: boolean
  /** A configured test number: nothing is sent. */
  readonly testNumber?: true
  /** A repeat of an idempotency key: nothing was sent. */
  readonly repeated?: true
  /** The background queue was full: the SMS was not sent, and a resend recovers it. */
  readonly queueFull?: true
  /** What could not be given back or closed after a failure, because the store failed as well. */
  readonly cleanUpFailed?: true
}

type Reason<Outcome> = Extract<Outcome, { readonly ok: false }> extends { readonly reason: infer Name } ? Name : never

interface Ended<Type extends string, Outcome> extends Facts {
  readonly type: Type
  /** `ok`, the reason of the outcome, or the code of the error that was thrown. */
  readonly outcome: 'ok' | Reason<Outcome> | ErrorCode
  readonly durationMs: number
}

/** What deserves a look although nothing failed. */
export interface Warning extends Facts {
  readonly type: 'warning'
  readonly warning: 'no_client' | 'weak_secret' | 'admit_failed' | 'store_reaches_one_process' | StoreWarning
}

/** What a provider says later of a message. Its id tells neither number nor text. */
export interface Reported extends Facts {
  readonly type: 'report'
  readonly outcome: DeliveryReport['status']
  readonly backend: string
  readonly messageId: string
}

/** Every decision, as one record. */
export type PhoneVerifyEvent = { readonly at: number } & (
  | Ended<'send', SendCodeOutcome>
  | Ended<'resend', ResendCodeOutcome>
  | Ended<'verify', VerifyCodeOutcome>
  | Ended<'redeem', RedeemProofOutcome>
  | Ended<'deliver', DeliverOutcome>
  | Ended<'notify', NotifyOutcome>
  | Ended<'unlock' | 'forget', { readonly ok: false; readonly reason: 'invalid_phone_number' | 'unknown_tenant' }>
  /** What became of a background send. */
  | Ended<'background', DeliverOutcome>
  | Reported
  | Warning
)

export type VerbName = 'send' | 'resend' | 'verify' | 'redeem' | 'deliver' | 'notify' | 'unlock' | 'forget'

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'at'> : never

export interface Events {
  /** Whether anybody listens: an event that nobody hears need not be made. */
  heard(): boolean
  emit(event: WithoutTime<PhoneVerifyEvent>): void
}

/** Hands events to the application and to `node:diagnostics_channel`. A listener that throws or rejects never reaches the caller. */
export function createEvents(onEvent: ((event: PhoneVerifyEvent) => unknown) | undefined, now: () => number): Events {
  const diagnostics = channel('phone-verify')
  const heard = () => onEvent !== undefined || diagnostics.hasSubscribers
  return {
    heard,
    emit(event) {
      if (!heard()) return
      const { tenant } = event
      const printed = tenant !== undefined && Object.hasOwn(event, 'tenant') && { tenant: oneLine(tenant) }
      const stamped = Object.freeze({ at: now(), ...event, ...printed }) as PhoneVerifyEvent
      if (diagnostics.hasSubscribers) diagnostics.publish(stamped)
      try {
        Promise.resolve(onEvent?.(stamped)).catch(ignore)
      } catch {}
    },
  }
}

/** A tenant may come from a host name or a header, and an event ends up in a log: it must not make a line of its own there. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

const ignore = () => {}
