import { once } from 'node:events'
import express from 'express'
import Fastify from 'fastify'
import { createPhoneClient, type PhoneClientFetch, type PhoneClientOptions, type PhoneProblemReason } from 'phone-verify/client'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier, type TestVerifier } from 'phone-verify/testing'
import { describe, expect, test, vi } from 'vitest'
import { type ProblemCode, statuses } from '../src/http/problem.js'
import { titleOf } from '../src/http/titles.js'
import { pageStorage } from './client/page-storage.js'
import { freePort } from './fixtures/free-port.js'
import { listen } from './fixtures/listen.js'
import { wrong } from './fixtures/rig.js'

const phone = '+33612345678'

type Added = { readonly welcome: string }

const options = { purpose: 'registration', onVerified: () => ({ body: { welcome: 'hello' } }) } as const

/** An Express app, and the requests that it got. */
async function start({ purpose = 'registration', ...given }: Partial<PhoneClientOptions> & { readonly purpose?: string } = {}) {
  const service = createTestVerifier()
  const app = express()
  const requests: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[] = []
  app.use((request, _response, next) => {
    requests.push({ path: request.path, headers: request.headers })
    next()
  })
  app.use('/phone', phoneVerifyRouter(service.verifier, { ...options, purpose }))
  const storage = pageStorage()
  const settings = { baseUrl: `${await listen(app)}/phone`, storage, now: service.clock.now, ...given }
  return { ...service, requests, storage, settings, client: createPhoneClient<Added>(settings) }
}

/** Mounts the endpoints, and says how a client reaches them. */
type Mount = (service: TestVerifier) => Promise<{ readonly baseUrl: string; readonly fetch?: PhoneClientFetch }>

const adapters: readonly (readonly [string, Mount])[] = [
  ['express', async ({ verifier }) => ({ baseUrl: await listen(express().use('/phone', phoneVerifyRouter(verifier, options))) })],
  [
    'fastify',
    async ({ verifier }) => {
      const app = Fastify()
      app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, ...options })
      await app.ready()
      return { baseUrl: await listen(app.routing) }
    },
  ],
  [
    'fetch',
    async ({ verifier }) => {
      const handler = phoneVerifyHandler(verifier, { basePath: '/phone', ...options })
      return { baseUrl: 'https://example.com', fetch: (url, init) => handler(new Request(url, init)) }
    },
  ],
]

test.each(adapters)('%s: sends, resends, refuses, verifies', async (_name, mount) => {
  const service = createTestVerifier()
  const { clock, lastCode, outbox } = service
  const { baseUrl, ...rest } = await mount(service)
  const client = createPhoneClient<Added>({ baseUrl: `${baseUrl}/phone/`, now: clock.now, ...rest })

  expect(client.pending).toBeUndefined()
  const instants = { expiresAt: new Date(clock.now() + 600_000), resendAt: new Date(clock.now() + 30_000) }
  expect(await client.send({ phone })).toEqual({ ok: true, ...instants })
  expect(client.pending).toEqual(instants)
  expect(await client.resend()).toEqual({ ok: false, reason: 'rate_limited', title: expect.any(String), retryAfterMs: 30_000 })

  clock.advance(30_000)
  expect(await client.resend()).toMatchObject({ ok: true, resendAt: new Date(clock.now() + 60_000) })
  expect(client.pending).toMatchObject({ resendAt: new Date(clock.now() + 60_000) })
  expect(outbox.messages).toHaveLength(2)
  expect(await client.verify({ code: wrong(lastCode()) })).toEqual({
    ...{ ok: false, reason: 'incorrect_code', title: 'The code is wrong.', attemptsLeft: 4 },
  })

  const verifiedAt = new Date(clock.now())
  const verified = await client.verify({ code: lastCode() })
  expect(verified).toEqual({ ok: true, phone, purpose: 'registration', proof: expect.any(String), verifiedAt, welcome: 'hello' })
  if (!verified.ok) throw new Error(verified.reason)
  const added: string = verified.welcome
  expect(added).toBe('hello')
  expect(await service.verifier.redeemProof({ proof: verified.proof, purpose: 'registration' })).toMatchObject({ ok: true, phone })
  expect(client.pending).toBeUndefined()
})

