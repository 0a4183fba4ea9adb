import { titleOf } from './titles.js'
import type { WireHeaders, WireReply } from './wire.js'

/** The status of every problem that a reply may name. */
export const statuses = {
  invalid_request: 400,
  blocked: 403,
  forbidden: 403,
  unknown_tenant: 404,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  expired: 410,
  too_many_attempts: 410,
  already_used: 410,
  content_too_large: 413,
  unsupported_media_type: 415,
  invalid_phone_number: 422,
  country_not_allowed: 422,
  number_type_not_allowed: 422,
  undeliverable: 422,
  malformed_code: 422,
  incorrect_code: 422,
  invalid_session: 422,
  invalid_proof: 422,
  already_redeemed: 422,
  rate_limited: 429,
  locked: 429,
  internal_error: 500,
  unavailable: 503,
} as const

export type ProblemCode = keyof typeof statuses

/** What a problem says beside its code. */
export interface ProblemDetails {
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
  readonly attemptsLeft?: number
  readonly retryAfterMs?: number
}

/** Seconds after which an outage is worth another try. */
const outageSeconds = 5

/** A failure as `application/problem+json` (RFC 9457). The code is stable; the title is for people, in the first language there is. */
export function problem(
  code: ProblemCode,
  languages: readonly string[],
  { errors, attemptsLeft, retryAfterMs }: ProblemDetails = {},
  headers: WireHeaders = {},
): WireReply {
  const status = statuses[code]
  const { title, language } = titleOf(code, languages)
  const retryAfter = retryAfterMs === undefined ? (status === 503 ? outageSeconds : undefined) : Math.ceil(retryAfterMs / 1_000)
  const body = { type: `urn:phone-verify:${code}`, title, status, code, errors, attemptsLeft, retryAfterMs }
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'content-language': language,
      'cache-control': 'no-store',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...headers,
    },
    body: JSON.stringify(body),
  }
}
