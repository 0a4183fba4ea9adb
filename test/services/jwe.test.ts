import { createCipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { compactDecrypt, EncryptJWT, jwtDecrypt } from 'jose'
import { describe, expect, test } from 'vitest'
import { createJwe } from '../../src/services/jwe.js'
import { keyringOf } from '../fixtures/challenge.js'
import { encoded } from '../fixtures/forgeries.js'

const typ = 'test+jwt'
const ring = keyringOf('a')
const key = ring.current.session
const jwe = createJwe(ring, typ, (keys) => keys.session)
const header = { alg: 'dir', enc: 'A256GCM', kid: ring.current.id, typ }

/** Sealed under our own key, by whatever header and of whatever plaintext. */
function sealedAs(head: string, plaintext: string | Buffer = '{"jti":"x"}', ivBytes = 12, tagBytes = 16): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(head))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return [head, '', ...[iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

const record = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()).filter((claims) => !Object.hasOwn(claims, '__proto__'))
const asJson = (claims: object) => JSON.parse(JSON.stringify(claims))

describe('what is sealed', () => {
  test('opens as it was, and says which secret sealed it', () => {
    fc.assert(
      fc.property(record, (claims) => {
        const opened = jwe.open(jwe.seal(claims))
        expect({ ...opened?.claims }).toEqual(asJson(claims))
        expect(opened?.keys).toBe(ring.current)
      }),
    )
  })

  test('is plain JWE: jose reads it, and so do we what jose made', async () => {
    const claims = { jti: 'x', n: 1.5, text: 'Zoë 😀', list: ['a', 1] }
    const strict = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'], typ }
    const { payload, protectedHeader } = await jwtDecrypt(jwe.seal(claims), key, strict)
    expect([payload, protectedHeader]).toEqual([claims, header])
    const made = await new EncryptJWT(claims).setProtectedHeader(header).encrypt(key)
    expect({ ...jwe.open(made)?.claims }).toEqual(claims)
  })

  test('never has the same iv or the same token twice', () => {
    const tokens = Array.from({ length: 10_000 }, () => jwe.seal({}))
    expect(new Set(tokens.map((token) => token.split('.')[2])).size).toBe(10_000)
  })

  test.each([0, 1, 253, 254, 255, 256, 257, 1_000, 1_024, 2_000])('%i bytes of claims fill whole buckets of 256 bytes', async (length) => {
    const claims = { x: 'y'.repeat(length) }
    const { plaintext } = await compactDecrypt(jwe.seal(claims), key)
    expect(plaintext.length).toBe(Math.ceil(JSON.stringify(claims).length / 256) * 256)
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(claims)
  })

  test('two contents of one bucket have tokens of one length', () => {
    const lengths = new Set(['', 'x', 'é', '😀', 'y'.repeat(200), '😀'.repeat(50)].map((text) => jwe.seal({ text }).length))
    expect(lengths.size).toBe(1)
  })

  test('says nothing of its claims', () => {
    const token = jwe.seal({ phone: '+33612345678', secret: 'marmalade' })
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual(header)
    expect(Buffer.from(token.replaceAll('.', ''), 'base64url').toString('latin1')).not.toMatch(/marmalade|612345678/)
  })
})

describe('what opens', () => {
  test('is sealed for this use, by a secret that lives', () => {
    const [older, both, newer] = [keyringOf('a'), keyringOf('b', 'a'), keyringOf('b')].map((it) =>
      createJwe(it, typ, (keys) => keys.session),
    )
    const token = older?.seal({ jti: 'x' })
    expect(both?.open(token)?.keys.id).toBe(ring.current.id)
    expect(newer?.open(token)).toBeUndefined()
    expect(both?.open(both.seal({}))?.keys.id).toBe(keyringOf('b').current.id)
    expect(createJwe(ring, typ, (keys) => keys.proof).open(token)).toBeUndefined()
    expect(createJwe(ring, 'other+jwt', (keys) => keys.session).open(token)).toBeUndefined()
  })

  test('has no prototype: what it does not say, nobody says', () => {
    const claims = jwe.open(jwe.seal({ a: 1 }))?.claims as object
    expect(Object.getPrototypeOf(claims)).toBeNull()
    const polluting = jwe.open(sealedAs(encoded(header), '{"__proto__":{"purpose":"admin"}}'))?.claims
    expect([polluting?.['purpose'], ({} as Record<string, unknown>)['purpose']]).toEqual([undefined, undefined])
  })

  // Under the right key, so that nothing but the header can be what stops them (RFC 8725 §3.1, §3.2, §3.11).
  const headers: Readonly<Record<string, string>> = {
    'in another order': JSON.stringify({ typ, kid: header.kid, enc: header.enc, alg: header.alg }),
    'spaced out': JSON.stringify(header, undefined, 1),
    ...Object.fromEntries(
      [
        ...[{ alg: 'none' }, { alg: 'None' }, { alg: 'A256GCMKW' }, { alg: undefined }, { enc: 'A128GCM' }, { enc: undefined }],
        ...[{ typ: 'JWT' }, { typ: undefined }, { typ: `application/${typ}` }, { typ: typ.toUpperCase() }, { cty: 'JWT' }],
        ...[{ kid: undefined }, { kid: 'other' }, { kid: [header.kid] }, { jwk: {} }, { jku: 'https://evil.example' }, { x5u: 'x' }],
        ...[{ x5c: [] }, { crit: ['exp'] }, { crit: [] }, { zip: 'DEF' }, { b64: false }],
      ].map((over) => [`with ${JSON.stringify(over)} ${Object.keys(over)}`, JSON.stringify({ ...header, ...over })]),
    ),
  }
  test.each(Object.entries(headers))('not under a header %s', (_, text) => expect(jwe.open(sealedAs(encoded(text)))).toBeUndefined())
  test('and the control: under ours, it does', () => expect(jwe.open(sealedAs(encoded(header)))?.claims['jti']).toBe('x'))

  test.each([4, 8, 12, 13, 14, 15])('not with a tag of %i bytes (NIST SP 800-38D allows them)', (bytes) => {
    expect(jwe.open(sealedAs(encoded(header), '{}', 12, bytes))).toBeUndefined()
  })
  test.each([8, 11, 13, 16])('not with an iv of %i bytes', (bytes) =>
    expect(jwe.open(sealedAs(encoded(header), '{}', bytes))).toBeUndefined(),
  )

  test.each(['', ' ', 'null{', '{', '{"a":1', 'undefined', '\0', '<xml/>', Buffer.from([0xff, 0xfe]), 'x'.repeat(300)])(
    'not when the plaintext is %j',
    (plaintext) => {
      expect(jwe.open(sealedAs(encoded(header), plaintext))).toBeUndefined()
    },
  )

  test('not when it is larger than anything we seal', () => expect(jwe.open(jwe.seal({ x: 'y'.repeat(9_000) }))).toBeUndefined())
})
