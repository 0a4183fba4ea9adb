import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { vonageBackend } from '../../src/sms/vonage.js'
import { holdsNothing } from '../../src/testing/holds-nothing.js'
import type { Reply } from '../fixtures/carrier/api.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { vonageProblem, vonageStatuses } from '../fixtures/carrier/vonage-api.js'
import { apiKey, apiSecret, message, outcomeOf, privateKey, secrets, ways } from './vonage-ways.js'

const REFUSED = 'ERR_PV_SMS_REFUSED'
const UNAVAILABLE = 'ERR_PV_SMS_UNAVAILABLE'
const UNKNOWN = 'ERR_PV_SMS_UNKNOWN'

let carrier: Carrier
beforeEach(async () => {
  carrier = await startCarrier()
})
afterEach(() => carrier.close())

const backend = (api: 'messages' | 'sms', over: object = {}) =>
  vonageBackend({ ...ways[api === 'sms' ? 'SMS API' : 'Messages API, application']!.options(carrier.url), ...over })

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Sends once while the carrier misbehaves, and again when it does not: one fault must not break the next send. */
async function befall(api: 'messages' | 'sms', fault: faults.Fault, timeoutMs?: number) {
  carrier.misbehave(fault, { times: 1 })
  const vonage = backend(api, { timeoutMs })
  const error = await vonage.send(message()).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  const heard = { requests: carrier.requests.length, sms: carrier.sms.length }
  carrier.behave()
  const patient = timeoutMs === undefined ? vonage : backend(api)
  await patient.send(message({ to: '+33612345699' as never }))
  expect(carrier.sms.at(-1)?.to).toBe('+33612345699')
  if (error !== undefined) holdsNothing(error, message(), [...secrets, apiKey])
  const { code, backend: name, providerCode } = Object(error)
  if (error !== undefined) expect(name).toBe('vonage')
  return { code, providerCode, ...heard }
}

describe('statuses of the SMS API', () => {
  test.each([
    ['1', UNAVAILABLE],
    ['2', UNAVAILABLE],
    ['3', UNAVAILABLE],
    ['4', UNAVAILABLE],
    ['5', UNKNOWN],
    ['6', UNAVAILABLE],
    ['7', REFUSED],
    ['8', UNAVAILABLE],
    ['9', UNAVAILABLE],
    ['10', UNAVAILABLE],
    ['11', UNAVAILABLE],
    ['12', UNAVAILABLE],
    ['14', UNAVAILABLE],
    ['15', UNAVAILABLE],
    ['22', UNAVAILABLE],
    ['23', UNAVAILABLE],
    ['29', UNAVAILABLE],
    ['32', UNAVAILABLE],
    ['33', REFUSED],
    ['99', UNKNOWN],
  ])('%s is %s', async (status, code) => {
    expect(await befall('sms', faults.answer(vonageStatuses(status)))).toEqual({ code, providerCode: status, requests: 1, sms: 0 })
  })

  test.each<readonly [what: string, statuses: readonly string[], code: string, providerCode: string]>([
    ['all parts barred', ['7', '7'], REFUSED, '7'],
    ['barred and throttled', ['7', '1'], REFUSED, '7'],
    ['throttled, then an internal error', ['1', '5'], UNKNOWN, '5'],
    ['the first part taken', ['0', '1'], UNKNOWN, '1'],
    ['the last part taken', ['7', '0'], UNKNOWN, '7'],
  ])('in parts: %s', async (_, statuses, code, providerCode) => {
    expect(await befall('sms', faults.answer(vonageStatuses(...statuses)))).toMatchObject({ code, providerCode })
  })

  test('a text in parts that were all taken has the id of the first', async () => {
    const reply = vonageStatuses('0', '0')
    carrier.misbehave(faults.answer(reply))
    const ids = JSON.parse(String(reply.body)).messages.map((part: Record<string, string>) => part['message-id'])
    expect(await backend('sms').send(message())).toEqual({ backend: 'vonage', messageId: ids[0] })
  })
})

