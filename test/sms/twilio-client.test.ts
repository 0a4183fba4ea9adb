import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { promisify } from 'node:util'
import twilio from 'twilio'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Asked } from '../../src/sms/exchange.js'
import { createFailures } from '../../src/sms/failure.js'
import { twilioBackend } from '../../src/sms/twilio.js'
import { loadConnect, type TwilioClient, type TwilioParams } from '../../src/sms/twilio-client.js'
import { createSink } from '../fixtures/canary.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { account, letter, secrets } from '../fixtures/carrier/twilio-account.js'
import { twilioError, twilioProblem } from '../fixtures/carrier/twilio-api.js'

const { accountSid, authToken, from } = account
const hidden = { ...secrets, code: ['4829135670'], number: ['+33612345678'], text: [letter().text] }

const started: Carrier[] = []
afterEach(async () => {
  for (const carrier of started.splice(0)) await carrier.close()
  vi.unstubAllEnvs()
})

/** A client of the application, as the package makes it by itself. */
async function startClient() {
  const carrier = await startCarrier()
  started.push(carrier)
  const client = twilio(accountSid, authToken)
  client.api.baseUrl = carrier.url
  return { carrier, client }
}

const rejection = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    (error: unknown) => error,
  )
const fake = (create: (params: TwilioParams) => unknown) => ({ messages: { create } }) as TwilioClient

