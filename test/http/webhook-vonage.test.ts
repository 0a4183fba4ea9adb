import { createHmac, generateKeyPairSync } from 'node:crypto'
import { verifySignature } from '@vonage/jwt'
import express from 'express'
import fc from 'fast-check'
import { base64url, exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import type { PhoneVerifyEvent } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/http/webhooks.js'
import type { WireBody } from '../../src/http/wire.js'
import type { DeliveryReport } from '../../src/services/report-delivery.js'
import {
  apiKey,
  canary,
  fromVonage,
  type Posted,
  publicUrl,
  reportsIn,
  type Served,
  type Signing,
  serve,
  sha256,
  signatureSecret,
  signVonage,
  uuid,
  vonageStatus,
  webhooks,
  wireOf,
} from './webhooks-served.js'

const start = 1_790_000_000

/** What a request comes to at an instant, in Unix seconds, and what it reported. */
async function take(
  posted: Posted,
  { at = start, made, options = webhooks }: { at?: number; made?: WireBody; options?: WebhookOptions } = {},
) {
  const reports: DeliveryReport[] = []
  const receive = createWebhooks(options, { report: (report) => void reports.push(report), now: () => at * 1_000 })
  return { refused: await receive('vonage', wireOf(posted, made)), reports }
}

const signed = (body: string, signing: Signing = {}) => fromVonage(body, { iat: start, ...signing })

test('a token that was reckoned elsewhere', async () => {
  // RFC 7515 by hand: no library has a part in it.
  const body = vonageStatus(1, 'delivered')
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat: start, api_key: apiKey, payload_hash: sha256(body) })}`
  const token = `${text}.${createHmac('sha256', signatureSecret).update(text).digest('base64url')}`
  const posted = { path: '/webhooks/vonage', headers: { authorization: `Bearer ${token}` }, body }
  const expected = { refused: undefined, reports: [{ backend: 'vonage', messageId: uuid(1), status: 'delivered' }] }
  expect(await take(posted)).toEqual(expected)
  expect(await take({ ...posted, headers: { authorization: `bearer ${token}` } })).toEqual(expected)
})

test('the tokens of these tests are such as the library of Vonage accepts', async () => {
  expect(verifySignature(await signVonage(vonageStatus(1, 'sent')), signatureSecret)).toBe(true)
})

test('200 random bodies are accepted with their own signature, and with no other', { timeout: 60_000 }, async () => {
  const bodies = fc.oneof(fc.json(), fc.string({ unit: 'binary' }))
  await fc.assert(
    fc.asyncProperty(bodies, bodies, async (body, other) => {
      const posted = await signed(body)
      expect((await take(posted)).refused).toBe(undefined)
      expect((await take({ ...posted, body: other })).refused).toBe(body === other ? undefined : 'forbidden')
    }),
    { numRuns: 200 },
  )
})

test.each([
  [-306, 'forbidden'],
  [-305, undefined],
  [-300, undefined],
  [-1, undefined],
  [0, undefined],
  [5, undefined],
  [6, 'forbidden'],
  [3_600, 'forbidden'],
])('signed at %i seconds from now: %s', async (seconds, refused) => {
  expect((await take(await signed(vonageStatus(1, 'delivered'), { iat: start + seconds }))).refused).toBe(refused)
})

test('a clock that says nothing lets nothing pass', async () => {
  expect((await take(await signed(vonageStatus(1, 'delivered')), { at: Number.NaN })).refused).toBe('forbidden')
})

test('without an API key in the options any account of the secret may report', async () => {
  const options = { publicUrl, vonage: { signatureSecret } }
  for (const api_key of [apiKey, 'other', undefined])
    expect((await take(await signed(vonageStatus(1, 'delivered'), { claims: { api_key } }), { options })).refused).toBe(undefined)
})

test.each([
  ['submitted', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['rejected', 'failed'],
  ['undeliverable', 'failed'],
])('%s is %s', async (said, status) => {
  expect(await take(await signed(vonageStatus(1, said)))).toEqual({
    refused: undefined,
    reports: [{ backend: 'vonage', messageId: uuid(1), status }],
  })
})

test.each<readonly [error: unknown, code: string | undefined]>([
  [{ type: 'https://developer.vonage.com/api-errors/messages#1000', title: '1' }, '1000'],
  [{ type: 'https://developer.vonage.com/api-errors/messages/1050' }, '1050'],
  [{ type: 'https://developer.vonage.com/api-errors/messages#throttled', title: 1170 }, '1170'],
  [{ title: '1070', detail: canary }, '1070'],
  [{ type: 'https://developer.vonage.com/api-errors#unauthorized', title: 'No' }, undefined],
  [{ type: `https://example.com/#${canary}`, title: canary }, undefined],
  [{ type: 'tel14155' }, undefined],
  [{ type: ['#1000'], title: ['1000'] }, undefined],
  [{ type: { toString: 1, valueOf: 1 }, title: { toString: 1 } }, undefined],
  [{}, undefined],
  [[], undefined],
  [null, undefined],
  ['1000', undefined],
  [1000, undefined],
])('the code of the error %j is %s', async (error, code) => {
  const { refused, reports } = await take(await signed(vonageStatus(1, 'rejected', { error })))
  expect([refused, reports[0]?.status, reports[0]?.providerCode]).toEqual([undefined, 'failed', code])
})

