import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { express4, listen } from './adapters.js'
import { phone, posted } from './conversation.js'
import { ask, type RawRequest } from './raw-client.js'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const asker = (port: number) => async (request: RawRequest) => {
  const { status, headers, body } = await ask(port, request)
  return { status, headers: new Map(headers), body }
}

const send = posted('/phone/send', JSON.stringify({ phone }))

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s as a host', (_name, make) => {
  const host = async (mount: (app: ReturnType<typeof express>, verifier: PhoneVerifier) => void) => {
    const { verifier, outbox } = createTestVerifier()
    const app = make()
    mount(app, verifier)
    const listening = await listen(app)
    closing.push(listening.close)
    return { asked: asker(listening.port), outbox }
  }

  test('mounted at the root, what is not below the base path goes on to the host', async () => {
    const { asked } = await host((app, verifier) => {
      app.use(phoneVerifyRouter(verifier, { purpose: 'login', basePath: '/phone' }))
      app.use((request: express.Request, response: express.Response) => void response.json({ host: request.url }))
    })
    expect(await asked(send)).toMatchObject({ status: 202 })
    expect(await asked(posted('/phone/nothing', '{}'))).toMatchObject({
      status: 404,
      body: expect.stringContaining('urn:phone-verify:not_found'),
    })
    for (const path of ['/', '/phone', '/phones/send', '/phone?x=/phone/send', '/api/phone/send', '/send'])
      expect(await asked(posted(path, '{}'))).toMatchObject({ status: 200, body: JSON.stringify({ host: path }) })
  })

  test('two mounts have two purposes', async () => {
    const { asked, outbox } = await host((app, verifier) => {
      app.use('/phone', phoneVerifyRouter(verifier, { purpose: 'registration' }))
      app.use('/login/phone', phoneVerifyRouter(verifier, { purpose: 'login' }))
    })
    const sent = JSON.parse((await asked(send)).body)
    const fields = JSON.stringify({ sessionToken: sent.sessionToken, code: outbox.last()?.code })
    expect(await asked(posted('/login/phone/verify', fields))).toMatchObject({
      status: 422,
      body: expect.stringContaining('invalid_session'),
    })
    expect(await asked(posted('/phone/verify', fields))).toMatchObject({ status: 200 })
  })

  test('its router may be nested, and its own headers stay', async () => {
    const { asked } = await host((app, verifier) => {
      app.use((_request: express.Request, response: express.Response, next: express.NextFunction) => {
        response.setHeader('Strict-Transport-Security', 'max-age=1')
        next()
      })
      app.use('/a', make.Router().use('/b', make.Router().use('/phone', phoneVerifyRouter(verifier, { purpose: 'login' }))))
    })
    const reply = await asked({ ...send, path: '/a/b/phone/send' })
    expect(reply.status).toBe(202)
    expect(reply.headers.get('strict-transport-security')).toBe('max-age=1')
    expect(reply.headers.has('x-powered-by')).toBe(false)
  })
})

