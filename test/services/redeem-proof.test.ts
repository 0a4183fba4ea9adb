import type { RedeemProofRequest, SendCodeRequest } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { failure, makeRig, named, phone, type RigOptions } from '../fixtures/rig.js'

const payload = { amount: '49.90 EUR', payee: 'Zoë' }
const bound = { purpose: 'payment', tenant: 'acme', subject: 'user-1', payload }

async function makeProof(asked: Partial<SendCodeRequest> = { purpose: 'login' }, options: RigOptions = {}) {
  const rig = makeRig(options)
  const { sessionToken, code } = await rig.start(asked)
  const { locale: _, context: __, idempotencyKey: ___, ...named } = asked
  const verified = await rig.verify(sessionToken, code, named)
  if (!verified.ok) throw new Error(verified.reason)
  const redeem = (over: Partial<RedeemProofRequest> = {}) =>
    rig.verifier.redeemProof({ proof: verified.proof, purpose: 'login', ...asked, ...over, phone: over.phone })
  return { ...rig, ...verified, redeem }
}

describe('redeemProof', () => {
  test('says what was verified, and nothing that was not said on send', async () => {
    const { redeem } = await makeProof()
    expect(await redeem()).toEqual({ ok: true, phone, purpose: 'login' })
  })

  test('says tenant, subject and payload where the send had them', async () => {
    const { redeem } = await makeProof(bound)
    expect(await redeem()).toEqual({ ok: true, phone, ...bound })
  })

  test('is redeemed with the phone, however it is written', async () => {
    const { redeem } = await makeProof()
    expect(named(await redeem({ phone: '(415) 555-2671' }))).toBe('ok')
  })

  test('the second time it is already_redeemed', async () => {
    const { redeem } = await makeProof()
    await redeem()
    expect(await redeem()).toEqual({ ok: false, reason: 'already_redeemed' })
  })

  test.each([
    ['a forged proof', { proof: 'e30..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA' }],
    ['no proof', { proof: undefined }],
    ['another purpose', { purpose: 'login' }],
    ['another tenant', { tenant: 'other' }],
    ['no tenant', { tenant: undefined }],
    ['another subject', { subject: 'user-2' }],
    ['no subject', { subject: undefined }],
    ['another payload', { payload: { ...payload, payee: 'Zoe' } }],
    ['no payload', { payload: undefined }],
    ['another phone', { phone: '+14155552672' }],
  ])('%s is invalid_proof, touches no store and redeems nothing', async (_, over) => {
    const { redeem, asked } = await makeProof(bound)
    expect(await asked(async () => expect(await redeem(over)).toEqual({ ok: false, reason: 'invalid_proof' }))).toEqual([])
    expect(named(await redeem())).toBe('ok')
  })

  test('a session token is no proof, and a proof no session token', async () => {
    const { redeem, proof, start, clock, verify, resend } = await makeProof()
    clock.advance(60_000)
    const { sessionToken, code } = await start()
    expect(await redeem({ proof: sessionToken })).toEqual({ ok: false, reason: 'invalid_proof' })
    expect(named(await verify(proof, code))).toBe('invalid_session')
    expect(named(await resend(proof))).toBe('invalid_session')
  })

  test.each([
    ['a millisecond before its end', -1, 'ok'],
    ['at its end', 0, 'expired'],
    ['after it', 1, 'expired'],
  ])('%s it is %s', async (_, offsetMs, expected) => {
    const { redeem, goTo, proofExpiresAt } = await makeProof()
    goTo(proofExpiresAt, offsetMs)
    expect(named(await redeem())).toBe(expected)
  })

  test('a proof that has ended touches no store', async () => {
    const { redeem, goTo, proofExpiresAt, asked } = await makeProof()
    goTo(proofExpiresAt)
    expect(await asked(() => redeem())).toEqual([])
  })

  test('a proof that the store does not know is expired', async () => {
    const { redeem, store } = await makeProof()
    store.meddle('close', async () => 'absent')
    expect(await redeem()).toEqual({ ok: false, reason: 'expired' })
  })

  describe('the order of the checks', () => {
    test('what the server says comes first, and is thrown', async () => {
      const { redeem } = await makeProof()
      expect(await failure(redeem({ proof: 'forged', purpose: 'never_declared' }))).toMatchObject({
        code: 'ERR_PV_ARGUMENT',
        field: 'purpose',
      })
    })

    test('then proof and binding, before its end', async () => {
      const { redeem, goTo, proofExpiresAt } = await makeProof()
      goTo(proofExpiresAt)
      expect(await redeem({ subject: 'user-1' })).toEqual({ ok: false, reason: 'invalid_proof' })
    })

    test('then its end, before the tenant; then the tenant, before the store', async () => {
      let known = true
      const { redeem, goTo, proofExpiresAt, asked } = await makeProof(
        { purpose: 'login', tenant: 'acme' },
        { tenants: () => (known ? {} : undefined) },
      )
      known = false
      expect(await asked(async () => expect(await redeem()).toEqual({ ok: false, reason: 'unknown_tenant' }))).toEqual([])
      known = true
      goTo(proofExpiresAt)
      known = false
      expect(named(await redeem())).toBe('expired')
    })
  })

  test('a transaction needs a store that can join it', async () => {
    const { redeem } = await makeProof()
    expect(await failure(redeem({ transaction: {} }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'transaction' })
    expect(named(await redeem())).toBe('ok')
  })
})

describe("a policy of subject: 'return'", () => {
  const reset = { purpose: 'password_reset', subject: 'user-1' }

  test('returns the subject that neither the verifier nor the redeemer named', async () => {
    const { start, verify, verifier } = makeRig()
    const { sessionToken, code } = await start(reset)
    const verified = await verify(sessionToken, code, { purpose: 'password_reset' })
    expect(verified).toMatchObject({ ok: true, subject: 'user-1' })
    const proof = verified.ok ? verified.proof : ''
    expect(await verifier.redeemProof({ proof, purpose: 'password_reset' })).toEqual({ ok: true, phone, ...reset })
  })

  test('compares a subject that is named all the same', async () => {
    const { start, verify, verifier } = makeRig()
    const { sessionToken, code } = await start(reset)
    expect(named(await verify(sessionToken, code, { purpose: 'password_reset', subject: 'user-2' }))).toBe('invalid_session')
    const verified = await verify(sessionToken, code, reset)
    const proof = verified.ok ? verified.proof : ''
    expect(named(await verifier.redeemProof({ proof, purpose: 'password_reset', subject: 'user-2' }))).toBe('invalid_proof')
    expect(named(await verifier.redeemProof({ proof, ...reset }))).toBe('ok')
  })

  test('a subject that the send had not is not taken from the verifier', async () => {
    const { start, verify } = makeRig()
    const { sessionToken, code } = await start({ purpose: 'password_reset' })
    expect(named(await verify(sessionToken, code, reset))).toBe('invalid_session')
  })

  test('lets a resend leave the subject unsaid too, and no other', async () => {
    const { start, resend, clock } = makeRig()
    const { sessionToken } = await start(reset)
    clock.advance(30_000)
    expect(named(await resend(sessionToken, { subject: 'user-2' }))).toBe('invalid_session')
    expect(named(await resend(sessionToken))).toBe('ok')
  })
})