describe('a client handed in', () => {
  test('the real one fits, and sends', async () => {
    const { carrier, client } = await startClient()
    const backend = twilioBackend({ client, from })
    expect(await backend.send(letter())).toMatchObject({ backend: 'twilio', messageId: expect.stringMatching(/^SM/) })
    expect(carrier.sms).toMatchObject([{ to: '+33612345678', text: letter().text, account: accountSid }])
  })

  test.each<readonly [name: string, fault: faults.Fault | 'unlisten', code: string, providerCode: string | undefined]>([
    ['a refusal', faults.answer(twilioError(21610, 400, letter().text)), 'ERR_PV_SMS_REFUSED', '21610'],
    ['a refusal in the newer form', faults.answer(twilioProblem(21211, 400, letter().text)), 'ERR_PV_SMS_REFUSED', '21211'],
    ['wrong credentials', faults.answer(twilioError(20003, 401)), 'ERR_PV_SMS_UNAVAILABLE', '20003'],
    ['a page for an error', faults.answer(faults.html(503)), 'ERR_PV_SMS_UNKNOWN', 'http_503'],
    ['a page for a receipt', faults.answer(faults.html(201)), 'ERR_PV_SMS_UNKNOWN', undefined],
    ['a reset', faults.resetAfter({ sent: true }), 'ERR_PV_SMS_UNKNOWN', undefined],
    ['silence', faults.silence({ sent: true }), 'ERR_PV_SMS_UNKNOWN', undefined],
    ['nobody there', 'unlisten', 'ERR_PV_SMS_UNAVAILABLE', undefined],
  ])('%s: its error says what it must, and nothing of ours', async (_, fault, code, providerCode) => {
    const { carrier, client } = await startClient()
    if (fault === 'unlisten') await carrier.unlisten()
    else carrier.misbehave(fault)
    const error = await rejection(twilioBackend({ client, from, timeoutMs: 300 }).send(letter()))
    expect([Reflect.get(Object(error), 'code'), Reflect.get(Object(error), 'providerCode')]).toEqual([code, providerCode])
    const sink = createSink()
    sink.take('error', error)
    expect(sink.leaks(hidden)).toEqual([])
  })

  test('the errors of the package hold everything: that is why none is passed on', async () => {
    const { carrier, client } = await startClient()
    carrier.misbehave(faults.resetAfter())
    const sink = createSink()
    sink.take('error', await rejection(client.messages.create({ to: letter().to, from, body: letter().text })))
    expect(sink.leaks(hidden)).toEqual(expect.arrayContaining(['token in error', 'code in error']))
  })

  test.each([
    ['throws', () => JSON.parse(letter().text)],
    ['rejects with nothing', () => Promise.reject()],
    ['rejects with a word', () => Promise.reject(letter().text)],
    ['gives nothing', () => undefined],
    ['gives no receipt', () => ({ sid: null })],
    ['fails with a status that is none', () => Promise.reject(Object.assign(new Error(letter().text), { status: 'gone', code: 21610 }))],
  ])('one that %s: nobody knows', async (_, create) => {
    const error = await rejection(twilioBackend({ client: fake(create), from }).send(letter()))
    expect(error).toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', backend: 'twilio' })
    const sink = createSink()
    sink.take('error', error)
    expect(sink.leaks(hidden)).toEqual([])
  })

  test('a code of theirs that equals ours is not repeated', async () => {
    const client = fake(() => Promise.reject(Object.assign(new Error(), { status: 400, code: 48_291 })))
    const error = await rejection(twilioBackend({ client, from }).send(letter({ code: '48291', text: 'Acme: 48291', mustContain: [] })))
    expect(error).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE', providerCode: 'http_400' })
  })

  test('is waited for as long as said, and while the signal stands', async () => {
    let fail: (error: Error) => void = () => undefined
    const client = fake(
      () =>
        new Promise((_, reject) => {
          fail = reject
        }),
    )
    const backend = twilioBackend({ client, from, timeoutMs: 100 })
    expect(await rejection(backend.send(letter()))).toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', message: 'twilio: no answer in time' })
    const controller = new AbortController()
    const cut = rejection(twilioBackend({ client, from, timeoutMs: 60_000 }).send(letter(), controller.signal))
    controller.abort()
    expect(await cut).toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN' })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    // What comes too late is heard by nobody, and breaks nothing.
    fail(new Error('late'))
    await new Promise(setImmediate)
  })

  test('leaves no timer behind, whatever it answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const taken = twilioBackend({ client: fake(async () => ({ sid: 'SM1' })), from })
      const failed = twilioBackend({ client: fake(() => Promise.reject(new Error())), from })
      await Promise.all([taken.send(letter()), rejection(failed.send(letter()))])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('is not asked where the signal was aborted before', async () => {
    const create = vi.fn()
    await rejection(twilioBackend({ client: fake(create), from }).send(letter(), AbortSignal.abort()))
    expect(create).not.toHaveBeenCalled()
  })
})

describe('the package', () => {
  test('is missing, and then is not', async () => {
    const carrier = await startCarrier()
    started.push(carrier)
    vi.doMock('twilio', () => {
      throw Object.assign(new Error("Cannot find package 'twilio'"), { code: 'ERR_MODULE_NOT_FOUND' })
    })
    const backend = twilioBackend({ accountSid, authToken, from, baseUrl: carrier.url })
    for (const _ of [1, 2]) {
      await expect(backend.send(letter())).rejects.toMatchObject({
        code: 'ERR_PV_CONFIGURATION',
        backend: 'twilio',
        message: 'twilio: client: install the package twilio, or hand in a client',
      })
    }
    vi.doUnmock('twilio')
    expect(await backend.send(letter())).toMatchObject({ backend: 'twilio' })
  })

  /** The address that the package asks for. */
  const addressWith = async (place: { readonly region?: string; readonly edge?: string }) => {
    const asked: Asked[] = []
    const exchange = async (one: Asked) => {
      asked.push(one)
      return { outcome: 'answered', status: 201, headers: {}, body: '{"sid":"SM1"}' } as const
    }
    const connect = await loadConnect({ accountSid, authToken, from, ...place }, exchange, createFailures('twilio'))
    await connect(1_000, undefined).messages.create({ to: letter().to, from, body: 'x' })
    return asked[0]?.url.href
  }
  const path = `/2010-04-01/Accounts/${accountSid}/Messages.json`

  test.each([
    [{}, 'api.twilio.com'],
    [{ region: 'au1' }, 'api.au1.twilio.com'],
    [{ region: 'au1', edge: 'sydney' }, 'api.sydney.au1.twilio.com'],
    [{ edge: 'sydney' }, 'api.sydney.us1.twilio.com'],
  ])('asks %o at %s, whatever the environment says', async (place, host) => {
    vi.stubEnv('TWILIO_REGION', 'evil')
    vi.stubEnv('TWILIO_EDGE', 'evil')
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1')
    expect(await addressWith(place)).toBe(`https://${host}${path}`)
  })

  test('prints nothing where the environment asks it to', async () => {
    vi.stubEnv('TWILIO_LOG_LEVEL', 'debug')
    const sink = createSink()
    const carrier = await startCarrier()
    started.push(carrier)
    await sink.during(() => twilioBackend({ accountSid, authToken, from, baseUrl: carrier.url }).send(letter()))
    expect(sink.leaks(hidden)).toEqual([])
    expect(carrier.sms).toHaveLength(1)
  })

  test('is not loaded before the first send, and keeps no process alive after the last', async () => {
    const carrier = await startCarrier()
    started.push(carrier)
    const given = JSON.stringify([{ accountSid, authToken, from, baseUrl: carrier.url, timeoutMs: 60_000 }, letter()])
    const script = `
      import { createRequire } from 'node:module'
      import { twilioBackend } from './src/sms/twilio.ts'
      const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/twilio/lib/'))
      const [options, message] = JSON.parse(process.env.GIVEN)
      const backend = twilioBackend(options)
      const before = isLoaded()
      const { messageId } = await backend.send(message)
      console.log(before, isLoaded(), messageId.slice(0, 2))
    `
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      env: { ...process.env, GIVEN: given },
      timeout: 14_000,
    })
    expect(stdout).toBe('false true SM\n')
  })
})
