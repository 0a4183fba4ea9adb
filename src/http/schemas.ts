import type { ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from '../services/verbs.js'
import type { EndpointName } from './endpoints.js'
import type { ProblemCode } from './problem.js'
import { type JsonSchema, problemResponses, type ResponseSchema, rateLimitHeader } from './problem-schema.js'

/** A route's schema as Fastify and `@fastify/swagger` read it. It documents: what a request is held against are the endpoints. */
export interface RouteSchema {
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly headers: JsonSchema
  readonly body: JsonSchema
  readonly response: Readonly<Record<number, ResponseSchema>>
}

type ReasonOf<Outcome> = Exclude<Outcome, { readonly ok: true }> extends { readonly reason: infer Reason extends string } ? Reason : never

/** Every reason once: a reason that is new to an outcome does not compile until it stands here. */
const listed = <Reason extends ProblemCode>(reasons: Readonly<Record<Reason, true>>) => Object.keys(reasons) as Reason[]

/** What may be wrong with any request, before it is understood and after. */
const ofAny = listed({ invalid_request: true, request_timeout: true, content_too_large: true, unsupported_media_type: true })
const ofServer = listed({ internal_error: true, unavailable: true })

const ofSend = {
  blocked: true,
  unknown_tenant: true,
  invalid_phone_number: true,
  country_not_allowed: true,
  number_type_not_allowed: true,
  undeliverable: true,
  rate_limited: true,
} as const
const ofChallenge = { expired: true, too_many_attempts: true, already_used: true, invalid_session: true } as const

/** The failures that an endpoint answers. */
const failures: Readonly<Record<EndpointName, readonly ProblemCode[]>> = {
  send: [...ofAny, ...listed<ReasonOf<SendCodeOutcome>>(ofSend), ...ofServer],
  resend: [...ofAny, ...listed<ReasonOf<ResendCodeOutcome>>({ ...ofSend, ...ofChallenge }), ...ofServer],
  verify: [
    ...ofAny,
    ...listed<ReasonOf<VerifyCodeOutcome>>({
      ...{ unknown_tenant: true, malformed_code: true, incorrect_code: true, rate_limited: true, locked: true },
      ...ofChallenge,
    }),
    ...ofServer,
  ],
}

const acceptLanguage: JsonSchema = {
  type: 'string',
  description: 'What the visitor reads (RFC 9110 §12.5.4): the SMS and titles are in it.',
}
const idempotencyKey: JsonSchema = {
  ...{ type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  description: 'A repeat with the same key answers with the same session and sends nothing.',
}
const headersOf = (properties: Readonly<Record<string, JsonSchema>> = {}): JsonSchema => ({
  type: 'object',
  properties: { ...properties, 'Accept-Language': acceptLanguage },
})

const phone: JsonSchema = { type: 'string', maxLength: 64, description: 'E.164, or national where the server has a default country.' }
const locale: JsonSchema = { type: 'string', maxLength: 35, description: 'A BCP 47 tag, before `Accept-Language`. A bad one is ignored.' }
const sessionToken: JsonSchema = { type: 'string', maxLength: 8_192, description: 'Opaque. The client keeps it until it verifies.' }
const code: JsonSchema = { type: 'string', maxLength: 32, description: 'The digits of the SMS; spaces and dashes do not matter.' }
const proof: JsonSchema = { type: 'string', description: 'For the next request, once: what was verified, where it is put to use.' }
const instant = (description: string): JsonSchema => ({ type: 'string', format: 'date-time', description })

/** Every one of them is needed. */
const objectOf = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  ...{ type: 'object', required: Object.keys(properties), properties },
})

const bodyOf = (properties: Readonly<Record<string, JsonSchema>>, example: object): JsonSchema => ({
  ...objectOf(properties),
  properties: { ...properties, locale },
  examples: [example],
})

const [token, at] = ['eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..…', '2030-01-01T12:00:00.000Z']

const sent: ResponseSchema = {
  description: 'The code is on its way.',
  headers: {
    RateLimit: rateLimitHeader,
    'RateLimit-Policy': { type: 'string', description: 'The longest window of each limit, in seconds: `"sendsPerPhone";q=10;w=86400`.' },
  },
  content: {
    'application/json': {
      schema: objectOf({ sessionToken, expiresAt: instant('When the code ends.'), resendAt: instant('When a resend will be accepted.') }),
      example: { sessionToken: token, expiresAt: at, resendAt: at },
    },
  },
}

const verified: ResponseSchema = {
  description: 'The code is right.',
  content: {
    'application/json': {
      schema: objectOf({
        phone: { type: 'string', pattern: '^\\+[1-9]\\d{1,14}$', description: 'The phone, in E.164.' },
        purpose: { type: 'string', description: 'Why it was verified.' },
        proof,
        verifiedAt: instant('When it was verified.'),
      }),
      example: { phone: '+33612345678', purpose: 'registration', proof: token, verifiedAt: at },
    },
  },
}

const tags = ['phone verification']

/** JSON Schemas of the routes. */
export const routeSchemas: Readonly<Record<EndpointName, RouteSchema>> = {
  send: {
    summary: 'Send a code',
    description: 'Sends a code to a phone by SMS.',
    tags,
    headers: headersOf({ 'Idempotency-Key': idempotencyKey }),
    body: bodyOf({ phone }, { phone: '+33612345678', locale: 'fr' }),
    response: { 202: sent, ...problemResponses(failures.send) },
  },
  resend: {
    summary: 'Send the code again',
    description: 'Sends a code once more, for the same session. Tries are not given back.',
    tags,
    headers: headersOf(),
    body: bodyOf({ sessionToken }, { sessionToken: token }),
    response: { 202: sent, ...problemResponses(failures.resend) },
  },
  verify: {
    summary: 'Check a code',
    description: 'Checks the code of the SMS, and answers with a proof that the next request carries.',
    tags,
    headers: headersOf(),
    body: bodyOf({ sessionToken, code }, { sessionToken: token, code: '482913' }),
    response: { 200: verified, ...problemResponses(failures.verify) },
  },
}
