import type { RedeemProofOutcome, ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from 'phone-verify'

type Outcome = SendCodeOutcome | ResendCodeOutcome | VerifyCodeOutcome | RedeemProofOutcome

export type Refused = Extract<Outcome, { readonly ok: false }>

type Counted = 'incorrect_code' | 'rate_limited' | 'locked'

const sentences: Readonly<Record<Exclude<Refused['reason'], Counted>, string>> = {
  invalid_phone_number: 'That is no valid phone number. Write + and the country code first, or start the demo with --country.',
  country_not_allowed: 'Numbers of that country are not accepted.',
  number_type_not_allowed: 'That number is not a mobile number, so it may not receive an SMS.',
  undeliverable: 'The provider does not deliver to that number.',
  blocked: 'The application does not send to that number.',
  unknown_tenant: 'Nobody knows that tenant.',
  malformed_code: 'That is no code: type the digits of the SMS. No attempt was spent.',
  invalid_session: 'This verification is unknown here.',
  expired: 'The time for this code is over.',
  too_many_attempts: 'Too many wrong codes: now even the right one is refused.',
  already_used: 'This code has done its work already.',
  invalid_proof: 'That proof is not for this.',
  already_redeemed: 'A proof works once.',
}

/** One line for a refusal, its reason at the end. */
export function explain(refused: Refused): string {
  if (refused.reason === 'incorrect_code') return `Wrong code: ${attempts(refused.attemptsLeft)} left. (incorrect_code)`
  if (refused.reason === 'rate_limited') return `Not yet: wait ${duration(refused.retryAfterMs)}. (rate_limited by ${refused.limit})`
  if (refused.reason === 'locked') return `Too many wrong codes: locked for ${duration(refused.retryAfterMs)}. (locked by ${refused.limit})`
  return `${sentences[refused.reason]} (${refused.reason})`
}

const attempts = (left: number) => (left === 1 ? '1 attempt' : `${left === 0 ? 'no' : left} attempts`)

/** Milliseconds as a person says them, rounded up: who waits that long is never too early. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds} s`
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
}

/** A proof is long, and nobody reads its middle. */
export const shortened = (proof: string): string => `${proof.slice(0, 16)}…${proof.slice(-8)} (${proof.length} characters)`
