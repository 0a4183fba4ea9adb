import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PhoneVerifyError } from '../../src/errors.js'
import type { SmsMessage } from '../../src/sms/backend.js'
import { type HttpAnswer, type HttpOptions, httpBackend } from '../../src/sms/http.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { holdsNothing } from '../../src/testing/holds-nothing.js'
import { createSink } from '../fixtures/canary.js'
import type { Reply } from '../fixtures/carrier/api.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'

const REFUSED = 'ERR_PV_SMS_REFUSED'
const UNAVAILABLE = 'ERR_PV_SMS_UNAVAILABLE'
const UNKNOWN = 'ERR_PV_SMS_UNKNOWN'

const secret = 'Canary-Gateway-Key-9Zt'
const authorization = `Basic ${Buffer.from(`acme:${secret}`).toString('base64')}`

let carrier: Carrier
beforeEach(async () => {
  carrier = await startCarrier()
})
afterEach(() => carrier.close())

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 482913',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme' },
  mustContain: ['482913'],
  ...over,
})

/** The SMS API of the carrier, as somebody would describe any gateway. */
const asJson = (url: string): HttpOptions => ({
  name: 'gateway',
  url: `${url}/sms/json`,
  headers: { Authorization: authorization },
  body: ({ to, text }) => ({ to: to.slice(1), from: 'Acme', text }),
  accepted: (answer) => (statusOf(answer) === '0' ? { messageId: partOf(answer)['message-id'] ?? null } : undefined),
  refused: (answer) => statusOf(answer) === '7',
  unavailable: (answer) => ['1', '4'].includes(statusOf(answer) ?? ''),
})
const asForm = (url: string): HttpOptions => ({
  ...asJson(url),
  headers: () => new Headers({ authorization }),
  body: ({ to, text }) => new URLSearchParams({ to: to.slice(1), from: 'Acme', text }),
})
const asText = (url: string): HttpOptions => ({
  ...asJson(url),
  headers: { authorization, 'Content-Type': 'application/json' },
  body: ({ to, text }) => JSON.stringify({ to: to.slice(1), from: 'Acme', text }),
})

const partOf = ({ json }: HttpAnswer) => (json as { messages?: Record<string, string>[] } | undefined)?.messages?.[0] ?? {}
const statusOf = (answer: HttpAnswer) => partOf(answer)['status']
const part = (status: string): Reply => json(200, { messages: [{ status }] })
const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) })

const caught = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    (receipt) => receipt,
    (error: unknown) => error,
  )
const codeOf = async (sending: Promise<unknown>) => Reflect.get(Object(await caught(sending)), 'code') ?? 'taken'

describe.each(Object.entries({ JSON: asJson, 'a form': asForm, text: asText }))('contract: %s', (_, optionsFor) => {
  const makeBackend = async () => {
    const own = await startCarrier()
    const replies = { refused: part('7'), unavailable: part('1') }
    return {
      backend: httpBackend(optionsFor(own.url)),
      delivered: () => own.sms.map(({ to, text }) => ({ to, text })),
      fail: (how: 'refused' | 'unavailable' | 'unknown') =>
        own.misbehave(how === 'unknown' ? faults.resetAfter({ sent: true }) : faults.answer(replies[how])),
      secrets: [secret, authorization, authorization.slice(6)],
      dispose: own.close,
    }
  }
  backendContract({ test, makeBackend, canFail: true })
})

