import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import type { DeliveryReport } from 'phone-verify'
import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/http/webhooks.js'
import type { WireBody, WireRequest } from '../../src/http/wire.js'

const { getExpectedTwilioSignature, getExpectedBodyHash } = await import('twilio/lib/webhooks/webhooks.js')

const authToken = 'quartz-token-7f31d0c2b9'
const signatureSecret = 'walnut-secret-88e1a4d6c0'
const publicUrl = 'https://example.com/phone'
const at = Date.UTC(2026, 0, 1)
const options: WebhookOptions = { publicUrl, twilio: { authToken }, vonage: { signatureSecret, apiKey: 'abcd1234' } }

interface Said {
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: WireBody | string
}

/** A request as an adapter makes it. */
const request = ({ query = '', headers = {}, body = '' }: Said): WireRequest => ({
  method: 'POST',
  path: '/webhooks/any',
  query,
  header: (name) => headers[name],
  peer: undefined,
  body: async () => (typeof body === 'string' ? { bytes: Buffer.from(body) } : body),
})

function makeHooks(given: WebhookOptions = options, now = at) {
  const reports: DeliveryReport[] = []
  const receive = createWebhooks(given, { report: (report) => reports.push(report), now: () => now })
  return { reports, receive: (provider: string, said: Said) => receive(provider, request(said)) }
}

const form = 'application/x-www-form-urlencoded'
const twilioUrl = `${publicUrl}/webhooks/twilio`
const status = { MessageSid: `SM${'1'.repeat(32)}`, MessageStatus: 'delivered', To: '+33612345678' }
const encoded = (params: Readonly<Record<string, string | readonly string[]>>) =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
  ).toString()

const byTwilio = (params: Readonly<Record<string, string | string[]>> = status, url = twilioUrl, token = authToken): Said => ({
  query: url.split('?')[1] ?? '',
  headers: { 'content-type': form, 'x-twilio-signature': getExpectedTwilioSignature(token, url, params) },
  body: encoded(params),
})

