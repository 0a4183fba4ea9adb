import { generateKeyPairSync } from 'node:crypto'
import { Messages } from '@vonage/messages'
import { Vonage } from '@vonage/server-sdk'
import { afterEach, describe, expect, test } from 'vitest'
import type { PhoneVerifyError } from '../../src/errors.js'
import type { SmsBackend } from '../../src/sms/backend.js'
import { twilioBackend } from '../../src/sms/twilio.js'
import { type VonageClient, type VonageOptions, vonageBackend } from '../../src/sms/vonage.js'
import { holdsNothing } from '../../src/testing/holds-nothing.js'
import { createSink } from '../fixtures/canary.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { apiKey, apiSecret, applicationId, message, outcomeOf, privateKey, secrets, ways } from './vonage-ways.js'

const started: Carrier[] = []
const start = async () => {
  const carrier = await startCarrier()
  started.push(carrier)
  return carrier
}
afterEach(async () => {
  for (const carrier of started.splice(0)) await carrier.close()
})

const key = { apiKey, apiSecret, from: 'Acme' }
const application = { applicationId, privateKey, from: 'Acme' }
const client = new Vonage({ apiKey, apiSecret })

function problemsOf(options: object): readonly string[] {
  try {
    vonageBackend(options as VonageOptions)
  } catch (error) {
    const { code, problems = [] } = error as PhoneVerifyError
    expect(code).toBe('ERR_PV_CONFIGURATION')
    holdsNothing(error, message(), secrets)
    return problems.map(({ option }) => option)
  }
  return []
}

