import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { bearerToken } from '../../examples/accounts/access.js'
import { accessTokenMs, createAccessTokens } from '../../examples/accounts/access-token.js'
import { hostileValues } from '../fixtures/hostile-values.js'

const secret = 'a secret that is long enough for all'
const issuer = 'https://app.example'
const start = Date.UTC(2030, 0, 1)
let now = start
const tokens = createAccessTokens(secret, issuer, () => now)
const claims = { accountId: '7', sessionId: '2f1f1c7e-6f61-4e0c-9c0a-6a6ad2a4b0e5' }

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const payload = { sid: claims.sessionId, sub: '7', iss: issuer, aud: issuer, iat: start / 1_000, exp: start / 1_000 + 900 }

/** A token with these changes, signed as ours are. */
function forged(header: object, body: object, key: string | Buffer = secret, hash = 'sha256'): string {
  const signed = `${part({ alg: 'HS256', typ: 'at+jwt', ...header })}.${part({ ...payload, ...body })}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

describe('an access token', () => {
  test('says account and session, and what an app adds, which changes neither', async () => {
    const token = await tokens.sign(claims, { first_name: 'Ada', sid: 'x', sub: '1', iss: 'x', aud: 'x', exp: 9_999_999_999 })
    expect(await tokens.read(token)).toEqual(claims)
    const [header = '', body = ''] = token.split('.').map((text) => Buffer.from(text, 'base64url').toString())
    expect(JSON.parse(header)).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    expect(JSON.parse(body)).toEqual({ ...payload, first_name: 'Ada' })
  })

  test('ends after a quarter of an hour', async () => {
    const token = await tokens.sign(claims)
    now = start + accessTokenMs - 1
    expect(await tokens.read(token)).toEqual(claims)
    now = start + accessTokenMs
    expect(await tokens.read(token)).toBeUndefined()
    now = start
  })

  test('control: what is forged with the right key and nothing changed is read', async () => {
    expect(await tokens.read(forged({}, {}))).toEqual(claims)
  })

  const unsigned = (alg: string) => `${part({ alg, typ: 'at+jwt' })}.${part(payload)}.`
  test.each<[string, string]>([
    ['no signature', unsigned('none')],
    ['no signature, said otherwise', unsigned('None')],
    ['an empty signature', unsigned('HS256')],
    ['a signature under alg none', forged({ alg: 'none' }, {})],
    ['another hash', forged({ alg: 'HS512' }, {}, secret, 'sha512')],
    ['a foreign key', forged({}, {}, 'another secret that is long enough')],
    ['an empty key', forged({}, {}, '')],
    ['no type', forged({ typ: undefined }, {})],
    ['the type of plain JWTs', forged({ typ: 'JWT' }, {})],
    ['the type of a proof', forged({ typ: 'phone-proof+jwt' }, {})],
    ['a critical header that nobody knows', forged({ crit: ['b64'], b64: false }, {})],
    ['another issuer', forged({}, { iss: 'https://evil.example' })],
    ['another audience', forged({}, { aud: 'https://evil.example' })],
    ['no audience', forged({}, { aud: undefined })],
    ['no end', forged({}, { exp: undefined })],
    ['an end that is no number', forged({}, { exp: 'never' })],
    ['no account', forged({}, { sub: undefined })],
    ['no session', forged({}, { sid: undefined })],
    ['a beginning that is to come', forged({}, { nbf: start / 1_000 + 60 })],
    ['a payload that is no object', `${part({ alg: 'HS256', typ: 'at+jwt' })}.${Buffer.from('null').toString('base64url')}.x`],
    ['two parts', 'a.b'],
    ['five parts', 'a.b.c.d.e'],
    ['nothing', ''],
    ['what is not ASCII', '\u{1f600}.\u0000.\ud800'],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('with %s opens nothing', async (_, token) => expect(await tokens.read(token)).toBeUndefined())

  test('signed by a pair of keys opens nothing', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(
      await tokens.read(await new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(privateKey)),
    ).toBeUndefined()
  })

  test('of another kind opens nothing, though the key is the same', async () => {
    const others = createAccessTokens(secret, issuer, () => now, { typ: 'half+jwt', lifeMs: 60_000 })
    expect(await tokens.read(await others.sign(claims))).toBeUndefined()
    expect(await others.read(await tokens.sign(claims))).toBeUndefined()
  })

  test.each(Object.entries(hostileValues))('%s opens nothing', async (_, make) => {
    expect(await tokens.read(make() as string)).toBeUndefined()
  })
})

test.each([
  ['Bearer abc', 'abc'],
  ['bearer a.b-c_~+/==', 'a.b-c_~+/=='],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Bearer  a', undefined],
  ['Basic abc', undefined],
  ['xBearer abc', undefined],
  [undefined, undefined],
])('of Authorization: %s the token is %s', (authorization, token) => expect(bearerToken({ authorization })).toBe(token))