describe('on the wire', () => {
  test('JSON', async () => {
    await httpBackend(asJson(carrier.url)).send(message())
    const [heard] = carrier.requests
    expect(heard).toMatchObject({ method: 'POST', path: '/sms/json', body: '{"to":"33612345678","from":"Acme","text":"Acme: 482913"}' })
    expect(heard?.headers).toEqual({
      host: new URL(carrier.url).host,
      connection: 'keep-alive',
      accept: 'application/json, */*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': 'phone-verify',
      'content-type': 'application/json',
      authorization,
      'content-length': '56',
    })
  })

  test('a form', async () => {
    await httpBackend(asForm(carrier.url)).send(message({ text: 'a+b&c=482913 é' }))
    const [heard] = carrier.requests
    expect(heard?.body).toBe('to=33612345678&from=Acme&text=a%2Bb%26c%3D482913+%C3%A9')
    expect(heard?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', authorization })
  })

  test('text, with the type that was asked for or that of text', async () => {
    await httpBackend(asText(carrier.url)).send(message())
    await codeOf(httpBackend({ ...asText(carrier.url), headers: {} }).send(message()))
    expect(carrier.requests.map(({ headers }) => headers['content-type'])).toEqual(['application/json', 'text/plain;charset=utf-8'])
  })

  test('headers may depend on the message, and replace ours', async () => {
    const headers = ({ tenant = '' }: SmsMessage) => ({ Authorization: authorization, 'X-Tenant': tenant, 'User-Agent': 'acme' })
    await httpBackend({ ...asJson(carrier.url), headers }).send(message({ tenant: 't1' }))
    expect(carrier.requests[0]?.headers).toMatchObject({ 'x-tenant': 't1', 'user-agent': 'acme', authorization })
  })

  test('one connection for sends that follow one another; two hundred at once do not mix', async () => {
    const backend = httpBackend(asJson(carrier.url))
    for (let count = 0; count < 20; count++) await backend.send(message())
    expect([carrier.sms.length, carrier.connections]).toEqual([20, 1])
    const numbers = Array.from({ length: 200 }, (_, index) => `+336123${String(index).padStart(5, '0')}`)
    const receipts = await Promise.all(numbers.map((to) => backend.send(message({ to: to as never }))))
    expect(new Set(receipts.map(({ messageId }) => messageId)).size).toBe(200)
    expect(
      carrier.sms
        .slice(20)
        .map(({ to }) => to)
        .sort(),
    ).toEqual(numbers)
  })
})

const sent = { sent: true }
/** Whatever a gateway may do, and what becomes of a send: mapped, and without any mapping. */
const rows: readonly (readonly [what: string, fault: faults.Fault, mapped: string, unmapped: string, sms: number])[] = [
  ['taken', faults.late(0), 'taken', 'taken', 1],
  ['refused', faults.answer(part('7')), REFUSED, 'taken', 0],
  ['not now', faults.answer(part('1')), UNAVAILABLE, 'taken', 0],
  ['something else', faults.answer(part('5')), UNKNOWN, 'taken', 0],
  ['refused, with 400', faults.answer({ ...part('7'), status: 400 }), REFUSED, UNAVAILABLE, 0],
  ['refused, with 500', faults.answer({ ...part('7'), status: 500 }), REFUSED, UNKNOWN, 0],
  ['not now, with 503', faults.answer({ ...part('1'), status: 503 }), UNAVAILABLE, UNKNOWN, 0],
  ['a success that is a failure', faults.answer({ ...part('0'), status: 400 }), UNAVAILABLE, UNAVAILABLE, 0],
  ['cut before the body is read', faults.resetAtOnce(), UNKNOWN, UNKNOWN, 0],
  ['cut after the body was read', faults.resetAfter(), UNKNOWN, UNKNOWN, 0],
  ['sent, then cut', faults.resetAfter(sent), UNKNOWN, UNKNOWN, 1],
  ['an answer cut in the middle', faults.cutOff(sent), UNKNOWN, 'taken', 1],
  ['success in HTML', faults.answer(faults.html(200), sent), UNKNOWN, 'taken', 1],
  ['success in half of JSON', faults.answer(faults.garbage(200), sent), UNKNOWN, 'taken', 1],
  ['success in no UTF-8', faults.answer(faults.invalidUtf8(200), sent), UNKNOWN, 'taken', 1],
  ['success without a body', faults.answer(faults.empty(204), sent), UNKNOWN, 'taken', 1],
  ['a gigabyte', faults.endless(200, 1024, sent), UNKNOWN, 'taken', 1],
  ['a gigabyte of refusal', faults.endless(429, 1024), UNAVAILABLE, UNAVAILABLE, 0],
  ['a gzip bomb', faults.gzipBomb(200, sent), UNKNOWN, 'taken', 1],
  ...([301, 302, 303] as const).map(
    (status) => [`redirect ${status}`, faults.answer(faults.redirect(status, 'http://169.254.169.254/')), UNKNOWN, UNKNOWN, 0] as const,
  ),
  ...([307, 308] as const).map(
    (status) => [`redirect ${status}`, faults.answer(faults.redirect(status, 'http://127.0.0.1:9/')), UNAVAILABLE, UNAVAILABLE, 0] as const,
  ),
  ...[400, 401, 403, 404, 409, 422, 429].map(
    (status) => [`status ${status}`, faults.answer(faults.html(status)), UNAVAILABLE, UNAVAILABLE, 0] as const,
  ),
  ...[408, 500, 502, 503, 504].map((status) => [`status ${status}`, faults.answer(faults.html(status)), UNKNOWN, UNKNOWN, 0] as const),
]

describe('whatever happens', () => {
  test.each(rows)('%s', async (_, fault, mapped, unmapped, sms) => {
    const { accepted: _a, refused: _r, unavailable: _u, ...bare } = asJson(carrier.url)
    for (const [options, code] of [
      [asJson(carrier.url), mapped],
      [bare, unmapped],
    ] as const) {
      carrier.clear()
      carrier.misbehave(fault, { times: 1 })
      const backend = httpBackend(options)
      const result = await caught(backend.send(message()))
      holdsNothing(result, message(), [secret, authorization.slice(6)])
      expect([Reflect.get(Object(result), 'code') ?? 'taken', carrier.sms.length, carrier.requests.length]).toEqual([code, sms, 1])
      // One fault does not break the next send.
      expect(await codeOf(backend.send(message()))).toBe('taken')
    }
  })

  test.each([
    ['silence', faults.silence(sent)],
    ['a byte a second', faults.slowloris(sent)],
  ])('no longer than timeoutMs: %s', async (_, fault) => {
    carrier.misbehave(fault)
    expect(await codeOf(httpBackend({ ...asJson(carrier.url), timeoutMs: 1_000 }).send(message()))).toBe(UNKNOWN)
    expect([carrier.sms.length, carrier.requests.length]).toEqual([1, 1])
  })

  test('an error names the backend and the status', async () => {
    carrier.misbehave(faults.answer(faults.html(503)))
    expect(await caught(httpBackend(asJson(carrier.url)).send(message()))).toMatchObject({
      code: UNKNOWN,
      message: 'gateway: status 503',
      backend: 'gateway',
      providerCode: 'http_503',
    })
  })

  test('nobody there, and a certificate that nobody trusts', async () => {
    const secure = await startCarrier({ tls: true })
    expect(await codeOf(httpBackend(asJson(secure.url)).send(message()))).toBe(UNAVAILABLE)
    expect(secure.requests).toEqual([])
    await secure.close()
    expect(await codeOf(httpBackend(asJson(secure.url)).send(message()))).toBe(UNAVAILABLE)
  })

  test('of a gigabyte little leaves the gateway', async () => {
    carrier.misbehave(faults.endless(200, 1024))
    await codeOf(httpBackend(asJson(carrier.url)).send(message()))
    await expect.poll(() => carrier.requests[0]?.bytesOut).toBeGreaterThan(65_536)
    expect(carrier.requests[0]?.bytesOut).toBeLessThan(32 * 1_048_576)
  })

  test('an abort while the gateway thinks', async () => {
    carrier.misbehave(faults.silence(sent))
    const controller = new AbortController()
    const sending = codeOf(httpBackend(asJson(carrier.url)).send(message(), controller.signal))
    await expect.poll(() => carrier.sms.length).toBe(1)
    controller.abort(new Error(message().text))
    expect(await sending).toBe(UNKNOWN)
  })
})

describe('mappings', () => {
  const spill = () => {
    throw new Error(`${message().text} ${message().to} ${secret}`)
  }

  test.each<readonly [option: string, over: object]>([
    ['body', { body: spill }],
    ['body', { body: () => undefined }],
    ['body', { body: () => null }],
    ['body', { body: () => 5 }],
    ['body', { body: async () => ({}) }],
    ['body', { body: () => ({ n: 5n }) }],
    ['headers', { headers: spill }],
    ['headers', { headers: () => undefined }],
    ['headers', { headers: async () => ({}) }],
    ['headers', { headers: () => ({ authorization: `${secret}\r\nx: y` }) }],
    ['headers', { headers: () => ({ 'x y': 'z' }) }],
    ['headers', { headers: () => ({ x: undefined }) }],
    ['headers', { headers: () => ({ 'Content-Length': '5' }) }],
    ['headers', { headers: () => ({ 'transfer-encoding': 'chunked' }) }],
  ])('%s that cannot be sent: a mistake of the application, and nothing is sent (%#)', async (option, over) => {
    const error = await caught(httpBackend({ ...asJson(carrier.url), ...over }).send(message()))
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'gateway', problems: [{ option }] })
    holdsNothing(error, message(), [secret])
    expect(carrier.requests).toEqual([])
  })

  test.each<readonly [what: string, over: object]>([
    ['accepted throws', { accepted: spill }],
    ['accepted promises', { accepted: async () => ({ messageId: 'x' }) }],
    ['accepted says true', { accepted: () => true }],
    ['accepted says nothing of an id', { accepted: () => ({}) }],
    ['refused throws', { accepted: () => undefined, refused: spill }],
    ['refused promises', { accepted: () => undefined, refused: async () => true }],
    ['unavailable throws', { accepted: () => undefined, unavailable: spill }],
    ['unavailable promises', { accepted: () => undefined, unavailable: async () => true }],
    ['refused throws, without accepted', { accepted: undefined, refused: spill }],
  ])('%s: unknown', async (_, over) => {
    const error = await caught(httpBackend({ ...asJson(carrier.url), ...over }).send(message()))
    expect(error).toMatchObject({ code: UNKNOWN, backend: 'gateway' })
    holdsNothing(error, message(), [secret])
    expect(carrier.sms).toHaveLength(1)
  })

  test('whoever says taken and not sent may have sent it: taken', async () => {
    const all = { refused: () => true, unavailable: () => true }
    expect(await codeOf(httpBackend({ ...asJson(carrier.url), ...all }).send(message()))).toBe('taken')
  })

  test.each([
    ['id-1', 'id-1'],
    [17, '17'],
    ['', null],
    [null, null],
    [undefined, null],
    [{}, null],
  ])('an id of %j is %j in the receipt', async (id, messageId) => {
    const backend = httpBackend({ ...asJson(carrier.url), accepted: () => ({ messageId: id as string }) })
    expect(await backend.send(message())).toEqual({ backend: 'gateway', messageId })
  })

  test('a mapping sees status, headers, body and JSON', async () => {
    const seen: HttpAnswer[] = []
    const look = (answer: HttpAnswer) => {
      seen.push(answer)
      return undefined
    }
    carrier.misbehave(faults.answer({ status: 200, headers: { 'X-Id': 'x' }, body: '{"id":1}' }), { times: 1 })
    carrier.misbehave(faults.answer(faults.html(200)), { times: 1 })
    carrier.misbehave(faults.endless(200, 1024), { times: 1 })
    const backend = httpBackend({ ...asJson(carrier.url), accepted: look })
    for (let count = 0; count < 3; count++) await codeOf(backend.send(message()))
    expect(seen[0]).toMatchObject({ status: 200, headers: { 'x-id': 'x' }, body: '{"id":1}', json: { id: 1 } })
    expect([seen[1]?.body, seen[1]?.json]).toEqual([expect.stringContaining('It works'), undefined])
    expect([seen[2]?.body, seen[2]?.json]).toEqual([undefined, undefined])
  })
})