describe('what went wrong', () => {
  test('has a reason of the wire: those of the server, and no other', () => {
    const reasons: Readonly<Record<PhoneProblemReason, true>> = {
      ...{ invalid_request: true, blocked: true, unknown_tenant: true, not_found: true, method_not_allowed: true, request_timeout: true },
      ...{ expired: true, too_many_attempts: true, already_used: true, content_too_large: true, unsupported_media_type: true },
      ...{ invalid_phone_number: true, country_not_allowed: true, number_type_not_allowed: true, undeliverable: true },
      ...{ malformed_code: true, incorrect_code: true, invalid_session: true, rate_limited: true, locked: true },
      ...{ internal_error: true, unavailable: true },
    }
    // Those of webhooks and of `requireProof`, which the client does not call.
    const others = ['forbidden', 'invalid_proof', 'already_redeemed']
    expect([...Object.keys(reasons), ...others].sort()).toEqual(Object.keys(statuses).sort())
  })

  test('is said in the language of the client', async () => {
    const { client, requests } = await start({ locale: 'fr' })
    const said = (code: ProblemCode, language: string) => ({ ok: false, reason: code, title: titleOf(code, [language]).title })
    expect(await client.send({ phone: 'nonsense' })).toEqual(said('invalid_phone_number', 'fr'))
    expect(await client.send({ phone: 'nonsense', locale: 'de' })).toEqual(said('invalid_phone_number', 'de'))
    await client.send({ phone })
    expect(await client.verify({ code: 'x' })).toEqual(said('malformed_code', 'fr'))
    expect(requests.map(({ headers }) => headers['accept-language'])).toEqual(['fr', 'de', 'fr', 'fr'])
  })

  test('a locale that is none spoils nothing', async () => {
    const { client } = await start({ locale: 'fr\r\nx: é' })
    expect(await client.send({ phone })).toMatchObject({ ok: true })
  })

  test('a wrong field is named', async () => {
    const { client } = await start()
    const result = await client.send({ phone: 1 as unknown as string })
    expect(result).toMatchObject({ reason: 'invalid_request', errors: [{ field: 'phone', message: 'must be a string' }] })
  })

  test('an outage says when to try again, and the next try sends', async () => {
    const { client, carrier, outbox } = await start()
    carrier.fail('unavailable')
    expect(await client.send({ phone })).toMatchObject({ ok: false, reason: 'unavailable', retryAfterMs: 5_000 })
    expect(client.pending).toBeUndefined()
    carrier.recover()
    expect(await client.send({ phone })).toMatchObject({ ok: true })
    expect(outbox.messages).toHaveLength(1)
  })

  test.each<readonly [name: string, status: number, type: string, body: string]>([
    ["a proxy's page", 502, 'text/html', '<h1>Bad Gateway</h1>'],
    ["somebody else's problem", 422, 'application/problem+json', '{"type":"about:blank","code":"expired","title":"No"}'],
    [
      'a success without what it must have',
      202,
      'application/json',
      '{"sessionToken":"a","expiresAt":"soon","resendAt":"2026-01-01T00:00:00Z"}',
    ],
    ['a page instead of a success', 200, 'text/html', 'Log in to this network'],
    ['no object', 200, 'application/json', 'null'],
  ])('%s is an unexpected reply', async (_name, status, type, body) => {
    const storage = pageStorage()
    const baseUrl = await listen((_request, response) => void response.writeHead(status, { 'content-type': type }).end(body))
    const client = createPhoneClient({ baseUrl, storage })
    expect(await client.send({ phone })).toEqual({ ok: false, reason: 'unexpected_reply' })
    expect(storage.kept.size).toBe(0)
    const fresh = '2026-01-01T00:00:00.000Z'
    storage.setItem(`phone-verify:${baseUrl}`, JSON.stringify({ sessionToken: 'a', expiresAt: fresh, resendAt: fresh }))
    expect(await client.resend()).toEqual({ ok: false, reason: 'unexpected_reply' })
    expect(await client.verify({ code: '482913' })).toEqual({ ok: false, reason: 'unexpected_reply' })
    expect(storage.kept.size).toBe(1)
  })

  test('no server is a network error', async () => {
    const baseUrl = `http://127.0.0.1:${await freePort()}`
    expect(await createPhoneClient({ baseUrl }).send({ phone })).toEqual({ ok: false, reason: 'network_error' })
  })

  test('a server that says nothing, or never ends, is a network error when the time is over', async () => {
    const mute = await listen(() => {})
    const endless = await listen((_request, response) => void response.writeHead(202).write('{'))
    for (const baseUrl of [mute, endless])
      expect(await createPhoneClient({ baseUrl, timeoutMs: 100 }).send({ phone })).toEqual({ ok: false, reason: 'network_error' })
  })
})

