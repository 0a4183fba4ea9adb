import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { matches } from '../../src/domain/keyring.js'
import type { PhoneNumber } from '../../src/domain/phone-number.js'
import type { Challenge } from '../../src/services/challenge.js'
import { createCodes } from '../../src/services/codes.js'
import { keyringOf, sampleChallenge } from '../fixtures/challenge.js'

const codes = createCodes()
const keys = keyringOf('a').current
const challenge = sampleChallenge()
const digestOf = (over: Partial<Challenge> = {}, code = '123456') => codes.digest(sampleChallenge(over), keys, code)

describe('the code of a challenge', () => {
  test.each([4, 5, 6, 7, 8, 9, 10])('has the %i digits its policy froze', (codeLength) => {
    const policy = { ...challenge.policy, codeLength }
    expect(codes.code({ ...challenge, policy }, keys)).toMatch(new RegExp(`^[0-9]{${codeLength}}$`))
  })

  test('is the same each time, and another for another nonce, challenge or secret', () => {
    const long = { ...challenge, policy: { ...challenge.policy, codeLength: 10 } }
    const code = codes.code(long, keys)
    expect(codes.code({ ...long }, keys)).toBe(code)
    expect(codes.code({ ...long, nonce: 'another' }, keys)).not.toBe(code)
    expect(codes.code({ ...long, id: '{abcdefgh}another' }, keys)).not.toBe(code)
    expect(codes.code(long, keyringOf('b').current)).not.toBe(code)
  })

  test('does not change with what a resend or a locale changes', () => {
    const later = { ...challenge, expiresAt: challenge.expiresAt + 60_000, locale: 'de', context: undefined, claim: 2, repeatable: true }
    expect(codes.code(later, keys)).toBe(codes.code(challenge, keys))
    expect(codes.digest(later, keys, '123456')).toBe(digestOf())
  })
})

// T-BND-01, T-SEC-03.
describe('the digest of a code', () => {
  test('is a keyed MAC over length-prefixed fields, 128 bits of it', () => {
    const { id, tenant, purpose, phone, subject } = challenge
    const fields = ['v1', keys.id, tenant, purpose, id, phone, subject, '{"amount":"49.90","payee":"Zoë"}', '123456'] as const
    const framed = fields.map((field) => `${field?.length}:${field}`).join('')
    expect(digestOf()).toBe(createHmac('sha256', keys.digest.export()).update(framed).digest().toString('base64url', 0, 16))
  })

  test.each<[keyof Challenge, Partial<Challenge>]>([
    ['id', { id: '{abcdefgh}another' }],
    ['tenant', { tenant: 'other' }],
    ['tenant', { tenant: undefined }],
    ['purpose', { purpose: 'login' }],
    ['phone', { phone: '+33612345679' as PhoneNumber }],
    ['subject', { subject: 'user-18' }],
    ['subject', { subject: undefined }],
    ['payload', { payload: { amount: '4.99', payee: 'Zoë' } }],
    ['payload', { payload: { amount: '49.90', payee: 'Mallory' } }],
    ['payload', { payload: { amount: 49.9, payee: 'Zoë' } }],
    ['payload', { payload: undefined }],
  ])('changes with the %s: %j', (_, over) => {
    expect(matches(digestOf(over), digestOf())).toBe(false)
    expect(digestOf({ payload: { payee: 'Zoë', amount: '49.90' } })).toBe(digestOf())
  })

  test('changes with the secret, also for two of one house', () => {
    const [newer, older] = keyringOf('b', 'a').all
    expect(codes.digest(challenge, older!, '123456')).toBe(digestOf())
    expect(codes.digest(challenge, newer!, '123456')).not.toBe(digestOf())
  })

  test('of all codes of four digits, each is another', () => {
    const digests = new Set(Array.from({ length: 10_000 }, (_, code) => digestOf({}, String(code).padStart(4, '0'))))
    expect(digests.size).toBe(10_000)
  })

  // T-BND-04.
  test.each<[Partial<Challenge>, Partial<Challenge>]>([
    [
      { tenant: 'a', purpose: 'bc' },
      { tenant: 'ab', purpose: 'c' },
    ],
    [
      { tenant: undefined, purpose: 'a' },
      { tenant: '', purpose: 'a' },
    ],
    [
      { subject: 'a{}', payload: undefined },
      { subject: 'a', payload: {} },
    ],
    [
      { subject: 'x1:y', payload: undefined },
      { subject: 'x', payload: { y: 1 } },
    ],
    [
      { tenant: 'a\0b', purpose: 'c' },
      { tenant: 'a', purpose: 'b\0c' },
    ],
  ])('fields never run into each other: %j and %j', (a, b) => expect(digestOf(a)).not.toBe(digestOf(b)))
})
