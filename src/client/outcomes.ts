/** Why the server refused: the `code` of its problem. */
export type PhoneProblemReason =
  | 'invalid_request'
  | 'blocked'
  | 'unknown_tenant'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'expired'
  | 'too_many_attempts'
  | 'already_used'
  | 'content_too_large'
  | 'unsupported_media_type'
  | 'invalid_phone_number'
  | 'country_not_allowed'
  | 'number_type_not_allowed'
  | 'undeliverable'
  | 'malformed_code'
  | 'incorrect_code'
  | 'invalid_session'
  | 'rate_limited'
  | 'locked'
  | 'internal_error'
  | 'unavailable'

/** The server answered, and it was no. */
export interface PhoneProblem {
  readonly ok: false
  readonly reason: PhoneProblemReason
  /** For people, in their language. */
  readonly title: string
  /** With `incorrect_code`, where the server discloses it. */
  readonly attemptsLeft?: number
  /** With `rate_limited`, `locked` and `unavailable`: milliseconds after which another try may do better. */
  readonly retryAfterMs?: number
  /** With `invalid_request`. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

/** No answer came in time, or it was none of ours: a proxy's page, say. Whether the request was carried out is not known. */
export interface PhoneNoAnswer {
  readonly ok: false
  readonly reason: 'network_error' | 'unexpected_reply'
  readonly title?: undefined
  readonly attemptsLeft?: undefined
  readonly retryAfterMs?: undefined
  readonly errors?: undefined
}

export type PhoneFailure = PhoneProblem | PhoneNoAnswer

/** When a code that was sent ends, and when another may be asked for. */
export interface PhonePending {
  readonly expiresAt: Date
  readonly resendAt: Date
}

export type PhoneSendResult = ({ readonly ok: true } & PhonePending) | PhoneFailure

/** What the code proved. */
export interface PhoneProof {
  readonly ok: true
  /** In E.164. */
  readonly phone: string
  readonly purpose: string
  /** For the server's next request, once. */
  readonly proof: string
  readonly verifiedAt: Date
}

/** `Added` is what the server's `onVerified` puts into the body besides. */
export type PhoneVerifyResult<Added extends object = object> = (Added & PhoneProof) | PhoneFailure
