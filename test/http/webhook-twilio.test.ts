import { createHmac, randomBytes } from 'node:crypto'
import express from 'express'
import fc from 'fast-check'
import type { PhoneVerifyEvent } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import { getExpectedTwilioSignature, validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/http/webhooks.js'
import type { WireBody } from '../../src/http/wire.js'
import type { DeliveryReport } from '../../src/services/report-delivery.js'
import {
  authToken,
  canary,
  formOf,
  fromTwilio,
  jsonFromTwilio,
  type Params,
  type Posted,
  reportsIn,
  type Served,
  serve,
  sha256,
  sid,
  signTwilio,
  statusOf,
  twilioUrl,
  webhooks,
  wireOf,
} from './webhooks-served.js'

/** What a request comes to, and what it reported. */
async function take(posted: Posted, made?: WireBody, options: WebhookOptions = webhooks) {
  const reports: DeliveryReport[] = []
  const receive = createWebhooks(options, { report: (report) => void reports.push(report), now: Date.now })
  return { refused: await receive('twilio', wireOf(posted, made)), reports }
}

const accepts = async (posted: Posted, made?: WireBody, options?: WebhookOptions) =>
  (await take(posted, made, options)).refused === undefined

// Reckoned by OpenSSL from the texts that Twilio's page on security describes.
test.each<readonly [what: string, posted: Posted, report: DeliveryReport]>([
  [
    'a form',
    {
      ...fromTwilio(statusOf(1, 'delivered'), '', 'ogpxsRtdnKnrs0s5QZ+MXH+I8Ek='),
    },
    { backend: 'twilio', messageId: sid(1), status: 'delivered' },
  ],
  [
    'a query, a port, a field that came twice, and letters beyond ASCII',
    fromTwilio(
      { Tag: ['2', '1', '2'], Name: 'Zoë 😀', MessageStatus: 'failed', MessageSid: sid(2) },
      'a=1&b=%C3%A9',
      'Au36XsX0tzmVHazGFqyDQPx1qVU=',
    ),
    { backend: 'twilio', messageId: sid(2), status: 'failed' },
  ],
  [
    'JSON',
    jsonFromTwilio(
      `{"MessageSid":"${sid(3)}","MessageStatus":"sent"}`,
      '6c7f718a20edb0ff15b9e29cd87dadcae5ccdf2127b00997556caec929b0085c',
      'Ato7eCCxTXO98ieo4TOTN25GLSU=',
    ),
    { backend: 'twilio', messageId: sid(3), status: 'sent' },
  ],
])('a signature that was reckoned elsewhere: %s', async (_, posted, report) => {
  expect(await take(posted)).toEqual({ refused: undefined, reports: [report] })
})

describe("against Twilio's own library", () => {
  const word = fc.string({ unit: 'binary', maxLength: 12 })
  const params: fc.Arbitrary<Params> = fc.dictionary(word, fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 4 })), { maxKeys: 8 })
  const query = fc
    .array(fc.constantFrom('a=1', 'b=2', "c='", 'd=%27', 'e=%C3%A9', 'f=x+y', 'g', 'h=%2F%20', '=', 'i=~*()!'), { maxLength: 4 })
    .map((parts) => parts.join('&'))
  const publicUrl = fc.constantFrom(
    'https://example.com/phone',
    'https://example.com/phone/',
    'https://example.com',
    'https://example.com:443/phone',
    'https://example.com:8443/phone',
    'https://[2001:db8::1]/phone',
    'https://[2001:db8::1]:8443',
    'http://localhost:3000/phone',
    'http://127.0.0.1/a/b',
    'https://Example.COM/Phone',
    'https://bücher.example/phone',
  )
  const token = fc.string({ unit: fc.constantFrom(...'0123456789abcdefXYZ!é'), minLength: 16, maxLength: 40 })
  /** How the one who signs may write the address. */
  const rewrite = fc.constantFrom<readonly [string, (url: string) => string]>(
    ['as it is', (url) => url],
    ['without its port', (url) => url.replace(/^(https?:\/\/(?:\[[^\]]*\]|[^:/]*)):\d+/, '$1')],
    [
      'with the standard port',
      (url) => url.replace(/^(https?):\/\/(\[[^\]]*\]|[^:/]*)(?=\/)/, (_, s, h) => `${s}://${h}:${s === 'https' ? 443 : 80}`),
    ],
    ['with another port', (url) => url.replace(/^(https?:\/\/(?:\[[^\]]*\]|[^:/]*))(?::\d+)?/, '$1:9999')],
    ['with another host', (url) => url.replace('://', '://x.')],
    ['with more of a path', (url) => url.replace('/webhooks/twilio', '/webhooks/twilio/')],
    ['with more of a query', (url) => `${url}${url.includes('?') ? '&' : '?'}z=1`],
    ['with the query turned round', (url) => url.replace(/\?(.*)/, (_, parts: string) => `?${parts.split('&').reverse().join('&')}`)],
  )

  test('400 random forms are accepted when it accepts them, and refused when it refuses them', { timeout: 60_000 }, async () => {
    const seen = { accepted: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(
        publicUrl,
        token,
        params,
        query,
        rewrite,
        fc.boolean(),
        async (base, secret, fields, asked, [, rewritten], whole) => {
          const search = asked === '' ? '' : `?${asked}`
          const url = `${base.replace(/\/$/, '')}/webhooks/twilio${search}`
          const signature = getExpectedTwilioSignature(secret, rewritten(url), fields)
          const expected = validateRequest(secret, signature, url, fields)
          const options = { publicUrl: base, twilio: { authToken: secret } }
          const posted = { ...fromTwilio(fields, asked, signature) }
          // A host may have parsed the form before: the fields are the same.
          expect(await accepts(posted, whole ? undefined : { parsed: fields }, options)).toBe(expected)
          seen[expected ? 'accepted' : 'refused'] += 1
        },
      ),
      { numRuns: 400 },
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(40)
  })

  test('a form that lost, won or changed anything is refused', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(params, params, async (signed, sent) => {
        const signature = signTwilio(twilioUrl, signed)
        const expected = validateRequest(authToken, signature, twilioUrl, sent)
        expect(await accepts(fromTwilio(sent, '', signature))).toBe(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('200 random JSON bodies', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (signed, sent) => {
        const posted = jsonFromTwilio(signed)
        const url = `https://example.com/phone${posted.path}`
        const signature = String(posted.headers['x-twilio-signature'])
        expect(await accepts(posted)).toBe(validateRequestWithBody(authToken, signature, url, signed))
        expect(await accepts({ ...posted, body: sent })).toBe(validateRequestWithBody(authToken, signature, url, sent))
      }),
      { numRuns: 200 },
    )
  })
})