describe('options', () => {
  test.each<readonly [what: string, options: object]>([
    ['key and secret', key],
    ['application and key', application],
    ['a key of bytes', { ...application, privateKey: Buffer.from(privateKey) }],
    ['a client', { client, from: 'Acme' }],
    ['a small client', { client: { messages: new Messages({ apiKey, apiSecret }) }, from: 'Acme' }],
    ['the SMS API', { ...key, api: 'sms' }],
    ['a number as sender', { ...key, from: '+14155550006' }],
    ['a function as sender', { ...key, from: () => 'Acme' }],
    [
      'everything',
      { ...key, api: 'messages', webhookUrl: 'https://acme.example/x', baseUrl: 'https://api-eu.vonage.com', timeoutMs: 1, name: 'eu' },
    ],
    ['addresses as URL', { ...key, webhookUrl: new URL('https://acme.example/x'), baseUrl: new URL('http://127.0.0.1:4010') }],
    ['options left undefined', { ...key, client: undefined, applicationId: undefined, api: undefined, name: undefined }],
  ])('right: %s', (_, options) => {
    expect(problemsOf(options)).toEqual([])
  })

  test.each<readonly [what: string, options: object, problems: readonly string[]]>([
    ['nothing', {}, ['from', 'apiKey', 'apiSecret']],
    ['no options at all', undefined as never, ['from', 'apiKey', 'apiSecret']],
    ['a secret that is empty', { ...key, apiSecret: '' }, ['apiSecret']],
    ['a secret of blanks', { ...key, apiSecret: '    ' }, ['apiSecret']],
    ['a secret with the end of its line', { ...key, apiSecret: `${apiSecret}\n` }, ['apiSecret']],
    ['a secret that is no text', { ...key, apiSecret: 5 }, ['apiSecret']],
    ['a key that is empty', { ...key, apiKey: '' }, ['apiKey']],
    ['a key that would end early', { ...key, apiKey: 'a:b' }, ['apiKey']],
    ['only a key', { apiKey, from: 'Acme' }, ['apiSecret']],
    ['only an application', { applicationId, from: 'Acme' }, ['privateKey']],
    ['only a private key', { privateKey, from: 'Acme' }, ['applicationId']],
    ['an application that is empty', { ...application, applicationId: '' }, ['applicationId']],
    ['the path of a key', { ...application, privateKey: './private.key' }, ['privateKey']],
    ['a key that is empty', { ...application, privateKey: '' }, ['privateKey']],
    ['another kind of key', { ...application, privateKey: ellipticKey() }, ['privateKey']],
    ['a key of nonsense', { ...application, privateKey: {} }, ['privateKey']],
    ['two ways to authenticate', { ...key, applicationId, privateKey }, ['apiKey']],
    ['a client and a key', { ...key, client }, ['client']],
    ['an application with the SMS API', { ...application, api: 'sms' }, ['api']],
    ['a client that is none', { client: {}, from: 'Acme' }, ['client']],
    ['a client without that API', { client: { messages: client.messages }, api: 'sms', from: 'Acme' }, ['client']],
    ['a client that lost a member', { client: { messages: { send: () => {} } }, from: 'Acme' }, ['client']],
    [
      'a client of an unsafe host',
      { client: new Vonage({ apiKey, apiSecret }, { apiHost: 'http://api.example.com' }), from: 'Acme' },
      ['baseUrl'],
    ],
    ['no sender', { apiKey, apiSecret }, ['from']],
    ['a blank sender', { ...key, from: '  ' }, ['from']],
    ['a sender too long', { ...key, from: 'x'.repeat(16) }, ['from']],
    ['a sender of two lines', { ...key, from: 'A\nB' }, ['from']],
    ['another API', { ...key, api: 'verify' }, ['api']],
    ['plain http', { ...key, baseUrl: 'http://api.example.com' }, ['baseUrl']],
    ['http that looks local', { ...key, baseUrl: 'http://127.0.0.1.example.com' }, ['baseUrl']],
    ['http that ends like local', { ...key, baseUrl: 'http://not-localhost/' }, ['baseUrl']],
    ['another protocol', { ...key, baseUrl: 'file:///etc' }, ['baseUrl']],
    ['credentials in the address', { ...key, baseUrl: `https://user:${apiSecret}@api.example.com` }, ['baseUrl']],
    ['a query in the address', { ...key, baseUrl: 'https://api.example.com/?x=y' }, ['baseUrl']],
    ['no address', { ...key, baseUrl: 'nonsense' }, ['baseUrl']],
    ['plain webhook', { ...key, webhookUrl: 'http://acme.example/x' }, ['webhookUrl']],
    ['long webhook of the SMS API', { ...key, api: 'sms', webhookUrl: `https://acme.example/${'x'.repeat(100)}` }, ['webhookUrl']],
    ['no patience', { ...key, timeoutMs: 0 }, ['timeoutMs']],
    ['patience without end', { ...key, timeoutMs: Number.POSITIVE_INFINITY }, ['timeoutMs']],
    ['a name of two lines', { ...key, name: 'a\nb' }, ['name']],
    ['a word misspelt', { ...key, timeoutMS: 5 }, ['timeoutMS']],
    ['all at once', { apiKey: '', apiSecret, api: 'x', timeoutMs: -1, from: '' }, ['api', 'from', 'timeoutMs', 'apiKey']],
  ])('wrong: %s', (_, options, problems) => {
    expect(problemsOf(options)).toEqual(problems)
  })

  test('polluted prototypes give no credentials', () => {
    Object.assign(Object.prototype, { apiSecret })
    try {
      expect(problemsOf({ apiKey, from: 'Acme' })).toEqual(['apiSecret'])
    } finally {
      Reflect.deleteProperty(Object.prototype, 'apiSecret')
    }
  })

  test.each<readonly [what: string, from: () => never]>([
    [
      'throws',
      () => {
        throw new Error(message().text)
      },
    ],
    ['returns nothing', () => undefined as never],
    ['returns a blank', () => ' ' as never],
    ['returns a promise', () => Promise.resolve('Acme') as never],
  ])('a sender that %s is the mistake of the application, and nothing is sent', async (_, from) => {
    const carrier = await start()
    const error = await vonageBackend({ ...key, baseUrl: carrier.url, from })
      .send(message())
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'vonage', problems: [{ option: 'from' }] })
    holdsNothing(error, message(), secrets)
    expect(carrier.requests).toEqual([])
  })
})