describe('problems of the Messages API', () => {
  test.each([
    [429, '1000', UNAVAILABLE],
    [422, '1010', UNAVAILABLE],
    [422, '1020', UNAVAILABLE],
    [500, '1030', UNKNOWN],
    [422, '1030', UNKNOWN],
    [422, '1040', UNAVAILABLE],
    [422, '1050', REFUSED],
    [403, '1050', REFUSED],
    [403, '1060', UNAVAILABLE],
    [402, '1070', UNAVAILABLE],
    [403, '1080', UNAVAILABLE],
    [422, '1090', UNAVAILABLE],
    [500, '1100', UNAVAILABLE],
    [422, '1120', UNAVAILABLE],
    [422, '1130', UNAVAILABLE],
    [422, '1160', UNAVAILABLE],
    [422, '1170', REFUSED],
    [422, '1190', REFUSED],
    [422, '1240', REFUSED],
    [422, '9999', UNAVAILABLE],
    [503, '9999', UNKNOWN],
    [401, 'unauthorized', UNAVAILABLE],
    [402, 'low-balance', UNAVAILABLE],
    [429, 'throttled', UNAVAILABLE],
  ])('%i with #%s is %s', async (status, problem, code) => {
    expect(await befall('messages', faults.answer(vonageProblem(status, problem)))).toEqual({
      code,
      providerCode: problem,
      requests: 1,
      sms: 0,
    })
  })

  test('what a problem repeats of the message goes nowhere', async () => {
    const { to, text } = message()
    const echo = vonageProblem(422, '1020', `${to} ${text} ${apiSecret} ${privateKey}`)
    expect((await befall('messages', faults.answer(echo))).code).toBe(UNAVAILABLE)
    const type = json(422, { type: `https://developer.vonage.com/api-errors/messages#${to.slice(1)}` })
    expect((await befall('messages', faults.answer(type))).providerCode).toBe('http_422')
  })

  test('a problem is no code by chance', async () => {
    carrier.misbehave(faults.answer(vonageProblem(422, '1020')))
    const short = message({ code: '1020', text: 'Acme: 1020', mustContain: ['1020'] })
    const error = await backend('messages')
      .send(short)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: UNAVAILABLE })
    holdsNothing(error, short)
  })
})

