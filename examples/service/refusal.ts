import type { Language } from './language.js'

/** Why a request got no further, before an app had its say. */
export type Refusal =
  | { readonly refused: 'invalid'; readonly fields: Readonly<Record<string, readonly string[]>> }
  | { readonly refused: 'throttled'; readonly retryAfterMs: number }
  | { readonly refused: keyof typeof statuses }

const statuses = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  cross_site: 403,
  not_found: 404,
  wrong_method: 405,
  too_large: 413,
  not_json: 415,
  failed: 500,
  unavailable: 503,
} as const

export const statusOf = ({ refused }: Refusal): number => {
  if (refused === 'invalid') return 400
  return refused === 'throttled' ? 429 : statuses[refused]
}

/** How an app says so: the body of every refusal, in its own words. */
export interface Wire {
  /** What a message of a schema stands for. Unknown keys are said by the schema's own words. */
  readonly sentences: Readonly<Record<string, Readonly<Record<Language, string>>>>
  refusal(refusal: Refusal, language: Language): unknown
}