test.each([
  ['accepted', 'accepted'],
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['failed', 'failed'],
  ['undelivered', 'failed'],
  ['canceled', 'failed'],
])('%s is %s, in a form and in JSON', async (said, status) => {
  const expected = { refused: undefined, reports: [{ backend: 'twilio', messageId: sid(1), status }] }
  expect(await take(fromTwilio(statusOf(1, said)))).toEqual(expected)
  expect(await take(jsonFromTwilio(JSON.stringify(statusOf(1, said))))).toEqual(expected)
})

test('a failure carries its code, and nothing else does', async () => {
  const codeOf = async (posted: Posted) => (await take(posted)).reports[0]?.providerCode
  expect(await codeOf(fromTwilio(statusOf(1, 'undelivered', { ErrorCode: '30005' })))).toBe('30005')
  expect(await codeOf(jsonFromTwilio(JSON.stringify({ MessageSid: sid(1), MessageStatus: 'failed', ErrorCode: 30_007 })))).toBe('30007')
  expect(await codeOf(fromTwilio(statusOf(1, 'sent', { ErrorCode: '30005' })))).toBe(undefined)
  for (const code of [{ toString: 1, valueOf: 1 }, ['30005'], 30_005.5, -1, null, true])
    expect(await codeOf(jsonFromTwilio(JSON.stringify({ MessageSid: sid(1), MessageStatus: 'failed', ErrorCode: code })))).toBe(undefined)
  for (const code of ['', '0', canary, '1e4', '1234567', '30005\n', ['30005', '30006']])
    expect([code, await codeOf(fromTwilio(statusOf(1, 'failed', { ErrorCode: code })))]).toEqual([code, undefined])
})

test('the older name of the id', async () => {
  const { reports } = await take(fromTwilio({ SmsSid: sid(7), MessageStatus: 'sent' }))
  expect(reports).toEqual([{ backend: 'twilio', messageId: sid(7), status: 'sent' }])
})

