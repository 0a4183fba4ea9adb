import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/domain/limits.js'
import { challengeLifeMs, defaultPolicy } from '../../src/domain/purpose.js'
import { type Beginning, createBeginChallenge } from '../../src/services/begin-challenge.js'
import { createCall } from '../../src/services/call.js'
import { createClaims } from '../../src/services/claims.js'
import { createCodes } from '../../src/services/codes.js'
import type { GrantedSend } from '../../src/services/dispatch.js'
import { createOpenChallenge } from '../../src/services/open-challenge.js'
import { createQuotas } from '../../src/services/quotas.js'
import { memoryStore } from '../../src/store/memory.js'
import type { ChallengeRecord, Quota, Store } from '../../src/store/store.js'
import { keyringOf, samplePhone } from '../fixtures/challenge.js'

const keyring = keyringOf('a')
const deliveries = ['await', 'background', 'deferred'] as const
const policyOf = (delivery: (typeof deliveries)[number]) => ({ ...defaultPolicy('login'), delivery })

const beginning = (over: Partial<Beginning> = {}, delivery: (typeof deliveries)[number] = 'await'): Beginning => ({
  ...{ phone: samplePhone, country: 'FR', purpose: 'login', tenant: 'acme', subject: 'user-17', payload: undefined, context: undefined },
  ...{ client: { ip: '192.0.2.1' }, locale: 'fr', decoy: false, idempotencyKey: undefined, testNumber: undefined },
  terms: { appName: 'Acme', countries: '*', defaultCountry: undefined, limits: defaultLimits, policy: policyOf(delivery) },
  ...over,
})

/** Opens challenges, and says what the store was asked to keep, what was handed on, and how many digests were reckoned. */
function makeOpen() {
  const clock = fakeClock()
  const memory = memoryStore({ now: clock.now })
  const opened: { readonly record: ChallengeRecord; readonly taken: readonly Quota[] }[] = []
  const store: Store = {
    ...memory,
    open(record, taken, beside) {
      opened.push({ record, taken })
      return memory.open(record, taken, beside)
    },
  }
  const codes = createCodes()
  const handedOn: GrantedSend[] = []
  const told = { digests: 0 }
  const quotas = createQuotas(keyring)
  const open = createOpenChallenge({
    ...{ keyring, quotas, store, now: clock.now },
    challenges: createBeginChallenge({ keyring, quotas, now: clock.now }),
    claims: createClaims({ store, now: clock.now }),
    tokens: { seal: () => 'token', open: () => undefined },
    codes: {
      code: codes.code,
      digest(challenge, keys, code) {
        told.digests += 1
        return codes.digest(challenge, keys, code)
      },
    },
    async dispatch(send) {
      handedOn.push(send)
      return { ok: false, reason: 'undeliverable' }
    },
  })
  return { clock, codes, opened, handedOn, told, open: (given: Beginning) => open(given, createCall(10_000, undefined)) }
}

const testNumber = { phone: samplePhone, code: '135790', until: Number.POSITIVE_INFINITY }

describe('the digest that is kept', () => {
  test.each(
    deliveries.flatMap((delivery) =>
      [undefined, testNumber].flatMap((number) => [false, true].map((decoy) => [delivery, decoy, number?.code, number] as const)),
    ),
  )('%s, decoy: %s, test number: %s', async (delivery, decoy, fixed, number) => {
    const { open, opened, handedOn, codes, told } = makeOpen()
    await open(beginning({ decoy, testNumber: number }, delivery))
    const challenge = handedOn[0]?.challenge
    if (challenge === undefined) throw new Error('nothing was handed on')
    const code = fixed ?? codes.code(challenge, keyring.current)
    const { codeDigest } = opened[0]?.record ?? {}
    expect(codeDigest === codes.digest(challenge, keyring.current, code)).toBe(!decoy || delivery === 'await')
    // A decoy looks like any other in the store, and costs the same.
    expect([codeDigest?.length, told.digests]).toEqual([22, 1])
  })
})

test('the store keeps the challenge before it is handed on, with its attempts, its code’s time and its own', async () => {
  const { open, opened, handedOn } = makeOpen()
  await open(beginning())
  const { maxAttempts, ttlMs } = policyOf('await')
  const record = { id: handedOn[0]?.challenge.id, codeDigest: expect.any(String), attempts: maxAttempts, ttlMs, lifeMs: challengeLifeMs }
  expect(opened.map((one) => one.record)).toEqual([record])
  expect(handedOn[0]).toMatchObject({ first: true, granted: { status: 'opened' }, taken: opened[0]?.taken })
})

test('a test number takes no quota, and any other takes some', async () => {
  const { open, opened } = makeOpen()
  await open(beginning({ testNumber }))
  await open(beginning())
  expect(opened.map(({ taken }) => taken.length > 0)).toEqual([false, true])
})

test('what the limits refuse is not handed on', async () => {
  const { open, handedOn } = makeOpen()
  await open(beginning())
  expect(await open(beginning())).toMatchObject({ ok: false, reason: 'rate_limited', retryAfterMs: 30_000 })
  expect(handedOn).toHaveLength(1)
})

describe('a send that fails', () => {
  test('with a key leaves the right to try anew, as long as its challenge lives', async () => {
    const { open, handedOn, clock } = makeOpen()
    await open(beginning({ idempotencyKey: 'k' }))
    const [send] = handedOn
    const id = `${send?.challenge.id}r`
    expect(send?.onFailure?.()).toEqual([{ id, ttlMs: challengeLifeMs }])
    clock.advance(challengeLifeMs - 5)
    expect(send?.onFailure?.()).toEqual([{ id, ttlMs: 5 }])
    clock.advance(60_000)
    expect(send?.onFailure?.()).toEqual([{ id, ttlMs: 1 }])
  })

  test('without one leaves nothing', async () => {
    const { open, handedOn } = makeOpen()
    await open(beginning())
    expect(handedOn[0]?.onFailure?.()).toEqual([])
  })
})
