import SwaggerParser from '@apidevtools/swagger-parser'
import { type OpenApiOptions, openApiDocument } from 'phone-verify/http'
import { describe, expect, test } from 'vitest'
import { statuses } from '../../src/http/problem.js'
import { routeSchemas } from '../../src/http/schemas.js'

/** Throws where the document is none. The parser puts what is referred to in its place, in a copy. */
const validate = (document: object) => SwaggerParser.validate(structuredClone(document) as never)

const full: OpenApiOptions = {
  title: 'Accounts',
  version: '2.3.0',
  basePath: '/api/phone',
  servers: [{ url: 'https://example.com', description: 'Production' }],
  purpose: 'two_factor',
  webhooks: true,
}

describe('openApiDocument', () => {
  test.each<readonly [string, OpenApiOptions | undefined]>([
    ['nothing', undefined],
    ['every option', full],
    ['webhooks', { webhooks: true }],
  ])('with %s it is valid', async (_, options) => {
    await expect(validate(openApiDocument(options))).resolves.toMatchObject({ openapi: '3.1.0' })
  })

  test('the check bites', async () => {
    const { paths, ...rest } = openApiDocument()
    await expect(validate({ ...rest, paths: { send: paths['/send'] } })).rejects.toThrow()
    const wrong = { '/send': { post: { ...paths['/send']?.post, responses: { 202: { headers: {} } } } } }
    await expect(validate({ ...rest, paths: wrong })).rejects.toThrow(/description/)
  })

  test('has the paths of the mount', () => {
    expect(Object.keys(openApiDocument().paths)).toEqual(['/send', '/resend', '/verify'])
    const { info, servers, paths } = openApiDocument(full)
    expect(info).toMatchObject({ title: 'Accounts', version: '2.3.0' })
    expect(servers).toEqual([{ url: 'https://example.com', description: 'Production' }])
    expect(Object.keys(paths)).toEqual([
      ...['/api/phone/send', '/api/phone/resend', '/api/phone/verify'],
      ...['/api/phone/webhooks/twilio', '/api/phone/webhooks/vonage'],
    ])
  })

  test('documents of several purposes can be put together', async () => {
    const [first, second] = [
      openApiDocument({ basePath: '/login', purpose: 'login' }),
      openApiDocument({ basePath: '/reset', purpose: 'password_reset' }),
    ]
    const paths = { ...first.paths, ...second.paths }
    await expect(validate({ ...first, paths })).resolves.toBeDefined()
    expect(new Set(Object.values(paths).map(({ post }) => post.operationId)).size).toBe(6)
    expect(second.paths['/reset/send']?.post.operationId).toBe('sendCodeForPasswordReset')
    expect(JSON.stringify(second.paths['/reset/verify']?.post.responses['200'])).toContain('"enum":["password_reset"]')
  })

  test('says every header', () => {
    const { paths } = openApiDocument()
    const headersOf = (path: string, status: number) => Object.keys(paths[path]?.post.responses[status]?.headers ?? {})
    expect(paths['/send']?.post.parameters?.map(({ name }) => name)).toEqual(['Idempotency-Key', 'Accept-Language'])
    expect(headersOf('/send', 202)).toEqual(['RateLimit', 'RateLimit-Policy'])
    expect(headersOf('/verify', 429)).toEqual(['Content-Language', 'RateLimit', 'Retry-After'])
    expect(headersOf('/resend', 503)).toEqual(['Content-Language', 'Retry-After'])
  })

  test('names each failure that a mount has, under its status', () => {
    const { paths, components } = openApiDocument({ webhooks: true })
    expect(components.schemas.Problem.properties?.['code']?.enum).toEqual(Object.keys(statuses))
    const named = Object.values(paths).flatMap(({ post }) =>
      Object.entries(post.responses).flatMap(([status, { content }]) => {
        const { schema } = content?.['application/problem+json'] ?? {}
        const [, own] = schema !== undefined && 'allOf' in schema ? schema.allOf : []
        const codes = own !== undefined && 'properties' in own ? (own.properties?.['code']?.enum ?? []) : []
        return codes.map((code) => [code, Number(status)] as const)
      }),
    )
    expect(named.filter(([code, status]) => statuses[code as keyof typeof statuses] !== status)).toEqual([])
    // Another method is no operation of the document, and proofs are redeemed on paths of the application.
    const elsewhere = ['method_not_allowed', 'invalid_proof', 'already_redeemed']
    expect(new Set([...named.map(([code]) => code), ...elsewhere])).toEqual(new Set(Object.keys(statuses)))
  })

  test('is a new object each time', () => {
    const before = JSON.stringify([openApiDocument(full), routeSchemas])
    const document = openApiDocument(full) as unknown as { components: { schemas: { Problem: { properties: object } } }; paths: object }
    document.components.schemas.Problem.properties = {}
    for (const path of Object.values(document.paths)) path.post.responses = {}
    expect(JSON.stringify([openApiDocument(full), routeSchemas])).toBe(before)
  })

  test.each<readonly [string, unknown]>([
    ['title', 1],
    ['title', ''],
    ['version', null],
    ['basePath', 'phone'],
    ['basePath', '/phone/'],
    ['servers', 'https://example.com'],
    ['servers', [null]],
    ['servers', [{}]],
    ['purpose', 'log in'],
    ['purpose', 7],
    ['webhooks', 'twilio'],
    ['path', '/phone'],
    ['__proto__', 1],
  ])('refuses %s: %j', (option, value) => {
    const options = JSON.parse(`{${JSON.stringify(option)}:${JSON.stringify(value)}}`)
    expect(() => openApiDocument(options)).toThrow(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(`^${option}`) }),
    )
  })

  test('an option that is undefined is absent', () => {
    expect(openApiDocument({ title: undefined, basePath: undefined, webhooks: undefined })).toEqual(openApiDocument())
  })
})
