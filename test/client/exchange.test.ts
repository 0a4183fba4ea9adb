import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createExchange, type ExchangeOptions, type PhoneClientRequest } from '../../src/client/exchange.js'

afterEach(() => {
  vi.useRealTimers()
})

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An exchange with a server that answers the same to everything, and what it was asked. */
function answering({ status = 200, headers = {}, body = '{}' }: Answer, options: Partial<ExchangeOptions> = {}) {
  const asked: { readonly url: string; readonly request: PhoneClientRequest }[] = []
  const exchange = createExchange({
    baseUrl: '/phone',
    fetch: async (url, request) => {
      asked.push({ url, request })
      return new Response(body, { status, headers })
    },
    ...options,
  })
  return { asked, exchange }
}

const replyTo = (answer: Answer) => answering(answer).exchange('/send', {}, {}, undefined)
const problem = (code: string, more: object = {}) => JSON.stringify({ type: `urn:phone-verify:${code}`, code, title: 'No.', ...more })

describe('the request', () => {
  test.each([
    ['', '/send'],
    ['/', '/send'],
    ['/phone', '/phone/send'],
    ['/phone//', '/phone/send'],
    ['https://api.example.com/phone/', 'https://api.example.com/phone/send'],
  ])('below %j goes to %s', async (baseUrl, url) => {
    const { asked, exchange } = answering({}, { baseUrl })
    await exchange('/send', {}, {}, undefined)
    expect(asked.map((one) => one.url)).toEqual([url])
  })

  test('has its fields as JSON, each header once, and no credentials that were not asked for', async () => {
    const headers = { 'Content-Type': 'text/plain', 'X-Csrf': 'a', 'Idempotency-Key': 'theirs' }
    const { asked, exchange } = answering({}, { headers })
    await exchange('/send', { phone: '+14155552671', locale: undefined }, { 'idempotency-key': 'ours' }, undefined)
    expect(asked[0]?.request).toEqual({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf': 'a', 'idempotency-key': 'ours' },
      body: '{"phone":"+14155552671"}',
      signal: expect.any(AbortSignal),
    })
  })

  test('asks for its headers each time', async () => {
    let count = 0
    const headers = async () => {
      count += 1
      return { 'x-count': String(count) }
    }
    const { asked, exchange } = answering({}, { headers })
    for (let calls = 0; calls < 2; calls += 1) await exchange('/send', {}, {}, undefined)
    expect(asked.map(({ request }) => request.headers['x-count'])).toEqual(['1', '2'])
  })

  test('is not made when it was aborted while headers were asked for', async () => {
    const gone = new AbortController()
    const headers = async () => {
      gone.abort(new Error('enough'))
      return {}
    }
    const { asked, exchange } = answering({}, { headers })
    await expect(exchange('/send', {}, {}, gone.signal)).rejects.toThrow('enough')
    expect(asked).toEqual([])
  })
})

describe('the reply', () => {
  test.each<readonly [what: string, answer: Answer, reply: object]>([
    ['a success', { body: '{"a":1}', headers: { date: 'now' } }, { ok: true, body: { a: 1 }, date: 'now' }],
    ['a success without a clock', { body: '{"a":1}' }, { ok: true, body: { a: 1 }, date: null }],
    ['a refusal', { status: 410, body: problem('expired') }, { ok: false, reason: 'expired', title: 'No.' }],
    ['one without a title', { status: 410, body: problem('expired', { title: 5 }) }, { ok: false, reason: 'expired', title: 'expired' }],
    [
      'no attempt left',
      { status: 422, body: problem('incorrect_code', { attemptsLeft: 0 }) },
      { ok: false, reason: 'incorrect_code', title: 'No.', attemptsLeft: 0 },
    ],
    [
      'attempts that are no number',
      { status: 422, body: problem('incorrect_code', { attemptsLeft: '4' }) },
      { ok: false, reason: 'incorrect_code', title: 'No.' },
    ],
    [
      'a wait, in milliseconds before seconds',
      { status: 429, headers: { 'retry-after': '2' }, body: problem('locked', { retryAfterMs: 1_500 }) },
      { ok: false, reason: 'locked', title: 'No.', retryAfterMs: 1_500 },
    ],
    [
      'a wait in seconds',
      { status: 503, headers: { 'retry-after': '2' }, body: problem('unavailable') },
      { ok: false, reason: 'unavailable', title: 'No.', retryAfterMs: 2_000 },
    ],
    [
      'a wait until a date, which nobody reads',
      { status: 503, headers: { 'retry-after': 'Fri, 20 Nov 2026 10:00:00 GMT' }, body: problem('unavailable') },
      { ok: false, reason: 'unavailable', title: 'No.' },
    ],
    [
      'a wait of nothing',
      { status: 503, headers: { 'retry-after': '5' }, body: problem('unavailable', { retryAfterMs: 0 }) },
      { ok: false, reason: 'unavailable', title: 'No.' },
    ],
    [
      'fields that are wrong',
      { status: 400, body: problem('invalid_request', { errors: [{ field: 'phone', message: 'is missing' }] }) },
      { ok: false, reason: 'invalid_request', title: 'No.', errors: [{ field: 'phone', message: 'is missing' }] },
    ],
    [
      'errors that are no list',
      { status: 400, body: problem('invalid_request', { errors: {} }) },
      { ok: false, reason: 'invalid_request', title: 'No.' },
    ],
    ['a code of another type', { status: 410, body: problem('expired', { code: 'locked' }) }, { ok: false, reason: 'unexpected_reply' }],
    ['a code that is no text', { status: 410, body: '{"type":"urn:phone-verify:1","code":1}' }, { ok: false, reason: 'unexpected_reply' }],
  ])('%s', async (_, answer, reply) => {
    expect(await replyTo(answer)).toEqual(reply)
  })

  test('whatever else comes, with whatever status, is an unexpected reply', async () => {
    const bodies = fc.oneof(fc.string(), fc.json())
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 400, max: 599 }), bodies, async (status, body) => {
        expect(await replyTo({ status, body })).toEqual({ ok: false, reason: 'unexpected_reply' })
      }),
    )
  })
})

describe('a fetch', () => {
  const endings = [
    ['answers', async () => new Response('{}'), { ok: true, body: {}, date: null }],
    ['fails', () => Promise.reject(new TypeError('Failed to fetch')), { ok: false, reason: 'network_error' }],
    ['throws', (): never => fail(), { ok: false, reason: 'network_error' }],
    ['loses the body', async () => ({ ...new Response(), text: async () => fail() }), { ok: false, reason: 'network_error' }],
  ] as const

  test.each(endings)('that %s leaves neither timer nor listener, and no request under way', async (_, how, reply) => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    let under: AbortSignal | undefined
    const fetch: NonNullable<ExchangeOptions['fetch']> = (_url, request) => {
      under = request.signal
      return how() as Promise<Response>
    }
    expect(await createExchange({ baseUrl: '', fetch })('/send', {}, {}, signal)).toEqual(reply)
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort'), under?.aborted]).toEqual([0, [], true])
  })

  test.each([
    [undefined, 15_000],
    [100, 100],
  ])('with a time of %s that hears nothing is waited for %i ms, and not a millisecond more', async (timeoutMs, ms) => {
    vi.useFakeTimers()
    const settled = vi.fn()
    const exchange = createExchange({ baseUrl: '', fetch: () => new Promise(() => {}), timeoutMs })
    const ended = exchange('/send', {}, {}, undefined).then(settled)
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await ended
    expect(settled).toHaveBeenCalledWith({ ok: false, reason: 'network_error' })
  })
})

function fail(): never {
  throw new TypeError('no')
}
