import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/registration/app.js'
import { readOptions } from '../../../examples/registration/options.js'
import { answer } from '../../fixtures/carrier/faults.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { createPeople, form, freshPhone } from '../registration-people.js'
import type { Reply } from '../visitor.js'
import { startWorld, type World } from '../world.js'

let world: World
let people: ReturnType<typeof createPeople>
const metricsToken = 'a-token-for-a-scraper-and-for-nobody-else'

beforeAll(async () => {
  world = await startWorld((parts) => buildApp(parts, { metricsToken }))
  people = createPeople(world)
}, 120_000)
afterAll(() => world?.close())

/** The first reply that says 429, and how many came before it. */
async function untilThrottled(request: () => Promise<Reply>, most = 40): Promise<{ before: number; reply: Reply }> {
  for (let before = 0; before < most; before += 1) {
    const reply = await request()
    if (reply.status === 429) return { before, reply }
  }
  throw new Error('never throttled')
}

/** As if this many more requests had come with the last one: its hour-long counts are full sooner. */
const repeatLastHit = (times: number) =>
  world.database.query(
    `INSERT INTO throttle_hit (key, at, expires_at) SELECT key, at, expires_at FROM throttle_hit, generate_series(1, $1)
     WHERE expires_at - at = 3600000 AND at = (SELECT max(at) FROM throttle_hit WHERE expires_at - at = 3600000)`,
    [times],
  )