describe('Fastify as a host', () => {
  const host = async (mount: (app: FastifyInstance, verifier: PhoneVerifier) => unknown, options = {}) => {
    const { verifier, outbox } = createTestVerifier()
    const app = Fastify(options)
    await mount(app, verifier)
    await app.listen({ host: '127.0.0.1', port: 0 })
    closing.push(() => app.close())
    return { asked: asker((app.server.address() as AddressInfo).port), outbox }
  }

  const body = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }

  test('its parsers, validators, error handler and other routes are untouched', async () => {
    const { asked } = await host(async (app, verifier) => {
      app.setErrorHandler((error: Error & { code?: string; validation?: unknown }, _request, reply) =>
        reply.code(418).send({ host: error.code ?? 'error', isInvalid: error.validation !== undefined }),
      )
      app.setNotFoundHandler((_request, reply) => reply.code(404).send({ host: 'nothing' }))
      app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) => done(null, { csv: text }))
      await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'login' })
      app.post('/echo', { schema: { body } }, async (request) => request.body)
      app.post('/any', async (request) => request.body)
      app.post('/phones', async () => ({ host: 'phones' }))
      app.get('/phone', async () => ({ host: 'page' }))
    })
    expect(await asked(send)).toMatchObject({ status: 202 })
    expect(await asked(posted('/echo', '{"n":"7"}'))).toMatchObject({ status: 200, body: '{"n":7}' })
    expect(await asked(posted('/echo', '{"n":"x"}'))).toMatchObject({ status: 418, body: '{"host":"FST_ERR_VALIDATION","isInvalid":true}' })
    expect(await asked({ path: '/any', headers: [['Content-Type', 'text/csv']], body: 'a,b' })).toMatchObject({ body: '{"csv":"a,b"}' })
    expect(await asked({ path: '/any', headers: [['Content-Type', 'a/b']], body: 'a,b' })).toMatchObject({
      status: 418,
      body: '{"host":"FST_ERR_CTP_INVALID_MEDIA_TYPE","isInvalid":false}',
    })
    expect(await asked(posted('/phones', '{}'))).toMatchObject({ body: '{"host":"phones"}' })
    expect(await asked({ method: 'GET', path: '/phone' })).toMatchObject({ body: '{"host":"page"}' })
    expect(await asked({ method: 'GET', path: '/elsewhere' })).toMatchObject({ status: 404, body: '{"host":"nothing"}' })
    expect(await asked({ method: 'GET', path: '/phone/elsewhere' })).toMatchObject({
      status: 404,
      body: expect.stringContaining('not_found'),
    })
  })

  test('its hooks run, and what they throw is the host’s', async () => {
    const seen: string[] = []
    const { asked } = await host(async (app, verifier) => {
      app.addHook('onRequest', async (request) => {
        seen.push(request.url)
        if (request.headers['x-stop'] !== undefined) throw Object.assign(new Error('stopped'), { statusCode: 401 })
      })
      app.addHook('onSend', async (_request, reply, payload) => {
        reply.header('x-host', 'yes')
        return payload
      })
      await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'login' })
    })
    const reply = await asked(send)
    expect(reply.status).toBe(202)
    expect(reply.headers.get('x-host')).toBe('yes')
    expect(reply.headers.get('content-type')).toBe('application/json')
    expect(await asked({ ...send, headers: [...(send.headers ?? []), ['X-Stop', '1']] })).toMatchObject({ status: 401 })
    expect(seen).toEqual(['/phone/send', '/phone/send'])
  })

  test('two mounts have two purposes, nested prefixes included', async () => {
    const { asked, outbox } = await host(async (app, verifier) => {
      await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'registration' })
      await app.register(
        async (inner) => {
          await inner.register(phoneVerifyPlugin, { prefix: '/v1', basePath: '/phone', verifier, purpose: 'login' })
        },
        { prefix: '/login' },
      )
    })
    const sent = JSON.parse((await asked(send)).body)
    const fields = JSON.stringify({ sessionToken: sent.sessionToken, code: outbox.last()?.code })
    expect(await asked(posted('/login/v1/phone/verify', fields))).toMatchObject({
      status: 422,
      body: expect.stringContaining('invalid_session'),
    })
    expect(await asked(posted('/phone/verify', fields))).toMatchObject({ status: 200 })
    expect(await asked(posted('/login/v1/verify', fields))).toMatchObject({ status: 404 })
  })

  test('a small limit of the host for bodies, and one of its own parsers, change nothing here', async () => {
    const { asked } = await host(
      async (app, verifier) => {
        app.removeAllContentTypeParsers()
        await app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, purpose: 'login' })
      },
      { bodyLimit: 10 },
    )
    expect(await asked(send)).toMatchObject({ status: 202 })
  })

  test('its log is told what a function of its own threw', async () => {
    const lines: string[] = []
    const { asked } = await host(
      (app, verifier) =>
        app.register(phoneVerifyPlugin, {
          prefix: '/phone',
          verifier,
          purpose: 'login',
          subject: () => Promise.reject(new Error('of the host')),
        }),
      { logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } } },
    )
    expect(await asked(send)).toMatchObject({ status: 500, body: expect.not.stringContaining('of the host') })
    expect(lines).toEqual([expect.stringContaining('of the host')])
  })

  test('a wrong option fails the start', async () => {
    const { verifier } = createTestVerifier()
    const app = Fastify()
    closing.push(() => app.close())
    await expect(async () => app.register(phoneVerifyPlugin, { verifier, purpose: '' })).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
    })
  })
})

describe('fetch as a host', () => {
  const ofFetch = (url: string, init: RequestInit = {}) =>
    new Request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ phone }), ...init })

  test('without an address all visitors share one limit', async () => {
    const { verifier } = createTestVerifier({ limits: { sendsPerClient: [{ max: 1, windowMs: 60_000 }] } })
    const handle = phoneVerifyHandler(verifier, { purpose: 'login' })
    expect((await handle(ofFetch('http://a/send'))).status).toBe(202)
    const other = ofFetch('http://a/send', { body: JSON.stringify({ phone: '+33698765432' }) })
    expect(await (await handle(other)).json()).toMatchObject({ code: 'rate_limited' })
    const known = ofFetch('http://a/send', { body: JSON.stringify({ phone: '+33698765432' }) })
    expect((await handle(known, { address: '203.0.113.7' })).status).toBe(202)
  })

  test('a body that was read already is refused', async () => {
    const { verifier, outbox } = createTestVerifier()
    const request = ofFetch('http://a/send')
    await request.text()
    expect((await phoneVerifyHandler(verifier, { purpose: 'login' })(request)).status).toBe(400)
    expect(outbox.messages).toHaveLength(0)
  })

  test('any number of cookies goes out, each in a header of its own', async () => {
    const { verifier, lastCode } = createTestVerifier()
    const handle = phoneVerifyHandler(verifier, { purpose: 'login', onVerified: () => ({ headers: { 'set-cookie': ['a=1', 'b=2'] } }) })
    const { sessionToken } = (await (await handle(ofFetch('http://a/send'))).json()) as { readonly sessionToken: string }
    const reply = await handle(ofFetch('http://a/verify', { body: JSON.stringify({ sessionToken, code: lastCode() }) }))
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test('what is not below the base path is not found', async () => {
    const { verifier } = createTestVerifier()
    const handle = phoneVerifyHandler(verifier, { purpose: 'login', basePath: '/phone' })
    for (const path of ['/send', '/phones/send', '/phone', '/', '/x/phone/send'])
      expect((await handle(ofFetch(`http://a${path}`))).status).toBe(404)
    expect((await handle(ofFetch('http://a/phone/send'))).status).toBe(202)
  })
})
