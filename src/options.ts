import type { JsonWebKey, KeyObject } from 'node:crypto'
import type { Limit, LimitName } from './domain/limits.js'
import type { NumberType } from './domain/phone-number.js'
import type { DeliveryMode, PolicyOverrides } from './domain/purpose.js'
import type { Admit } from './services/admission.js'
import type { PhoneVerifyEvent } from './services/events.js'
import type { SmsBackend } from './sms/backend.js'
import type { Store } from './store/store.js'

/** What a tenant may say in place of the verifier's own options. What it does not say stays as it is. */
export interface TenantOptions {
  /** `{{app}}` in messages. */
  readonly appName?: string | undefined
  /** ISO 3166-1 alpha-2 codes and calling codes (`+44`) that are sent to, or `'*'`. */
  readonly countries?: readonly string[] | '*' | undefined
  /** How a number without `+` is read. None by default: such a number is refused. */
  readonly defaultCountry?: string | undefined
  /** Digits of a code, for every purpose: 6 to 10. Default 6. 4 and 5 only with `allowShortCodes`. */
  readonly codeLength?: number | undefined
  /** Life of a code in milliseconds, for every purpose: 60 000 to 600 000. Default 300 000, or 600 000 by purpose. */
  readonly ttlMs?: number | undefined
  /** Guesses that are ever compared, for every purpose: 1 to 10. Default 5. At most 3 with a code of 4 or 5 digits. */
  readonly maxAttempts?: number | undefined
  /** Default false. */
  readonly allowShortCodes?: boolean | undefined
  /** Number types that are accepted, for every purpose. Default `MOBILE`, `FIXED_LINE_OR_MOBILE` and, except for `two_factor`, `VOIP`. */
  readonly numberTypes?: readonly NumberType[] | undefined
  /** When the SMS leaves, for every purpose but `password_reset`. Default `await`. */
  readonly delivery?: DeliveryMode | undefined
  /** What differs for single purposes. The verifier's own option declares purposes; a tenant's only changes them. */
  readonly purposes?: Readonly<Record<string, PolicyOverrides>> | undefined
  /** Lists of windows that replace the defaults; `[]` is no limit, typed on purpose. */
  readonly limits?: { readonly [Name in LimitName]?: readonly Limit[] | undefined } | undefined
}

/** A key pair that signs proofs: Ed25519 (EdDSA) or P-256 (ES256), as JWK (RFC 7517) or KeyObject. */
export interface ProofKeyOption {
  /** Names the key in proofs and in `jwks()`. */
  readonly kid: string
  /** Only the first key signs; the others may leave it out. */
  readonly privateKey?: JsonWebKey | KeyObject | undefined
  readonly publicKey: JsonWebKey | KeyObject
}

/** A number whose code is fixed, for app review and CI. No SMS is sent to it. */
export interface TestNumberOption {
  /** E.164. Reserved numbers, which are valid nowhere, may be given. */
  readonly phone: string
  /** 4 to 10 digits. */
  readonly code: string
  /** When it stops being one. */
  readonly until: Date
}

/** How long calls may take, in milliseconds. */
export interface DeadlineOptions {
  /** `sendCode`, `resendCode`, `deliver`, `notify` as a whole. Default 10 000. */
  readonly send?: number | undefined
  /** `verifyCode` as a whole. Default 3 000. */
  readonly verify?: number | undefined
  /** `redeemProof`, `unlock`, `forget` as a whole. Default 2 000. */
  readonly redeem?: number | undefined
  /** One step of the store. Default 1 000; never more than nine tenths of the shortest call. */
  readonly store?: number | undefined
  /** One send of the SMS backend. Default 5 000. */
  readonly provider?: number | undefined
}

/** Options of `createPhoneVerifier`. */
export interface PhoneVerifierOptions extends TenantOptions {
  readonly store: Store
  readonly sms: SmsBackend
  /** At least 32 bytes each. The first makes, all are accepted: to rotate, append the new one, deploy, then move it to the front. */
  readonly secret: string | readonly string[]
  /** Keys of limits and ledger. Default: the last secret. Before rotating, set it to the present secret and leave it, or counters restart. */
  readonly indexSecret?: string | undefined
  readonly appName: string
  readonly countries: readonly string[] | '*'
  /** What is known of a tenant; `undefined` for one nobody knows. Asked on every call that names a tenant: caching is yours. */
  readonly tenants?: ((tenant: string) => TenantOptions | undefined | Promise<TenantOptions | undefined>) | undefined
  /** The application's own say before every send. Its failure blocks. */
  readonly admit?: Admit | undefined
  /** Serverless platforms: keeps a background send alive after the reply. */
  readonly waitUntil?: ((work: Promise<void>) => void) | undefined
  /** None by default: proofs are encrypted. With keys they are signed, and `jwks()` lets other services read them. */
  readonly proofKeys?: readonly ProofKeyOption[] | undefined
  /** `iss` of tokens and proofs. Default `phone-verify`. */
  readonly issuer?: string | undefined
  /** `aud` of tokens and proofs. Default `phone-verify`. */
  readonly audience?: string | undefined
  readonly deadlines?: DeadlineOptions | undefined
  readonly testNumbers?: readonly TestNumberOption[] | undefined
  /** Default false: with `NODE_ENV=production` test numbers are refused. */
  readonly allowTestNumbersInProduction?: boolean | undefined
  /** A store that reaches less is refused. Default `process`. */
  readonly requireReach?: 'process' | 'shared' | undefined
  /** Every decision, free of personal data. Also on the diagnostics channel `phone-verify`. */
  readonly onEvent?: ((event: PhoneVerifyEvent) => unknown) | undefined
  /** Unix milliseconds, for tests: tokens, proofs and test numbers. A store has its own clock. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}