describe('Twilio', () => {
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
  ])('%s is %s', async (word, stage) => {
    const { receive, reports } = makeHooks()
    const params = { ...status, MessageStatus: word, ErrorCode: '30003' }
    expect(await receive('twilio', byTwilio(params))).toBeUndefined()
    expect(reports).toEqual([
      { backend: 'twilio', messageId: status.MessageSid, status: stage, providerCode: stage === 'failed' ? '30003' : undefined },
    ])
  })

  test('whatever the SDK signs is accepted, and nothing that differs by a character', async () => {
    const { receive } = makeHooks()
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    // A form has no lone surrogates, and the SDK's own reader of a query knows no other names.
    const params = fc.dictionary(
      fc.stringMatching(/^[A-Za-z][\w.]{0,12}$/),
      fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 })),
      { minKeys: 1, maxKeys: 6 },
    )
    const query = fc.constantFrom('', '?a=b', '?a=1&a=2', "?who=O'Hara", '?x=%20y&z=')
    await fc.assert(
      fc.asyncProperty(params, query, async (given, behind) => {
        const url = `${twilioUrl}${behind}`
        const said = byTwilio(given as Record<string, string | string[]>, url)
        expect(await receive('twilio', said)).toBeUndefined()
        const [name = ''] = Object.keys(given)
        const other = { ...said, body: encoded({ ...given, [name]: 'another value than this' }) }
        expect(await receive('twilio', other)).toBe('forbidden')
      }),
      { numRuns: 300 },
    )
  })

  test.each(['https://example.com:443/phone/webhooks/twilio', twilioUrl])('signed as %s', async (url) => {
    const { receive } = makeHooks()
    expect(await receive('twilio', byTwilio(status, url))).toBeUndefined()
  })

  test('JSON is signed by its hash in the query', async () => {
    const { receive, reports } = makeHooks()
    const body = '{"MessageSid":"SM1"}'
    const url = `${twilioUrl}?bodySHA256=${getExpectedBodyHash(body)}`
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': getExpectedTwilioSignature(authToken, url, {}) }
    const query = url.split('?')[1] ?? ''
    expect(await receive('twilio', { query, headers, body })).toBeUndefined()
    expect(reports).toEqual([])
    expect(await receive('twilio', { query, headers, body: `${body} ` })).toBe('forbidden')
    expect(await receive('twilio', { query, headers, body: { parsed: JSON.parse(body) } })).toBe('forbidden')
    const bare = { 'content-type': 'application/json', 'x-twilio-signature': getExpectedTwilioSignature(authToken, twilioUrl, {}) }
    expect(await receive('twilio', { headers: bare, body })).toBe('forbidden')
  })

  test('a form that the host has parsed is as good', async () => {
    const { receive, reports } = makeHooks()
    expect(await receive('twilio', { ...byTwilio(), body: { parsed: status } })).toBeUndefined()
    expect(reports).toHaveLength(1)
  })

  const signed = byTwilio()
  const signature = signed.headers?.['x-twilio-signature'] ?? ''
  const by = (value: string): Said => ({ ...signed, headers: { 'content-type': form, 'x-twilio-signature': value } })
  test.each<readonly [string, Said]>([
    ['no signature', { ...signed, headers: { 'content-type': form } }],
    ['an empty one', by('')],
    ['two', by(`${signature}, ${signature}`)],
    ['one with a space before it', by(` ${signature}`)],
    ['one without its padding', by(signature.replace('=', ''))],
    ['one in base64url', by(`${signature.replaceAll('+', '-').replaceAll('/', '_')}_`)],
    ['one in hexadecimal', by(Buffer.from(signature, 'base64').toString('hex'))],
    ['one of another account', byTwilio(status, twilioUrl, 'another-token-of-somebody')],
    ['one by SHA-256', by(createHmac('sha256', authToken).update(twilioUrl).digest('base64'))],
    ['one of the address alone', by(getExpectedTwilioSignature(authToken, twilioUrl, {}))],
    ['another path', byTwilio(status, `${publicUrl}/webhooks/vonage`)],
    ['a trailing slash', byTwilio(status, `${twilioUrl}/`)],
    ['another host', byTwilio(status, 'https://example.org/phone/webhooks/twilio')],
    ['another scheme', byTwilio(status, 'http://example.com/phone/webhooks/twilio')],
    ['another port', byTwilio(status, 'https://example.com:8443/phone/webhooks/twilio')],
    ['a query that was not signed', { ...signed, query: 'a=b' }],
    ['a query in another order', { ...byTwilio(status, `${twilioUrl}?a=1&b=2`), query: 'b=2&a=1' }],
    ['a value more', { ...signed, body: `${String(signed.body)}&More=1` }],
    ['a value less', { ...signed, body: encoded({ MessageSid: status.MessageSid }) }],
    ['another status', { ...signed, body: encoded({ ...status, MessageStatus: 'failed' }) }],
    ['an empty body', { ...signed, body: '' }],
    ['a body that did not come', { ...signed, body: { failed: 'aborted' } }],
    ['a parsed body that is no form', { ...signed, body: { parsed: 'SM1' } }],
    ['a parsed body that is null', { ...signed, body: { parsed: null } }],
    ['another content type', { ...signed, headers: { ...signed.headers, 'content-type': 'text/plain' } }],
  ])('%s is refused', async (_name, said) => {
    const { receive, reports } = makeHooks()
    expect(await receive('twilio', said)).toBe('forbidden')
    expect(reports).toEqual([])
  })

  test.each<readonly [string, Record<string, string>]>([
    ['an inbound STOP', { MessageSid: 'SM1', Body: 'STOP', From: '+33612345678' }],
    ['no id', { MessageStatus: 'delivered' }],
    ['an id that is none', { MessageSid: 'SM1\nForged: line', MessageStatus: 'delivered' }],
    ['a status nobody knows', { MessageSid: 'SM1', MessageStatus: 'verified' }],
    ['a status from a prototype', { MessageSid: 'SM1', MessageStatus: 'constructor' }],
  ])('%s, although signed, says nothing', async (_name, params) => {
    const { receive, reports } = makeHooks()
    expect(await receive('twilio', byTwilio(params))).toBeUndefined()
    expect(reports).toEqual([])
  })

  test('a body of a megabyte is not read', async () => {
    const { receive } = makeHooks()
    expect(await receive('twilio', { ...signed, headers: { ...signed.headers, 'content-length': '1000000' } })).toBe('content_too_large')
    expect(await receive('twilio', { ...signed, body: { failed: 'content_too_large' } })).toBe('content_too_large')
  })

  test('the vector of the documentation', () => {
    expect(twilio.validateRequest('12345', 'RSOYDt4T1cUTdK1PDd93/VVr8B8=', 'https://mycompany.com/myapp.php?foo=1&bar=2', vector)).toBe(
      true,
    )
  })
})

