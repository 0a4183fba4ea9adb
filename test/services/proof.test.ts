import { createPublicKey, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, EncryptJWT, jwtDecrypt, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Proof } from '../../src/services/challenge.js'
import { createJwe } from '../../src/services/jwe.js'
import { createProofs, type ProofKey, proofType, publicKeys } from '../../src/services/proof.js'
import { sessionType } from '../../src/services/session-token.js'
import { keyringOf, samplePhone } from '../fixtures/challenge.js'
import { encoded, forgeries } from '../fixtures/forgeries.js'
import { mutations } from '../fixtures/mutations.js'

const eddsa: ProofKey = { kid: 'ed-1', algorithm: 'EdDSA', ...generateKeyPairSync('ed25519') }
const es256: ProofKey = { kid: 'es-1', algorithm: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
const party = { issuer: 'https://id.example', audience: 'shop' }
const keyring = keyringOf('a')
const jweOf = (letters: readonly string[]) => createJwe(keyringOf(...letters), proofType, (keys) => keys.proof)
const proofsOf = (proofKeys: readonly ProofKey[], letters = ['a'], parties = party) =>
  createProofs({ jwe: jweOf(letters), proofKeys, ...parties })

const sample = (over: Partial<Proof> = {}): Proof => ({
  id: '{abcdefgh}AAECAwQFBgcICQoLDA0ODw',
  phone: samplePhone,
  purpose: 'payment',
  tenant: 'acme',
  subject: 'user-17',
  payload: { amount: '49.90', urgent: true, n: 1.5 },
  returnsSubject: false,
  issuedAt: Date.UTC(2026, 0, 1) + 123,
  expiresAt: Date.UTC(2026, 0, 1) + 600_123,
  ...over,
})

const kinds = [
  ['encrypted', []],
  ['EdDSA', [eddsa]],
  ['ES256', [es256]],
] as const

/** Header and claims of a proof, by jose alone: it judges the token as another service would. */
async function readByJose(token: string, [signer]: readonly ProofKey[]) {
  const judged = { issuer: party.issuer, audience: party.audience, typ: 'pv-proof+jwt', currentDate: new Date(Date.UTC(2026, 0, 1)) }
  if (signer === undefined) return jwtDecrypt(token, keyring.current.proof, judged)
  return jwtVerify(token, createLocalJWKSet({ keys: [...publicKeys([eddsa, es256]).keys] }), { ...judged, algorithms: [signer.algorithm] })
}

describe.each(kinds)('a proof, %s', (kind, proofKeys) => {
  const proofs = proofsOf(proofKeys)

  test.each<[string, Partial<Proof>]>([
    ['with every field', {}],
    ['with the fewest', { tenant: undefined, subject: undefined, payload: undefined }],
    ['whose subject is returned', { returnsSubject: true }],
    [
      'of other words',
      { tenant: 'Zoë 😀', subject: '{"sub":"x"}', purpose: 'delivery_pin', payload: { '': '', __proto: 'x', 'a"b': '\n' } },
    ],
  ])('%s opens as it was sealed', async (_, over) => {
    expect(await proofs.open(await proofs.seal(sample(over)))).toStrictEqual(sample(over))
  })

  test('is read by jose, with the registered claims of RFC 7519', async () => {
    const token = await proofs.seal(sample())
    const { payload, protectedHeader } = await readByJose(token, proofKeys)
    expect(payload).toEqual({
      ...{ iss: party.issuer, aud: party.audience, jti: sample().id, sub: 'user-17', iat: 1_767_225_600.123, exp: 1_767_226_200.123 },
      ...{ phone_number: samplePhone, purpose: 'payment', tenant: 'acme', payload: sample().payload },
    })
    const [signer] = proofKeys as readonly ProofKey[]
    const header = signer ? { alg: kind, kid: signer.kid } : { alg: 'dir', enc: 'A256GCM', kid: keyring.current.id }
    expect(protectedHeader).toEqual({ ...header, typ: 'pv-proof+jwt' })
  })

  test('that jose made under the same header is read by us', async () => {
    const { payload, protectedHeader } = await readByJose(await proofs.seal(sample()), proofKeys)
    const [signer] = proofKeys as readonly ProofKey[]
    const made = signer
      ? await new SignJWT(payload).setProtectedHeader({ ...protectedHeader, alg: kind }).sign(signer.privateKey as KeyObject)
      : await new EncryptJWT(payload).setProtectedHeader({ ...protectedHeader, alg: 'dir', enc: 'A256GCM' }).encrypt(keyring.current.proof)
    expect(await proofs.open(made)).toStrictEqual(sample())
  })

  test('expired ones open: whoever redeems tells them from forged ones', async () => {
    const expired = sample({ issuedAt: 1_000, expiresAt: 2_000 })
    expect(await proofs.open(await proofs.seal(expired))).toStrictEqual(expired)
  })

  test.each([
    ['issuer', { ...party, issuer: 'https://other.example' }],
    ['audience', { ...party, audience: 'bank' }],
  ])('of another %s does not open', async (_, other) => {
    expect(await proofs.open(await proofsOf(proofKeys, ['a'], other).seal(sample()))).toBeUndefined()
  })
})

describe('what a proof shows', () => {
  test('an encrypted one fills a bucket and shows nothing', async () => {
    const token = await proofsOf([]).seal(sample())
    expect(Buffer.from(token.split('.')[3] ?? '', 'base64url').length % 256).toBe(0)
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: keyring.current.id, typ: 'pv-proof+jwt' })
  })

  test('public keys are public, for signatures only, and of one algorithm each', () => {
    const [first, second] = publicKeys([eddsa, es256]).keys
    expect(first).toEqual({ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: 'ed-1', alg: 'EdDSA', use: 'sig' })
    expect(second).toEqual({ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: 'es-1', alg: 'ES256', use: 'sig' })
    expect(createPublicKey({ key: { ...first }, format: 'jwk' }).equals(eddsa.publicKey)).toBe(true)
    expect(publicKeys([])).toEqual({ keys: [] })
  })
})

