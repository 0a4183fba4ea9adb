import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { createPhoneVerifier } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { createKeyring, mac, matches } from '../../src/domain/keyring.js'
import { keyringOf, secretOf } from '../fixtures/challenge.js'

const hmac = (key: string | Buffer, data: string | Buffer) => createHmac('sha256', key).update(data).digest()
const hex = (text: string) => Buffer.from(text, 'hex')

/** RFC 5869, written from the RFC: extract, then expand. */
function hkdf(ikm: string | Buffer, salt: string | Buffer, info: string | Buffer, length: number): Buffer {
  const prk = hmac(salt, Buffer.from(ikm))
  let okm = Buffer.alloc(0)
  for (let block = Buffer.alloc(0), n = 1; okm.length < length; n++) {
    block = Buffer.from(hmac(prk, Buffer.concat([block, Buffer.from(info), Buffer.from([n])])))
    okm = Buffer.concat([okm, block])
  }
  return okm.subarray(0, length)
}

const exported = (key: KeyObject) => key.export().toString('hex')

describe('the known answers that the reckonings of this file are held to', () => {
  test.each([
    ['4869205468657265', '0b'.repeat(20), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
      '4a656665',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['dd'.repeat(50), 'aa'.repeat(20), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      'cd'.repeat(50),
      '0102030405060708090a0b0c0d0e0f10111213141516171819',
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
  ])('HMAC-SHA-256 of RFC 4231: %.20s…', (data, key, digest) => expect(hmac(hex(key), hex(data)).toString('hex')).toBe(digest))

  test.each([
    [
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    ['', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
  ])('HKDF-SHA-256 of RFC 5869, salt %j', (salt, info, okm) => {
    expect(hkdf(hex('0b'.repeat(22)), hex(salt), hex(info), 42).toString('hex')).toBe(okm)
  })
})

describe('a keyring', () => {
  // Another label, salt or hash would end every live token and restart every counter: a change of these strings is a breaking change.
  test('derives each key by HKDF from the secret, under a label of its own', () => {
    const secret = 'clef-éphémère-🔑-of-more-than-thirty-two-bytes'
    const { current } = createKeyring([secret], secretOf('a'))
    const derived = (use: string) => hkdf(secret, 'phone-verify', `phone-verify v1 ${use}`, 32)
    expect(exported(current.code)).toBe(derived('code').toString('hex'))
    expect(exported(current.digest)).toBe(derived('digest').toString('hex'))
    expect(exported(current.session)).toBe(derived('session token').toString('hex'))
    expect(exported(current.proof)).toBe(derived('proof').toString('hex'))
    expect(current.id).toBe(derived('key id').toString('base64url', 0, 6))
  })

  test('index is an HMAC under a key of the index secret', () => {
    const { index } = createKeyring([secretOf('b')], secretOf('a'))
    const key = hkdf(secretOf('a'), 'phone-verify', 'phone-verify v1 index', 32)
    expect(index('phone', undefined, '+33612345678')).toBe(hmac(key, '5:phone-12:+33612345678').toString('base64url', 0, 16))
  })

  // T-SEC-05: the index secret may be one of the secrets; what is derived from it for one use says nothing of another.
  test('no two of its keys are the same, of one secret or of two', () => {
    const { all, index } = keyringOf('a', 'b')
    const keys = all.flatMap(({ code, digest, session, proof }) => [code, digest, session, proof].map(exported))
    expect(new Set([...keys, ...all.map(({ id }) => id)]).size).toBe(10)
    expect(all.map(({ digest }) => mac(digest, ['x']))).not.toContain(index('x'))
    expect(createKeyring([secretOf('a')], secretOf('b')).index('x')).not.toBe(index('x'))
  })

  test('the first secret makes, all are found by id, and nothing else is', () => {
    const ring = keyringOf('a', 'b', 'c')
    expect(ring.all.map(({ id }) => id)).toEqual(['a', 'b', 'c'].map((letter) => keyringOf(letter).current.id))
    expect(ring.current).toBe(ring.all[0])
    for (const keys of ring.all) expect(ring.byId(keys.id)).toBe(keys)
    for (const id of ['', '__proto__', 'constructor', keyringOf('d').current.id]) expect(ring.byId(id)).toBeUndefined()
  })
})

describe('T-BND-04: fields never run into each other', () => {
  const key = createSecretKey(Buffer.alloc(32, 1))
  const digests = (tuples: readonly (readonly (string | undefined)[])[]) => new Set(tuples.map((tuple) => mac(key, tuple)))

  test('all tuples of up to three short fields of delimiters and digits, 33 824 of them: no two of their 572 million pairs meet', () => {
    const alphabet = ['-', ':', '0', '1', '2']
    const fields = [undefined, '', ...alphabet, ...alphabet.flatMap((a) => alphabet.map((b) => a + b))]
    const grown = (tuples: readonly (string | undefined)[][]) => tuples.flatMap((tuple) => fields.map((field) => [...tuple, field]))
    const tuples = [...grown([[]]), ...grown(grown([[]])), ...grown(grown(grown([[]])))]
    expect(tuples).toHaveLength(33_824)
    expect(digests(tuples).size).toBe(tuples.length)
  })

  test('nor do long and awkward ones', () => {
    const long = 'x'.repeat(65_536)
    const tuples = [
      ...[[], [''], [undefined], ['', ''], ['\0'], ['\0', ''], ['', '\0'], ['a\0', 'b'], ['a', '\0b'], ['{a}', 'b'], ['{a', '}b']],
      ...[['😀'], ['😀', ''], ['\u00e9'], ['e\u0301'], [long], [`${long}x`], [long, 'x'], ['x', long], ['1:a1:b'], ['a', 'b'], ['a1:b']],
    ]
    expect(digests(tuples).size).toBe(tuples.length)
  })

  test('two tuples have one digest if and only if they are the same', { timeout: 60_000 }, () => {
    const awkward = fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom('-', ':', '1', '2', '3', '{', '}', '|', '\0', '\n'), maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    )
    const tuple = fc.array(awkward, { maxLength: 3 })
    const same = (a: readonly unknown[], b: readonly unknown[]) => a.length === b.length && a.every((field, at) => field === b[at])
    fc.assert(
      fc.property(tuple, tuple, (a, b) => (mac(key, a) === mac(key, b)) === same(a, b)),
      { numRuns: 100_000 },
    )
  })

  test('a digest is the HMAC of what was framed, 128 bits of it', () => {
    const framed = hmac(Buffer.alloc(32, 1), '2:v1-0:3:a:b3:é😀')
    expect(mac(key, ['v1', undefined, '', 'a:b', 'é😀'])).toBe(framed.toString('base64url', 0, 16))
  })
})

describe('matches', () => {
  const digest = mac(createSecretKey(Buffer.alloc(32, 1)), ['x'])

  test('is true of a digest and itself only', () => {
    expect(matches(digest, `${digest}`)).toBe(true)
    for (let at = 0; at < digest.length; at++) expect(matches(`${digest.slice(0, at)}.${digest.slice(at + 1)}`, digest)).toBe(false)
  })

  // T-INP-02: an empty record must not equal an empty guess.
  test.each(['', '0', digest.slice(1), `${digest}x`, digest + digest])('%j matches nothing, not even itself', (part) => {
    expect([matches(part, part), matches(digest, part), matches(part, digest)]).toEqual([false, false, false])
  })
})

describe('T-SEC-04: secrets rotate', () => {
  const stages = [['a'], ['a', 'b'], ['b', 'a'], ['b']]
  const pairs = stages.flatMap((then) => stages.map((now) => [then, now, now.includes(then[0]!)] as const))

  /** One store and one phone, whatever secrets the verifiers have. */
  function house() {
    const clock = fakeClock()
    const store = memoryStore({ now: clock.now })
    const sms = outboxBackend()
    const common = { store, sms, appName: 'Acme', countries: '*', indexSecret: secretOf('a'), now: clock.now } as const
    const verifier = (letters: readonly string[]) => createPhoneVerifier({ ...common, secret: letters.map(secretOf) })
    const send = (letters: readonly string[]) => verifier(letters).sendCode({ phone: '+33612345678', purpose: 'login' })
    const sent = async (letters: readonly string[]) => {
      const outcome = await send(letters)
      return outcome.ok ? outcome.sessionToken : expect.unreachable(outcome.reason)
    }
    const verify = (letters: readonly string[], sessionToken: string, code = sms.messages.at(-1)?.code) =>
      verifier(letters).verifyCode({ sessionToken, code, purpose: 'login' })
    return { clock, sms, verifier, send, sent, verify }
  }

  test.each(pairs)('a code sent under %j verifies under %j: %j', async (then, now, ok) => {
    const { sent, verify } = house()
    const outcome = await verify(now, await sent(then))
    expect(outcome).toMatchObject(ok ? { ok } : { ok, reason: 'invalid_session' })
  })

  test.each(pairs)('a proof made under %j is redeemed under %j: %j', async (then, now, ok) => {
    const { sent, verify, verifier } = house()
    const verified = await verify(then, await sent(then))
    const proof = verified.ok && verified.proof
    expect(await verifier(now).redeemProof({ proof, purpose: 'login' })).toMatchObject(ok ? { ok } : { ok, reason: 'invalid_proof' })
  })

  test('a resend under the new secret sends the old code, which lives as long as the old secret', async () => {
    const { sms, clock, sent, verify, verifier } = house()
    const first = await sent(['a', 'b'])
    clock.advance(30_000)
    const again = await verifier(['b', 'a']).resendCode({ sessionToken: first })
    const sessionToken = again.ok ? again.sessionToken : expect.unreachable(again.reason)
    expect(sms.messages[1]?.code).toBe(sms.messages[0]?.code)
    expect(await verify(['b'], sessionToken)).toEqual({ ok: false, reason: 'invalid_session' })
    expect(await verify(['b', 'a'], sessionToken)).toMatchObject({ ok: true })
  })

  test('limits count on, under an index secret that stays', async () => {
    const { clock, send } = house()
    for (const stage of [...stages, ['b']]) {
      expect(await send(stage)).toMatchObject({ ok: true })
      clock.advance(660_000)
    }
    expect(await send(['b'])).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 300_000 })
  })

  test('the ledger counts on, under an index secret that stays', async () => {
    const { clock, sms, sent, verify } = house()
    const guesses: string[] = []
    for (const stage of [['a'], ['b', 'a'], ['b']]) {
      const sessionToken = await sent(stage)
      const wrong = sms.messages.at(-1)?.code === '000000' ? '111111' : '000000'
      for (let guess = 0; guess < 4; guess++)
        guesses.push(await verify(stage, sessionToken, wrong).then((it) => (it.ok ? 'ok' : it.reason)))
      clock.advance(300_000)
    }
    expect(guesses).toEqual([...Array(10).fill('incorrect_code'), 'locked', 'locked'])
  })
})
