import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import type { PhoneVerifier } from 'phone-verify'
import { requireProof as expressGate, type ProofOptions } from 'phone-verify/express'
import { requireProof as fastifyGate } from 'phone-verify/fastify'
import { requireProof as fetchGate } from 'phone-verify/fetch'
import { memoryStore } from 'phone-verify/store/memory'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { express4, headerOf, type Listening, listen } from './adapters.js'
import { phone, posted } from './conversation.js'
import { ask, type RawRequest } from './raw-client.js'

type Start = (verifier: PhoneVerifier, options: ProofOptions<unknown>) => Promise<Listening>

/** `POST /accounts`, which answers with what it was let through with; and what failed, as the host tells it. */
const ofExpress =
  (make: typeof express): Start =>
  (verifier, options) => {
    const app = make()
    app.post('/accounts', make.json(), expressGate(verifier, options), (request, response) => {
      response.status(201).json(request.verifiedPhone)
    })
    app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).json({ host: error.message })
    })
    return listen(app)
  }

const ofFastify: Start = async (verifier, options) => {
  const app = Fastify()
  app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ host: error.message }))
  app.post('/accounts', { preHandler: fastifyGate(verifier, options) }, (request, reply) => {
    void reply.code(201).send(request.verifiedPhone)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: (app.server.address() as AddressInfo).port, server: app.server, close: async () => void (await app.close()) }
}

const ofHono: Start = (verifier, options) => {
  const gate = fetchGate(verifier, options, (_request, verifiedPhone) => Response.json(verifiedPhone, { status: 201 }))
  const app = new Hono().post('/accounts', (c) => gate(c.req.raw))
  app.onError((error, c) => c.json({ host: error.message }, 500))
  return listen(getRequestListener(app.fetch))
}

const mounts: readonly (readonly [string, Start])[] = [
  ['Express 5', ofExpress(express)],
  ['Express 4', ofExpress(express4)],
  ['Fastify 5', ofFastify],
  ['Hono on Node', ofHono],
]

const running: Listening[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
})

type Bound = Partial<Omit<Parameters<PhoneVerifier['sendCode']>[0], 'phone'>>

async function start(mount: Start, options: Partial<ProofOptions<unknown>> = {}, given: Parameters<typeof createTestVerifier>[0] = {}) {
  const made = createTestVerifier(given)
  const { verifier, lastCode } = made
  const listening = await mount(verifier, { purpose: 'registration', ...options })
  running.push(listening)
  return {
    ...made,
    port: listening.port,
    async prove({ purpose = 'registration', ...bound }: Bound = {}): Promise<string> {
      const sent = await verifier.sendCode({ phone, purpose, ...bound })
      if (!sent.ok) throw new Error(sent.reason)
      const result = await verifier.verifyCode({ sessionToken: sent.sessionToken, code: lastCode(), purpose, ...bound })
      if (!result.ok) throw new Error(result.reason)
      return result.proof
    },
    async asked(headers: RawRequest['headers'], body: unknown = {}) {
      const reply = await ask(listening.port, posted('/accounts', JSON.stringify(body), headers))
      return { status: reply.status, body: JSON.parse(reply.body), headers: new Map(reply.headers) }
    },
  }
}

