import { type ProblemCode, statuses } from './problem.js'
import { en } from './titles/en.js'

/** JSON Schema: what of draft 2020-12 draft 7 and OpenAPI 3.0 know as well, so that every host can serve it. */
export interface JsonSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer'
  readonly description?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly enum?: readonly (string | number)[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly examples?: readonly unknown[]
}

/** A response as Fastify's route schemas write it: headers are bare schemas. */
export interface ResponseSchema {
  readonly description: string
  readonly headers?: Readonly<Record<string, JsonSchema>>
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>
}

/** The media type of every failure. */
export const problemType = 'application/problem+json'

/** `RateLimit` of the replies that tell of limits. */
export const rateLimitHeader: JsonSchema = {
  type: 'string',
  description: 'What each limit has left, and in how many seconds it has more: `"sendsPerPhone";r=4;t=30`.',
}

const contentLanguage: JsonSchema = { type: 'string', description: 'The language of the title.' }
const retryAfter: JsonSchema = { type: 'integer', minimum: 0, description: 'Seconds after which another try makes sense.' }

const errors: JsonSchema = {
  type: 'array',
  description: 'What is wrong with the request.',
  items: { type: 'object', required: ['field', 'message'], properties: { field: { type: 'string' }, message: { type: 'string' } } },
}
const attemptsLeft: JsonSchema = {
  type: 'integer',
  minimum: 0,
  description: 'How many more codes may be tried, unless nothing is disclosed.',
}
const retryAfterMs: JsonSchema = { type: 'integer', minimum: 0, description: 'Milliseconds after which another try makes sense.' }

/** What every failure looks like (RFC 9457), be it by one of these codes. */
export function problemSchema(codes: readonly ProblemCode[]): JsonSchema {
  const some = new Set(codes.map((code) => statuses[code]))
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code', ...(some.size > 1 ? [] : [...some].flatMap((status) => said[status] ?? []))],
    properties: {
      type: { type: 'string', format: 'uri', enum: codes.map((code) => `urn:phone-verify:${code}`) },
      title: { type: 'string', description: 'For people, in the language of `Content-Language`.' },
      status: { type: 'integer', enum: [...some] },
      code: { type: 'string', enum: codes, description: 'For programs. It never changes.' },
      ...(some.has(400) && { errors }),
      ...(codes.includes('incorrect_code') && { attemptsLeft }),
      ...(some.has(429) && { retryAfterMs }),
    },
  }
}

/** What the failures of a status always say besides. */
const said: Readonly<Record<number, readonly string[]>> = { 400: ['errors'], 429: ['retryAfterMs'] }

/** The responses for these failures, by status. */
export function problemResponses(codes: readonly ProblemCode[]): Readonly<Record<number, ResponseSchema>> {
  const found = [...new Set(codes.map((code) => statuses[code]))].sort()
  return Object.fromEntries(found.map((status) => [status, problemResponse(codes.filter((code) => statuses[code] === status))]))
}

function problemResponse(codes: readonly ProblemCode[]): ResponseSchema {
  const [first = 'internal_error'] = codes
  const status = statuses[first]
  const example = {
    ...{ type: `urn:phone-verify:${first}`, title: en[first], status, code: first },
    ...(status === 400 && { errors: [{ field: 'body', message: 'must be a JSON object' }] }),
    ...(status === 429 && { retryAfterMs: 30_000 }),
  }
  return {
    description: codes.map((code) => `\`${code}\`: ${en[code]}`).join(' '),
    headers: {
      'Content-Language': contentLanguage,
      ...(status === 429 && { RateLimit: rateLimitHeader }),
      ...((status === 429 || status === 503) && { 'Retry-After': retryAfter }),
    },
    content: { [problemType]: { schema: problemSchema(codes), example } },
  }
}