describe('options', () => {
  test.each<readonly [what: string, over: object, problems: readonly string[]]>([
    ['nothing wrong', {}, []],
    ['no headers', { headers: undefined }, []],
    ['an address as URL', { url: new URL('https://sms.example.com/?key=x') }, []],
    ['http on this machine', { url: 'http://localhost:4010/' }, []],
    ['plain http', { url: 'http://sms.example.com/' }, ['url']],
    ['credentials in the address', { url: `https://acme:${secret}@sms.example.com/` }, ['url']],
    ['no address', { url: '/messages' }, ['url']],
    ['an address left out', { url: undefined }, ['url']],
    ['no name', { name: '' }, ['name']],
    ['a name left out', { name: undefined }, ['name']],
    ['a header of two lines', { headers: { authorization: `${secret}\n` } }, ['headers']],
    ['a header without a value', { headers: { authorization: undefined } }, ['headers']],
    ['a header of the connection', { headers: { Host: 'x' } }, ['headers']],
    ['headers of nonsense', { headers: 'x' }, ['headers']],
    ['a body that is no function', { body: {} }, ['body']],
    ['no patience', { timeoutMs: 0 }, ['timeoutMs']],
    ['mappings that are none', { accepted: 1, refused: {}, unavailable: 'x' }, ['accepted', 'refused', 'unavailable']],
    ['a word misspelt', { acepted: () => undefined }, ['acepted']],
  ])('%s', (_, over, problems) => {
    let error: unknown
    try {
      httpBackend({ ...asJson('https://sms.example.com'), ...over })
    } catch (thrown) {
      error = thrown
    }
    expect((error as PhoneVerifyError | undefined)?.problems?.map(({ option }) => option) ?? []).toEqual(problems)
    if (error !== undefined) expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    holdsNothing(error, message(), [secret])
  })

  test('all at once', () => {
    expect(() => httpBackend(undefined as never)).toThrow(/^http: name: .+\nhttp: url: .+\nhttp: body: /)
  })
})

test('no secret comes out, whatever happens', async () => {
  const sink = createSink()
  await sink.during(async () => {
    const backend = httpBackend(asJson(carrier.url))
    sink.take('the backend', backend)
    for (const [, fault] of rows) {
      carrier.misbehave(fault, { times: 1 })
      sink.take('an outcome', await caught(backend.send(message())))
    }
  })
  expect(sink.leaks({ secret: [secret, authorization.slice(6)], text: [message().text], number: [message().to] })).toEqual([])
  expect(sink.sizes()['an outcome']).toBeGreaterThan(1000)
})