describe.each(['messages', 'sms'] as const)('whatever happens: %s', (api) => {
  const ok = api === 'sms' ? 200 : 202
  const id = api === 'sms' ? 'messages' : 'message_uuid'
  const sent = { sent: true }
  const part = (fields: object) => json(200, { 'message-count': '1', messages: [fields] })

  test.each<readonly [what: string, fault: faults.Fault, code: string, sms: number]>([
    ['cut before the body is read', faults.resetAtOnce(), UNKNOWN, 0],
    ['cut after the body was read', faults.resetAfter(), UNKNOWN, 0],
    ['sent, then cut', faults.resetAfter(sent), UNKNOWN, 1],
    ['an answer cut in the middle', faults.cutOff(sent), UNKNOWN, 1],
    ['an answer without the id', faults.answerWithout([id]), UNKNOWN, 1],
    ['success in HTML', faults.answer(faults.html(ok), sent), UNKNOWN, 1],
    ['success in half of JSON', faults.answer(faults.garbage(ok), sent), UNKNOWN, 1],
    ['success in no UTF-8', faults.answer(faults.invalidUtf8(ok), sent), UNKNOWN, 1],
    ['success without a body', faults.answer(faults.empty(ok), sent), UNKNOWN, 1],
    ['no content', faults.answer(faults.empty(204), sent), UNKNOWN, 1],
    ['null', faults.answer(json(ok, null), sent), UNKNOWN, 1],
    ['a list', faults.answer(json(ok, [1]), sent), UNKNOWN, 1],
    ['an id that is none', faults.answer(json(ok, { message_uuid: 7, messages: [{ status: '0', 'message-id': '' }] }), sent), UNKNOWN, 1],
    ['no parts', faults.answer(json(ok, { messages: [] }), sent), UNKNOWN, 1],
    ['a part that is none', faults.answer(json(ok, { messages: [null] }), sent), UNKNOWN, 1],
    ['a status that is no text', faults.answer(part({ status: 0, 'message-id': 'x' }), sent), UNKNOWN, 1],
    ['a status that repeats the number', faults.answer(part({ status: '33612345678' }), sent), UNKNOWN, 1],
    ['a success that is a failure', faults.answer(json(400, { message_uuid: 'x' })), UNAVAILABLE, 0],
    ['a gigabyte', faults.endless(ok, 1024, sent), UNKNOWN, 1],
    ['a gigabyte of refusal', faults.endless(429, 1024), UNAVAILABLE, 0],
    ['a gzip bomb', faults.gzipBomb(ok, sent), UNKNOWN, 1],
    ['moved for good', faults.answer(faults.redirect(301, 'http://127.0.0.1:9/')), UNKNOWN, 0],
    ['found elsewhere', faults.answer(faults.redirect(302, 'http://169.254.169.254/')), UNKNOWN, 0],
    ['see other', faults.answer(faults.redirect(303, 'http://127.0.0.1:9/')), UNKNOWN, 0],
    ['a redirect that says refused', faults.answer(vonageProblem(302, '1050')), UNKNOWN, 0],
    ['send it elsewhere', faults.answer(faults.redirect(307, 'http://127.0.0.1:9/')), UNAVAILABLE, 0],
    ['send it elsewhere for good', faults.answer(faults.redirect(308, 'http://127.0.0.1:9/')), UNAVAILABLE, 0],
    ...[400, 401, 402, 403, 404, 405, 409, 413, 415, 420, 422, 429].map(
      (status) => [`status ${status}`, faults.answer(faults.html(status)), UNAVAILABLE, 0] as const,
    ),
    ...[408, 500, 502, 503, 504, 599].map((status) => [`status ${status}`, faults.answer(faults.html(status)), UNKNOWN, 0] as const),
  ])('%s', async (_, fault, code, sms) => {
    // Sent once, whatever happens.
    expect(await befall(api, fault)).toMatchObject({ code, sms, requests: 1 })
  })

  test.each([
    ['silence', faults.silence(sent)],
    ['a byte a second', faults.slowloris(sent)],
  ])('no longer than timeoutMs: %s', async (_, fault) => {
    expect(await befall(api, fault, 1_000)).toMatchObject({ code: UNKNOWN, sms: 1, requests: 1 })
  })

  test('of a gigabyte little leaves the provider', async () => {
    carrier.misbehave(faults.endless(ok, 1024))
    expect(await outcomeOf(backend(api).send(message()))).toBe(UNKNOWN)
    // What fills the buffers between two processes, and no more.
    await expect.poll(() => carrier.requests[0]?.bytesOut).toBeGreaterThan(65_536)
    expect(carrier.requests[0]?.bytesOut).toBeLessThan(32 * 1_048_576)
  })

  test('an answer that is late, but not too late, counts', async () => {
    carrier.misbehave(faults.late(50))
    expect(await outcomeOf(backend(api).send(message()))).toBe('taken')
    expect(carrier.sms).toHaveLength(1)
  })

  test('nobody there', async () => {
    await carrier.unlisten()
    expect(await outcomeOf(backend(api).send(message()))).toBe(UNAVAILABLE)
    await carrier.listen()
    expect(await outcomeOf(backend(api).send(message()))).toBe('taken')
  })

  test('a certificate that nobody trusts', async () => {
    const secure = await startCarrier({ tls: true })
    expect(await outcomeOf(backend(api, { baseUrl: secure.url }).send(message()))).toBe(UNAVAILABLE)
    expect([secure.requests.length, secure.sms.length]).toEqual([0, 0])
    await secure.close()
  })

  test('an abort while Vonage thinks', async () => {
    carrier.misbehave(faults.silence({ sent: true }))
    const controller = new AbortController()
    const sending = outcomeOf(backend(api).send(message(), controller.signal))
    await expect.poll(() => carrier.sms.length).toBe(1)
    controller.abort(new Error(message().text))
    expect(await sending).toBe(UNKNOWN)
    expect(carrier.requests).toHaveLength(1)
  })

  test('an abort while the SDK prepares: nothing is sent', async () => {
    const controller = new AbortController()
    const sending = outcomeOf(backend(api).send(message(), controller.signal))
    controller.abort()
    expect(await sending).toBe(UNAVAILABLE)
    expect(carrier.requests).toEqual([])
  })
})
