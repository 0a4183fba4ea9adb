import { createSecretKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { createPhoneVerifier, type ProofKeyOption } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { describe, expect, test } from 'vitest'
import { readProofKeys } from '../src/proof-keys.js'
import { createInspection } from '../src/validation.js'
import { secretOf } from './fixtures/challenge.js'

const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' })
const ed25519 = generateKeyPairSync('ed25519')
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const others = {
  Ed448: generateKeyPairSync('ed448'),
  X25519: generateKeyPairSync('x25519'),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const secretKey = createSecretKey(Buffer.alloc(32, 1))

function read(option: unknown) {
  const inspection = createInspection()
  const keys = readProofKeys(option, inspection)
  return { keys, problems: inspection.problems.map(({ option: name, message }) => `${name}: ${message}`) }
}

const publicWrong = 'proofKeys.0.publicKey: must be an Ed25519 or P-256 public key'
const privateWrong = 'proofKeys.0.privateKey: must be the private key of publicKey'

describe('a key pair that signs proofs', () => {
  test.each([
    ['EdDSA', ed25519],
    ['ES256', p256],
  ] as const)('is %s, as KeyObjects or as JWKs', (algorithm, { privateKey, publicKey }) => {
    for (const its of [
      { privateKey, publicKey },
      { privateKey: jwkOf(privateKey), publicKey: jwkOf(publicKey) },
    ]) {
      const { keys, problems } = read([{ kid: 'k', ...its }])
      expect(problems).toEqual([])
      expect(keys.map((key) => [key.kid, key.algorithm])).toEqual([['k', algorithm]])
      expect(keys[0]?.publicKey.equals(publicKey)).toBe(true)
      expect(keys[0]?.privateKey?.equals(privateKey)).toBe(true)
    }
  })

  test('none at all is no problem', () => expect([read(undefined), read([])]).toEqual(Array(2).fill({ keys: [], problems: [] })))

  test('only the first needs its private half', () => {
    const { keys, problems } = read([
      { kid: 'a', ...ed25519 },
      { kid: 'b', publicKey: p256.publicKey },
    ])
    expect(problems).toEqual([])
    expect(keys[1]).not.toHaveProperty('privateKey')
    expect(read([{ kid: 'b', publicKey: p256.publicKey }]).problems).toEqual([privateWrong])
  })

  test('a private JWK in the place of the public one is read as its public half', () => {
    const { keys } = read([{ kid: 'k', privateKey: jwkOf(ed25519.privateKey), publicKey: jwkOf(ed25519.privateKey) }])
    expect(keys[0]?.publicKey.type).toBe('public')
  })

  test.each(Object.entries(others))('is never %s', (_, pair) => {
    expect(read([{ kid: 'k', ...pair }]).problems).toContain(publicWrong)
    expect(read([{ kid: 'k', ...pair }]).keys).toEqual([])
  })

  const pem = ed25519.publicKey.export({ format: 'pem', type: 'spki' })
  const noKeys: readonly unknown[] = [
    undefined,
    null,
    '',
    pem,
    5,
    {},
    [],
    secretKey,
    jwkOf(secretKey),
    { kty: 'OKP', crv: 'Ed25519', x: 'short' },
    ed25519.privateKey,
  ]
  test.each(noKeys.map((publicKey) => [publicKey]))('has a public key: case %#', (publicKey) => {
    expect(read([{ kid: 'k', privateKey: ed25519.privateKey, publicKey }]).problems).toContain(publicWrong)
  })

  const foreign: readonly unknown[] = [
    null,
    '',
    {},
    secretKey,
    ed25519.publicKey,
    jwkOf(ed25519.publicKey),
    p256.privateKey,
    generateKeyPairSync('ed25519').privateKey,
  ]
  test.each(foreign.map((privateKey) => [privateKey]))('has a private key that belongs to it: case %#', (privateKey) => {
    expect(read([{ kid: 'k', privateKey, publicKey: ed25519.publicKey }]).problems).toEqual([privateWrong])
    const second = read([
      { kid: 'a', ...p256 },
      { kid: 'b', privateKey, publicKey: ed25519.publicKey },
    ]).problems
    expect(second).toEqual([privateWrong.replace('.0.', '.1.')])
  })

  test.each([undefined, null, '', 'x'.repeat(129), 5, '\ud800', ['k']].map((kid) => [kid]))('has a name: case %#', (kid) => {
    expect(read([{ kid, ...ed25519 }]).problems).toContain('proofKeys.0.kid: must be a string of 1 to 128 characters')
  })

  test('has a name of its own', () => {
    expect(
      read([
        { kid: 'k', ...ed25519 },
        { kid: 'k', ...p256 },
      ]).problems,
    ).toEqual(['proofKeys: must not use a kid twice'])
  })

  test.each([null, {}, 'x', 5, [null], ['x'], [[]]].map((option) => [option]))('stands in a list: case %#', (option) => {
    expect(read(option)).toEqual({ keys: [], problems: ['proofKeys: must list { kid, privateKey, publicKey }'] })
  })

  test('no problem says a key', () => {
    const { problems } = read([{ kid: '', privateKey: jwkOf(p256.privateKey), publicKey: jwkOf(ed25519.publicKey) }])
    expect(problems.join()).not.toContain(jwkOf(p256.privateKey).d)
  })
})

describe('T-SEC-04: key pairs rotate', () => {
  const a: ProofKeyOption = { kid: 'a', ...ed25519 }
  const b: ProofKeyOption = { kid: 'b', privateKey: jwkOf(p256.privateKey), publicKey: jwkOf(p256.publicKey) }
  const stages = [[a], [a, b], [b, a], [b]]
  const store = memoryStore()
  const sms = outboxBackend()
  const limits = { sendsPerPrefix: [], sendsPerSubject: [] }
  const verifierOf = (proofKeys: readonly ProofKeyOption[]) =>
    createPhoneVerifier({
      store,
      sms,
      secret: secretOf('a'),
      appName: 'Acme',
      countries: '*',
      limits,
      proofKeys,
      issuer: 'https://id.example',
      audience: 'shop',
    })

  let phones = 0
  async function proofOf(verifier: ReturnType<typeof verifierOf>): Promise<string> {
    const sent = await verifier.sendCode({ phone: `+3361234${5000 + phones++}`, purpose: 'login', subject: 'user-17' })
    const sessionToken = sent.ok && sent.sessionToken
    const verified = await verifier.verifyCode({ sessionToken, code: sms.messages.at(-1)?.code, purpose: 'login', subject: 'user-17' })
    return verified.ok ? verified.proof : expect.unreachable(verified.reason)
  }

  test.each(stages.map((stage) => [stage.map(({ kid }) => kid), stage] as const))(
    'at %j the first signs and all are published, never their private half',
    async (kids, stage) => {
      const verifier = verifierOf(stage)
      expect(decodeProtectedHeader(await proofOf(verifier))).toMatchObject({ kid: kids[0] })
      const { keys } = verifier.jwks()
      expect(keys.map(({ kid }) => kid)).toEqual(kids)
      for (const key of keys) expect(Object.keys(key)).not.toContain('d')
    },
  )

  const pairs = stages.flatMap((then, i) => stages.map((now, j) => [i, j, then, now, now.includes(then[0] as ProofKeyOption)] as const))
  test.each(pairs)('a proof of stage %i is redeemed, and read by another service, at stage %i', async (_, __, then, now, ok) => {
    const proof = await proofOf(verifierOf(then))
    const verifier = verifierOf(now)
    const read = jwtVerify(proof, createLocalJWKSet({ keys: [...verifier.jwks().keys] }), {
      issuer: 'https://id.example',
      audience: 'shop',
      typ: 'pv-proof+jwt',
    })
    expect(
      await read.then(
        ({ payload }) => payload.sub,
        () => 'unreadable',
      ),
    ).toBe(ok ? 'user-17' : 'unreadable')
    const outcome = await verifier.redeemProof({ proof, purpose: 'login', subject: 'user-17' })
    expect(outcome).toMatchObject(ok ? { ok } : { ok, reason: 'invalid_proof' })
  })

  test('without key pairs there is nothing to publish', () => expect(verifierOf([]).jwks()).toEqual({ keys: [] }))
})