test('only a failure has a code', async () => {
  const { reports } = await take(await signed(vonageStatus(1, 'delivered', { error: { title: '1000' } })))
  expect(reports).toEqual([{ backend: 'vonage', messageId: uuid(1), status: 'delivered' }])
})

test.each<readonly [what: string, body: string]>([
  ['an inbound message', JSON.stringify({ message_uuid: uuid(1), from: canary, text: 'STOP', channel: 'sms' })],
  ['nothing', ''],
  ['what is no JSON', '{'],
  ['a list', `[${vonageStatus(1, 'delivered')}]`],
  ['null', 'null'],
  ['a text', '"text"'],
  ['an empty object', '{}'],
  ['no id', JSON.stringify({ status: 'delivered' })],
  ['a number for an id', vonageStatus(1, 'delivered', { message_uuid: canary })],
  ['a number without its plus', vonageStatus(1, 'delivered', { message_uuid: canary.slice(1) })],
  ['an id of 65 letters', vonageStatus(1, 'delivered', { message_uuid: 'a'.repeat(65) })],
  ['an id and more', vonageStatus(1, 'delivered', { message_uuid: `${uuid(1)}\n` })],
  ['a number of JSON for an id', vonageStatus(1, 'delivered', { message_uuid: 1 })],
  ['an id of two words', vonageStatus(1, 'delivered', { message_uuid: 'a b' })],
  ['a list for an id', vonageStatus(1, 'delivered', { message_uuid: [uuid(1)] })],
  ['a status of nobody', vonageStatus(1, 'verified')],
  ['a status of the prototype', vonageStatus(1, 'constructor')],
  ['a list for a status', vonageStatus(1, '', { status: ['delivered'] })],
  ['a name that comes twice', `{"message_uuid":"${uuid(1)}","status":"submitted","status":"delivered"}`],
  ['a prototype', `{"__proto__":{"message_uuid":"${uuid(1)}","status":"delivered"}}`],
])('signed, and ignored: %s', async (_, body) => {
  expect(await take(await signed(body))).toEqual({ refused: undefined, reports: [] })
})

test.each<readonly [what: string, parsed: unknown]>([
  ['an object', JSON.parse(vonageStatus(1, 'delivered'))],
  ['a text', vonageStatus(1, 'delivered')],
  ['nothing', undefined],
])('what a host parsed to %s cannot be judged', async (_, parsed) => {
  const posted = await signed(vonageStatus(1, 'delivered'))
  expect(await take(posted, { made: { parsed } })).toEqual({ refused: 'forbidden', reports: [] })
})

