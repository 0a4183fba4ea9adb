import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import SwaggerParser from '@apidevtools/swagger-parser'
import { Redis } from 'ioredis'
import { redisStore } from 'phone-verify/store/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../fixtures/carrier/faults.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { americanPhone, frenchPhone, type MarketingWorld, startMarketing } from '../marketing-opt-in-world.js'
import { createVisitor, type Visitor } from '../visitor.js'

let world: MarketingWorld
beforeAll(async () => {
  world = await startMarketing()
}, 120_000)
afterAll(() => world.close())

const version = async (visitor: Visitor) => (await visitor.get('/api/disclosure')).body.version
const english = () => world.visitor({ 'accept-language': 'en' })

describe('what comes from elsewhere', () => {
  test('another site may not post', async () => {
    const phone = frenchPhone()
    await world.join(phone)
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
      for (const path of ['/api/subscribe', '/api/confirm', '/api/unsubscribe', '/api/preferences/code'])
        expect((await english().post(path, { phone }, { headers })).status).toBe(403)
    expect(await world.programsOf(phone)).toHaveLength(2)
  })

  test('garbage of every type in every field is refused', async () => {
    const { visitor } = await world.join(frenchPhone())
    const good = {
      '/api/subscribe': {
        phone: frenchPhone(),
        preferences: { programs: ['news'] },
        consent: true,
        disclosure_version: await version(visitor),
      },
      '/api/subscribe/resend': { session_token: 'x' },
      '/api/confirm': { session_token: 'x', code: '123456' },
      '/api/preferences/code': { phone: frenchPhone() },
      '/api/preferences/token': { session_token: 'x', code: '123456' },
      '/api/unsubscribe': { phone: frenchPhone() },
    }
    for (const [path, body] of Object.entries(good)) {
      for (const field of Object.keys(body)) {
        if (field === 'preferences') continue
        const replies = await Promise.all(
          garbage
            .filter((value) => !(field === 'consent' && value === true))
            .map((value) =>
              world
                .visitor()
                .post(path, { ...body, [field]: value })
                .then(({ status }) => status),
            ),
        )
        expect(new Set(replies.map((status) => Math.floor(status / 100))), `${path} ${field}`).toEqual(new Set([4]))
      }
    }
    for (const preferences of [
      null,
      1,
      'x',
      [],
      { programs: 'news' },
      { programs: ['__proto__'] },
      { programs: [] },
      { time_zone: 'Mars/Base' },
    ])
      expect((await world.visitor().post('/api/subscribe', { ...good['/api/subscribe'], preferences })).status).toBe(400)
    for (const raw of ['', '{', '[]', 'null', '"x"', '{"phone":"\\u0000"}'])
      expect((await world.visitor().post('/api/unsubscribe', undefined, { raw })).status).toBeLessThan(500)
  })

  test('the document is valid and lists the routes of visitors', async () => {
    const { body } = await world.visitor().get('/openapi.json')
    await expect(SwaggerParser.validate(structuredClone(body))).resolves.toMatchObject({ openapi: '3.1.0' })
    const listed = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(listed.sort()).toEqual(routes)
  })
})

describe('outages', () => {
  test('a store that is away: 503, and nothing is changed', async () => {
    const client = new Redis('redis://127.0.0.1:1', { maxRetriesPerRequest: 1 }).on('error', () => {})
    const service = await world.rebuilt({ store: redisStore(client), storeJoins: false })
    const server = createServer(service.listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const visitor = createVisitor(url, { 'accept-language': 'en' })
      const body = { phone: frenchPhone(), consent: true, disclosure_version: await version(visitor) }
      const before = world.carrier.sms.length
      const reply = await visitor.post('/api/subscribe', body)
      expect([reply.status, reply.headers.has('retry-after')]).toEqual([503, true])
      expect([world.carrier.sms.length, await world.programsOf(body.phone)]).toEqual([before, undefined])
      // To leave needs no store of codes.
      expect((await visitor.post('/api/unsubscribe', { phone: body.phone })).status).toBe(200)
    } finally {
      server.close()
      client.disconnect()
      await service.close()
    }
  })

  test('a provider that is away: 503 before the code; after it, the subscription stands and the welcome waits', async () => {
    const visitor = english()
    const away = answer(twilioError(20429, 429))
    world.carrier.misbehave(away, { times: 1 })
    const body = { phone: frenchPhone(), consent: true, disclosure_version: await version(visitor) }
    expect((await visitor.post('/api/subscribe', body)).status).toBe(503)

    const { phone, confirm } = await world.ask()
    world.carrier.misbehave(away, { times: 1 })
    const reply = await confirm(world.carrier.lastCode(phone))
    expect([reply.status, reply.body.data.confirmation_text]).toEqual([200, 'pending'])
    expect(world.marketingTo(phone)).toHaveLength(0)
    await world.join(frenchPhone())
    expect(world.marketingTo(phone)).toHaveLength(1)
  })
})

test('numbers abroad that are not served are refused, others are welcome', async () => {
  const visitor = english()
  const body = { consent: true, disclosure_version: await version(visitor) }
  const refused = await visitor.post('/api/subscribe', { ...body, phone: '+819012345678' })
  expect([refused.status, refused.body.data.reason]).toEqual([400, 'country_not_allowed'])
  expect((await visitor.post('/api/subscribe', { ...body, phone: americanPhone() })).status).toBe(202)
})

test('no line of the log holds a number, a code or a token', () => {
  const lines = world.logged.join('')
  expect(lines).toContain('"type":"verify"')
  for (const { to, text } of world.carrier.sms) {
    expect(lines).not.toContain(to.slice(1))
    const code = /^\d{6}/.exec(text)?.[0]
    if (code !== undefined) expect(lines).not.toMatch(new RegExp(`(?<!\\d)${code}(?!\\d)`))
  }
  expect(lines).not.toMatch(/ey[\w-]{20,}\./)
})

const garbage: readonly unknown[] = [
  null,
  true,
  0,
  123456,
  [],
  ['123456'],
  {},
  { length: 6 },
  '',
  ' ',
  'x'.repeat(9_000),
  '__proto__',
  '\ud800',
]

const routes = [
  ...['DELETE /api/me', 'GET /', 'GET /api/disclosure', 'GET /api/inbox', 'GET /api/me/export', 'GET /api/preferences', 'GET /privacy'],
  ...[
    'GET /subscribe.js',
    'GET /terms',
    'POST /api/campaigns',
    'POST /api/campaigns/{id}/resume',
    'POST /api/confirm',
    'POST /api/inbox/{id}',
  ],
  ...['POST /api/preferences/code', 'POST /api/preferences/token', 'POST /api/staff/login/', 'POST /api/staff/logout/'],
  ...[
    'POST /api/staff/token/refresh/',
    'POST /api/subscribe',
    'POST /api/subscribe/resend',
    'POST /api/unsubscribe',
    'PUT /api/preferences',
  ],
]
