import type { Payload } from '../domain/binding.js'
import type { Client } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import type { PhoneNumber } from '../domain/phone-number.js'

// What goes into each verb and what comes out. What the visitor does is an outcome, told apart by `ok` and `reason`.

/** What a limit has left after this call. */
export interface LimitState {
  readonly limit: string
  readonly remaining: number
  /** Milliseconds until there is room for one more than `remaining`. */
  readonly resetMs: number
}

/** How many a limit lets through in its longest window. */
export interface LimitPolicy {
  readonly limit: string
  readonly max: number
  readonly windowMs: number
}

/** Told of work that goes on after a reply. */
export type WaitUntil = (work: Promise<void>) => void

/** Too many sends or checks, by the limit of that name. */
export interface RateLimited {
  readonly ok: false
  readonly reason: 'rate_limited'
  readonly limit: string
  readonly retryAfterMs: number
}

export interface Refusal<Reason extends string> {
  readonly ok: false
  readonly reason: Reason
}

/** Fields that come from the visitor may hold anything; the others are said by the server and throw `ERR_PV_ARGUMENT` when wrong. */
export interface SendCodeRequest {
  /** From the visitor: E.164, or national where a `defaultCountry` is set. */
  readonly phone: unknown
  /** Why the phone is verified. Said by the server's route, never by the visitor. */
  readonly purpose: string
  readonly tenant?: string | undefined
  /** The account or pre-login session, in the application's own ids. Verify must name the same. */
  readonly subject?: string | undefined
  /** What the person approves. Each value must stand in the text, and verify must name the same. */
  readonly payload?: Payload | undefined
  /** From the visitor: a BCP 47 tag. A bad one is ignored. */
  readonly locale?: unknown
  /** Who asks, for the limits by client. */
  readonly client?: Client | undefined
  /** What templates may say besides. */
  readonly context?: Context | undefined
  readonly channel?: 'sms' | undefined
  /** True sends nothing and opens a challenge that no code opens; only for purposes delivered in the background or deferred. */
  readonly decoy?: boolean | undefined
  /** A repeat with the same key, within the challenge's life, answers with the same challenge and sends nothing. */
  readonly idempotencyKey?: string | undefined
  /** Aborts what has not been sent yet. */
  readonly signal?: AbortSignal | undefined
  /** For this call, in place of the verifier's own: keeps a serverless platform alive until a background send is done. */
  readonly waitUntil?: WaitUntil | undefined
}

/** The code is on its way. */
export interface CodeSent {
  readonly ok: true
  /** What the visitor's client keeps until it verifies. Opaque and encrypted. */
  readonly sessionToken: string
  /** When the code ends. */
  readonly expiresAt: Date
  /** When a resend will be accepted. */
  readonly resendAt: Date
  /** `unknown`: the provider did not say, and the SMS may have been sent. `pending`: it leaves after this reply. */
  readonly delivery: 'accepted' | 'unknown' | 'pending'
  readonly limits: readonly LimitState[]
  /** The limits that were asked, by their longest windows. */
  readonly policies: readonly LimitPolicy[]
}

export type SendCodeOutcome =
  | CodeSent
  | Refusal<'invalid_phone_number' | 'country_not_allowed' | 'number_type_not_allowed' | 'undeliverable' | 'blocked' | 'unknown_tenant'>
  | RateLimited

export interface ResendCodeRequest {
  /** From the visitor. */
  readonly sessionToken: unknown
  readonly tenant?: string | undefined
  readonly subject?: string | undefined
  readonly client?: Client | undefined
  readonly signal?: AbortSignal | undefined
  /** As for `sendCode`. */
  readonly waitUntil?: WaitUntil | undefined
}

export type ResendCodeOutcome = SendCodeOutcome | Refusal<'invalid_session' | 'expired' | 'too_many_attempts' | 'already_used'>

export interface VerifyCodeRequest {
  /** From the visitor. */
  readonly sessionToken: unknown
  /** From the visitor: digits of any script, with spaces or dashes. */
  readonly code: unknown
  readonly purpose: string
  /** From the visitor: where given, it must be the phone of the challenge. */
  readonly phone?: unknown
  readonly tenant?: string | undefined
  readonly subject?: string | undefined
  readonly payload?: Payload | undefined
  readonly client?: Client | undefined
}

/** What was verified, or redeemed. Fields absent on send are absent here. */
export interface Verified {
  readonly ok: true
  readonly phone: PhoneNumber
  readonly purpose: string
  readonly tenant?: string
  readonly subject?: string
  readonly payload?: Payload
}

export interface CodeVerified extends Verified {
  /** For the next request: redeem it, once, where the verified phone is put to use. */
  readonly proof: string
  readonly proofExpiresAt: Date
  readonly verifiedAt: Date
}

export interface IncorrectCode {
  readonly ok: false
  readonly reason: 'incorrect_code'
  readonly attemptsLeft: number
}

export type VerifyCodeOutcome =
  | CodeVerified
  | IncorrectCode
  | { readonly ok: false; readonly reason: 'locked' | 'rate_limited'; readonly limit: string; readonly retryAfterMs: number }
  | Refusal<'malformed_code' | 'invalid_session' | 'expired' | 'too_many_attempts' | 'already_used' | 'unknown_tenant'>

export interface RedeemProofRequest {
  /** From the visitor. */
  readonly proof: unknown
  readonly purpose: string
  readonly tenant?: string | undefined
  readonly subject?: string | undefined
  readonly payload?: Payload | undefined
  /** From the visitor: where given, it must be the verified phone. */
  readonly phone?: unknown
  /** A `pg` client inside BEGIN, Postgres store only: the proof and your update commit together. */
  readonly transaction?: unknown
}

export type RedeemProofOutcome = Verified | Refusal<'invalid_proof' | 'expired' | 'already_redeemed' | 'unknown_tenant'>

export type DeliverOutcome =
  | { readonly ok: true; readonly delivery: 'accepted' | 'unknown' }
  | Refusal<'already_delivered' | 'undeliverable' | 'expired' | 'invalid_session'>

export interface NotifyRequest {
  readonly phone: unknown
  /** `password_changed`, `password_reset`, `phone_changed_old`, `phone_changed_new`, `security_alert`, or one of the application's. */
  readonly template: string
  readonly tenant?: string | undefined
  readonly locale?: unknown
  readonly context?: Context | undefined
}

export type NotifyOutcome =
  | { readonly ok: true; readonly delivery: 'accepted' | 'unknown' }
  | Refusal<'invalid_phone_number' | 'undeliverable' | 'unavailable' | 'unknown_tenant'>
  | RateLimited

export interface UnlockRequest {
  readonly phone: unknown
  readonly tenant?: string | undefined
  /** Default: every purpose. */
  readonly purpose?: string | undefined
  /** The account whose ledger is cleared as well, for purposes that count by subject. */
  readonly subject?: string | undefined
}

export interface ForgetRequest {
  readonly phone: unknown
  readonly tenant?: string | undefined
}

export type AdministrationOutcome = { readonly ok: true } | Refusal<'invalid_phone_number' | 'unknown_tenant'>
