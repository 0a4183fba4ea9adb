import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/registration/app.js'
import { answer, silence } from '../../fixtures/carrier/faults.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { type RedisServer, startRedis } from '../../fixtures/redis-server.js'
import { describeWith } from '../../fixtures/services.js'
import { createPeople, form, freshPhone, password } from '../registration-people.js'
import { startWorld, type World } from '../world.js'

let world: World
let people: ReturnType<typeof createPeople>

beforeAll(async () => {
  world = await startWorld(buildApp)
  people = createPeople(world)
}, 120_000)
afterAll(() => world?.close())

const pendingOf = (phone: string) => world.database.query('SELECT 1 FROM pending_registration WHERE phone = $1', [phone])
const wrongCode = { status: 'error', message: "Code d'activation incorrect.", data: {} }

describe('a code', () => {
  test('that is wrong five times is looked at no more; a resend goes on with a new one', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    const code = people.codeOf(phone)
    for (let time = 1; time <= 5; time += 1) {
      const guess = String((Number(code) + time) % 1_000_000).padStart(6, '0')
      const reply = await visitor.post('/api/activate/', people.activation(phone, registered, guess))
      expect([reply.status, reply.body]).toEqual([400, wrongCode])
      await world.advance(21_000)
    }
    const tooMany = await visitor.post('/api/activate/', people.activation(phone, registered, code))
    expect([tooMany.status, tooMany.body.message]).toEqual([400, 'Trop d’essais. Demandez un nouveau code.'])
    const { registration_id, session_token } = registered.body.data
    const resent = await visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    expect(resent.status).toBe(200)
    expect((await visitor.post('/api/activate/', people.activation(phone, resent))).status).toBe(200)
  })

  test('sent again is the same, and activates with either session token', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    const code = people.codeOf(phone)
    await world.advance(61_000)
    const { registration_id, session_token } = registered.body.data
    const resent = await visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    expect([resent.status, people.codeOf(phone)]).toEqual([200, code])
    expect((await visitor.post('/api/activate/', people.activation(phone, registered))).status).toBe(200)
  })

  test('is over after ten minutes, and its registration after a day', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    await world.advance(601_000)
    const late = await visitor.post('/api/activate/', people.activation(phone, registered))
    expect([late.status, late.body.message]).toEqual([400, 'Le code a expiré. Demandez-en un nouveau.'])
    await world.advance(24 * 3_600_000)
    const { registration_id, session_token } = registered.body.data
    const resent = await visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    expect([resent.status, resent.body.message]).toEqual([400, 'Cette inscription est inconnue ou a expiré. Inscrivez-vous à nouveau.'])
    // The next one that comes sweeps those whose day is over.
    expect(await pendingOf(phone)).toHaveLength(1)
    await people.register(world.visitor(), freshPhone())
    expect(await pendingOf(phone)).toEqual([])
  })

  test('works once, for its own number and its own session', async () => {
    const [phone, another] = [freshPhone(), freshPhone()]
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    const body = people.activation(phone, registered)
    const elsewhere = await people.register(world.visitor(), another)
    const crossed = [
      { ...body, phone: another },
      { ...body, session_token: elsewhere.body.data.session_token },
      { ...body, session_token: 'made up' },
    ]
    for (const one of crossed) expect((await world.visitor().post('/api/activate/', one)).body).toEqual(wrongCode)
    expect((await visitor.post('/api/activate/', body)).status).toBe(200)
    expect((await visitor.post('/api/activate/', body)).status).toBe(400)
  })

  test('is resent to nobody who has not the registration', async () => {
    const phone = freshPhone()
    const registered = await people.register(world.visitor(), phone)
    await world.advance(61_000)
    const { session_token, registration_id } = registered.body.data
    const stranger = world.visitor()
    const sent = world.carrier.sms.length
    const made = { phone, session_token, registration_id: '00000000-0000-4000-8000-000000000000' }
    expect((await stranger.post('/api/resend-code/', made)).status).toBe(400)
    expect((await stranger.post('/api/resend-code/', { phone: freshPhone(), session_token, registration_id })).status).toBe(400)
    expect(world.carrier.sms.length).toBe(sent)
  })
})

