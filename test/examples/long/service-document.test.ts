import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { apiDocument } from '../../../examples/service/api-document.js'
import { success } from '../../../examples/service/envelope.js'
import { type Route, route } from '../../../examples/service/route.js'
import { describeInBrowser } from '../../fixtures/browser.js'
import { probeRoutes, serveProbe } from '../service-probe.js'
import { startWorld, type World } from '../world.js'

const { routes } = probeRoutes()

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string }[]
  readonly security?: readonly object[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $schema?: string; readonly required: readonly string[] } }>>
  }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

const documentOf = (some: readonly Route[]) =>
  apiDocument({ title: 'Probe', description: 'Tried', routes: some }, new URL('https://app.example/path')) as {
    readonly servers: readonly { readonly url: string }[]
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }

test('the document is valid, and lists exactly the routes', async () => {
  const document = documentOf(routes)
  await expect(SwaggerParser.validate(structuredClone(document) as never)).resolves.toBeDefined()
  const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  )
  expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method.toLowerCase()} ${path.replace(':id', '{id}')}`).sort())
  expect(document.servers).toEqual([{ url: 'https://app.example' }])
})

test('a route says what it takes, who may, and what it answers', () => {
  const { paths } = documentOf(routes)
  const staircase = paths['/staircase/']?.['post']
  expect(Object.keys(staircase?.responses ?? {})).toEqual(['200', '400', '401', '429', '503'])
  expect(staircase?.security).toEqual([{ bearer: [] }])
  const schema = staircase?.requestBody?.content['application/json']?.schema
  // The dialect is OpenAPI 3.1's own, and may be said of any schema.
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['name'] })
  expect(paths['/things/{id}']?.['get']).toMatchObject({ operationId: 'get_things_id', parameters: [{ name: 'id', in: 'path' }] })
  expect(Object.keys(paths['/form/']?.['post']?.requestBody?.content ?? {})).toEqual(['application/x-www-form-urlencoded'])
  expect(paths['/empty/']?.['post']?.requestBody).toBeUndefined()
})

test('several methods and parameters of a path, and schemas that JSON cannot say all of', async () => {
  const answer = async () => success(200, 'well')
  const shared = { summary: 'One', replies: { 200: 'Well', 400: 'Something of its own' }, answer }
  const body = z.object({ id: z.string().transform(Number), when: z.date().optional(), text: z.string().refine(Boolean) })
  const document = documentOf([
    route({ method: 'GET', path: '/a/:one/b/:two_2/', ...shared }),
    route({ method: 'PATCH', path: '/a/:one/b/:two_2/', body, ...shared }),
  ])
  await expect(SwaggerParser.validate(structuredClone(document) as never)).resolves.toBeDefined()
  const path = document.paths['/a/{one}/b/{two_2}/']
  expect(Object.keys(path ?? {})).toEqual(['get', 'patch'])
  expect(path?.['patch']?.parameters.map(({ name }) => name)).toEqual(['one', 'two_2'])
  expect(path?.['patch']?.responses['400']).toEqual({ description: 'Something of its own' })
  const ids = Object.values(path ?? {}).map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(2)
})

describeInBrowser('the page of the document, in a browser', (browser) => {
  let world: World
  beforeAll(async () => {
    world = await startWorld((parts) => serveProbe('Fastify', parts, routes))
  }, 60_000)
  afterAll(() => world?.close())

  test.each(['/docs/', '/docs'])('%s shows every operation, asks nobody else, and obeys its own policy', async (path) => {
    // Under a name, as a public server has: at an address of this machine the page leaves out what it would ask of others.
    const { port } = new URL(world.url)
    const page = await browser().newPage()
    const [asked, complaints]: [Set<string>, string[]] = [new Set(), []]
    page.on('request', (request) => asked.add(new URL(request.url()).host))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    // The name is nobody's: each request to it is answered by the service itself.
    await page.route('http://probe.example/**', async (route) => {
      const { pathname } = new URL(route.request().url())
      const { status, text, headers } = await world.visitor().get(pathname)
      const { 'content-encoding': _, ...kept } = Object.fromEntries(headers)
      await route.fulfill({ status, body: text, headers: kept })
    })
    await page.goto(`http://probe.example${path}`)
    await page.locator('.opblock').first().waitFor()
    expect(await page.locator('.opblock').count()).toBe(routes.length)
    expect((await page.locator('.opblock-summary-path').allInnerTexts()).map((text) => text.replaceAll('\u200b', ''))).toContain(
      '/things/{id}',
    )
    await page.locator('.opblock', { hasText: '/staircase/' }).click()
    await page.getByText('Too many requests: Retry-After says when to come again').waitFor()
    expect([...asked].filter((host) => host !== '' && host !== `127.0.0.1:${port}`)).toEqual(['probe.example'])
    expect(complaints).toEqual([])
    await page.close()
  })
})