describe('a signal', () => {
  const reason = new Error('enough')

  test('aborted before: nothing is asked', async () => {
    const { client, requests } = await start()
    const signal = AbortSignal.abort(reason)
    await expect(client.send({ phone, signal })).rejects.toBe(reason)
    await expect(client.resend({ signal })).rejects.toBe(reason)
    await client.send({ phone })
    await expect(client.verify({ code: '482913', signal })).rejects.toBe(reason)
    expect(requests).toHaveLength(1)
  })

  test('aborted meanwhile, the request ends, whether or not fetch listens', async () => {
    for (const deaf of [false, true]) {
      const gone = new AbortController()
      let closed: Promise<unknown> = Promise.resolve()
      const baseUrl = await listen((_request, response) => {
        closed = once(response, 'close')
        gone.abort(reason)
      })
      const fetchDeaf: PhoneClientFetch = () => {
        gone.abort(reason)
        return new Promise(() => {})
      }
      const client = createPhoneClient({ baseUrl, ...(deaf && { fetch: fetchDeaf }) })
      await expect(client.send({ phone, signal: gone.signal })).rejects.toBe(reason)
      await closed
    }
  })

  test('without a reason, as in React Native, the call rejects with an AbortError all the same', async () => {
    const signal = { aborted: true } as AbortSignal
    await expect(createPhoneClient({ baseUrl: '' }).send({ phone, signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a send whose answer is lost', () => {
  /** Carries requests out, and loses the first replies. */
  const losing = (times: number): PhoneClientFetch => {
    let left = times
    return async (url, request) => {
      const response = await fetch(url, request)
      left -= 1
      if (left >= 0) throw new TypeError('Failed to fetch')
      return response
    }
  }

  test('is tried again with the same key, and sends no second SMS', async () => {
    const service = await start({ fetch: losing(2) })
    const { client, outbox, requests, lastCode, clock } = service
    expect(await client.send({ phone })).toEqual({ ok: false, reason: 'network_error' })
    expect(await client.send({ phone })).toEqual({ ok: false, reason: 'network_error' })
    expect(await client.send({ phone })).toMatchObject({ ok: true })
    expect(outbox.messages).toHaveLength(1)

    // Answered: the next one is another send.
    clock.advance(30_000)
    expect(await client.send({ phone })).toMatchObject({ ok: true })
    expect(outbox.messages).toHaveLength(2)
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 0, 3])
    expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true })
  })

  test('keeps the key for its phone, whatever other phone was tried meanwhile', async () => {
    const { client, outbox } = await start({ fetch: losing(2) })
    await client.send({ phone })
    await client.send({ phone: '+33612345679' })
    expect(await client.send({ phone })).toMatchObject({ ok: true })
    expect(outbox.messages.map(({ to }) => to)).toEqual([phone, '+33612345679'])
  })

  test('a refusal is an answer: what comes after it has a key of its own', async () => {
    const { client, requests } = await start()
    await client.send({ phone: 'nonsense' })
    await client.send({ phone: 'nonsense' })
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(2)
  })

  test('two at once, by a double click, are one', async () => {
    const { client, outbox, lastCode } = await start()
    const both = await Promise.all([client.send({ phone }), client.send({ phone })])
    expect(both).toMatchObject([{ ok: true }, { ok: true }])
    expect(outbox.messages).toHaveLength(1)
    expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true })
  })

  test("the application's own key is used as it is", async () => {
    const { client, requests } = await start()
    await client.send({ phone, idempotencyKey: 'mine' })
    expect(requests[0]?.headers['idempotency-key']).toBe('mine')
  })

  test('without crypto, as in React Native, keys differ too', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto') as PropertyDescriptor
    const { client, requests } = await start()
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
    // All within one millisecond.
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (let sends = 0; sends < 3; sends += 1) await client.send({ phone: 'nonsense' })
    } finally {
      vi.useRealTimers()
      Object.defineProperty(globalThis, 'crypto', own)
    }
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(3)
    for (const key of keys) expect(key).toMatch(/^[\w-]{8,40}$/)
  })
})

test('headers, those of a function too, and credentials go along', async () => {
  const seen: unknown[] = []
  const spy: PhoneClientFetch = (url, request) => {
    seen.push(request.credentials)
    return fetch(url, request)
  }
  const headers = async () => ({ 'X-Csrf-Token': 'abc', 'Content-Type': 'application/json' })
  const { client, requests } = await start({ fetch: spy, headers, credentials: 'include' })
  expect(await client.send({ phone })).toMatchObject({ ok: true })
  expect(requests[0]?.headers).toMatchObject({ 'x-csrf-token': 'abc', 'content-type': 'application/json' })
  expect(seen).toEqual(['include'])

  const failing = createPhoneClient({ baseUrl: '', headers: () => Promise.reject(new Error('no token')) })
  await expect(failing.send({ phone })).rejects.toThrow('no token')
})
