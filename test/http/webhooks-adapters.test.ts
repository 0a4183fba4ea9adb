import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { wrong } from '../fixtures/rig.js'
import {
  canary,
  formOf,
  fromTwilio,
  fromVonage,
  jsonFromTwilio,
  type Posted,
  reportsIn,
  type Served,
  serve,
  sid,
  statusOf,
  uuid,
  vonageStatus,
  webhooks,
} from './webhooks-served.js'

const started: Served[] = []
afterEach(() => {
  for (const served of started.splice(0)) served.close()
})

const forbidden = { type: 'urn:phone-verify:forbidden', code: 'forbidden' }

const keep = (served: Served): Served => {
  started.push(served)
  return served
}

const options = { purpose: 'login', webhooks }
const onExpress = async (verifier: PhoneVerifier) => keep(await serve(express().use('/phone', phoneVerifyRouter(verifier, options))))

/** Every adapter, over a socket. */
const adapters: readonly (readonly [string, (verifier: PhoneVerifier) => Promise<Served>])[] = [
  ['express', onExpress],
  [
    'express behind its own form parser',
    async (verifier) => {
      const parser = express.urlencoded({ extended: true })
      return keep(await serve(express().use(parser).use('/phone', phoneVerifyRouter(verifier, options))))
    },
  ],
  [
    'fastify',
    async (verifier) => {
      const app = Fastify()
      app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, ...options })
      await app.ready()
      return keep(await serve(app.routing))
    },
  ],
  [
    'fetch',
    async (verifier) => {
      const handler = phoneVerifyHandler(verifier, { basePath: '/phone', ...options })
      const app = new Hono().all('/phone/*', (c) => handler(c.req.raw))
      return keep(await serve(getRequestListener(app.fetch)))
    },
  ],
]

describe.each(adapters)('on %s', (_, start) => {
  test('reports of both providers are events, and what is not signed is refused', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await start(verifier)
    const failed = { error: { type: 'https://developer.vonage.com/api-errors/messages#1050' } }
    const signed: readonly Posted[] = [
      fromTwilio(statusOf(1, 'undelivered', { ErrorCode: '30006' })),
      fromTwilio(statusOf(2, 'sent', { Tag: ['b', 'a', 'a'] }), "a=1&b=it's&c=%C3%A9"),
      jsonFromTwilio(JSON.stringify(statusOf(3, 'delivered'))),
      await fromVonage(vonageStatus(4, 'rejected', failed)),
    ]
    for (const posted of signed) expect(await post(posted)).toEqual({ status: 204, text: '' })
    expect(events).toMatchObject([
      { type: 'report', backend: 'twilio', messageId: sid(1), outcome: 'failed', providerCode: '30006' },
      { type: 'report', backend: 'twilio', messageId: sid(2), outcome: 'sent' },
      { type: 'report', backend: 'twilio', messageId: sid(3), outcome: 'delivered' },
      { type: 'report', backend: 'vonage', messageId: uuid(4), outcome: 'failed', providerCode: '1050' },
    ])
    expect(JSON.stringify(events)).not.toContain(canary)

    for (const { path, headers, body } of signed) {
      const { 'x-twilio-signature': _, authorization: __, ...unsigned } = headers
      const { status, text } = await post({ path, headers: unsigned, body })
      expect([status, JSON.parse(text), text.includes(canary)]).toEqual([403, expect.objectContaining(forbidden), false])
      expect((await post({ path, headers, body: String(body).replace(/[12]/, '9') })).status).toBe(403)
    }
    expect(events).toHaveLength(4)
  })

  test('a body beyond 64 KiB is too large, and the next request is answered', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await start(verifier)
    expect((await post(fromTwilio(statusOf(1, 'sent', { Padding: 'x'.repeat(65_536) })))).status).toBe(413)
    expect((await post(fromTwilio(statusOf(1, 'sent', { Padding: 'x'.repeat(60_000) })))).status).toBe(204)
    expect(reportsIn(events)).toEqual([`sent ${sid(1)}`])
  })

  test('other methods and other providers', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await start(verifier)
    const posted = fromTwilio(statusOf(1, 'sent'))
    for (const method of ['GET', 'PUT']) expect((await post({ ...posted, method, body: '' })).status).toBe(405)
    for (const path of ['/sinch', '/__proto__', '/constructor', '/Twilio', '/twilio/', '/twilio/x', '/', ''])
      expect([path, (await post({ ...posted, path: `/webhooks${path}` })).status]).toEqual([path, 404])
    expect(events).toEqual([])
  })

  test('T-HOOK-03: delivered before sent: the older status says nothing', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await start(verifier)
    for (const status of ['delivered', 'sent', 'queued', 'failed', 'delivered'])
      expect((await post(fromTwilio(statusOf(1, status)))).status).toBe(204)
    for (const status of ['submitted', 'undeliverable', 'submitted', 'delivered'])
      expect((await post(await fromVonage(vonageStatus(2, status)))).status).toBe(204)
    expect(reportsIn(events)).toEqual([`delivered ${sid(1)}`, `sent ${uuid(2)}`, `failed ${uuid(2)}`])
  })

  test('T-HOOK-03: a status verifies nothing: the challenge still needs its code, and still takes it', async () => {
    const { verifier, events, lastCode } = createTestVerifier()
    const { post } = await start(verifier)
    const ask = async (path: string, fields: object) => {
      const answer = await post({ path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) })
      return { status: answer.status, body: JSON.parse(answer.text) }
    }
    const sent = await ask('/send', { phone: canary })
    const { sessionToken } = sent.body
    const code = lastCode()
    for (const status of ['queued', 'sent', 'delivered', 'read']) {
      await post(fromTwilio(statusOf(1, status, { Body: code, code, sessionToken, verified: 'true' })))
      await post(await fromVonage(vonageStatus(1, status, { code, sessionToken, verified: true })))
    }
    expect(reportsIn(events)).toEqual([`accepted ${sid(1)}`, `sent ${sid(1)}`, `delivered ${sid(1)}`, `delivered ${uuid(1)}`])
    expect(events.filter(({ type }) => type === 'verify')).toEqual([])

    // A failure ends nothing either (T-PRV-07).
    await post(fromTwilio(statusOf(2, 'failed', { ErrorCode: '30003' })))
    expect(await ask('/verify', { sessionToken, code: wrong(code) })).toMatchObject({ status: 422, body: { attemptsLeft: 4 } })
    expect(await ask('/verify', { sessionToken, code })).toMatchObject({ status: 200, body: { phone: canary } })
    expect(await ask('/verify', { sessionToken, code })).toMatchObject({ status: 410, body: { code: 'already_used' } })
  })
})

