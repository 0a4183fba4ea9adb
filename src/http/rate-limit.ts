import type { LimitPolicy, LimitState } from '../services/verbs.js'
import type { WireHeaders } from './wire.js'

const seconds = (ms: number) => Math.ceil(ms / 1_000)

/**
 * What is left, as `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): for each limit how many more are let through
 * now, and in how many seconds more are; its policy is that of its longest window.
 */
export function rateLimit(limits: readonly LimitState[], policies: readonly LimitPolicy[]): WireHeaders {
  if (limits.length === 0) return {}
  return {
    ratelimit: limits.map(({ limit, remaining, resetMs }) => `"${limit}";r=${remaining};t=${seconds(resetMs)}`).join(', '),
    'ratelimit-policy': policies.map(({ limit, max, windowMs }) => `"${limit}";q=${max};w=${seconds(windowMs)}`).join(', '),
  }
}

/** A limit that is full. */
export const fullLimit = (limit: string, retryAfterMs: number): WireHeaders => ({ ratelimit: `"${limit}";r=0;t=${seconds(retryAfterMs)}` })
