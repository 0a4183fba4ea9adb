import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AnyOptions, adapters, type Host, headerOf, startHost } from './adapters.js'
import { phone, posted } from './conversation.js'
import { ask, type RawRequest } from './raw-client.js'

const stranger = '+33698765432'

const hosts: Host[] = []

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('endpoints of %s', (_name, adapter) => {
  const start = async (options: AnyOptions = {}, given: Parameters<typeof createTestVerifier>[0] = {}) => {
    const host = await startHost(adapter, options, given)
    hosts.push(host)
    const post = async (path: string, fields: object, headers: RawRequest['headers'] = []) => {
      const { status, headers: lines, body } = await ask(host.port, posted(`/phone${path}`, JSON.stringify(fields), headers))
      return { status, headers: lines, bytes: body.length, body: JSON.parse(body) }
    }
    return { ...host.test, post }
  }
  const user = (id: string): RawRequest['headers'] => [['X-User', id]]

  test('onVerified is called once for a success, with the request, and not for a failure', async () => {
    const calls: unknown[] = []
    const { post, lastCode } = await start({
      async onVerified(result, request) {
        calls.push([result.phone, result.purpose, headerOf(request, 'x-user')])
        return { headers: { 'set-cookie': ['sid=1; HttpOnly', 'b=2'] }, body: { next: '/home' } }
      },
    })
    const { sessionToken } = (await post('/send', { phone })).body
    await post('/verify', { sessionToken, code: '12' })
    await post('/verify', { sessionToken: 'x', code: lastCode() })
    expect(calls).toEqual([])
    const won = await post('/verify', { sessionToken, code: lastCode() }, user('alice'))
    expect(won.headers.filter(([header]) => header === 'set-cookie').map(([, value]) => value)).toEqual(['sid=1; HttpOnly', 'b=2'])
    expect(won.body).toEqual({ next: '/home', phone, purpose: 'registration', proof: expect.any(String), verifiedAt: expect.any(String) })
    await post('/verify', { sessionToken, code: lastCode() })
    expect(calls).toEqual([[phone, 'registration', 'alice']])
  })

  test('of many right codes at once one is told to onVerified', async () => {
    const calls: number[] = []
    const { post, lastCode } = await start({ onVerified: () => void calls.push(1) })
    const { sessionToken } = (await post('/send', { phone })).body
    const replies = await Promise.all(Array.from({ length: 20 }, () => post('/verify', { sessionToken, code: lastCode() })))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(calls).toHaveLength(1)
  })

  test('onError is told what was thrown, and the visitor nothing of it', async () => {
    const told: unknown[] = []
    const { post } = await start({
      subject: () => Promise.reject(new Error('password=hunter2')),
      onError: (error, request) => void told.push([error, headerOf(request, 'x-user')]),
    })
    const reply = await post('/send', { phone }, user('alice'))
    expect(reply).toMatchObject({ status: 500, body: { code: 'internal_error' } })
    expect(JSON.stringify(reply)).not.toMatch(/hunter2|stack|node:|\.ts/)
    expect(told).toEqual([[new Error('password=hunter2'), 'alice']])
  })

  test('an outage is nobody’s mistake: onError is not told', async () => {
    const told: unknown[] = []
    const { post, carrier } = await start({ onError: (error) => void told.push(error) })
    carrier.fail('unavailable')
    expect(await post('/send', { phone })).toMatchObject({ status: 503 })
    expect(told).toEqual([])
  })

  test('a challenge is its subject’s alone', async () => {
    const { post, lastCode, clock } = await start({ subject: (request) => headerOf(request, 'x-user') })
    const { sessionToken } = (await post('/send', { phone }, user('alice'))).body
    const attempt = (headers: RawRequest['headers']) => post('/verify', { sessionToken, code: lastCode() }, headers)
    clock.advance(30_000)
    for (const headers of [user('mallory'), []]) {
      expect(await attempt(headers)).toMatchObject({ status: 422, body: { code: 'invalid_session' } })
      expect(await post('/resend', { sessionToken }, headers)).toMatchObject({ status: 422, body: { code: 'invalid_session' } })
    }
    expect(await post('/resend', { sessionToken }, user('alice'))).toMatchObject({ status: 202 })
    expect(await attempt(user('alice'))).toMatchObject({ status: 200 })
  })

  test('a challenge is its payload’s alone, and the text says it', async () => {
    const payload = (request: unknown) => ({ payee: headerOf(request, 'x-user') ?? '' })
    const { post, lastCode, outbox } = await start({ purpose: 'payment', payload })
    const { sessionToken } = (await post('/send', { phone }, user('Bob'))).body
    expect(outbox.last()?.text).toContain('Bob')
    expect(await post('/verify', { sessionToken, code: lastCode() }, user('Eve'))).toMatchObject({ body: { code: 'invalid_session' } })
    expect(await post('/verify', { sessionToken, code: lastCode() }, user('Bob'))).toMatchObject({ status: 200 })
  })

  test('a challenge is its tenant’s alone', async () => {
    const { post, lastCode } = await start({ tenant: (request) => headerOf(request, 'x-user') }, { tenants: async () => ({}) })
    const { sessionToken } = (await post('/send', { phone }, user('acme'))).body
    expect(await post('/verify', { sessionToken, code: lastCode() }, user('other'))).toMatchObject({ body: { code: 'invalid_session' } })
    expect(await post('/verify', { sessionToken, code: lastCode() })).toMatchObject({ status: 404 })
    expect(await post('/verify', { sessionToken, code: lastCode() }, user('acme'))).toMatchObject({ status: 200 })
  })

  test('a decoy cannot be told from a send', async () => {
    const decoy = async (asked: string) => asked !== phone
    const { post, outbox, settled, lastCode } = await start({ purpose: 'password_reset', decoy })
    const [real, none] = [await post('/send', { phone }), await post('/send', { phone: stranger })]
    await settled()
    expect(outbox.messages.map(({ to }) => to)).toEqual([phone])
    const shape = ({ status, bytes, body }: typeof real) => [status, bytes, Object.keys(body), body.expiresAt, body.resendAt]
    expect(shape(none)).toEqual(shape(real))
    const limited = ({ headers }: typeof real) =>
      headers
        .filter(([header]) => /^ratelimit/.test(header))
        .map(([, value]) => value.replace(/("sendsPer(?:Client|Tenant)";r=)\d+/g, '$1'))
    expect(limited(none)).toEqual(limited(real))

    const wrong = lastCode() === '000000' ? '111111' : '000000'
    for (const { body } of [real, none]) {
      const { status, body: said } = await post('/verify', { sessionToken: body.sessionToken, code: wrong })
      expect([status, said.code, said.attemptsLeft]).toEqual([422, 'incorrect_code', undefined])
    }
    expect(await post('/verify', { sessionToken: real.body.sessionToken, code: lastCode() })).toMatchObject({ status: 200 })
  })

  test('waitUntil is given the send that goes on after the reply', async () => {
    const works: (readonly [Promise<void>, string | undefined])[] = []
    const waitUntil = (work: Promise<void>, request: unknown) => void works.push([work, headerOf(request, 'x-user')])
    const { post, outbox, carrier } = await start({ purpose: 'password_reset', waitUntil })
    carrier.hold()
    expect(await post('/send', { phone }, user('alice'))).toMatchObject({ status: 202 })
    expect(outbox.messages).toHaveLength(0)
    expect(works.map(([, whose]) => whose)).toEqual(['alice'])
    carrier.release()
    await Promise.all(works.map(([work]) => work))
    expect(outbox.messages).toHaveLength(1)
  })

  test('fifty repeats of one send at once are one SMS and one challenge', async () => {
    const { post, outbox, lastCode } = await start()
    const replies = await Promise.all(Array.from({ length: 50 }, () => post('/send', { phone }, [['Idempotency-Key', 'k']])))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]))
    expect(outbox.messages).toHaveLength(1)
    const outcomes = []
    for (const { body } of replies.slice(0, 10))
      outcomes.push((await post('/verify', { sessionToken: body.sessionToken, code: lastCode() })).status)
    expect(outcomes).toEqual([200, ...Array(9).fill(410)])
  })

  test('a key says nothing for another phone, nor for another visitor', async () => {
    const { post, outbox } = await start({ trustedProxies: 1 }, { limits: { sendsPerPhone: [] } })
    const by = (ip: string): RawRequest['headers'] => [
      ['Idempotency-Key', 'k'],
      ['X-Forwarded-For', ip],
    ]
    await post('/send', { phone }, by('203.0.113.7'))
    await post('/send', { phone: stranger }, by('203.0.113.7'))
    await post('/send', { phone }, by('203.0.113.8'))
    await post('/send', { phone }, by('203.0.113.8'))
    expect(outbox.messages.map(({ to }) => to)).toEqual([phone, stranger, phone])
  })

  test('T-WEB-03: no reply says a code, and only a success says the phone', async () => {
    const { post, outbox, clock, lastCode } = await start({}, { limits: { sendsPerPhone: [] } })
    const seen: Awaited<ReturnType<typeof post>>[] = []
    const note = async (path: string, fields: object) => {
      const reply = await post(path, fields)
      seen.push(reply)
      return reply.body
    }
    const { sessionToken } = await note('/send', { phone })
    clock.advance(1_000)
    await note('/resend', { sessionToken })
    await note('/verify', { sessionToken, code: lastCode().replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)) })
    await note('/verify', { sessionToken, code: `${lastCode()}1` })
    await note('/verify', { sessionToken, code: [lastCode()] })
    await note('/send', { phone: [phone] })
    await note('/send', { phone: `${phone}9999999` })
    await note('/verify', { sessionToken, code: lastCode() })
    await note('/verify', { sessionToken, code: lastCode() })
    for (const { status, ...reply } of seen) {
      for (const { code = 'none' } of outbox.messages) expect(JSON.stringify(reply)).not.toContain(code)
      expect(JSON.stringify(reply).includes(phone.slice(1))).toBe(status === 200)
    }
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