const vector = { CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234', From: '+14158675309', To: '+18005551212' }

const hashOf = (body: string) => createHash('sha256').update(body).digest('hex')
const report = JSON.stringify({ message_uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab', status: 'delivered', to: '33612345678' })

interface Claims {
  readonly [name: string]: unknown
}

async function byVonage(body = report, claims: Claims = {}, { alg = 'HS256', secret = signatureSecret, issued = at } = {}): Promise<Said> {
  const token = await new SignJWT({ api_key: 'abcd1234', payload_hash: hashOf(body), jti: 'one', iss: 'Vonage', ...claims })
    .setProtectedHeader({ alg })
    .setIssuedAt(Math.floor(issued / 1_000))
    .sign(new TextEncoder().encode(secret))
  return { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body }
}

describe('Vonage', () => {
  test.each([
    ['submitted', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'delivered'],
    ['rejected', 'failed'],
    ['undeliverable', 'failed'],
  ])('%s is %s', async (word, stage) => {
    const { receive, reports } = makeHooks()
    const body = JSON.stringify({
      message_uuid: 'id-1',
      status: word,
      error: { type: 'https://developer.vonage.com/api-errors/messages#1260' },
    })
    expect(await receive('vonage', await byVonage(body))).toBeUndefined()
    expect(reports).toEqual([
      { backend: 'vonage', messageId: 'id-1', status: stage, providerCode: stage === 'failed' ? '1260' : undefined },
    ])
  })

  const minute = 60_000
  test.each<readonly [string, () => Promise<Said>]>([
    ['no token', async () => ({ body: report })],
    ['another scheme', async () => ({ body: report, headers: { authorization: 'Basic YTpi' } })],
    ['garbage', async () => ({ body: report, headers: { authorization: 'Bearer a.b.c' } })],
    ['two parts', async () => ({ body: report, headers: { authorization: 'Bearer a.b' } })],
    ['an unsigned token', async () => unsigned()],
    ['HS512', () => byVonage(report, {}, { alg: 'HS512', secret: signatureSecret.repeat(4) })],
    ['another secret', () => byVonage(report, {}, { secret: 'another-secret-of-somebody' })],
    ['five minutes and six seconds old', () => byVonage(report, {}, { issued: at - 5 * minute - 6_000 })],
    ['from the future', () => byVonage(report, {}, { issued: at + minute })],
    ['expired', () => byVonage(report, { exp: at / 1_000 - 60 })],
    ['another account', () => byVonage(report, { api_key: 'other' })],
    ['no account', () => byVonage(report, { api_key: undefined })],
    ['the hash of another body', () => byVonage(report, { payload_hash: hashOf(`${report} `) })],
    ['no hash', () => byVonage(report, { payload_hash: undefined })],
    ['a hash that is a list', () => byVonage(report, { payload_hash: [hashOf(report)] })],
    ['an empty hash', () => byVonage(report, { payload_hash: '' })],
    ['a body that the host has parsed', async () => ({ ...(await byVonage()), body: { parsed: JSON.parse(report) } })],
    ['a body that did not come', async () => ({ ...(await byVonage()), body: { failed: 'aborted' } })],
    ['a token of ten thousand characters', () => byVonage(report, { more: 'x'.repeat(10_000) })],
  ])('%s is refused', async (_name, make) => {
    const { receive, reports } = makeHooks()
    expect(await receive('vonage', await make())).toBe('forbidden')
    expect(reports).toEqual([])
  })

  test('five minutes old is not too old', async () => {
    const { receive, reports } = makeHooks()
    expect(await receive('vonage', await byVonage(report, {}, { issued: at - 5 * minute }))).toBeUndefined()
    expect(reports).toHaveLength(1)
  })

  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{}',
    'no json',
    '{"message_uuid":1,"status":"delivered"}',
    '{"message_uuid":"a b","status":"read"}',
    '{"message_uuid":"a","status":"verified"}',
  ])('%j, although signed, says nothing that is no report', async (body) => {
    const { receive, reports } = makeHooks()
    expect(await receive('vonage', await byVonage(body))).toBeUndefined()
    expect(reports.every(({ messageId }) => messageId === '1')).toBe(true)
  })
})

/** The token of an attacker who signs nothing (RFC 8725 §2.1). */
function unsigned(): Said {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'none' })}.${part({ api_key: 'abcd1234', payload_hash: hashOf(report), iat: at / 1_000 })}.`
  return { headers: { authorization: `Bearer ${token}` }, body: report }
}

describe('createWebhooks', () => {
  test('a provider that is not configured is not there', async () => {
    const { receive } = makeHooks({ publicUrl, twilio: { authToken } })
    expect(await receive('vonage', await byVonage())).toBe('not_found')
    expect(await receive('constructor', {})).toBe('not_found')
    expect(await createWebhooks(undefined, { report: () => {}, now: () => at })('twilio', request(byTwilio()))).toBe('not_found')
  })

  test.each<readonly [string, unknown]>([
    ['webhooks.publicUrl', { twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: 'http://example.com', twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: '/phone', twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: 'https://a:b@example.com', twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: 'https://example.com/?a', twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: 'https://example.com/#a', twilio: { authToken } }],
    ['webhooks.publicUrl', { publicUrl: 5, twilio: { authToken } }],
    ['webhooks.twilio', { publicUrl }],
    ['webhooks.twilio.authToken', { publicUrl, twilio: {} }],
    ['webhooks.twilio.authToken', { publicUrl, twilio: null }],
    ['webhooks.twilio.authToken', { publicUrl, twilio: { authToken: '' } }],
    ['webhooks.twilio.authToken', { publicUrl, twilio: { authToken: ' '.repeat(32) } }],
    ['webhooks.twilio.token', { publicUrl, twilio: { authToken, token: 'x' } }],
    ['webhooks.vonage.signatureSecret', { publicUrl, vonage: { signatureSecret: '' } }],
    ['webhooks.vonage.signatureSecret', { publicUrl, vonage: { apiKey: 'a' } }],
    ['webhooks.vonage.apiKey', { publicUrl, vonage: { signatureSecret, apiKey: '' } }],
    ['webhooks.messagebird', { publicUrl, twilio: { authToken }, messagebird: {} }],
  ])('%s is named when it is wrong', (option, given) => {
    const make = () => createWebhooks(given as WebhookOptions, { report: () => {}, now: () => at })
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringContaining(`${option}: `) }))
  })

  test('a server of this machine needs no TLS', () => {
    expect(() => makeHooks({ publicUrl: 'http://127.0.0.1:3000/phone/', twilio: { authToken } })).not.toThrow()
  })
})
