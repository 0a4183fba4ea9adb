import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostileValues } from '../fixtures/hostile-values.js'
import { type Framework, frameworks, probeRoutes, serveProbe } from './service-probe.js'
import type { RequestOptions } from './visitor.js'
import { startWorld, type World } from './world.js'

const worlds = {} as Record<Framework, World & { readonly ran: string[] }>

beforeAll(async () => {
  for (const framework of frameworks) {
    const { routes, ran } = probeRoutes()
    worlds[framework] = { ...(await startWorld((parts) => serveProbe(framework, parts, routes))), ran }
  }
}, 120_000)

afterAll(() => Promise.all(Object.values(worlds).map((world) => world.close())))

const english = { 'accept-language': 'en' }
const invalid = (fields: object) => ({ status: 'error', message: 'Some fields are invalid.', data: fields })

describe.each(frameworks)('%s', (framework) => {
  const visitor = (headers = {}) => worlds[framework].visitor({ ...english, ...headers })

  test('a request climbs the guards in their order', async () => {
    const asked = visitor()
    const climb = async (body: unknown, headers: Record<string, string> = {}) => {
      const reply = await asked.post('/staircase/', body, { headers })
      return [reply.status, reply.headers.get('x-ratelimit-remaining')]
    }
    const [foreign, guest, member] = [
      { 'sec-fetch-site': 'cross-site' },
      { authorization: 'Bearer guest' },
      { authorization: 'Bearer member' },
    ]
    // Each request mends what stopped the one before. What another site sends counts for nothing.
    expect(await climb({}, foreign)).toEqual([403, null])
    expect(await climb({})).toEqual([401, '7'])
    expect(await climb({}, guest)).toEqual([403, '6'])
    expect(await climb({}, member)).toEqual([400, '5'])
    expect(await climb({ name: 'a' }, member)).toEqual([200, '0'])
    expect(await climb({ name: 'a' }, member)).toEqual([429, '0'])
    // A body that is wrong is not counted by what it says.
    expect(await climb({ name: '' }, member)).toEqual([400, '2'])
    expect(await climb({ name: 'b' }, member)).toEqual([200, '0'])
    expect(await climb({ name: 'c' }, member)).toEqual([200, '0'])
    // The address is full: now not even the token is looked at.
    expect(await climb({})).toEqual([429, '0'])
    expect(await climb({}, foreign)).toEqual([403, null])
  })

  test.each<[string, Record<string, string>, number]>([
    ['no browser', {}, 200],
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'ours' }, 200],
    ['our own page in an older browser', { origin: 'ours' }, 200],
    ['an address that a person typed', { 'sec-fetch-site': 'none' }, 200],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour below the same domain', { 'sec-fetch-site': 'same-site' }, 403],
    ['another site that claims our origin', { 'sec-fetch-site': 'cross-site', origin: 'ours' }, 403],
    ['another origin in an older browser', { origin: 'https://evil.example' }, 403],
    ['an origin that is hidden', { origin: 'null' }, 403],
    ['what no browser says', { 'sec-fetch-site': 'same-origin, cross-site' }, 403],
  ])('a POST from %s', async (_, headers, status) => {
    const ours = new URL(worlds[framework].url).origin
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === 'ours' ? ours : value]))
    const { ran } = worlds[framework]
    ran.length = 0
    expect((await visitor().post('/empty/', undefined, { headers: sent })).status).toBe(status)
    expect(ran).toEqual(status === 200 ? ['empty'] : [])
  })

  test('another site may read what anybody may, and a webhook is told by its signature', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await visitor(headers).get('/things/1')).status).toBe(200)
    const form = { raw: 'name=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    expect((await visitor(headers).post('/form/', undefined, form)).body.data).toEqual({ name: 'a' })
  })

  test('says what is wrong with each field, in the language that is asked for', async () => {
    const post = async (language: string, body: unknown) => (await visitor({ 'accept-language': language }).post('/things/', body)).body
    expect(await post('en', { count: 1.5 })).toEqual(
      invalid({ name: ['A name is needed.'], count: [expect.stringMatching(/^Invalid input: expected int/)] }),
    )
    expect(await post('fr', { name: 'a', note: 'a'.repeat(6) })).toMatchObject({
      message: 'Certains champs sont invalides.',
      data: { note: [expect.stringMatching(/^Trop grand/)] },
    })
    expect((await post('de', {})).data).toEqual({ name: ['Il faut un nom.'] })
    expect((await post('fr-CH, en;q=0.5', {})).data).toEqual({ name: ['Il faut un nom.'] })
    expect(await post('en', ['a'])).toEqual(invalid({ '': [expect.stringMatching(/expected object/)] }))
  })

  test.each(Object.entries(hostileValues))('%s in any place is refused and breaks nothing', async (name, make) => {
    const json = (body: () => unknown) => {
      try {
        return JSON.stringify(body())
      } catch {
        return undefined
      }
    }
    const raws = [
      json(make),
      json(() => ({ name: make() })),
      json(() => ({ name: 'a', count: make() })),
      json(() => ({ [String(make())]: 1 })),
    ]
    for (const raw of raws.filter((one) => one !== undefined)) {
      const reply = await visitor().post('/things/', undefined, { raw })
      expect([200, 400, 413], `${name}: ${raw.slice(0, 60)} gave ${reply.status}`).toContain(reply.status)
      expect(reply.body.status).toBe(reply.status === 200 ? 'success' : 'error')
    }
  })

  test('keys of a prototype are keys like others', async () => {
    const raw = '{"__proto__":{"name":"a"},"constructor":{"prototype":{}},"toString":1}'
    const reply = await visitor().post('/things/', undefined, { raw })
    expect([reply.status, reply.body]).toEqual([400, invalid({ name: ['A name is needed.'] })])
    expect(Object.hasOwn(Object.prototype, 'name')).toBe(false)
  })

  test.each<[string, unknown, number]>([
    ['nothing', undefined, 500],
    ['a fault of the app', 'ERR_ASSERTION', 500],
    ['a wrong statement', '42P01', 500],
    ['a broken rule', '23505', 500],
    ['a number that resembles a class of SQLSTATE', '57', 500],
    ['a connection that broke', '08006', 503],
    ['too many connections', '53300', 503],
    ['a shutdown', '57P01', 503],
    ['a full disk', '58030', 503],
    ['a refused connection', 'ECONNREFUSED', 503],
    ['a name that does not resolve for now', 'EAI_AGAIN', 503],
    ['too many passwords', 'EBUSY', 503],
    ['the store', 'ERR_PV_STORE', 503],
    ['the provider', 'ERR_PV_SMS_UNAVAILABLE', 503],
    ['a deadline', 'ERR_PV_TIMEOUT', 503],
    ['a text with a NUL', '22021', 400],
    ['what is no code', { toString: 1 }, 500],
  ])('an app that throws %s', async (_, code, status) => {
    const { logged } = worlds[framework]
    const before = logged.length
    const reply = await visitor().post('/throws/', { code })
    expect(reply.status).toBe(status)
    expect(reply.headers.get('retry-after')).toBe(status === 503 ? '5' : null)
    expect(reply.text + logged.slice(before).join('')).not.toMatch(/secret|\+336/)
  })

  test('a fault is logged by name and code, a request by route, status and time', async () => {
    const { logged } = worlds[framework]
    const before = logged.length
    await visitor().post('/throws/', { code: '42P01' })
    await visitor().get('/things/+33612345678?q=secret')
    await visitor().get('/nowhere/+33612345678')
    const lines = logged.slice(before).map((line) => JSON.parse(line))
    expect(lines).toEqual([
      { level: 'error', time: expect.any(String), route: 'POST /throws/', code: '42P01', name: 'TypeError', msg: 'failed' },
      { level: 'info', time: expect.any(String), method: 'POST', path: '/throws/', status: 500, ms: expect.any(Number), msg: 'answered' },
      { level: 'info', time: expect.any(String), method: 'GET', path: '/things/:id', status: 200, ms: expect.any(Number), msg: 'answered' },
      { level: 'info', time: expect.any(String), method: 'GET', path: '', status: 404, ms: expect.any(Number), msg: 'answered' },
    ])
  })

  test('what cannot be written is a fault, and nothing runs twice for it', async () => {
    const { ran } = worlds[framework]
    ran.length = 0
    expect((await visitor().post('/unsayable/')).status).toBe(500)
    expect(ran).toEqual(['unsayable'])
  })

  test('counts IPv6 by its /64, and takes no more addresses from a proxy than are trusted', async () => {
    const from = (address: string) => visitor({ 'x-forwarded-for': address })
    const remaining = async (address: string) => (await from(address).post('/staircase/', {})).headers.get('x-ratelimit-remaining')
    expect(await remaining('2001:db8::1')).toBe('7')
    expect(await remaining('2001:0db8:0:0:ffff::9')).toBe('6')
    expect(await remaining('2001:db8:0:1::1')).toBe('7')
    expect(await remaining('203.0.113.1, 198.51.100.7')).toBe('7')
    expect(await remaining('203.0.113.2, 198.51.100.7')).toBe('6')
  })
})

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Method, path, options, and the status that both frameworks answer with. */
const table: readonly (readonly [string, string, RequestOptions, number])[] = [
  ['GET', '/things/1?q=a%20b&q=c', {}, 200],
  ['GET', '/things/%C3%A9t%C3%A9/', {}, 200],
  ['GET', `/things/${'1'.repeat(500)}`, {}, 200],
  ['HEAD', '/things/1', {}, 200],
  ['GET', '/things/%zz', {}, 400],
  ['GET', '/nowhere/%zz', {}, 400],
  ['GET', '/Things/1', {}, 404],
  ['GET', '/nowhere', {}, 404],
  ['POST', '/nowhere', { raw: '{' }, 404],
  ['GET', '/', {}, 404],
  ['GET', '/things/1/2', {}, 404],
  ['GET', '/empty/', {}, 405],
  ['HEAD', '/empty/', {}, 405],
  ['OPTIONS', '/empty/', {}, 405],
  ['DELETE', '/things/1', {}, 405],
  ['PUT', '/things/1', { raw: '{' }, 405],
  ['POST', '/empty/', {}, 200],
  ['POST', '/empty', { raw: '' }, 200],
  ['POST', '/empty/', { raw: 'x' }, 200],
  ['POST', '/things/', { raw: '{"name":"a","more":1}' }, 200],
  ['POST', '/things/', { raw: '{"name":"a"}', headers: { 'content-type': 'Application/JSON; charset=UTF-8' } }, 200],
  ['POST', '/things/', { raw: '{"name":"a","__proto__":{"a":1}}' }, 200],
  ['POST', '/things/', { raw: '{"name":' }, 400],
  ['POST', '/things/', { raw: '"a"' }, 400],
  ['POST', '/things/', { raw: 'null' }, 400],
  ['POST', '/things/', { raw: `{"name":"${'a'.repeat(17_000)}"}` }, 413],
  ['POST', '/things/', {}, 415],
  ['POST', '/things/', { raw: '' }, 400],
  ['POST', '/things/', { raw: '{"name":"a"}', headers: { 'content-type': 'text/plain' } }, 415],
  ['POST', '/things/', { raw: '{"name":"a"}', headers: { 'content-type': 'application/json-patch+json' } }, 415],
  ['POST', '/things/', { raw: 'name=a', headers: form }, 415],
  ['POST', '/form/', { raw: 'name=a+b&more=%E9', headers: form }, 200],
  ['POST', '/form/', { raw: 'name=a&name=b', headers: form }, 400],
  ['POST', '/form/', { raw: `name=${'a'.repeat(17_000)}`, headers: form }, 400],
  ['POST', '/form/', { raw: `name=${'a'.repeat(70_000)}`, headers: form }, 413],
  ['POST', '/form/', { raw: '{"name":"a"}' }, 415],
  ['POST', '/staircase/', { raw: '{' }, 401],
  ['POST', '/throws/', { raw: '{"code":"57P01"}' }, 503],
  ['POST', '/unsayable/', {}, 500],
  ['GET', '/text/', {}, 200],
  ['GET', '/headers/', { headers: { cookie: 'given=a%20b; given=c' } }, 204],
  ['GET', '/healthz', {}, 200],
  ['GET', '/docs/', {}, 200],
  ['GET', '/docs', {}, 200],
  ['GET', '/openapi.json', {}, 200],
]