// A socket would trim the one, and its HTTP parser refuse the other.
test.each([' ', '\n'])('a signature with %j before it, or behind it, is none', async (space) => {
  const posted = fromTwilio(statusOf(1, 'delivered'))
  const signature = String(posted.headers['x-twilio-signature'])
  const refused = { refused: 'forbidden', reports: [] }
  for (const header of [space + signature, signature + space])
    expect(await take({ ...posted, headers: { ...posted.headers, 'x-twilio-signature': header } })).toEqual(refused)
})

test.each<readonly [what: string, posted: Posted]>([
  ['an inbound message', fromTwilio({ MessageSid: sid(1), SmsStatus: 'received', Body: 'STOP', From: canary })],
  ['an empty form', fromTwilio({})],
  ['no id', fromTwilio({ MessageStatus: 'delivered' })],
  ['an id that is none', fromTwilio({ MessageSid: 'hello', MessageStatus: 'delivered' })],
  ['a number for an id', fromTwilio({ MessageSid: canary, MessageStatus: 'delivered' })],
  ['an id and more', fromTwilio({ MessageSid: `${sid(1)}\n`, MessageStatus: 'delivered' })],
  ['two ids', fromTwilio({ MessageSid: [sid(1), sid(2)], SmsSid: sid(1), MessageStatus: 'delivered' })],
  ['a status of nobody', fromTwilio(statusOf(1, 'verified'))],
  ['a status of the prototype', fromTwilio(statusOf(1, 'constructor'))],
  ['a status in capitals', fromTwilio(statusOf(1, 'DELIVERED'))],
  ['two statuses', fromTwilio({ MessageSid: sid(1), MessageStatus: ['sent', 'delivered'] })],
  ['JSON that is a list', jsonFromTwilio(JSON.stringify([statusOf(1, 'delivered')]))],
  ['JSON that is null', jsonFromTwilio('null')],
  ['what is no JSON', jsonFromTwilio('{')],
  ['JSON with another type for an id', jsonFromTwilio(JSON.stringify({ MessageSid: [sid(1)], MessageStatus: 'delivered' }))],
  ['JSON with another type for a status', jsonFromTwilio(JSON.stringify({ MessageSid: sid(1), MessageStatus: ['delivered'] }))],
  ['JSON that says a name twice', jsonFromTwilio(`{"MessageSid":"${sid(1)}","MessageStatus":"sent","MessageStatus":"delivered"}`)],
  ['JSON of a prototype', jsonFromTwilio(`{"__proto__":{"MessageSid":"${sid(1)}","MessageStatus":"delivered"}}`)],
])('signed, and ignored: %s', async (_, posted) => {
  expect(await take(posted)).toEqual({ refused: undefined, reports: [] })
})

