import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import type { PhoneVerifier } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { phoneVerifyHandler } from 'phone-verify/fetch'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test } from 'vitest'

const { getExpectedTwilioSignature } = await import('twilio/lib/webhooks/webhooks.js')

const authToken = 'quartz-token-7f31d0c2b9'
const publicUrl = 'https://example.com/phone'
const options = { purpose: 'login', webhooks: { publicUrl, twilio: { authToken } } }
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const adapters: Readonly<Record<string, (verifier: PhoneVerifier) => Promise<RequestListener>>> = {
  express: async (verifier) => express().use('/phone', phoneVerifyRouter(verifier, options)) as RequestListener,
  'express after its own form parser': async (verifier) =>
    express()
      .use(express.urlencoded({ extended: true }))
      .use('/phone', phoneVerifyRouter(verifier, options)) as RequestListener,
  fastify: async (verifier) => {
    const app = Fastify()
    app.register(phoneVerifyPlugin, { prefix: '/phone', verifier, ...options })
    await app.ready()
    return app.routing as RequestListener
  },
  fetch: async (verifier) => getRequestListener((request) => phoneVerifyHandler(verifier, { basePath: '/phone', ...options })(request)),
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/phone`
}

const messageId = `SM${'1'.repeat(32)}`

describe.each(Object.entries(adapters))('a report of Twilio, through %s (T-HOOK-03)', (_name, adapter) => {
  async function start() {
    const made = createTestVerifier()
    const url = await listen(await adapter(made.verifier))
    const report = async (status: string, token = authToken) => {
      const params = { MessageSid: messageId, MessageStatus: status }
      const headers = { 'x-twilio-signature': getExpectedTwilioSignature(token, `${publicUrl}/webhooks/twilio`, params) }
      const response = await fetch(`${url}/webhooks/twilio`, { method: 'POST', headers, body: new URLSearchParams(params) })
      return { status: response.status, body: await response.text() }
    }
    const post = async (path: string, body: object) => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { ...((await response.json()) as Readonly<Record<string, unknown>>), status: response.status } as Readonly<
        Record<string, unknown>
      >
    }
    const reported = () => made.events.flatMap((event) => (event.type === 'report' ? [event.outcome] : []))
    return { ...made, url, report, post, reported }
  }

  test('is answered by 204, and is one event, replayed and out of order', async () => {
    const { report, reported } = await start()
    expect(await report('sent')).toEqual({ status: 204, body: '' })
    for (let replay = 0; replay < 20; replay++) expect((await report('delivered')).status).toBe(204)
    expect((await report('sent')).status).toBe(204)
    expect(reported()).toEqual(['sent', 'delivered'])
  })

  test('verifies nothing, and ends nothing', async () => {
    const { report, post, outbox } = await start()
    const { sessionToken } = await post('/send', { phone: '+33612345678' })
    for (const status of ['delivered', 'read', 'failed']) await report(status)
    expect(await post('/verify', { sessionToken, code: '000000' })).toMatchObject({ status: 422, code: 'incorrect_code', attemptsLeft: 4 })
    expect(await post('/verify', { sessionToken, code: outbox.last()?.code })).toMatchObject({ status: 200, phone: '+33612345678' })
  })

  test('that somebody else signed is refused and says nothing', async () => {
    const { report, reported, url } = await start()
    const forged = await report('delivered', 'another-token-of-somebody')
    expect(forged.status).toBe(403)
    expect(JSON.parse(forged.body)).toMatchObject({ type: 'urn:phone-verify:forbidden', code: 'forbidden' })
    expect(reported()).toEqual([])
    expect((await fetch(`${url}/webhooks/twilio`)).status).toBe(405)
    expect((await fetch(`${url}/webhooks/vonage`, { method: 'POST' })).status).toBe(404)
    expect((await fetch(`${url}/webhooks`, { method: 'POST' })).status).toBe(404)
  })
})