describe('by address', () => {
  const spans = [
    ['register', 10, 60],
    ['activate', 5, 60],
    ['login', 15, 60],
    ['logout', 30, 60],
    ['token/refresh', 30, 60],
  ] as const
  test.each(spans)('%s takes %i a minute, and says so', async (path, max, seconds) => {
    const visitor = world.visitor()
    const first = await visitor.post(`/api/${path}/`, {})
    expect([first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')]).toEqual([String(max), String(max - 1)])
    const { before, reply } = await untilThrottled(() => visitor.post(`/api/${path}/`, {}))
    expect(before).toBe(max - 1)
    const retryAfter = Number(reply.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(0)
    expect(retryAfter).toBeLessThanOrEqual(seconds)
    expect([reply.headers.get('x-ratelimit-limit'), reply.headers.get('x-ratelimit-remaining')]).toEqual([String(max), '0'])
    const reset = Number(reply.headers.get('x-ratelimit-reset')) * 1_000 - world.parts.now()
    expect(Math.abs(reset - retryAfter * 1_000)).toBeLessThan(5_000)
    expect(reply.body).toEqual({ status: 'error', message: `Trop de requêtes. Réessayez dans ${retryAfter} secondes.`, data: {} })
    const english = await visitor.post(`/api/${path}/`, {}, { headers: { 'accept-language': 'en' } })
    expect(english.body.message).toMatch(/^Request was throttled\. Expected available in \d+ seconds\.$/)
    expect((await world.visitor().post(`/api/${path}/`, {})).status).toBe(400)
    await world.advance(61_000)
    expect((await visitor.post(`/api/${path}/`, {})).status).toBe(400)
  })

  test('strangers have 500 an hour in all', async () => {
    const visitor = world.visitor()
    expect((await visitor.post('/api/login/', {})).status).toBe(400)
    await repeatLastHit(498)
    expect((await visitor.post('/api/token/refresh/', {})).status).toBe(400)
    const { status, headers } = await visitor.post('/api/register/', {})
    expect([status, headers.get('x-ratelimit-limit')]).toEqual([429, '500'])
  })
})

describe('by account', () => {
  test('whoever is signed in has 2000 an hour, wherever they are', async () => {
    const { visitor, access } = await people.member()
    expect((await visitor.get('/api/profile/')).status).toBe(200)
    await repeatLastHit(1_998)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(200)
    const elsewhere = world.visitor()
    elsewhere.bear(access)
    const { status, headers } = await elsewhere.get('/api/profile/')
    expect([status, headers.get('x-ratelimit-limit')]).toEqual([429, '2000'])
  })

  test('an admin has 1000 an hour for the allow-list', async () => {
    const { visitor } = await people.admin()
    expect((await visitor.get('/api/admin/whitelist/')).status).toBe(200)
    await repeatLastHit(998)
    expect((await visitor.post('/api/auth/admin/whitelist/check/', { phone: freshPhone() })).status).toBe(200)
    const { status, headers } = await visitor.get('/api/admin/whitelist/')
    expect([status, headers.get('x-ratelimit-limit')]).toEqual([429, '1000'])
  })
})

describe('by registration', () => {
  test('three activations a minute, from wherever; another registration of the number goes on', async () => {
    const phone = freshPhone()
    const squatter = await people.register(world.visitor(), phone)
    const code = people.codeOf(phone)
    await world.advance(31_000)
    const owner = await people.register(world.visitor(), phone)
    const ownersCode = people.codeOf(phone)
    const { before } = await untilThrottled(() =>
      world.visitor().post('/api/activate/', people.activation(phone, squatter, String((Number(code) + 1) % 1_000_000).padStart(6, '0'))),
    )
    expect(before).toBe(3)
    expect((await world.visitor().post('/api/activate/', people.activation(phone, owner, ownersCode))).status).toBe(200)
  })

  test('one resend a minute and five a day, also when the ten minutes of the code are over', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    const { registration_id } = registered.body.data
    let { session_token } = registered.body.data
    const resend = async () => visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    for (let time = 1; time <= 5; time += 1) {
      await world.advance(15 * 60_000)
      const resent = await resend()
      expect(resent.status).toBe(200)
      expect(resent.body.message).toBe("Un nouveau code d'activation a été envoyé.")
      expect(resent.body.data).toEqual({
        ...{ registration_id, session_token: expect.any(String), expires_at: expect.any(String), resend_at: expect.any(String) },
      })
      session_token = resent.body.data.session_token
      const { status, headers } = await resend()
      expect(status).toBe(429)
      const retryAfter = Number(headers.get('retry-after'))
      if (time < 5) expect(retryAfter).toBeLessThanOrEqual(60)
      else expect(retryAfter).toBeGreaterThan(20 * 3_600)
    }
    // 75 minutes after the form was sent, its newest code activates.
    const activated = await visitor.post('/api/activate/', { phone, session_token, code: people.codeOf(phone) })
    expect(activated.status).toBe(200)
  })
})

describe('/metrics', () => {
  const scrape = () => world.visitor().get('/metrics', { headers: { authorization: `Bearer ${metricsToken}` } })
  const numberOf = (text: string, series: string) =>
    Number(new RegExp(`^${series.replace(/[{}"+.]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? 'NaN')

  test('is for the staff and for whoever has the token', async () => {
    const { visitor } = await people.member()
    const admin = await people.admin()
    expect((await world.visitor().get('/metrics')).status).toBe(401)
    expect((await world.visitor().get('/metrics', { headers: { authorization: `Bearer ${metricsToken}x` } })).status).toBe(401)
    expect((await visitor.get('/metrics')).status).toBe(403)
    expect((await admin.visitor.get('/metrics')).status).toBe(200)
    const { status, headers } = await scrape()
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  })

  test('counts codes, texts, replies and their time', async () => {
    const before = (await scrape()).text
    await people.member()
    world.carrier.misbehave(answer(twilioError(21610)), { times: 1 })
    expect((await people.register(world.visitor(), freshPhone())).status).toBe(400)
    await world.carrier.unlisten()
    expect((await people.register(world.visitor(), freshPhone())).status).toBe(503)
    await world.carrier.listen()
    const after = (await scrape()).text
    const grown = (series: string) => numberOf(after, series) - (numberOf(before, series) || 0)
    expect(grown('registration_codes_total{stage="sent"}')).toBe(1)
    expect(grown('registration_codes_total{stage="activated"}')).toBe(1)
    expect(grown('registration_sms_total{outcome="accepted"}')).toBe(1)
    expect(grown('registration_sms_total{outcome="refused"}')).toBe(1)
    expect(grown('registration_sms_total{outcome="failed"}')).toBe(1)
    expect(grown('registration_requests_total{method="POST",path="/api/register/",status="201"}')).toBe(1)
    expect(grown('registration_requests_total{method="POST",path="/api/register/",status="503"}')).toBe(1)
    expect(grown('registration_request_seconds_bucket{path="/api/register/",le="+Inf"}')).toBe(3)
    expect(grown('registration_request_seconds_count{path="/api/register/"}')).toBe(3)
    expect(numberOf(after, 'registration_requests_total{method="POST",path="/api/activate/",status="429"}')).toBeGreaterThan(0)
  })

  test('holds what alerts.yml asks for, and nothing of anybody', async () => {
    await world.visitor().get(`/api/${freshPhone()}/`)
    const { text } = await scrape()
    const alerts = await readFile('examples/registration/alerts.yml', 'utf8')
    const asked = new Set(alerts.match(/registration_\w+/g))
    expect(asked.size).toBeGreaterThan(3)
    for (const name of asked) expect(text).toContain(name)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) registration_\w+ .+|registration_\w+\{[^{}]*\} [\d.e-]+)$/)
      expect(line).not.toMatch(/2376\d{8}/)
    }
  })
})

test('the environment says what it may, and nothing else opens the list', () => {
  expect(readOptions({})).toEqual({ allowList: 'required' })
  expect(readOptions({ ALLOW_LIST: 'off', METRICS_TOKEN: metricsToken })).toEqual({ allowList: 'off', metricsToken })
  expect(() => readOptions({ ALLOW_LIST: 'Off' })).toThrow('ALLOW_LIST')
  expect(() => readOptions({ METRICS_TOKEN: 'short' })).toThrow('METRICS_TOKEN')
})

test('a form that is refused before it is looked at costs no hash and no text', async () => {
  const sent = world.carrier.sms.length
  const reply = await world.visitor().post('/api/register/', form(freshPhone()))
  expect([reply.status, world.carrier.sms.length]).toEqual([400, sent])
})