/** What belongs to the connection and the moment, not to the answer. */
const passing = new Set(['connection', 'keep-alive', 'date', 'transfer-encoding', 'content-length', 'x-ratelimit-reset'])

const rows = table.map(([method, path, options, status]) => {
  const name = `${method} ${path} ${JSON.stringify(options)}`.slice(0, 90)
  return { name, method, path, options, status }
})

test.each(rows)('both frameworks answer $status to $name', async ({ method, path, options, status }) => {
  const [express, fastify] = await Promise.all(
    frameworks.map(async (framework) => {
      const { url } = worlds[framework]
      const reply = await worlds[framework].visitor(english).request(method, path, undefined, options)
      const headers = Object.fromEntries([...reply.headers].filter(([name]) => !passing.has(name)))
      return { status: reply.status, text: reply.text.replaceAll(url, 'here'), headers }
    }),
  )
  expect(express).toEqual(fastify)
  expect(express?.status).toBe(status)
  expect(express?.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'content-security-policy': expect.any(String) })
  if (status === 405) expect(express?.headers['allow']).toBe(path === '/empty/' ? 'POST' : 'GET')
})

test('a body that is compressed is not read', async () => {
  const sent = { raw: '{"name":"a"}', headers: { 'content-encoding': 'gzip' } }
  expect((await worlds.Express.visitor().post('/things/', undefined, sent)).status).toBe(400)
})
