import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/domain/limits.js'
import { defaultPolicy } from '../../src/domain/purpose.js'
import { type Beginning, createBeginChallenge } from '../../src/services/begin-challenge.js'
import { createQuotas } from '../../src/services/quotas.js'
import { keyringOf, samplePhone } from '../fixtures/challenge.js'

const policy = defaultPolicy('login')
const terms = { appName: 'Acme', countries: '*', defaultCountry: undefined, limits: defaultLimits, policy } as const

const beginning = (over: Partial<Beginning> = {}): Beginning => ({
  phone: samplePhone,
  country: 'FR',
  purpose: 'login',
  tenant: 'acme',
  subject: 'user-17',
  payload: undefined,
  context: undefined,
  client: { ip: '192.0.2.1' },
  locale: 'fr',
  decoy: false,
  idempotencyKey: undefined,
  terms,
  testNumber: undefined,
  ...over,
})

function makeBegin() {
  const clock = fakeClock()
  const keyring = keyringOf('a')
  const quotas = createQuotas(keyring)
  return { clock, keyring, quotas, ...createBeginChallenge({ keyring, quotas, now: clock.now }) }
}

describe('createBeginChallenge', () => {
  test('a challenge says what it was begun from, and when', () => {
    const { begin, clock, keyring, quotas } = makeBegin()
    const { allowShortCodes: _, numberTypes: __, payloadRequired: ___, ...frozen } = policy
    expect(begin(beginning(), 0)).toEqual({
      id: expect.stringContaining(quotas.tag('acme')),
      keyId: keyring.current.id,
      nonce: expect.stringMatching(/^[\w-]{22}$/),
      phone: samplePhone,
      country: 'FR',
      purpose: 'login',
      tenant: 'acme',
      subject: 'user-17',
      payload: undefined,
      context: undefined,
      locale: 'fr',
      appName: 'Acme',
      policy: frozen,
      claim: undefined,
      startedAt: clock.now(),
      expiresAt: clock.now() + 300_000,
      decoy: false,
      repeatable: false,
      testNumber: false,
    })
  })

  test('ids and nonces are never the same twice', () => {
    const { begin } = makeBegin()
    const challenges = Array.from({ length: 1_000 }, () => begin(beginning(), 0))
    expect(new Set(challenges.flatMap(({ id, nonce }) => [id, nonce]))).toHaveProperty('size', 2_000)
  })

  test('the code of a test number has the length its owner gave it', () => {
    const testNumber = { phone: samplePhone, code: '1234', until: Number.POSITIVE_INFINITY }
    expect(makeBegin().begin(beginning({ testNumber }), 0)).toMatchObject({ testNumber: true, policy: { codeLength: 4 } })
  })

  test('only a deferred send has a claim', () => {
    const { begin } = makeBegin()
    const claims = (['await', 'background', 'deferred'] as const).map((delivery) => {
      return begin(beginning({ terms: { ...terms, policy: { ...policy, delivery } } }), 0).claim
    })
    expect(claims).toEqual([undefined, undefined, 1])
  })

  test('the same idempotency key begins the same challenge', () => {
    const { begin, clock } = makeBegin()
    const first = begin(beginning({ idempotencyKey: 'k' }), 0)
    clock.advance(1)
    expect(begin(beginning({ idempotencyKey: 'k' }), 0).id).toBe(first.id)
  })

  test.each([
    ['tenant', { tenant: 'other' }],
    ['no tenant', { tenant: undefined }],
    ['purpose', { purpose: 'registration' }],
    ['phone', { phone: '+33612345679' as typeof samplePhone }],
    ['client', { client: { ip: '192.0.2.2' } }],
    ['no client', { client: undefined }],
    ['client that is named as an id', { client: { id: '192.0.2.1' } }],
    ['key', { idempotencyKey: 'K' }],
    ['subject', { subject: 'user-18' }],
    ['no subject', { subject: undefined }],
    ['payload', { payload: { amount: '5' } }],
    ['decoy', { decoy: true }],
    ['policy', { terms: { ...terms, policy: { ...policy, codeLength: 8 } } }],
  ])('with another %s the same key begins another challenge', (_, over) => {
    const { begin } = makeBegin()
    expect(begin(beginning({ idempotencyKey: 'k', ...over }), 0).id).not.toBe(begin(beginning({ idempotencyKey: 'k' }), 0).id)
  })

  test('another turn of a key is another challenge with another nonce', () => {
    const { begin } = makeBegin()
    const turns = [0, 1, 2].map((turn) => begin(beginning({ idempotencyKey: 'k' }), turn))
    expect(new Set(turns.map(({ id }) => id)).size).toBe(3)
    expect(new Set(turns.map(({ nonce }) => nonce)).size).toBe(3)
  })

  test('the same key begins the same challenge whatever only its message says: locale and context', () => {
    const { begin } = makeBegin()
    const first = begin(beginning({ idempotencyKey: 'k' }), 0)
    expect(begin(beginning({ idempotencyKey: 'k', locale: 'de', context: { city: 'Lyon' } }), 0).id).toBe(first.id)
  })

  test('a key never gives the same nonce twice, and so no old code a second life', () => {
    const { begin } = makeBegin()
    const nonces = Array.from({ length: 100 }, () => begin(beginning({ idempotencyKey: 'k' }), 0).nonce)
    expect(new Set(nonces).size).toBe(100)
  })

  test('a repeat restates when the challenge began and when its code ends', () => {
    const { begin, restate, clock } = makeBegin()
    const first = begin(beginning({ idempotencyKey: 'k' }), 0)
    clock.advance(100_000)
    const again = begin(beginning({ idempotencyKey: 'k' }), 0)
    const restated = restate(again, { status: 'exists', expiresInMs: 200_000, lifeMs: 500_000 })
    expect(restated).toEqual({ ...first, nonce: again.nonce })
    expect(restated.repeatable).toBe(true)
  })
})
