import SwaggerParser from '@apidevtools/swagger-parser'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { openApiDocument } from 'phone-verify/http'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { routeSchemas } from '../../src/http/schemas.js'

interface Operation {
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<
    Record<string, { readonly headers?: object; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}

/** What a host of ours says of itself, with the plugin that most hosts document themselves by. */
async function documentOf(version: string) {
  const { verifier } = createTestVerifier()
  const app = Fastify()
  await app.register(swagger, { openapi: { openapi: version, info: { title: 'Host', version: '1.0.0' } } })
  await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'registration' })
  await app.register(phoneVerifyPlugin, { prefix: '/login', verifier, purpose: 'login' })
  app.post('/own', { schema: { body: { type: 'object', properties: { name: { type: 'string' } } } } }, async () => ({}))
  await app.ready()
  const document = app.swagger() as unknown as { readonly openapi: string; readonly paths: Readonly<Record<string, { post: Operation }>> }
  await app.close()
  await verifier.close()
  return document
}

describe.each(['3.0.3', '3.1.0'])('@fastify/swagger, OpenAPI %s', (version) => {
  test('makes a valid document of the routes', async () => {
    const document = await documentOf(version)
    expect(document.openapi).toBe(version)
    expect(Object.keys(document.paths)).toEqual(
      ['/phone/', '/login/'].flatMap((prefix) => ['send', 'resend', 'verify'].map((name) => prefix + name)).concat('/own'),
    )
    await expect(SwaggerParser.validate(structuredClone(document) as never)).resolves.toBeDefined()
  })

  test('says what our own document says', async () => {
    const { paths } = await documentOf(version)
    const ours = openApiDocument({ basePath: '/phone' })
    for (const [path, { post }] of Object.entries(ours.paths)) {
      const theirs = paths[path]?.post
      expect(theirs?.summary).toBe(post.summary)
      expect(theirs?.parameters?.map(({ name, schema }) => [name, schema])).toEqual(
        post.parameters?.map(({ name, schema }) => [name, schema]),
      )
      expect(theirs?.requestBody?.content['application/json']?.schema).toEqual(post.requestBody.content['application/json']?.schema)
      expect(Object.keys(theirs?.responses ?? {})).toEqual(Object.keys(post.responses))
      for (const [status, { headers, content }] of Object.entries(post.responses)) {
        const there = theirs?.responses[status]
        expect(Object.keys(there?.headers ?? {})).toEqual(Object.keys(headers ?? {}))
        expect(Object.keys(there?.content ?? {})).toEqual(Object.keys(content ?? {}))
        for (const [type, { schema }] of Object.entries(content ?? {})) {
          const said = there?.content?.[type]?.schema
          if (!('allOf' in schema)) expect(said).toEqual(schema)
          else expect(said).toMatchObject({ required: ['type', 'title', 'status', 'code'], ...schema.allOf[1] })
        }
      }
    }
  })
})

test('the schemas are the same after any number of hosts', async () => {
  const before = JSON.stringify(routeSchemas)
  await documentOf('3.0.3')
  await documentOf('3.1.0')
  expect(JSON.stringify(routeSchemas)).toBe(before)
})