// Fastify has a log.
describe.each(adapters.filter(({ name }) => name !== 'Fastify 5').map((adapter) => [adapter.name, adapter] as const))(
  '%s',
  (_name, adapter) => {
    test('without onError the process is warned', async () => {
      const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const host = await startHost(adapter, { subject: () => Promise.reject(new Error('of the host')) })
      hosts.push(host)
      expect(await ask(host.port, posted('/phone/send', JSON.stringify({ phone })))).toMatchObject({ status: 500 })
      expect(warn).toHaveBeenCalledExactlyOnceWith(new Error('of the host'))
    })
  },
)

describe('the fetch handler', () => {
  test('gives the platform’s waitUntil to the verifier', async () => {
    const { verifier, outbox, carrier } = createTestVerifier()
    const works: Promise<void>[] = []
    const handle = phoneVerifyHandler(verifier, { purpose: 'password_reset' })
    carrier.hold()
    const headers = { 'content-type': 'application/json' }
    const request = new Request('http://a/send', { method: 'POST', headers, body: JSON.stringify({ phone }) })
    expect((await handle(request, { waitUntil: (work) => void works.push(work) })).status).toBe(202)
    expect([works.length, outbox.messages.length]).toEqual([1, 0])
    carrier.release()
    await Promise.all(works)
    expect(outbox.messages).toHaveLength(1)
  })
})
