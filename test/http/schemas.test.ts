import { Ajv } from 'ajv'
import { phoneVerifyHandlers } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { type ProblemCode, statuses } from '../../src/http/problem.js'
import { type JsonSchema, problemSchema, problemType } from '../../src/http/problem-schema.js'
import { routeSchemas } from '../../src/http/schemas.js'

const routes = Object.entries(routeSchemas)
const formats = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, uri: /^urn:[a-z-]+:\S+$/ }
const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, formats })

/** A schema and all within it. */
const withParts = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[...Object.values(schema.properties ?? {}), ...(schema.items === undefined ? [] : [schema.items])].flatMap(withParts),
]

const answersOf = ({ response }: (typeof routeSchemas)['send']) =>
  Object.values(response).flatMap(({ content }) => Object.values(content ?? {}))

describe.each(routes)('%s', (_, route) => {
  test('is JSON', () => {
    expect(JSON.parse(JSON.stringify(route))).toEqual(route)
  })

  test('is sound for a strict validator, and its examples are what it says', () => {
    const { examples = [], ...body } = route.body
    expect(examples).toHaveLength(1)
    for (const [schema, example] of [
      [body, examples[0]] as const,
      ...answersOf(route).map(({ schema, example }) => [schema, example] as const),
    ]) {
      const validate = ajv.compile(schema)
      expect(validate(example) ? [] : validate.errors).toEqual([])
      expect(validate({})).toBe(false)
    }
    expect(() => ajv.compile(route.headers)).not.toThrow()
  })

  test('has no keyword that a version of OpenAPI does not know', () => {
    const known = [
      'type',
      'description',
      'required',
      'properties',
      'items',
      'enum',
      'format',
      'pattern',
      'minLength',
      'maxLength',
      'minimum',
    ]
    const { examples: _, ...body } = route.body
    const all = [body, route.headers, ...answersOf(route).map(({ schema }) => schema)].flatMap(withParts)
    expect([...new Set(all.flatMap((schema) => Object.keys(schema)))].filter((keyword) => !known.includes(keyword))).toEqual([])
  })

  test('lists each failure once, under the status that it is answered with', () => {
    const listed = Object.entries(route.response).flatMap(([status, { content }]) =>
      (content?.[problemType]?.schema.properties?.['code']?.enum ?? []).map((code) => [String(code), Number(status)] as const),
    )
    expect(new Set(listed.map(([code]) => code)).size).toBe(listed.length)
    expect(listed.filter(([code, status]) => statuses[code as ProblemCode] !== status)).toEqual([])
    expect(Object.keys(route.response)).toEqual([...new Set(listed.map(([, status]) => String(status))), ...successes(route)].sort())
  })
})

const successes = ({ response }: (typeof routeSchemas)['send']) => Object.keys(response).filter((status) => status.startsWith('2'))

test('the schema of all failures has every member', () => {
  const { properties = {}, required } = problemSchema(Object.keys(statuses) as ProblemCode[])
  expect(Object.keys(properties)).toEqual(['type', 'title', 'status', 'code', 'errors', 'attemptsLeft', 'retryAfterMs'])
  expect(required).toEqual(['type', 'title', 'status', 'code'])
  expect(properties['status']?.enum).toEqual([...new Set(Object.values(statuses))])
})

describe('what the schemas allow, the endpoints take', () => {
  const start = () => {
    const test = createTestVerifier()
    return { ...test, ...phoneVerifyHandlers(test.verifier, { purpose: 'registration' }) }
  }
  const asked = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    new Request('https://example.com', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const longest = (name: 'send' | 'verify', field: string) => routeSchemas[name].body.properties?.[field]?.maxLength ?? 0

  test.each<readonly [string, number]>([
    ['!', 202],
    ['~'.repeat(255), 202],
    ['~'.repeat(256), 400],
    ['a b', 400],
    ['é', 400],
  ])('Idempotency-Key %.20j: %i', async (key, status) => {
    const { 'Idempotency-Key': schema } = routeSchemas.send.headers.properties ?? {}
    expect(ajv.validate(schema ?? {}, key)).toBe(status === 202)
    const { send } = start()
    expect((await send(asked({ phone: '+33612345678' }, { 'idempotency-key': key }))).status).toBe(status)
  })

  test('the longest phone and code', async () => {
    const { send, verify, lastCode } = start()
    const sent = await send(asked({ phone: '+33612345678'.padEnd(longest('send', 'phone'), ' ') }))
    expect(sent.status).toBe(202)
    const { sessionToken } = (await sent.json()) as { readonly sessionToken: string }
    const code = lastCode().padEnd(longest('verify', 'code'), ' ')
    expect((await verify(asked({ sessionToken, code }))).status).toBe(200)
  })

  test('one more than the longest is refused', async () => {
    const { send, verify, lastCode } = start()
    expect((await send(asked({ phone: '+33612345678'.padEnd(longest('send', 'phone') + 1, ' ') }))).status).toBe(422)
    const sent = await send(asked({ phone: '+33612345678' }))
    const { sessionToken } = (await sent.json()) as { readonly sessionToken: string }
    const code = lastCode().padEnd(longest('verify', 'code') + 1, ' ')
    expect((await verify(asked({ sessionToken, code }))).status).toBe(422)
  })

  test('the session token of the fullest challenge', async () => {
    const purpose = 'p'.repeat(64)
    const { verifier } = createTestVerifier({ tenants: () => ({}), purposes: { [purpose]: {} } })
    const wide = '中'.repeat(256)
    const said = { purpose, subject: wide, tenant: wide, context: { a: 'x'.repeat(1_016) } }
    const sent = await verifier.sendCode({ phone: '+33612345678', locale: 'zh-Hant-TW', ...said })
    expect(sent.ok ? sent.sessionToken.length : 0).toBeGreaterThan(4_000)
    expect(sent.ok ? sent.sessionToken.length : 9_999).toBeLessThanOrEqual(longest('verify', 'sessionToken'))
  })
})