describe('T-SEC-04: proof keys rotate', () => {
  const stages = [[], [eddsa], [eddsa, es256], [es256, eddsa], [es256]]
  const names = stages.map((stage) => stage.map(({ kid }) => kid).join(', ') || 'no key')
  // An encrypted proof needs no key pair; a signed one needs the pair that signed it.
  const pairs = stages.flatMap((then, i) =>
    stages.map((now, j) => [names[i], names[j], then, now, !then[0] || now.includes(then[0])] as const),
  )

  test.each(pairs)('a proof made under %s opens under %s', async (_, __, then, now, opens) => {
    const opened = await proofsOf(now).open(await proofsOf(then).seal(sample()))
    expect(opened?.phone).toBe(opens ? samplePhone : undefined)
  })

  test('an encrypted proof lives as long as its secret', async () => {
    const old = await proofsOf([], ['a']).seal(sample())
    expect((await proofsOf([], ['b', 'a']).open(old))?.phone).toBe(samplePhone)
    expect(await proofsOf([], ['b']).open(old)).toBeUndefined()
  })
})

describe.each(kinds)('T-TOK-01: forged proofs, %s', async (_, proofKeys) => {
  const both =
    proofKeys.length === 0 ? [] : [...proofKeys, ...[eddsa, es256].filter((key) => !(proofKeys as readonly ProofKey[]).includes(key))]
  const proofs = proofsOf(both)
  const [signer] = proofKeys as readonly ProofKey[]
  const token = await proofs.seal(sample())
  const { payload: claims } = await readByJose(token, proofKeys)
  const header = decodeProtectedHeader(token)

  /** Signed by our own key: nothing but the header or the claims can be what stops it. */
  const signed = (over: object, body: unknown = claims, { algorithm, privateKey }: ProofKey = signer ?? eddsa) => {
    const input = `${encoded({ ...header, ...over })}.${encoded(body)}`
    const key = privateKey as KeyObject
    const signature =
      algorithm === 'EdDSA'
        ? signWith(null, Buffer.from(input), key)
        : signWith('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
  const other = signer === eddsa ? es256 : eddsa
  const { iss: _iss, ...noIssuer } = claims
  const { jti: _jti, ...noId } = claims
  const { exp: _exp, ...noEnd } = claims
  const others: Record<string, string> = {
    'session token of the same house': createJwe(keyring, sessionType, (keys) => keys.session).seal(claims),
    'session token under the proof key': createJwe(keyring, sessionType, (keys) => keys.proof).seal(claims),
    'encrypted proof of another house': await proofsOf([], ['b']).seal(sample()),
    'proof signed by nobody we know': await proofsOf([{ ...eddsa, ...generateKeyPairSync('ed25519') }]).seal(sample()),
    'proof whose key has another kid': signed({ kid: other.kid }),
    'proof signed by one key in the name of the other': signed({ kid: other.kid, alg: other.algorithm }),
    'proof signed by the other key in the name of this one': signed({ kid: (signer ?? eddsa).kid }, claims, other),
    'proof under another name of its algorithm': signed({ alg: 'Ed25519' }),
    'proof without a kid': signed({ kid: undefined }),
    'proof without a typ': signed({ typ: undefined }),
    'proof of typ JWT': signed({ typ: 'JWT' }),
    'proof of the typ of a session': signed({ typ: sessionType }),
    'proof with an unknown crit': signed({ crit: ['exp'] }),
    'proof with an empty crit': signed({ crit: [] }),
    'proof with b64: false': signed({ b64: false, crit: ['b64'] }),
    'proof without an issuer': signed({}, noIssuer),
    'proof without an id': signed({}, noId),
    'proof without an end': signed({}, noEnd),
    'proof with an end of text': signed({}, { ...claims, exp: '9e9' }),
    'proof of a later day': signed({}, { ...claims, nbf: 9e9 }),
    'proof whose claims are a list': signed({}, [claims]),
    'proof whose claims are text': signed({}, '"x"'),
    'proof whose claims are no JSON': signed({}, 'x'),
    'proof of a nested proof': signed({ cty: 'JWT' }, token),
    'proof larger than any of ours': signed({}, { ...claims, more: 'x'.repeat(8_000) }),
    'proof for a list of others': signed({}, { ...claims, aud: ['bank', 'other'] }),
  }
  const forged = forgeries({ token, header, claims, others, ...(signer && { publicKey: signer.publicKey }) })

  test('there are at least 200, and the token they are made of opens', async () => {
    expect(new Set(forged.map(([, made]) => made)).size).toBeGreaterThanOrEqual(200)
    expect(forged.map(([, made]) => made)).not.toContain(token)
    expect(await proofs.open(token)).toStrictEqual(sample())
    if (signer) expect(await proofs.open(signed({}))).toStrictEqual(sample())
  })

  test.each(forged)('%s', async (_, made) => expect(await proofs.open(made)).toBeUndefined())

  test('12 500 mutations, none accepted', { timeout: 60_000 }, async () => {
    const accepted: string[] = []
    for (const mutated of mutations(token, 12_500)) if ((await proofs.open(mutated)) !== undefined) accepted.push(mutated)
    expect(accepted).toEqual([])
  })
})