describe('T-HOOK-03', () => {
  test('a thousand replays of each provider are one event each', { timeout: 60_000 }, async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await onExpress(verifier)
    const [twilio, vonage] = [fromTwilio(statusOf(1, 'delivered')), await fromVonage(vonageStatus(2, 'delivered'))]
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => post(n % 2 === 0 ? twilio : vonage)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    }
    expect([...reportsIn(events)].sort()).toEqual([`delivered ${sid(1)}`, `delivered ${uuid(2)}`])
  })

  test('a message that nobody sent, or that another tenant did, is an event like any other, and nothing more', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await onExpress(verifier)
    expect((await post(fromTwilio(statusOf(404, 'delivered')))).status).toBe(204)
    expect(events.map(({ type }) => type)).toEqual(['report'])
    expect(Object.keys(events[0] ?? {}).sort()).toEqual(['at', 'backend', 'messageId', 'outcome', 'type'])
  })

  test('T-HOOK-04: a STOP stops nothing, signed or not', async () => {
    const { verifier, events } = createTestVerifier()
    const { post } = await onExpress(verifier)
    const stop = { MessageSid: sid(1), SmsStatus: 'received', From: canary, Body: 'STOP' }
    expect((await post({ ...fromTwilio(stop), headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(403)
    expect((await post(fromTwilio(stop))).status).toBe(204)
    expect(events).toEqual([])
    expect((await verifier.sendCode({ phone: canary, purpose: 'login' })).ok).toBe(true)
  })
})

test('without the option there is no webhook', async () => {
  const { verifier, events } = createTestVerifier()
  const { post } = keep(await serve(express().use('/phone', phoneVerifyRouter(verifier, { purpose: 'login' }))))
  expect((await post(fromTwilio(statusOf(1, 'sent')))).status).toBe(404)
  expect((await post({ ...fromTwilio(statusOf(1, 'sent')), body: formOf({}) })).status).toBe(404)
  expect(events).toEqual([])
})
