import { createPhoneVerifier } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { accepted, makeRig, named, phone, unlimited } from '../fixtures/rig.js'

const around = [
  [-1, 'ok'],
  [0, 'expired'],
  [1, 'expired'],
] as const

describe('T-TTL-01: a code', () => {
  for (const purpose of ['registration', 'login', 'two_factor', 'password_reset', 'marketing_opt_in']) {
    test.each(around)(`for ${purpose} at its end %i ms is %s`, async (offsetMs, expected) => {
      const { start, verify, goTo } = makeRig()
      const { sessionToken, code, expiresAt } = await start({ purpose })
      goTo(expiresAt, offsetMs)
      expect(named(await verify(sessionToken, code, { purpose }))).toBe(expected)
    })
  }

  test.each(around)('with the shortest life, at its end %i ms is %s', async (offsetMs, expected) => {
    const { start, verify, goTo, clock } = makeRig({ ttlMs: 60_000 })
    const { sessionToken, code, expiresAt } = await start()
    expect(expiresAt.getTime()).toBe(clock.now() + 60_000)
    goTo(expiresAt, offsetMs)
    expect(named(await verify(sessionToken, code))).toBe(expected)
  })

  test.each(around)('resent, at its new end %i ms is %s', async (offsetMs, expected) => {
    const { start, resend, verify, goTo, clock } = makeRig()
    const { sessionToken, code } = await start()
    clock.advance(200_000)
    const { expiresAt } = accepted(await resend(sessionToken))
    goTo(expiresAt, offsetMs)
    expect(named(await verify(sessionToken, code))).toBe(expected)
  })

  test('that has ended spends nothing', async () => {
    const { start, resend, verify, guessWrong, clock } = makeRig({
      limits: { ...unlimited, failuresPerPhone: [{ max: 1, windowMs: 3_600_000 }] },
      ttlMs: 60_000,
    })
    const sent = await start()
    clock.advance(60_000)
    expect(await guessWrong(10, sent)).toEqual(Array(10).fill('expired'))
    await resend(sent.sessionToken)
    expect(named(await verify(sent.sessionToken, sent.code))).toBe('ok')
  })
})

describe('T-TTL-03: however often it is resent', () => {
  test.each([
    ['at 299 s', [299_000]],
    ['at 299 s and 540 s', [299_000, 540_000]],
    ['every minute', [60_000, 120_000, 180_000, 240_000, 300_000, 360_000, 420_000, 480_000, 540_000]],
  ])('%s, nothing is accepted at or after 600 s', async (_, resends) => {
    for (const [offsetMs, expected] of around) {
      const { start, resend, verify, clock } = makeRig({ ttlMs: 600_000, limits: unlimited })
      const began = clock.now()
      const { sessionToken, code } = await start()
      const tokens = [sessionToken]
      for (const atMs of resends) {
        clock.set(began + atMs)
        tokens.push(accepted(await resend(tokens.at(-1))).sessionToken)
      }
      clock.set(began + 600_000 + offsetMs)
      if (offsetMs < 0) expect(named(await verify(tokens[0], code))).toBe(expected)
      else for (const token of tokens) expect(named(await verify(token, code))).toBe(expected)
    }
  })

  test('a resend at 598 s is expired', async () => {
    const { start, resend, verify, clock } = makeRig({ ttlMs: 600_000, limits: unlimited })
    const { sessionToken, code } = await start()
    clock.advance(598_000)
    expect(named(await resend(sessionToken))).toBe('expired')
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })
})

describe('which clock ends what', () => {
  /** A verifier and a store that do not agree on the time. */
  function makeApart() {
    const ours = fakeClock()
    const stores = fakeClock()
    const outbox = outboxBackend()
    const verifier = createPhoneVerifier({
      store: memoryStore({ now: stores.now }),
      sms: outbox,
      secret: 'a-secret-of-this-test-0123456789abcdef',
      appName: 'Test',
      countries: '*',
      limits: unlimited,
      now: ours.now,
    })
    const start = async () => ({ ...accepted(await verifier.sendCode({ phone, purpose: 'login' })), code: outbox.last()?.code ?? '' })
    const verify = (sessionToken: string, code: string) => verifier.verifyCode({ sessionToken, code, purpose: 'login' })
    return { ours, stores, verifier, start, verify }
  }

  test("the store's clock ends codes, whatever ours says", async () => {
    const { ours, stores, start, verify } = makeApart()
    const { sessionToken, code } = await start()
    ours.advance(300_000)
    stores.advance(299_999)
    const second = await start()
    expect(named(await verify(sessionToken, code))).toBe('ok')
    ours.advance(-300_000)
    stores.advance(300_000)
    expect(named(await verify(second.sessionToken, second.code))).toBe('expired')
  })

  test('our clock ends session tokens, 600 s after the first send', async () => {
    const { ours, verifier, start, verify } = makeApart()
    const { sessionToken, code } = await start()
    ours.advance(600_000)
    expect(named(await verify(sessionToken, code))).toBe('expired')
    expect(named(await verifier.resendCode({ sessionToken }))).toBe('expired')
    ours.advance(-1)
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })

  test('our clock ends proofs', async () => {
    const { ours, verifier, start, verify } = makeApart()
    const { sessionToken, code } = await start()
    const verified = await verify(sessionToken, code)
    const proof = verified.ok ? verified.proof : ''
    ours.advance(600_000)
    expect(named(await verifier.redeemProof({ proof, purpose: 'login' }))).toBe('expired')
    ours.advance(-1)
    expect(named(await verifier.redeemProof({ proof, purpose: 'login' }))).toBe('ok')
  })

  test('the store ends proofs as well, where ours stands still', async () => {
    const { stores, verifier, start, verify } = makeApart()
    const { sessionToken, code } = await start()
    const verified = await verify(sessionToken, code)
    stores.advance(600_000)
    expect(named(await verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('expired')
  })
})
