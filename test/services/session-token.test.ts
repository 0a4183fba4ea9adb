import fc from 'fast-check'
import { EncryptJWT, jwtDecrypt } from 'jose'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import type { Challenge } from '../../src/services/challenge.js'
import { createJwe } from '../../src/services/jwe.js'
import { proofType } from '../../src/services/proof.js'
import { createSessionTokens, sessionType } from '../../src/services/session-token.js'
import { keyringOf, sampleChallenge, samplePhone } from '../fixtures/challenge.js'
import { forgeries } from '../fixtures/forgeries.js'
import { mutations } from '../fixtures/mutations.js'

function tokensOf(letters: readonly string[] = ['a'], party = { issuer: 'phone-verify', audience: 'phone-verify' }) {
  const keyring = keyringOf(...letters)
  return createSessionTokens({ jwe: createJwe(keyring, sessionType, (keys) => keys.session), keyring, ...party })
}

const tokens = tokensOf()
const key = keyringOf('a').current.session
const decrypted = (token: string) => jwtDecrypt(token, key, { currentDate: new Date(0) })

describe('a session token', () => {
  test.each<[string, Partial<Challenge>]>([
    ['with every field', {}],
    [
      'with the fewest',
      { country: undefined, tenant: undefined, subject: undefined, payload: undefined, context: undefined, locale: undefined },
    ],
    ['of a decoy', { decoy: true }],
    ['of a test number', { testNumber: true }],
    ['of a repeat', { repeatable: true }],
    ['of a deferred send', { claim: 3, policy: { ...sampleChallenge().policy, delivery: 'deferred' } }],
    ['of an instant between seconds', { startedAt: 1_767_225_600_999, expiresAt: 1_767_225_900_001 }],
  ])('%s opens as it was sealed', (_, over) => {
    const challenge = sampleChallenge(over)
    const opened = tokens.open(tokens.seal(challenge))
    expect(opened?.challenge).toStrictEqual(challenge)
    expect(opened?.keys.id).toBe(challenge.keyId)
  })

  test('whatever its words are, opens as it was sealed', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    const member = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.boolean(),
    )
    const payload = fc.dictionary(
      word.filter((name) => name !== '__proto__'),
      member,
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    )
    const instant = fc.integer({ min: 0, max: 4e12 })
    const over = fc.record({
      tenant: fc.option(word, { nil: undefined }),
      subject: fc.option(word, { nil: undefined }),
      purpose: word,
      appName: word,
      payload,
      startedAt: instant,
      expiresAt: instant,
    })
    fc.assert(
      fc.property(over, (fields) => {
        const challenge = sampleChallenge(fields)
        expect(tokens.open(tokens.seal(challenge))?.challenge).toStrictEqual(challenge)
      }),
      { numRuns: 2_000 },
    )
  })

  test('of the largest challenge still opens', () => {
    const largest = sampleChallenge({
      tenant: '\0'.repeat(256),
      subject: '縦'.repeat(256),
      purpose: 'p'.repeat(64),
      appName: '字'.repeat(64),
      payload: { a: '😀'.repeat(254) },
      locale: 'x'.repeat(35),
    })
    expect(tokens.open(tokens.seal(largest))?.challenge).toStrictEqual(largest)
  })

  test('is read by jose, with the registered claims of RFC 7519', async () => {
    const challenge = sampleChallenge()
    const { payload, protectedHeader } = await decrypted(tokens.seal(challenge))
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: challenge.keyId, typ: 'pv-session+jwt' })
    expect(payload).toMatchObject({
      iss: 'phone-verify',
      aud: 'phone-verify',
      jti: challenge.id,
      sub: 'user-17',
      iat: challenge.startedAt / 1_000,
      exp: challenge.startedAt / 1_000 + 600,
    })
  })

  test('that jose made under the same header is read by us', async () => {
    const challenge = sampleChallenge()
    const { payload, protectedHeader } = await decrypted(tokens.seal(challenge))
    const made = await new EncryptJWT(payload).setProtectedHeader(protectedHeader).encrypt(key)
    expect(tokens.open(made)?.challenge).toStrictEqual(challenge)
  })
})