describe('a number that has an account', () => {
  test('is answered like every other when somebody registers it, and only its owner hears', async () => {
    const { phone } = await people.member()
    await world.advance(601_000)
    const visitor = world.visitor()
    const known = await people.register(visitor, phone, { first_name: 'Somebody', last_name: 'Else' })
    const unknown = await people.register(world.visitor(), freshPhone())
    expect([known.status, known.body.message]).toEqual([unknown.status, unknown.body.message])
    expect(known.text.length).toBe(unknown.text.length)
    const names = (reply: typeof known) => [...reply.headers.keys()].sort()
    expect(names(known)).toEqual(names(unknown))
    const proven = await visitor.post('/api/activate/', people.activation(phone, known))
    expect([proven.status, proven.body.data.phone[0]]).toEqual([400, 'Un utilisateur avec ce numéro de téléphone existe déjà.'])
    // Nothing of the account is another's.
    const [account] = await world.database.query('SELECT first_name FROM account WHERE phone = $1', [phone])
    expect(account).toEqual({ first_name: 'John' })
    expect((await world.visitor().post('/api/login/', { phone, password })).status).toBe(200)
    expect(await pendingOf(phone)).toEqual([])
  })

  test('signs nobody in with a wrong password, in the words that an unknown number hears', async () => {
    const { phone } = await people.member()
    const replies = [
      await world.visitor().post('/api/login/', { phone, password: 'a wrong one' }),
      await world.visitor().post('/api/login/', { phone: freshPhone(), password }),
    ]
    for (const { status, body } of replies)
      expect([status, body]).toEqual([401, { status: 'error', message: 'Numéro de téléphone ou mot de passe incorrect.', data: {} }])
  })
})

describe('a provider', () => {
  test('that is away is 503, keeps nothing, and costs nothing once it is back', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    await world.carrier.unlisten()
    const away = await people.register(visitor, phone)
    await world.carrier.listen()
    expect([away.status, away.headers.get('retry-after'), await pendingOf(phone)]).toEqual([503, '5', []])
    const registered = await people.register(visitor, phone)
    expect((await visitor.post('/api/activate/', people.activation(phone, registered))).status).toBe(200)
  })

  test('that refuses the number is 400 and keeps nothing', async () => {
    const phone = freshPhone()
    world.carrier.misbehave(answer(twilioError(21610)), { times: 1 })
    const reply = await people.register(world.visitor(), phone)
    expect([reply.status, reply.body.data, await pendingOf(phone)]).toEqual([
      400,
      { phone: ['Ce numéro ne peut pas recevoir de SMS.'] },
      [],
    ])
  })

  test('that sends and never answers is 201: the code that arrives activates', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    world.carrier.misbehave(silence({ sent: true }), { times: 1 })
    const registered = await people.register(visitor, phone)
    expect(registered.status).toBe(201)
    expect((await visitor.post('/api/activate/', people.activation(phone, registered))).status).toBe(200)
  }, 30_000)
})

