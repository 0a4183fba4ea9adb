import { afterEach, describe, expect, test } from 'vitest'
import { twilioCodes } from '../../src/sms/twilio-answers.js'
import type { TwilioOptions } from '../../src/sms/twilio-options.js'
import { createSink } from '../fixtures/canary.js'
import type { Reply } from '../fixtures/carrier/api.js'
import * as faults from '../fixtures/carrier/faults.js'
import { type LocalTwilio, letter, secrets, startTwilio } from '../fixtures/carrier/twilio-account.js'
import { twilioError, twilioProblem } from '../fixtures/carrier/twilio-api.js'

const started: LocalTwilio[] = []
afterEach(async () => {
  for (const { carrier } of started.splice(0)) await carrier.close()
})
const start = async (options?: TwilioOptions, tls = false) => {
  const local = await startTwilio(options, { tls })
  started.push(local)
  return local
}

const codes = { refused: 'ERR_PV_SMS_REFUSED', unavailable: 'ERR_PV_SMS_UNAVAILABLE', unknown: 'ERR_PV_SMS_UNKNOWN' } as const
type Meaning = keyof typeof codes

const hidden = { ...secrets, code: ['4829135670'], number: ['+33612345678'], text: [letter().text, 'quince-lantern'] }

/** Sends once. The failure must be of that meaning, hold nothing, and come of one request at most. */
async function failure({ backend, carrier }: LocalTwilio, meaning: Meaning, signal?: AbortSignal) {
  const sink = createSink()
  const before = carrier.requests.length
  const error = await sink.during(() =>
    backend.send(letter(), signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
  )
  expect(error).toMatchObject({ code: codes[meaning], backend: 'twilio' })
  expect(error).not.toHaveProperty('cause')
  sink.take('error', error)
  expect(sink.leaks(hidden)).toEqual([])
  expect(carrier.requests.length - before).toBeLessThanOrEqual(1)
  return error as { readonly providerCode?: string }
}

test('the search finds what is there', () => {
  const sink = createSink()
  sink.take(
    'error',
    Object.assign(new Error('no'), { request: `Authorization: Basic ${btoa(secrets['token']?.[0] ?? '')}`, to: '33612345678' }),
  )
  expect(sink.leaks(hidden)).toEqual(['token in error', 'number in error'])
})

// What a hostile or careless provider repeats of the request.
const echo = `${letter().to} ${letter().text} ${secrets['token']?.join(' ')}`

describe('every code of the table', () => {
  test.each([...twilioCodes])('%i is %s', async (code, [meaning]) => {
    const local = await start()
    // Whatever the status says, and in both forms.
    for (const reply of [twilioError(code, 400, echo), twilioProblem(code, 422, echo), twilioError(code, 500, echo)]) {
      local.carrier.misbehave(faults.answer(reply), { times: 1 })
      expect(await failure(local, meaning)).toMatchObject({ providerCode: String(code) })
    }
    expect(local.carrier.sms).toEqual([])
  })

  test('no reason is said twice in other words, and none is empty', () => {
    for (const [, [meaning, reason]] of twilioCodes) {
      expect(Object.keys(codes)).toContain(meaning)
      expect(reason).toMatch(/^[A-Za-z ]{10,}$/)
    }
  })
})

describe('other answers', () => {
  const text = (status: number, body: string): Reply => ({ status, headers: { 'content-type': 'application/json' }, body })
  const rows: readonly (readonly [reply: Reply, meaning: Meaning, providerCode?: string])[] = [
    // A code that nobody has told us of: the status decides.
    [twilioError(29_999, 400, echo), 'unavailable', '29999'],
    [twilioError(20_500, 500, echo), 'unknown', '20500'],
    [twilioError(20_503, 503, echo), 'unknown', '20503'],
    [twilioProblem(29_999, 403, echo), 'unavailable', '29999'],
    // What is no code of Twilio is not repeated: it may be ours.
    [text(400, '{"code":4829135670,"message":"no"}'), 'unavailable', 'http_400'],
    [text(400, '{"code":33612345678,"message":"no"}'), 'unavailable', 'http_400'],
    [text(400, '{"code":7,"message":"no"}'), 'unavailable', 'http_400'],
    [text(400, '{"code":"21610","message":"no"}'), 'unavailable', 'http_400'],
    [text(400, '{"code":{"21610":1}}'), 'unavailable', 'http_400'],
    ...[400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 425, 431, 451].map(
      (status) => [faults.html(status), 'unavailable', `http_${status}`] as const,
    ),
    [{ ...faults.html(429), headers: { 'retry-after': '3600' } }, 'unavailable', 'http_429'],
    [twilioError(20_429, 429, echo), 'unavailable', '20429'],
    [faults.html(408), 'unknown', 'http_408'],
    ...[500, 501, 502, 503, 504, 520, 599].map((status) => [faults.html(status), 'unknown', `http_${status}`] as const),
    ...[400, 503].flatMap((status) => {
      const meaning = status === 400 ? ('unavailable' as const) : ('unknown' as const)
      const bodies = [faults.garbage(status), faults.invalidUtf8(status), faults.empty(status), text(status, 'null'), text(status, '"no"')]
      return [...bodies, text(status, '[]'), text(status, '7')].map((reply) => [reply, meaning, `http_${status}`] as const)
    }),
    ...([301, 302, 303] as const).map(
      (status) => [faults.redirect(status, 'http://169.254.169.254/'), 'unknown', `http_${status}`] as const,
    ),
    ...([307, 308] as const).map((status) => [faults.redirect(status, 'http://127.0.0.1:1/'), 'unavailable', `http_${status}`] as const),
    [faults.empty(304), 'unknown', 'http_304'],
    // Taken, it says, and gives no receipt.
    ...[200, 201, 202].flatMap((status) =>
      [faults.html(status), faults.garbage(status), faults.invalidUtf8(status), faults.empty(status)].map(
        (reply) => [reply, 'unknown'] as const,
      ),
    ),
    [faults.empty(204), 'unknown'],
    ...['null', '{}', '[]', '7', '"SM1"', '{"sid":null}', '{"sid":""}', '{"sid":7}', '{"sid":{"sid":"SM1"}}', '{"sid":"4829135670"}'].map(
      (body) => [text(201, body), 'unknown'] as const,
    ),
    [text(201, `{"sid":"SM${'x'.repeat(100)}"}`), 'unknown'],
    [text(201, '{"sid":"SM1","status":"failed","error_code":21610}'), 'refused', '21610'],
    [text(201, '{"sid":"SM1","status":"failed","error_code":30450}'), 'unavailable', '30450'],
    [text(201, '{"sid":"SM1","status":"failed","error_code":null}'), 'unavailable'],
    [text(201, '{"sid":"SM1","status":"canceled"}'), 'unavailable'],
  ]

  test('each has one meaning, whether or not the SMS went out', async () => {
    const local = await start()
    for (const [reply, meaning, providerCode] of rows) {
      // What a provider calls rejected was not sent; of the rest nobody knows.
      for (const sent of meaning === 'unknown' ? [false, true] : [false]) {
        local.carrier.clear()
        local.carrier.misbehave(faults.answer(reply, { sent }), { times: 1 })
        const error = await failure(local, meaning)
        expect([error.providerCode, String(reply.body)]).toEqual([providerCode, String(reply.body)])
        expect(local.carrier.sms).toHaveLength(sent ? 1 : 0)
      }
    }
    expect(rows.length).toBeGreaterThan(70)
  })

  test('what is JSON under another type is read all the same', async () => {
    const { carrier, backend } = await start()
    carrier.misbehave(faults.answer({ status: 201, headers: { 'content-type': 'text/html' }, body: '{"sid":"SM1"}' }, { sent: true }))
    expect(await backend.send(letter())).toEqual({ backend: 'twilio', messageId: 'SM1' })
  })

  test('nobody goes where a redirect points', async () => {
    const [local, elsewhere] = [await start(), await start()]
    for (const status of [301, 302, 303, 307, 308] as const) {
      local.carrier.misbehave(faults.answer(faults.redirect(status, elsewhere.carrier.url)), { times: 1 })
      await failure(local, status < 304 ? 'unknown' : 'unavailable')
    }
    expect(elsewhere.carrier.connections).toBe(0)
  })

  test('a wish to be asked later is neither waited for nor followed', async () => {
    const local = await start()
    local.carrier.misbehave(faults.answer({ ...twilioError(20_429, 429), headers: { 'retry-after': '1' } }), { times: 1 })
    const before = performance.now()
    await failure(local, 'unavailable')
    expect(performance.now() - before).toBeLessThan(900)
    expect(local.carrier.requests).toHaveLength(1)
  })
})

describe('no answer', () => {
  test.each<readonly [name: string, fault: faults.Fault, meaning: Meaning, sent: number]>([
    ['a reset at once', faults.resetAtOnce(), 'unknown', 0],
    ['a reset after reading', faults.resetAfter(), 'unknown', 0],
    ['a reset after sending', faults.resetAfter({ sent: true }), 'unknown', 1],
    ['silence', faults.silence(), 'unknown', 0],
    ['silence after sending', faults.silence({ sent: true }), 'unknown', 1],
    ['an answer that is late', faults.late(2_000), 'unknown', 1],
    ['slow headers', faults.slowHeaders({ sent: true }, 20), 'unknown', 1],
    ['a slow body', faults.slowloris({ sent: true }, 20), 'unknown', 1],
    ['a body that is cut off', faults.cutOff({ sent: true }), 'unknown', 1],
    ['a receipt within a gzip bomb', faults.gzipBomb(201, { sent: true }), 'unknown', 1],
    ['a receipt without a sid', faults.answerWithout(['sid']), 'unknown', 1],
    ['an error without end', faults.endless(400), 'unavailable', 0],
    ['an error within a gzip bomb', faults.gzipBomb(503), 'unknown', 0],
  ])('%s', async (_, fault, meaning, sent) => {
    const local = await start({ timeoutMs: 300 })
    local.carrier.misbehave(fault)
    const before = performance.now()
    await failure(local, meaning)
    expect(performance.now() - before).toBeLessThan(1_500)
    expect(local.carrier.sms).toHaveLength(sent)
    expect(local.carrier.requests).toHaveLength(1)
  })

  test('connections that are refused, or not trusted, have sent nothing', async () => {
    const local = await start()
    await local.carrier.unlisten()
    await failure(local, 'unavailable')
    await failure(await start({}, true), 'unavailable')
  })

  test('a gibibyte is not read', async () => {
    const local = await start()
    await local.backend.send(letter())
    global.gc?.()
    local.carrier.misbehave(faults.endless(201, 1_024, { sent: true }), { times: 5 })
    const before = process.memoryUsage().rss
    for (let round = 0; round < 5; round += 1) await failure(local, 'unknown')
    expect(process.memoryUsage().rss - before).toBeLessThan(10 * 2 ** 20)
    const [, ...poured] = local.carrier.requests
    await expect.poll(() => poured.every(({ bytesOut }) => bytesOut > 0)).toBe(true)
    // Beside what is read, the buffers of the connection.
    expect(Math.max(...poured.map(({ bytesOut }) => bytesOut))).toBeLessThan(32 * 2 ** 20)
  })

  test('after any of it the next send goes well', async () => {
    const { carrier, backend } = await start()
    const all = [
      faults.resetAtOnce(),
      faults.resetAfter(),
      faults.cutOff(),
      faults.endless(),
      faults.gzipBomb(),
      faults.answer(faults.html(503)),
    ]
    for (const fault of all) {
      carrier.misbehave(fault, { times: 1 })
      await expect(backend.send(letter())).rejects.toMatchObject({ code: codes.unknown })
      expect(await backend.send(letter())).toMatchObject({ messageId: expect.any(String) })
    }
    expect(carrier.sms).toHaveLength(all.length)
  })
})

describe('signals', () => {
  test('aborted while the provider thinks: nobody knows', async () => {
    const local = await start()
    local.carrier.misbehave(faults.silence({ sent: true }))
    const controller = new AbortController()
    const failed = failure(local, 'unknown', controller.signal)
    await expect.poll(() => local.carrier.sms.length).toBe(1)
    controller.abort(new Error(echo))
    await failed
    expect(local.carrier.sms).toHaveLength(1)
  })

  test('aborted before anything is out, while the package loads: nothing was sent', async () => {
    const local = await start()
    const controller = new AbortController()
    const failed = failure(local, 'unavailable', controller.signal)
    controller.abort(new Error(echo))
    await failed
    expect(local.carrier.connections).toBe(0)
  })

  test('one that ends one send leaves the others alone', async () => {
    const local = await start()
    local.carrier.misbehave(faults.late(200), { times: 20 })
    const controller = new AbortController()
    const all = Array.from({ length: 20 }, (_, index) => local.backend.send(letter(), index % 2 === 0 ? controller.signal : undefined))
    const settled = Promise.allSettled(all)
    await expect.poll(() => local.carrier.sms.length).toBe(20)
    controller.abort()
    const states = (await settled).map(({ status }) => status)
    expect(states).toEqual(states.map((_, index) => (index % 2 === 0 ? 'rejected' : 'fulfilled')))
  })
})