test('a host that kept the bytes', async () => {
  const body = vonageStatus(1, 'delivered')
  expect((await take(await signed(body), { made: { parsed: Buffer.from(body) } })).reports).toHaveLength(1)
})

describe('a polluted prototype', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>
  afterEach(() => {
    for (const name of ['payload_hash', 'api_key', 'message_uuid', 'status']) delete polluted[name]
  })

  test('says nothing that was not signed', async () => {
    const body = vonageStatus(1, 'delivered')
    const unhashed = await signed(body, { claims: { payload_hash: undefined } })
    const nameless = await signed(body, { claims: { api_key: undefined } })
    const empty = await signed('{}')
    Object.assign(polluted, { payload_hash: sha256(body), api_key: apiKey, message_uuid: uuid(1), status: 'delivered' })
    const taken = [await take(unhashed), await take(nameless), await take(empty)]
    for (const name of ['payload_hash', 'api_key', 'message_uuid', 'status']) delete polluted[name]
    expect(taken).toEqual([
      { refused: 'forbidden', reports: [] },
      { refused: 'forbidden', reports: [] },
      { refused: undefined, reports: [] },
    ])
  })
})

describe('T-HOOK-02: refused over a socket', () => {
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

  const body = vonageStatus(1, 'delivered')
  const now = () => Math.floor(Date.now() / 1_000)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const claims = { api_key: apiKey, payload_hash: sha256(body) }
  const bearing = (token: string): Posted => ({
    path: '/webhooks/vonage',
    headers: { 'content-type': 'application/json', authorization: token },
    body,
  })
  const by = async (signing: Signing) => fromVonage(body, signing)
  const changed = (token: string, change: (parts: string[]) => readonly string[]) => change(token.split('.')).join('.')
  const raw = (token: string) => bearing(`Bearer ${token}`)

  test('the request that all of these differ from is accepted', async () => {
    expect(await served.post(await by({}))).toEqual({ status: 204, text: '' })
    expect(reportsIn(events)).toEqual([`delivered ${uuid(1)}`])
  })

  test.each<readonly [what: string, make: () => Posted | Promise<Posted>]>([
    ['no header', () => ({ ...bearing(''), headers: { 'content-type': 'application/json' } })],
    ['an empty header', () => bearing('')],
    ['no token', () => bearing('Bearer ')],
    ['what is no token', () => bearing('Bearer hello')],
    ['three empty parts', () => bearing('Bearer ..')],
    ['three parts of garbage', () => bearing('Bearer a.b.c')],
    ['two parts', async () => raw(changed(await signVonage(body), (parts) => parts.slice(0, 2)))],
    ['another scheme', async () => bearing(`Basic ${await signVonage(body)}`)],
    ['no scheme', async () => bearing(await signVonage(body))],
    ['two tokens', async () => bearing(`Bearer ${await signVonage(body)}, Bearer ${await signVonage(body)}`)],
    ['a token beyond 8 KiB', () => by({ claims: { more: 'x'.repeat(8_192) } })],
    ['alg none', () => raw(new UnsecuredJWT(claims).setIssuedAt().encode())],
    [
      'alg none with a signature',
      async () => raw(`${base64url.encode('{"alg":"none"}')}.${(await signVonage(body)).split('.').slice(1).join('.')}`),
    ],
    ['HS384', () => by({ header: { alg: 'HS384' } })],
    ['HS512', () => by({ header: { alg: 'HS512' } })],
    ['RS256', async () => raw(await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).setIssuedAt().sign(rsa.privateKey))],
    ['HS256 by a public key', async () => by({ secret: await exportSPKI(rsa.publicKey) })],
    [
      'a key within the token',
      () => by({ secret: 'y'.repeat(32), header: { alg: 'HS256', jwk: { kty: 'oct', k: base64url.encode('y'.repeat(32)) } } }),
    ],
    ['another secret', () => by({ secret: 'x'.repeat(16) })],
    ['a secret in capitals', () => by({ secret: signatureSecret.toUpperCase() })],
    ['a header that must be understood', () => byHand({ alg: 'HS256', crit: ['exp'], exp: now() + 60 })],
    [
      'another body in its claims',
      async () =>
        raw(
          changed(await signVonage(body), ([h = '', , s = '']) => [
            h,
            base64url.encode(JSON.stringify({ ...claims, iat: now(), x: 1 })),
            s,
          ]),
        ),
    ],
    ['a signature cut short', async () => raw((await signVonage(body)).slice(0, -2))],
    ['the signature, its last bits spelt otherwise', async () => raw(respelt(await signVonage(body)))],
    ['no signature', async () => raw(changed(await signVonage(body), ([h = '', p = '']) => [h, p, '']))],
    ['signed six minutes ago', () => by({ iat: now() - 360 })],
    ['signed in 1970', () => by({ iat: 1_000 })],
    ['signed in ten minutes', () => by({ iat: now() + 600 })],
    ['a time that is a text', () => byHand({ alg: 'HS256' }, { iat: String(now()) })],
    ['expired', () => by({ claims: { exp: now() - 60 } })],
    ['not valid yet', () => by({ claims: { nbf: now() + 60 } })],
    ['another account', () => by({ claims: { api_key: 'abcd1235' } })],
    ['the account in capitals', () => by({ claims: { api_key: apiKey.toUpperCase() } })],
    ['an account that is a list', () => by({ claims: { api_key: [apiKey] } })],
    ['no account', () => by({ claims: { api_key: undefined } })],
    ['no digest', () => by({ claims: { payload_hash: undefined } })],
    ['an empty digest', () => by({ claims: { payload_hash: '' } })],
    ['a digest that is a list', () => by({ claims: { payload_hash: [sha256(body)] } })],
    ['half a digest', () => by({ claims: { payload_hash: sha256(body).slice(0, 32) } })],
    ['the digest of nothing', () => by({ claims: { payload_hash: sha256('') } })],
    [
      'the digest of the same JSON in another spelling',
      () => by({ claims: { payload_hash: sha256(JSON.stringify(JSON.parse(body), null, 1)) } }),
    ],
    ['another body', async () => ({ ...(await by({})), body: vonageStatus(1, 'rejected') })],
    ['a line more', async () => ({ ...(await by({})), body: `${body}\n` })],
    ['no body', async () => ({ ...(await by({})), body: '' })],
    ['what Twilio signed', () => ({ ...bearing(''), headers: { 'x-twilio-signature': 'ogpxsRtdnKnrs0s5QZ+MXH+I8Ek=' } })],
  ])('%s', async (_, make) => {
    const { status, text } = await served.post(await make())
    expect(status).toBe(403)
    expect(JSON.parse(text)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(text).not.toContain(canary)
    expect([events, errors]).toEqual([[], []])
  })

  /** The last letter of 32 bytes in base64url leaves two bits over: the same bytes, another text. */
  function respelt(token: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') + 1]
  }

  /** What a library would not sign. */
  function byHand(header: object, more: object = {}): Posted {
    const text = [header, { ...claims, iat: now(), ...more }].map((part) => base64url.encode(JSON.stringify(part))).join('.')
    return raw(`${text}.${createHmac('sha256', signatureSecret).update(text).digest('base64url')}`)
  }

  test('what is signed by hand is accepted when nothing is wrong with it', async () => {
    expect((await served.post(byHand({ alg: 'HS256' }))).status).toBe(204)
  })

  test('a body beyond 64 KiB is too large; one of 64 KiB is read', async () => {
    const padded = (size: number) =>
      vonageStatus(1, 'delivered', { padding: 'x'.repeat(size - vonageStatus(1, 'delivered', { padding: '' }).length) })
    expect((await served.post(await fromVonage(padded(65_536)))).status).toBe(204)
    expect((await served.post(await fromVonage(padded(65_537)))).status).toBe(413)
  })
})