describe('the length of a token tells nothing', () => {
  const ciphertext = (token: string) => Buffer.from(token.split('.')[3] ?? '', 'base64url').length

  test('every token is in a bucket of 256 bytes', () => {
    for (let length = 1; length < 600; length++)
      expect(ciphertext(tokens.seal(sampleChallenge({ subject: 'x'.repeat(length) }))) % 256).toBe(0)
  })

  test('a decoy, a real send, a repeat and a test number have one length, wherever the bucket ends', () => {
    const flags: readonly Partial<Challenge>[] = [
      {},
      { decoy: true },
      { repeatable: true },
      { testNumber: true },
      { decoy: true, repeatable: true },
    ]
    for (let length = 1; length < 300; length++) {
      const lengths = flags.map((flag) => tokens.seal(sampleChallenge({ ...flag, subject: 'x'.repeat(length) })).length)
      expect(new Set(lengths).size).toBe(1)
    }
  })

  test('so it is when a verifier makes them', async () => {
    const { verifier } = createTestVerifier()
    const lengths = [true, false].map(async (decoy) => {
      const sent = await verifier.sendCode({
        phone: decoy ? '+33612345678' : '+33612345679',
        purpose: 'password_reset',
        subject: 'user-17',
        decoy,
      })
      return sent.ok ? sent.sessionToken.length : sent.reason
    })
    expect(new Set(await Promise.all(lengths)).size).toBe(1)
  })
})

describe('what does not open', () => {
  test.each([
    ['another issuer', tokensOf(['a'], { issuer: 'other', audience: 'phone-verify' })],
    ['another audience', tokensOf(['a'], { issuer: 'phone-verify', audience: 'other' })],
    ['another secret', tokensOf(['b'])],
  ])('a token of %s', (_, foreign) => {
    expect(tokens.open(foreign.seal(sampleChallenge()))).toBeUndefined()
    expect(foreign.open(tokens.seal(sampleChallenge()))).toBeUndefined()
  })

  test('a token whose code was derived under a secret that is gone, though it was sealed under one that lives', () => {
    const token = tokensOf(['b', 'a']).seal(sampleChallenge())
    expect(tokensOf(['b', 'a']).open(token)?.keys.id).toBe(keyringOf('a').current.id)
    expect(tokensOf(['b']).open(token)).toBeUndefined()
  })
})

describe('T-TOK-01: forged session tokens', async () => {
  const token = tokens.seal(sampleChallenge())
  const { payload: claims, protectedHeader: header } = await decrypted(token)
  const keyring = keyringOf('a')
  const others = {
    'claims sealed as a proof': createJwe(keyring, proofType, (keys) => keys.proof).seal(claims),
    'claims sealed under the session key as a proof': createJwe(keyring, proofType, (keys) => keys.session).seal(claims),
    'claims sealed under the proof key as a session': createJwe(keyring, sessionType, (keys) => keys.proof).seal(claims),
    'claims sealed under the digest key': createJwe(keyring, sessionType, (keys) => keys.digest).seal(claims),
    'claims of another house': tokensOf(['b']).seal(sampleChallenge()),
  }
  const forged = forgeries({ token, header, claims, others })

  test('there are at least 200, and the token they are made of opens', () => {
    expect(new Set(forged.map(([, made]) => made)).size).toBeGreaterThanOrEqual(200)
    expect(forged.map(([, made]) => made)).not.toContain(token)
    expect(tokens.open(token)?.challenge.phone).toBe(samplePhone)
  })

  test.each(forged)('%s', (_, made) => expect(tokens.open(made)).toBeUndefined())

  test('12 500 mutations, none accepted', { timeout: 60_000 }, () => {
    const accepted = [...mutations(token, 12_500)].filter((mutated) => tokens.open(mutated) !== undefined)
    expect(accepted).toEqual([])
  })

  test('a thousand tokens of a megabyte cost nothing', () => {
    const megabyte = 'A'.repeat(1_048_576)
    const start = performance.now()
    for (let n = 0; n < 1_000; n++) tokens.open(token + megabyte)
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
