import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express, { type RequestHandler } from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyHandlers as expressHandlers } from 'phone-verify/express'
import { phoneVerifyHandlers as fastifyHandlers } from 'phone-verify/fastify'
import { phoneVerifyHandlers as fetchHandlers } from 'phone-verify/fetch'
import type { HttpOptions } from 'phone-verify/http'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { express4, type Listening, listen } from './adapters.js'
import { phone, posted } from './conversation.js'
import { ask, type RawRequest } from './raw-client.js'

type Options = HttpOptions<unknown>

type Start = (verifier: PhoneVerifier, options: Options) => Promise<Listening>

/** The three at paths of the host's own, behind what the host does to bodies. */
const ofExpress =
  (make: typeof express, ...before: readonly RequestHandler[]): Start =>
  async (verifier, options) => {
    const { send, resend, verify } = expressHandlers(verifier, options)
    const app = make()
    for (const handler of before) app.use(handler)
    return listen(app.all('/code', send).all('/code/again', resend).all('/in/deep/check', verify))
  }

const ofFastify =
  (prepare: (app: FastifyInstance) => void = () => {}): Start =>
  async (verifier, options) => {
    const { send, resend, verify } = fastifyHandlers(verifier, options)
    const app = Fastify({ logger: false })
    prepare(app)
    app.all('/code', send).all('/code/again', resend).all('/in/deep/check', verify)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    return { port, server: app.server, close: async () => void (await app.close()) }
  }

const ofHono: Start = async (verifier, options) => {
  const { send, resend, verify } = fetchHandlers(verifier, options)
  const app = new Hono()
  app.all('/code', (c) => send(c.req.raw)).all('/code/again', (c) => resend(c.req.raw))
  app.all('/in/deep/check', (c) => verify(c.req.raw))
  return listen(getRequestListener(app.fetch))
}

const unread = (app: FastifyInstance) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}

const collected = (app: FastifyInstance) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** A host that keeps the bytes beside what it made of them. */
const kept = (make: typeof express) =>
  make.json({
    strict: false,
    verify: (request, _response, bytes) => {
      Object.assign(request, { rawBody: bytes })
    },
  })

/** Where nothing of the body is lost: duplicates and sizes are seen. */
const whole: readonly (readonly [string, Start])[] = [
  ['Express 5, unread', ofExpress(express)],
  ['Express 5, collected', ofExpress(express, express.raw({ type: '*/*' }))],
  ['Express 5, parsed, the bytes kept', ofExpress(express, kept(express))],
  ['Express 4, unread', ofExpress(express4)],
  ['Express 4, collected', ofExpress(express4, express4.raw({ type: '*/*' }))],
  ['Fastify, unread', ofFastify(unread)],
  ['Fastify, collected', ofFastify(collected)],
  ['Hono', ofHono],
]

/** Where the host has parsed it. */
const parsed: readonly (readonly [string, Start])[] = [
  ['Express 5, parsed', ofExpress(express, express.json({ strict: false }))],
  ['Express 4, parsed', ofExpress(express4, express4.json({ strict: false }))],
  ['Fastify, parsed', ofFastify()],
]

const running: Listening[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
})

async function start(mount: Start, options: Partial<Options> = {}) {
  const made = createTestVerifier()
  const listening = await mount(made.verifier, { purpose: 'login', ...options })
  running.push(listening)
  const asked = async (request: RawRequest) => {
    const { status, body } = await ask(listening.port, request)
    return { status, body: body === '' ? undefined : JSON.parse(body) }
  }
  return { ...made, asked, post: (path: string, fields: unknown) => asked(posted(path, JSON.stringify(fields))) }
}