describe('a client of the application', () => {
  test('is not changed, and still sends by itself', async () => {
    const carrier = await start()
    const own = new Vonage({ apiKey, apiSecret }, { apiHost: carrier.url })
    const before = Object.keys(own.messages)
    await vonageBackend({ client: own, from: 'Acme' }).send(message())
    expect(Object.keys(own.messages)).toEqual(before)
    expect(own.messages.getConfig().apiHost).toBe(carrier.url)
    await own.messages.send({ channel: 'sms', messageType: 'text', to: '33612345678', from: 'Acme', text: 'by itself' } as never)
    expect(carrier.sms.map(({ text }) => text)).toEqual(['Acme: 482913', 'by itself'])
  })

  test('without credentials is a mistake, and nothing is sent', async () => {
    const carrier = await start()
    for (const own of [new Vonage({} as never), new Vonage({ applicationId, privateKey: 'nonsense' } as never)]) {
      const error = await vonageBackend({ client: own, from: 'Acme', baseUrl: carrier.url })
        .send(message())
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'client' }] })
      holdsNothing(error, message(), secrets)
    }
    expect(carrier.requests).toEqual([])
  })

  test.each<readonly [what: string, change: (api: Record<string, unknown>) => void]>([
    [
      'sends past sendRequest',
      (api) => {
        api['sendPostRequest'] = (url: string) => fetch(url, { method: 'POST', body: 'x' })
      },
    ],
    [
      'asks for nothing',
      (api) => {
        api['send'] = () => Promise.resolve({})
      },
    ],
    [
      'throws at once',
      (api) => {
        api['send'] = () => {
          throw new Error(apiSecret)
        }
      },
    ],
    [
      'chooses its own address',
      (api) => {
        api['send'] = function (this: { sendRequest(request: object): void }) {
          this.sendRequest({ url: 'https://example.com/', data: {} })
        }
      },
    ],
  ])('that %s is refused aloud, and nothing leaves', async (_, change) => {
    const carrier = await start()
    const own = new Vonage({ apiKey, apiSecret }, { apiHost: carrier.url })
    change(own.messages as never)
    const error = await vonageBackend({ client: own as unknown as VonageClient, from: 'Acme' })
      .send(message())
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: expect.stringContaining('this version of @vonage/server-sdk') })
    holdsNothing(error, message(), secrets)
    expect(carrier.requests).toEqual([])
  })
})

test('no secret comes out, whatever happens', async () => {
  const carrier = await start()
  const sink = createSink()
  await sink.during(async () => {
    for (const { options, failures } of Object.values(ways)) {
      const backend = vonageBackend(options(carrier.url))
      sink.take('the backend', backend)
      const outcomes = [faults.answer(failures.refused), faults.answer(failures.unavailable), faults.resetAfter(), faults.cutOff()]
      for (const fault of [...outcomes, faults.answer(faults.html(401)), faults.answer(faults.garbage(200))]) {
        carrier.misbehave(fault)
        await backend.send(message()).catch((error: unknown) => sink.take('an error', error))
        carrier.behave()
      }
      sink.take('a receipt', await backend.send(message()))
    }
  })
  const bearers = carrier.requests.flatMap(({ headers }) => headers.authorization?.slice(7) ?? [])
  expect(new Set(bearers).size).toBeGreaterThan(10)
  expect(sink.leaks({ secret: secrets, header: bearers, text: [message().text], number: [message().to] })).toEqual([])
  expect(sink.sizes()['an error']).toBeGreaterThan(1000)
})

test('a person switching Twilio for Vonage changes one line', async () => {
  const carrier = await start()
  const baseUrl = carrier.url
  const backends: readonly SmsBackend[] = [
    twilioBackend({ accountSid: `AC${'0'.repeat(32)}`, authToken: 'Canary-Token-0123456789', from: 'Acme', baseUrl }),
    vonageBackend({ apiKey, apiSecret, from: 'Acme', baseUrl }),
  ]
  for (const sms of backends) {
    expect(await sms.send(message())).toEqual({
      backend: sms.name,
      messageId: expect.any(String),
      ...(sms.name === 'twilio' && { segments: 1 }),
    })
    carrier.misbehave(faults.resetAfter(), { times: 1 })
    expect(await outcomeOf(sms.send(message()))).toBe('ERR_PV_SMS_UNKNOWN')
    expect(await outcomeOf(sms.send(message({ text: 'Acme' })))).toBe('ERR_PV_CONFIGURATION')
    expect(await outcomeOf(sms.send(message(), AbortSignal.abort()))).toBe('ERR_PV_SMS_UNAVAILABLE')
  }
  expect(carrier.sms.map(({ provider, to, text, from }) => [provider, to, text, from])).toEqual([
    ['twilio', '+33612345678', 'Acme: 482913', 'Acme'],
    ['vonage', '+33612345678', 'Acme: 482913', 'Acme'],
  ])
})

function ellipticKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
