import type { Payload } from '../domain/binding.js'
import type { Client } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import type { Keys } from '../domain/keyring.js'
import type { PhoneNumber } from '../domain/phone-number.js'
import type { Policy } from '../domain/purpose.js'
import type { Terms } from '../domain/terms.js'
import type { PhoneVerifyError } from '../errors.js'
import type { SmsReceipt } from '../sms/backend.js'
import type { Limited, OneShot, Quota, Room } from '../store/store.js'
import type { Facts } from './events.js'
import type { LimitPolicy, LimitState, WaitUntil } from './verbs.js'

// What the services hand to one another. Each service is made once, in verifier.ts, and gets the others as values of these types.

/** One accepted send, as its session token carries it from request to request. */
export interface Challenge {
  /** 128 bits behind the tenant's tag. */
  readonly id: string
  /** Which secret derives the code and its digest. */
  readonly keyId: string
  readonly nonce: string
  readonly phone: PhoneNumber
  readonly country: string | undefined
  readonly purpose: string
  readonly tenant: string | undefined
  readonly subject: string | undefined
  readonly payload: Payload | undefined
  readonly context: Context | undefined
  readonly locale: string | undefined
  readonly appName: string
  readonly policy: FrozenPolicy
  /** Numbers this send among the challenge's, where a worker delivers. */
  readonly claim: number | undefined
  /** When the challenge began, by `now`: its first send. */
  readonly startedAt: number
  /** When this code ends, by `now`. */
  readonly expiresAt: number
  readonly decoy: boolean
  /** Begun with an idempotency key: its tokens differ in their nonces, so every later send sets the digest of its own code. */
  readonly repeatable: boolean
  /** The fixed code is the configured one, and no SMS is sent. */
  readonly testNumber: boolean
}

/** What of a policy must not change while a challenge lives. */
export type FrozenPolicy = Pick<
  Policy,
  'codeLength' | 'ttlMs' | 'maxAttempts' | 'resend' | 'delivery' | 'subject' | 'ledger' | 'proofTtlMs'
>

/** One call of a verb: what is left of its time, whether its caller is still there, and what its event will say. */
export interface Call {
  readonly signal: AbortSignal | undefined
  /** From now on the caller's signal counts. Given only once it is known to be one. */
  heed(signal: AbortSignal | undefined, waitUntil?: WaitUntil): void
  /** Keeps the platform of this caller alive until a background send is done. */
  readonly waitUntil: WaitUntil | undefined
  readonly facts: Facts
  elapsedMs(): number
  remainingMs(): number
  /** Settles like `work`, or rejects with ERR_PV_TIMEOUT when the call's time is up. */
  limit<Result>(work: Promise<Result>): Promise<Result>
  /** Throws when the call is out of time or its caller has gone: from then on nothing may be sent. */
  check(): void
  /** What the call's event will say of its challenge. */
  about(challenge: Challenge): void
  /** What it will say besides; absent facts are left out. */
  note(facts: Notes): void
}

export type Notes = { readonly [Name in keyof Facts]: Facts[Name] | undefined }

export interface Tenants {
  /** What holds for this tenant and purpose; nothing where the tenant is unknown. */
  terms(tenant: string | undefined, purpose: string, call: Call): Promise<Terms | undefined>
}

export interface Quotas {
  /** What every id and key of a tenant begins with, so that they share one slot of a cluster. */
  tag(tenant: string | undefined): string
  /** What a send or a resend takes. `opening` adds the cap on challenges. */
  forSend(subject: QuotaSubject, terms: Terms, opening: boolean): readonly Quota[]
  forNotice(tenant: string | undefined, terms: Terms): readonly Quota[]
  /** The ledger first, so that a full ledger answers before a full client. */
  forAttempt(subject: QuotaSubject, ledger: Policy['ledger'], terms: Terms): readonly Quota[]
  ledgerKeys(subject: QuotaSubject): readonly string[]
  ledgerKey(subject: QuotaSubject, ledger: Policy['ledger']): string
  /** The keys of an attempt that its success clears. */
  ledgerTaken(quotas: readonly Quota[]): readonly string[]
  /** The keys of a send that are given back when the provider refused the number for good. */
  cooldownKeys(quotas: readonly Quota[]): readonly string[]
  /** The send records of a phone, for `forget`. */
  sendKeys(subject: Pick<QuotaSubject, 'tenant' | 'phone'>, purposes: readonly string[]): readonly string[]
  /** The limit's name in the documentation. */
  limited(limited: Limited): { readonly limit: string; readonly retryAfterMs: number }
  states(room: readonly Room[]): readonly LimitState[]
  /** The longest window of each limit among these. */
  policies(taken: readonly Quota[]): readonly LimitPolicy[]
  /** Milliseconds until a resend would be accepted. */
  resendInMs(room: readonly Room[]): number
}

/** Whom and what a quota counts. */
export interface QuotaSubject {
  readonly tenant: string | undefined
  readonly purpose: string
  readonly phone: PhoneNumber
  readonly subject: string | undefined
  readonly client: Client | undefined
}

/** A number of the configuration whose code is fixed, for app review and CI. */
export interface TestNumber {
  readonly phone: PhoneNumber
  readonly code: string
  /** Unix milliseconds; a test number is one before this. */
  readonly until: number
}

export interface TestNumbers {
  /** The test number that the visitor typed, while it is one. */
  find(input: unknown): TestNumber | undefined
}

export interface SessionTokens {
  seal(challenge: Challenge): string
  /** The challenge of a token that we sealed and whose secrets still live, or nothing. */
  open(token: unknown): OpenedToken | undefined
}

export interface OpenedToken {
  readonly challenge: Challenge
  readonly keys: Keys
}

export interface Codes {
  code(challenge: Challenge, keys: Keys): string
  digest(challenge: Challenge, keys: Keys, code: string): string
}

/** The right to deliver a deferred send: one-shots, numbered by send, and within a send by turn. */
export interface Claims {
  /** What the first send opens beside its challenge. */
  first(challenge: Challenge): readonly OneShot[]
  /** Takes the right from every older send and gives it to a new one: its number. */
  renew(challenge: Challenge): Promise<number | undefined>
  /** Takes the right: its turn, or why nobody has it any more. */
  take(challenge: Challenge): Promise<number | 'taken' | 'absent'>
  /** The holder of this turn certainly sent nothing: the next one may. */
  giveBack(challenge: Challenge, turn: number): Promise<void>
}

export interface Proof {
  readonly id: string
  readonly phone: PhoneNumber
  readonly purpose: string
  readonly tenant: string | undefined
  readonly subject: string | undefined
  readonly payload: Payload | undefined
  /** A subject that the redeemer does not name is returned. */
  readonly returnsSubject: boolean
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface Proofs {
  seal(proof: Proof): Promise<string>
  open(proof: unknown): Promise<Proof | undefined>
}

/** What became of an SMS. */
export type Delivered =
  | { readonly status: 'accepted'; readonly receipt: SmsReceipt }
  | { readonly status: 'refused' | 'unavailable' | 'unknown' | 'misconfigured'; readonly error: PhoneVerifyError }

export interface Delivery {
  /** Hands the challenge's code to the backend, once, within its deadline. Never rejects. */
  send(challenge: Challenge, keys: Keys, call: Call): Promise<Delivered>
  /** Takes the send off the caller's path: retried while certainly not sent, within the code's life. False when the queue is full. */
  sendLater(challenge: Challenge, keys: Keys, waitUntil?: WaitUntil): boolean
}
