import type { NumberType } from './phone-number.js'

/** The purposes every verifier knows. An application declares others under `purposes`. */
export type BuiltInPurpose = 'registration' | 'login' | 'two_factor' | 'password_reset' | 'phone_change' | 'payment' | 'marketing_opt_in'

/** When the SMS leaves: while the caller waits, after the reply, or when a worker calls `deliver`. */
export type DeliveryMode = 'await' | 'background' | 'deferred'

/** What holds for one purpose. Frozen into the challenge at its first send. */
export interface Policy {
  /** Digits of the code: 6 to 10; 4 and 5 only with `allowShortCodes`. */
  readonly codeLength: number
  /** Life of a code in milliseconds: 60 000 to 600 000. */
  readonly ttlMs: number
  /** Guesses that are ever compared: 1 to 10; at most 3 with a code of 4 or 5 digits. */
  readonly maxAttempts: number
  readonly allowShortCodes: boolean
  /** Number types that are accepted; all others are refused. */
  readonly numberTypes: readonly NumberType[]
  /** Whether a resend repeats the code or makes a new one. */
  readonly resend: 'same' | 'new'
  readonly delivery: DeliveryMode
  /** `compare`: verify must name the subject of the send. `return`: a subject that verify does not name is returned. */
  readonly subject: 'compare' | 'return'
  /** What failed guesses are counted by. `subject` falls back to the phone where no subject is given. */
  readonly ledger: 'phone' | 'subject'
  readonly payloadRequired: boolean
  /** Life of a proof in milliseconds: 60 000 to 600 000. */
  readonly proofTtlMs: number
}

/** What an application or a tenant says of a policy. A member that is left out, or is `undefined`, keeps the value it had before. */
export type PolicyOverrides = { readonly [Name in keyof Policy]?: Policy[Name] | undefined }

/** A challenge ends ten minutes after its first send, however often it is resent (NIST SP 800-63B-4 §3.1.3.2). */
export const challengeLifeMs = 600_000

const declared: Policy = {
  codeLength: 6,
  ttlMs: 300_000,
  maxAttempts: 5,
  allowShortCodes: false,
  numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'],
  resend: 'same',
  delivery: 'await',
  subject: 'compare',
  ledger: 'phone',
  payloadRequired: false,
  proofTtlMs: 600_000,
}

const builtIn: Readonly<Record<BuiltInPurpose, Partial<Policy>>> = {
  registration: { ttlMs: 600_000 },
  login: {},
  // NIST SP 800-63B-4 §3.1.3.1 forbids VoIP numbers as an out-of-band factor. Behind a login, strangers must not lock the owner out.
  two_factor: { numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE'], ledger: 'subject' },
  // After the reply, so that a known and an unknown account answer in the same time.
  password_reset: { ttlMs: 600_000, delivery: 'background', subject: 'return' },
  phone_change: { ttlMs: 600_000, ledger: 'subject' },
  payment: { payloadRequired: true, ledger: 'subject' },
  marketing_opt_in: { ttlMs: 600_000 },
}

export const builtInPurposes = Object.keys(builtIn) as readonly BuiltInPurpose[]

/** The policy of a purpose before anybody changed it. */
export const defaultPolicy = (purpose: string): Policy => ({
  ...declared,
  ...(Object.hasOwn(builtIn, purpose) ? builtIn[purpose as BuiltInPurpose] : {}),
})
