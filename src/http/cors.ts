import { misconfigured } from '../errors.js'
import type { WireHeaders, WireRequest } from './wire.js'

/** Which web sites may call from a browser (the CORS protocol of the Fetch standard). */
export interface CorsOptions {
  /** As a browser says them, `https://example.com`, or `'*'`. */
  readonly origins: readonly string[] | '*'
  /** Whether cookies go along. Not with `'*'`. Default false. */
  readonly credentials?: boolean | undefined
  /** Request headers of yours that a page may send beside the wire's: `['X-CSRF-Token']`. Default none. */
  readonly headers?: readonly string[] | undefined
  /** How long a browser may remember the answer, in seconds. Default 600. */
  readonly maxAgeSeconds?: number | undefined
}

export interface Cors {
  /** What every reply says to the page that asked. */
  headers(request: WireRequest): WireHeaders
  /** What the question before the request is answered with. */
  preflight(request: WireRequest): WireHeaders
}

const exposed = 'Date, Retry-After, RateLimit, RateLimit-Policy, Content-Language'

const isOrigin = (value: unknown) => {
  try {
    return typeof value === 'string' && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value
  } catch {
    return false
  }
}

const isHeaderName = (value: unknown) => typeof value === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(value)

/** Without options nothing is said, and a browser lets no other site's page read a reply. */
export function createCors(options: CorsOptions | undefined): Cors {
  if (options === undefined) return { headers: () => ({}), preflight: () => ({}) }
  const { origins, credentials = false, headers: more = [], maxAgeSeconds = 600 }: CorsOptions = Object.assign(Object.create(null), options)
  const isList = Array.isArray(origins) && origins.length > 0 && Array.from(origins).every(isOrigin)
  const strange = Object.keys(options).filter((name) => !['origins', 'credentials', 'headers', 'maxAgeSeconds'].includes(name))
  const problems = [
    ...strange.map((name) => ({ option: `cors.${name}`, message: 'is no option of cors' })),
    ...(isList || origins === '*'
      ? []
      : [{ option: 'cors.origins', message: "must list origins such as 'https://example.com', or be '*'" }]),
    ...(typeof credentials === 'boolean' && !(credentials && origins === '*')
      ? []
      : [{ option: 'cors.credentials', message: "must be true or false, and not true with '*'" }]),
    ...(Array.isArray(more) && Array.from(more).every(isHeaderName)
      ? []
      : [{ option: 'cors.headers', message: 'must list names of headers' }]),
    ...(Number.isInteger(maxAgeSeconds) && maxAgeSeconds >= 0 ? [] : [{ option: 'cors.maxAgeSeconds', message: 'must be a whole number' }]),
  ]
  if (problems.length > 0) throw misconfigured(problems)

  const headers = (request: WireRequest): WireHeaders => {
    if (origins === '*') return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }
    const origin = request.header('origin')
    if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' }
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposed,
      ...(credentials && { 'access-control-allow-credentials': 'true' }),
    }
  }
  return {
    headers,
    preflight(request) {
      const said = headers(request)
      if (said['access-control-allow-origin'] === undefined) return said
      const { 'access-control-expose-headers': _, ...allowed } = said
      return {
        ...allowed,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': ['Content-Type', 'Idempotency-Key', ...more].join(', '),
        'access-control-max-age': String(maxAgeSeconds),
      }
    },
  }
}
