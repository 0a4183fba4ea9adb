import { createVerify } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { vonageBackend } from '../../src/sms/vonage.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { apiKey, apiSecret, applicationId, deliveredBy, message, publicKey, secrets, ways } from './vonage-ways.js'

const started: Carrier[] = []
const start = async () => {
  const carrier = await startCarrier()
  started.push(carrier)
  return carrier
}
afterEach(async () => {
  for (const carrier of started.splice(0)) await carrier.close()
})

describe.each(Object.entries(ways))('contract: %s', (_, { options, failures }) => {
  const makeBackend = async () => {
    const carrier = await startCarrier()
    return {
      backend: vonageBackend(options(carrier.url)),
      delivered: deliveredBy(carrier),
      fail: (how: 'refused' | 'unavailable' | 'unknown') =>
        carrier.misbehave(how === 'unknown' ? faults.resetAfter({ sent: true }) : faults.answer(failures[how])),
      secrets,
      dispose: carrier.close,
    }
  }
  backendContract({ test, makeBackend, canFail: true })
})

describe('on the wire', () => {
  const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`

  test.each(['Messages API, key and secret', 'Messages API, client with a key'])('%s', async (way) => {
    const carrier = await start()
    await vonageBackend(ways[way]!.options(carrier.url)).send(message())
    const [heard] = carrier.requests
    expect([heard?.method, heard?.path]).toEqual(['POST', '/v1/messages'])
    expect(heard?.headers).toEqual({
      host: new URL(carrier.url).host,
      connection: 'keep-alive',
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'phone-verify',
      authorization: basic,
      'content-length': String(Buffer.byteLength(heard?.body ?? '')),
    })
    expect(JSON.parse(heard?.body ?? '')).toEqual({
      channel: 'sms',
      message_type: 'text',
      to: '33612345678',
      from: 'Acme',
      text: 'Acme: 482913',
      client_ref: 'login',
      ttl: 300,
      sms: { encoding_type: 'text' },
    })
  })

  test.each(['SMS API', 'SMS API, client', 'SMS API, small client'])('%s', async (way) => {
    const carrier = await start()
    await vonageBackend(ways[way]!.options(carrier.url)).send(message())
    const [heard] = carrier.requests
    expect([heard?.method, heard?.path, heard?.headers.authorization]).toEqual(['POST', '/sms/json', basic])
    expect(heard?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(heard?.body ?? '')).toEqual({
      to: '33612345678',
      from: 'Acme',
      text: 'Acme: 482913',
      type: 'text',
      ttl: 300_000,
      'client-ref': 'login',
    })
  })

  test('an application signs a token of fifteen minutes, another for each message', async () => {
    const carrier = await start()
    const backend = vonageBackend(ways['Messages API, application']!.options(carrier.url))
    const before = Math.floor(Date.now() / 1000)
    await backend.send(message())
    await backend.send(message())
    const tokens = carrier.requests.map(({ headers }) => headers.authorization?.replace(/^Bearer /, '') ?? '')
    const claims = tokens.map((token) => {
      const [header = '', payload = '', signature = ''] = token.split('.')
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' })
      expect(createVerify('sha256').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url')).toBe(true)
      return JSON.parse(Buffer.from(payload, 'base64url').toString())
    })
    for (const { iat, exp, jti, application_id } of claims) {
      expect([application_id, exp - iat, typeof jti]).toEqual([applicationId, 900, 'string'])
      expect(iat).toBeGreaterThanOrEqual(before)
      expect(iat).toBeLessThanOrEqual(Date.now() / 1000)
    }
    expect(claims[0].jti).not.toBe(claims[1].jti)
  })

  test('Unicode only where GSM-7 does not suffice', async () => {
    const carrier = await start()
    const inMessages = vonageBackend(ways['Messages API, key and secret']!.options(carrier.url))
    const inSms = vonageBackend(ways['SMS API']!.options(carrier.url))
    for (const text of ['Acme: 482913 €{}', 'Acme: 482913 ç', 'رمزك 482913']) {
      await inMessages.send(message({ text }))
      await inSms.send(message({ text }))
    }
    const bodies = carrier.requests.map(({ body }) => JSON.parse(body))
    expect(bodies.map(({ sms, type }) => sms?.encoding_type ?? type)).toEqual(['text', 'text', 'unicode', 'unicode', 'unicode', 'unicode'])
  })

  test.each([
    [300_000, 300],
    [59_999, 59],
    [20_000, 20],
    [19_999, 20],
    [0, 20],
    [-5, 20],
    [Number.NaN, undefined],
    [undefined, undefined],
  ])('%s ms of life are %s s', async (expiresInMs, ttl) => {
    const carrier = await start()
    const { expiresInMs: _, ...bare } = message()
    const sent = expiresInMs === undefined ? bare : { ...bare, expiresInMs }
    await vonageBackend(ways['Messages API, key and secret']!.options(carrier.url)).send(sent)
    await vonageBackend(ways['SMS API']!.options(carrier.url)).send(sent)
    const [inMessages, inSms] = carrier.requests.map(({ body }) => JSON.parse(body).ttl)
    expect([inMessages, inSms]).toEqual([ttl, ttl === undefined ? undefined : ttl * 1000])
  })

  test('reports go where the option says', async () => {
    const carrier = await start()
    const webhookUrl = 'https://acme.example/reports'
    await vonageBackend({ ...ways['Messages API, key and secret']!.options(carrier.url), webhookUrl }).send(message())
    await vonageBackend({ ...ways['SMS API']!.options(carrier.url), webhookUrl }).send(message())
    const [inMessages, inSms] = carrier.requests.map(({ body }) => JSON.parse(body))
    expect(inMessages.webhook_url).toBe(webhookUrl)
    expect([inSms.callback, inSms['status-report-req']]).toEqual([webhookUrl, true])
  })

  test('the sender may depend on the message; a number loses its plus', async () => {
    const carrier = await start()
    const options = ways['Messages API, key and secret']!.options(carrier.url)
    const backend = vonageBackend({ ...options, from: ({ to }) => (to.startsWith('+1') ? '+14155550006' : 'Acme') })
    await backend.send(message())
    await backend.send(message({ to: '+14155552671' as never }))
    expect(carrier.sms.map(({ from }) => from)).toEqual(['Acme', '14155550006'])
  })

  test('a path before that of Vonage is kept', async () => {
    const carrier = await start()
    const backend = vonageBackend(ways['Messages API, key and secret']!.options(`${carrier.url}/gateway/`))
    await backend.send(message()).catch(() => undefined)
    expect(carrier.requests.map(({ path }) => path)).toEqual(['/gateway/v1/messages'])
  })

  test('one connection for sends that follow one another', async () => {
    const carrier = await start()
    const backend = vonageBackend(ways['Messages API, key and secret']!.options(carrier.url))
    for (let count = 0; count < 20; count++) await backend.send(message())
    expect([carrier.sms.length, carrier.connections]).toEqual([20, 1])
  })

  test.each(['Messages API, application', 'SMS API'])('two hundred at once: %s', async (way) => {
    const carrier = await start()
    const backend = vonageBackend(ways[way]!.options(carrier.url))
    const numbers = Array.from({ length: 200 }, (_, index) => `+336123${String(index).padStart(5, '0')}`)
    const receipts = await Promise.all(numbers.map((to) => backend.send(message({ to: to as never }))))
    expect(new Set(receipts.map(({ messageId }) => messageId)).size).toBe(200)
    expect(carrier.sms.map(({ to }) => to).sort()).toEqual(numbers)
  })
})

describe('receipts', () => {
  test.each(['Messages API, key and secret', 'SMS API'])('%s: the id of the provider', async (way) => {
    const carrier = await start()
    const receipt = await vonageBackend({ ...ways[way]!.options(carrier.url), name: 'vonage-eu' }).send(message())
    expect(receipt).toEqual({ backend: 'vonage-eu', messageId: expect.stringMatching(/^[\da-f-]{36}$/) })
  })
})