describe('a request', () => {
  test('of another site is refused, whatever it asks for', async () => {
    const phone = freshPhone()
    await people.allow(phone)
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const reply = await world.visitor().post('/api/register/', form(phone), { headers })
      expect([reply.status, reply.body.status]).toEqual([403, 'error'])
    }
    expect(people.codeOf(phone)).toBe('none')
  })

  const hostile = [
    null,
    true,
    0,
    -1,
    1e308,
    [],
    ['x'],
    {},
    { $ne: null },
    '',
    '\u0000',
    '\ud800',
    'x'.repeat(10_000),
    "' OR 1=1 --",
    '+237',
  ]
  const bodies = {
    'POST register': form('+237670000001'),
    'POST activate': { phone: '+237670000001', code: '123456', session_token: 'x' },
    'POST resend-code': { phone: '+237670000001', registration_id: '00000000-0000-4000-8000-000000000000', session_token: 'x' },
    'POST login': { phone: '+237670000001', password },
    'POST logout': { refresh: 'x' },
    'POST token/refresh': { refresh: 'x' },
    'PUT profile': { first_name: 'A', last_name: 'B', email: 'a@example.com', address: 'C', apartment_name: 'D' },
    'PATCH profile': { first_name: 'A', email: 'a@example.com', address: 'C', apartment_name: 'D' },
    'POST admin/whitelist/add': { phone: '+237670000001', notes: 'x', is_active: true },
    'POST admin/whitelist/check': { phone: '+237670000001' },
    'DELETE admin/whitelist/remove': { phone: '+237670000001' },
  }
  test.each(Object.entries(bodies))(
    '%s with anything in any field is answered, and never by 500',
    async (name, body) => {
      const [method = '', path] = name.split(' ')
      const { access } = await people.admin()
      const seen = new Set<number>()
      for (const field of Object.keys(body)) {
        for (const value of hostile) {
          const visitor = world.visitor()
          visitor.bear(access)
          const { status } = await visitor.request(method, `/api/${path}/`, { ...body, [field]: value })
          seen.add(status)
        }
      }
      for (const raw of ['', '{', '[]', '"x"', '1', 'null', '{"__proto__":{"is_staff":true}}']) {
        const visitor = world.visitor()
        visitor.bear(access)
        seen.add((await visitor.request(method, `/api/${path}/`, undefined, { raw })).status)
      }
      expect([...seen].filter((status) => status >= 500)).toEqual([])
      expect(seen).toContain(400)
    },
    60_000,
  )
})

describeWith('a Redis that dies and forgets between registration and activation', 'redisServer', () => {
  let server: RedisServer
  let here: World
  beforeAll(async () => {
    server = await startRedis()
    here = await startWorld(buildApp, { redis: server.url })
  }, 120_000)
  afterAll(async () => {
    await here?.close()
    await server?.stop()
  })

  test('makes no account meanwhile; nobody fills in the form twice', async () => {
    const there = createPeople(here)
    const [phone, another] = [freshPhone(), freshPhone()]
    const registered = await there.register(here.visitor(), phone)
    const body = there.activation(phone, registered)
    await server.kill()
    expect((await here.visitor().post('/api/activate/', body)).status).toBe(503)
    expect((await there.register(here.visitor(), another)).status).toBe(503)
    expect([await there.accountsOf(phone), there.codeOf(another)]).toEqual([0, 'none'])
    expect(await here.database.query('SELECT 1 FROM pending_registration WHERE phone = $1', [another])).toEqual([])
    await server.restart()
    // The app's client finds its way back by itself.
    const isBack = async () => (await there.register(here.visitor(), freshPhone())).status
    await expect.poll(isBack, { timeout: 30_000, interval: 500 }).toBe(201)
    expect((await here.visitor().post('/api/activate/', body)).status).toBe(400)
    const { registration_id, session_token } = registered.body.data
    const resent = await here.visitor().post('/api/resend-code/', { phone, registration_id, session_token })
    expect(resent.status).toBe(200)
    expect((await here.visitor().post('/api/activate/', there.activation(phone, resent))).status).toBe(200)
  }, 60_000)
})

test('no line that was logged tells of anybody', async () => {
  const { phone, registered, access, refresh } = await people.member()
  const all = world.logged.join('')
  expect(all).toContain('"type":"verify"')
  for (const secret of [
    phone,
    phone.slice(1),
    phone.slice(4),
    people.codeOf(phone),
    registered.body.data.session_token,
    access,
    refresh,
    password,
    'john@example.com',
  ])
    expect(all).not.toContain(secret)
  expect(all).not.toMatch(/2376\d{8}/)
})