describe('T-HOOK-01, T-HOOK-04: refused over a socket', () => {
  const events: PhoneVerifyEvent[] = []
  const errors: unknown[] = []
  let served: Served

  beforeAll(async () => {
    const { verifier } = createTestVerifier({ onEvent: (event) => void events.push(event) })
    const router = phoneVerifyRouter(verifier, { purpose: 'login', webhooks, onError: (error) => errors.push(error) })
    served = await serve(express().use('/phone', router))
  })
  afterAll(() => served.close())
  afterEach(() => void events.splice(0))

  const good = fromTwilio(statusOf(1, 'delivered'))
  const signature = String(good.headers['x-twilio-signature'])
  /** What Twilio signs of it: the address, and each field behind its name. */
  const signedText = twilioUrl + Object.entries(statusOf(1, 'delivered')).flat().join('')
  const goodJson = jsonFromTwilio(JSON.stringify(statusOf(1, 'delivered')))
  const without = (posted: Posted, name: string): Posted => {
    const { [name]: _, ...headers } = posted.headers
    return { ...posted, headers }
  }
  const signedBy = (header: string | string[]): Posted => ({ ...good, headers: { ...good.headers, 'x-twilio-signature': header } })
  const typed = (type: string): Posted => ({ ...good, headers: { ...good.headers, 'content-type': type } })
  const signedFor = (url: string, query = ''): Posted =>
    fromTwilio(statusOf(1, 'delivered'), query, signTwilio(url, statusOf(1, 'delivered')))
  const digest = sha256(goodJson.body)

  test('the request that all of these differ from is accepted, in a form and in JSON', async () => {
    expect(await served.post(good)).toEqual({ status: 204, text: '' })
    expect(createHmac('sha1', authToken).update(signedText).digest('base64')).toBe(signature)
    expect(await served.post({ ...jsonFromTwilio(JSON.stringify(statusOf(2, 'delivered'))) })).toEqual({ status: 204, text: '' })
    expect(reportsIn(events)).toEqual([`delivered ${sid(1)}`, `delivered ${sid(2)}`])
  })

  const refusals: readonly (readonly [what: string, posted: Posted])[] = [
    ['no signature', without(good, 'x-twilio-signature')],
    ['an empty signature', signedBy('')],
    ['white space', signedBy('   ')],
    ['two signatures, both right', signedBy([signature, signature])],
    ['two signatures in one line', signedBy(`${signature}, ${signature}`)],
    ['a signature and an empty one', signedBy([signature, ''])],
    ['another signature', signedBy(randomBytes(20).toString('base64'))],
    ['the signature, its last bits spelt otherwise', signedBy(`${signature.slice(0, 26)}${otherSpelling(signature[26])}=`)],
    ['the signature in base64url', signedBy(`${'-_'.repeat(13)}A=`)],
    ['the signature in hex', signedBy(Buffer.from(signature, 'base64').toString('hex'))],
    ['the signature, shorter', signedBy(signature.slice(0, -1))],
    ['the signature, longer', signedBy(`${signature}=`)],
    ['the signature in other cases', signedBy(swapCase(signature))],
    ['bytes beyond ASCII', signedBy('\u00ff'.repeat(28))],
    ['a signature by SHA-256', signedBy(createHmac('sha256', authToken).update(signedText).digest('base64'))],
    ['a signature of another token', signedBy(signTwilio(twilioUrl, statusOf(1, 'delivered'), 'f'.repeat(32)))],
    ['a signature of an empty token', signedBy(signTwilio(twilioUrl, statusOf(1, 'delivered'), ''))],
    ['a signature of the address alone', signedBy(signTwilio(twilioUrl, {}))],
    ['the address inside the proxy', signedFor('http://127.0.0.1/phone/webhooks/twilio')],
    ['http for https', signedFor(twilioUrl.replace('https', 'http'))],
    ['another host', signedFor(twilioUrl.replace('example', 'example2'))],
    ['another port', signedFor(twilioUrl.replace('.com', '.com:8443'))],
    ['the port of http', signedFor(twilioUrl.replace('.com', '.com:80'))],
    ['a slash at the end', signedFor(`${twilioUrl}/`)],
    ['without the base path', signedFor('https://example.com/webhooks/twilio')],
    ['the path of another provider', signedFor(twilioUrl.replace('twilio', 'vonage'))],
    ['the path in capitals', signedFor(twilioUrl.replace('twilio', 'Twilio'))],
    ['a query that was not signed', signedFor(twilioUrl, 'a=1')],
    ['a query that was signed and is not there', signedFor(`${twilioUrl}?a=1`)],
    ['the query in another order', signedFor(`${twilioUrl}?a=1&b=2`, 'b=2&a=1')],
    ['the query in another spelling', signedFor(`${twilioUrl}?a=%2f`, 'a=%2F')],
    ['another status than was signed', fromTwilio(statusOf(1, 'failed'), '', signature)],
    ['another message than was signed', fromTwilio(statusOf(2, 'delivered'), '', signature)],
    ['a field more', fromTwilio(statusOf(1, 'delivered', { X: '1' }), '', signature)],
    ['a field less', { ...good, body: String(good.body).replace(/^[^&]*&/, '') }],
    ['no body', { ...good, body: '' }],
    ['a body that is no text', { ...good, body: randomBytes(512) }],
    ['no content type', without(good, 'content-type')],
    ['a form that is called JSON', typed('application/json')],
    ['a form that is called text', typed('text/plain')],
    ['a form of parts', typed('multipart/form-data; boundary=x')],
    ['two content types', typed('application/x-www-form-urlencoded, application/json')],
    ['a compressed body', { ...good, headers: { ...good.headers, 'content-encoding': 'gzip' }, body: randomBytes(64) }],
    ['JSON with another body', { ...goodJson, body: JSON.stringify(statusOf(1, 'failed')) }],
    ['JSON with a space more', { ...goodJson, body: `${goodJson.body} ` }],
    [
      'JSON without a digest',
      { ...goodJson, path: '/webhooks/twilio', headers: { ...goodJson.headers, 'x-twilio-signature': signTwilio(twilioUrl, {}) } },
    ],
    ['JSON with an empty digest', jsonFromTwilio(String(goodJson.body), '')],
    ['JSON with the digest of nothing', jsonFromTwilio(String(goodJson.body), sha256(''))],
    ['JSON with a digest in capitals', jsonFromTwilio(String(goodJson.body), digest.toUpperCase())],
    ['JSON with half a digest', jsonFromTwilio(String(goodJson.body), digest.slice(0, 32))],
    ['JSON with two digests', jsonFromTwilio(String(goodJson.body), `${digest}&bodySHA256=${digest}`)],
    [
      'JSON whose digest was not signed',
      { ...goodJson, headers: { ...goodJson.headers, 'x-twilio-signature': signTwilio(twilioUrl, {}) } },
    ],
    ['JSON that is called a form', { ...goodJson, headers: { ...goodJson.headers, 'content-type': 'application/x-www-form-urlencoded' } }],
    [
      'a STOP that nobody sent',
      { ...good, headers: { ...good.headers, 'x-twilio-signature': 'x' }, body: formOf({ Body: 'STOP', From: canary }) },
    ],
  ]

  test.each(refusals)('%s', async (_, posted) => {
    const { status, text } = await served.post(posted)
    expect(status).toBe(403)
    expect(JSON.parse(text)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(text).not.toContain(canary)
    expect([events, errors]).toEqual([[], []])
  })

  test('a body beyond 64 KiB is too large; one of 64 KiB is read', async () => {
    const padded = (size: number) => {
      const params = statusOf(3, 'sent', { Padding: '' })
      return fromTwilio({ ...params, Padding: 'x'.repeat(size - formOf(params).length) })
    }
    expect((await served.post(padded(65_536))).status).toBe(204)
    expect((await served.post(padded(65_537))).status).toBe(413)
    const chunked = padded(65_537)
    expect((await served.post({ ...chunked, headers: { ...chunked.headers, 'transfer-encoding': 'chunked' } })).status).toBe(413)
    expect(reportsIn(events)).toEqual([`sent ${sid(3)}`])
  })
})

describe('a host that parsed the body before', () => {
  const parsers = [
    ['express.urlencoded, simple', express.urlencoded({ extended: false })],
    ['express.urlencoded, extended', express.urlencoded({ extended: true })],
    ['express.raw', express.raw({ type: '*/*' })],
  ] as const

  test.each(parsers)('%s: a form is judged by its fields', async (_, parser) => {
    const { verifier, events } = createTestVerifier()
    const served = await serve(express().use(parser, phoneVerifyMounted(verifier)))
    const posted = fromTwilio(statusOf(1, 'sent', { Tag: ['b', 'a', 'b'], Name: 'Zoë & +1 😀' }))
    const answers = [await served.post(posted), await served.post({ ...posted, body: formOf(statusOf(1, 'delivered')) })]
    served.close()
    expect(answers.map(({ status }) => status)).toEqual([204, 403])
    expect(reportsIn(events)).toEqual([`sent ${sid(1)}`])
  })

  test('express.json: its bytes are gone, so nothing can be judged', async () => {
    const { verifier, events } = createTestVerifier()
    const served = await serve(express().use(express.json(), phoneVerifyMounted(verifier)))
    const { status } = await served.post(jsonFromTwilio(JSON.stringify(statusOf(1, 'sent'))))
    served.close()
    expect([status, reportsIn(events)]).toEqual([403, []])
  })

  test.each<readonly [what: string, parsed: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', formOf(statusOf(1, 'sent'))],
    ['a list', [statusOf(1, 'sent')]],
    ['a field that is an object', { ...statusOf(1, 'sent'), a: { b: 'c' } }],
    ['a field that is a number', { ...statusOf(1, 'sent'), a: 5 }],
    ['a list of lists', { ...statusOf(1, 'sent'), a: [['b']] }],
  ])('%s is no form', async (_, parsed) => {
    const fields = typeof parsed === 'object' && parsed !== null ? parsed : {}
    const posted = fromTwilio({}, '', signTwilio(twilioUrl, fields as Params))
    expect(await take(posted, { parsed })).toEqual({ refused: 'forbidden', reports: [] })
  })
})

const phoneVerifyMounted = (verifier: Parameters<typeof phoneVerifyRouter>[0]) =>
  express.Router().use('/phone', phoneVerifyRouter(verifier, { purpose: 'login', webhooks }))

/** The last letter of 20 bytes in base64 leaves two bits over: the same bytes, another text. */
function otherSpelling(letter = ''): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return alphabet[alphabet.indexOf(letter) + 1] ?? ''
}

const swapCase = (text: string) => text.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