describe.each(mounts)('requireProof of %s', (_name, mount) => {
  test('lets a proof through once', async () => {
    const { prove, asked } = await start(mount)
    const proof = await prove()
    expect(await asked([['Phone-Proof', proof]])).toMatchObject({ status: 201, body: { phone, purpose: 'registration' } })
    const second = await asked([['Phone-Proof', proof]])
    expect(second).toMatchObject({
      status: 422,
      body: { type: 'urn:phone-verify:already_redeemed', code: 'already_redeemed', status: 422 },
    })
    expect(second.headers.get('content-type')).toBe('application/problem+json')
    expect(second.headers.get('cache-control')).toBe('no-store')
    expect(second.headers.has('x-powered-by')).toBe(false)
  })

  test('of many at once lets one through', async () => {
    const { prove, asked } = await start(mount)
    const proof = await prove()
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await asked([['Phone-Proof', proof]])).status))
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 422)).toHaveLength(19)
  })

  test('refuses what is no proof', async () => {
    const { asked } = await start(mount)
    for (const headers of [[], [['Phone-Proof', '']], [['Phone-Proof', 'eyJ..']], [['Phone-Proof', '\xff']]] as NonNullable<
      RawRequest['headers']
    >[])
      expect(await asked(headers)).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
    for (const proof of [null, 7, [], {}, true])
      expect(await asked([], { proof })).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
  })

  test('refuses two proofs in one header', async () => {
    const { prove, asked } = await start(mount)
    const proof = await prove()
    const twice = [
      ['Phone-Proof', proof],
      ['Phone-Proof', proof],
    ] as const
    expect(await asked(twice)).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
  })

  test('says when a proof has expired', async () => {
    const { prove, asked, clock } = await start(mount)
    const proof = await prove()
    clock.advance(600_001)
    expect(await asked([['Phone-Proof', proof]])).toMatchObject({ status: 410, body: { code: 'expired' } })
  })

  test('refuses a proof for something else', async () => {
    const { prove, asked } = await start(mount, { subject: (request) => headerOf(request, 'x-user') })
    const other = await prove({ purpose: 'login', subject: 'alice' })
    expect(
      await asked([
        ['Phone-Proof', other],
        ['X-User', 'alice'],
      ]),
    ).toMatchObject({ body: { code: 'invalid_proof' } })
  })

  test('refuses the proof of another subject, and of another payload', async () => {
    const { prove, asked, clock } = await start(
      mount,
      {
        purpose: 'payment',
        subject: async (request) => headerOf(request, 'x-user'),
        payload: (request) => ({ payee: headerOf(request, 'x-payee') ?? '' }),
      },
      { limits: { sendsPerPhone: [] } },
    )
    const bound = { purpose: 'payment', subject: 'alice', payload: { payee: 'Bob' }, context: {} }
    const proof = await prove(bound).catch((error: Error) => error)
    if (proof instanceof Error) throw proof
    clock.advance(1)
    const with_ = (user: string, payee: string) =>
      asked([
        ['Phone-Proof', proof],
        ['X-User', user],
        ['X-Payee', payee],
      ])
    expect(await with_('mallory', 'Bob')).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
    expect(await with_('alice', 'Eve')).toMatchObject({ status: 422, body: { code: 'invalid_proof' } })
    expect(await with_('alice', 'Bob')).toMatchObject({ status: 201, body: { phone, subject: 'alice', payload: { payee: 'Bob' } } })
  })

  test('does not know a tenant that the server does not know', async () => {
    const { prove, asked } = await start(
      mount,
      { tenant: (request) => headerOf(request, 'x-tenant') },
      { tenants: async (id) => (id === 'acme' ? {} : undefined) },
    )
    const proof = await prove({ tenant: 'acme' })
    expect(await asked([['Phone-Proof', proof]])).toMatchObject({ status: 404, body: { code: 'unknown_tenant' } })
    expect(
      await asked([
        ['Phone-Proof', proof],
        ['X-Tenant', 'x'],
      ]),
    ).toMatchObject({ body: { code: 'invalid_proof' } })
    expect(
      await asked([
        ['Phone-Proof', proof],
        ['X-Tenant', 'acme'],
      ]),
    ).toMatchObject({ status: 201, body: { tenant: 'acme' } })
  })

  test('lets nobody through while the store is down', async () => {
    const store = memoryStore()
    let isDown = false
    const close: typeof store.close = async (...given) => (isDown ? Promise.reject(new Error('10.0.0.7 is gone')) : store.close(...given))
    const { prove, asked } = await start(mount, {}, { store: { ...store, close } })
    const proof = await prove()
    isDown = true
    const down = await asked([['Phone-Proof', proof]])
    expect(down).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(down.headers.get('retry-after')).toBe('5')
    expect(JSON.stringify(down.body)).not.toContain('10.0.0.7')
    isDown = false
    expect(await asked([['Phone-Proof', proof]])).toMatchObject({ status: 201 })
  })

  test('leaves what the host itself throws to the host', async () => {
    const { asked } = await start(mount, { subject: () => Promise.reject(new Error('of the host')) })
    expect(await asked([])).toMatchObject({ status: 500, body: { host: 'of the host' } })
  })

  test('takes the proof from where the option says', async () => {
    const { prove, asked } = await start(mount, { proof: (request) => headerOf(request, 'x-proof') })
    const proof = await prove()
    expect(await asked([['Phone-Proof', proof]])).toMatchObject({ body: { code: 'invalid_proof' } })
    expect(await asked([['X-Proof', proof]])).toMatchObject({ status: 201 })
  })

  test('says it in the language of the visitor', async () => {
    const { asked } = await start(mount)
    const { headers } = await asked([['Accept-Language', 'en-GB']])
    expect(headers.get('content-language')).toBe('en')
  })

  test.each([undefined, '', 7, null])('is not made for the purpose %j', async (purpose) => {
    const { verifier } = createTestVerifier()
    await expect(async () => running.push(await mount(verifier, { purpose } as never))).rejects.toThrow(/^purpose/)
  })
})

describe.each(mounts.filter(([name]) => name !== 'Hono on Node'))('requireProof of %s, where bodies are parsed', (_name, mount) => {
  test('takes the proof from a parsed body', async () => {
    const { prove, asked } = await start(mount)
    expect(await asked([], { proof: await prove() })).toMatchObject({ status: 201, body: { phone } })
  })
})