describe.each([...whole, ...parsed])('handlers one by one: %s', (_name, mount) => {
  test('send, resend, verify, wherever they are', async () => {
    const { post, clock, lastCode, outbox } = await start(mount)
    const sent = await post('/code', { phone })
    expect(sent).toMatchObject({ status: 202, body: { sessionToken: expect.any(String) } })
    clock.advance(30_000)
    const again = await post('/code/again', { sessionToken: sent.body.sessionToken })
    expect(again.status).toBe(202)
    expect(outbox.messages).toHaveLength(2)
    const verified = await post('/in/deep/check', { sessionToken: again.body.sessionToken, code: lastCode() })
    expect(verified).toMatchObject({ status: 200, body: { phone, purpose: 'login' } })
  })

  test('what is no request is refused', async () => {
    const { post, asked, outbox } = await start(mount)
    for (const body of [[], 'x', 7, true])
      expect(await post('/code', body)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'body', message: 'must be a JSON object' }] },
      })
    for (const value of [null, 7, [phone], { length: 6 }])
      expect(await post('/code', { phone: value })).toMatchObject({ status: 400, body: { errors: [{ field: 'phone' }] } })
    expect(await asked({ method: 'GET', path: '/code' })).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
    expect(await asked({ method: 'OPTIONS', path: '/code' })).toEqual({ status: 204, body: undefined })
    expect(outbox.messages).toHaveLength(0)
  })

  test('4 096 bytes are enough, and no more is read or believed', async () => {
    const { post, outbox } = await start(mount)
    const room = 4_096 - JSON.stringify({ phone, x: '' }).length
    expect(await post('/code', { phone, x: 'x'.repeat(room + 1) })).toMatchObject({ status: 413, body: { code: 'content_too_large' } })
    expect(outbox.messages).toHaveLength(0)
    expect(await post('/code', { phone, x: 'x'.repeat(room) })).toMatchObject({ status: 202 })
  })
})

describe.each(whole)('handlers one by one, the body whole: %s', (_name, mount) => {
  test('a name twice is refused, as at the mount', async () => {
    const { asked, outbox } = await start(mount)
    const twice = await asked(posted('/code', `{"phone":"+14155552671","phone":"${phone}"}`))
    expect(twice).toMatchObject({ status: 400, body: { errors: [{ field: 'phone', message: 'must not come twice' }] } })
    expect(outbox.messages).toHaveLength(0)
  })
})

describe.each([
  ['Express 5', ofExpress(express, express.json({ type: '*/*' }), express.urlencoded())],
  ['Express 4', ofExpress(express4, express4.json({ type: '*/*' }), express4.urlencoded({ extended: true }))],
])('%s with parsers that take everything', (_name, mount) => {
  test('JSON that is not said to be JSON is refused all the same', async () => {
    const { asked, outbox } = await start(mount)
    const bytes = JSON.stringify({ phone })
    for (const type of ['text/plain', 'application/json\ta', 'application/x-www-form-urlencoded'])
      expect(await asked({ path: '/code', headers: [['Content-Type', type]], body: bytes })).toMatchObject({ status: 415 })
    expect(outbox.messages).toHaveLength(0)
  })
})

describe('a host that', () => {
  test('read the body and kept nothing gets an answer at once', async () => {
    const drain: RequestHandler = (request, _response, next) => void request.resume().once('end', next)
    const { post } = await start(ofExpress(express, drain))
    expect(await post('/code', { phone })).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  test('answers first is not answered over, and nothing fails', async () => {
    const { verifier, outbox } = createTestVerifier()
    const failed: unknown[] = []
    const app = express()
    app.use((_request, response, next) => {
      response.status(299).json({ host: true })
      next()
    })
    app.post('/code', expressHandlers(verifier, { purpose: 'login' }).send)
    app.use(
      (error: unknown, _request: express.Request, _response: express.Response, _next: express.NextFunction) => void failed.push(error),
    )
    const listening = await listen(app)
    running.push(listening)
    for (let time = 0; time < 3; time++) {
      const { status, body } = await ask(listening.port, posted('/code', JSON.stringify({ phone })))
      expect([status, body]).toEqual([299, '{"host":true}'])
    }
    await vi.waitUntil(() => outbox.messages.length > 0)
    expect(failed).toEqual([])
  })
})
