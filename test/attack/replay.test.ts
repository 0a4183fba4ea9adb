import { describe, expect, test } from 'vitest'
import { makePair } from '../fixtures/pair.js'
import { makeRig, named, unlimited, wrong } from '../fixtures/rig.js'

const tally = (outcomes: readonly string[]) =>
  Object.fromEntries([...new Set(outcomes)].sort().map((name) => [name, outcomes.filter((other) => other === name).length]))

describe('T-RPL-01: an accepted code', () => {
  test.each([0, 1, 1_000, 60_000, 299_999])('replayed %i ms later is already_used, right or wrong', async (laterMs) => {
    const { start, verify, clock } = makeRig()
    const { sessionToken, code } = await start()
    expect(named(await verify(sessionToken, code))).toBe('ok')
    clock.advance(laterMs)
    expect(await verify(sessionToken, code)).toEqual({ ok: false, reason: 'already_used' })
    expect(await verify(sessionToken, wrong(code))).toEqual({ ok: false, reason: 'already_used' })
  })

  test('is expired once its life is over', async () => {
    const { start, verify, clock } = makeRig()
    const { sessionToken, code } = await start()
    await verify(sessionToken, code)
    clock.advance(300_000)
    expect(await verify(sessionToken, code)).toEqual({ ok: false, reason: 'expired' })
  })

  test('replayed in another process is refused there too', async () => {
    const { one, other } = makePair()
    const { sessionToken, code } = await one.start()
    expect(named(await other.verify(sessionToken, code))).toBe('ok')
    expect(named(await one.verify(sessionToken, code))).toBe('already_used')
  })

  test('replayed charges neither the ledger nor the client', async () => {
    const client = { ip: '192.0.2.1' }
    const { start, verify, guessWrong } = makeRig({
      limits: { ...unlimited, failuresPerPhone: undefined, checksPerClient: [{ max: 12, windowMs: 300_000 }] },
    })
    const won = await start()
    await verify(won.sessionToken, won.code, { client })
    for (let replay = 0; replay < 50; replay++) await verify(won.sessionToken, won.code, { client })
    const outcomes = [await guessWrong(5, await start(), { client }), await guessWrong(5, await start(), { client })].flat()
    expect(outcomes.filter((outcome) => outcome.startsWith('incorrect_code'))).toHaveLength(10)
  })

  test('opens no other challenge of the same phone', async () => {
    const { start, verify } = makeRig({ limits: unlimited, codeLength: 10 })
    const first = await start()
    const second = await start()
    expect(named(await verify(second.sessionToken, first.code))).toBe('incorrect_code 4')
    expect(named(await verify(first.sessionToken, second.code))).toBe('incorrect_code 4')
  })

  test('is not brought back by a resend', async () => {
    const { start, verify, resend, clock } = makeRig({ limits: unlimited })
    const { sessionToken, code } = await start()
    await verify(sessionToken, code)
    clock.advance(60_000)
    expect(named(await resend(sessionToken))).toBe('already_used')
    expect(named(await verify(sessionToken, code))).toBe('already_used')
  })
})

describe('T-RPL-02: a proof', () => {
  test('redeemed a thousand times at once is redeemed once', async () => {
    const { start, verify, verifier } = makeRig()
    const { sessionToken, code } = await start()
    const verified = await verify(sessionToken, code)
    const proof = verified.ok ? verified.proof : ''
    const outcomes = await Promise.all(
      Array.from({ length: 1_000 }, async () => named(await verifier.redeemProof({ proof, purpose: 'login' }))),
    )
    expect(tally(outcomes)).toEqual({ already_redeemed: 999, ok: 1 })
  })

  test('of five right guesses at once there is one', async () => {
    const { start, verify } = makeRig()
    const { sessionToken, code } = await start()
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => named(await verify(sessionToken, code))))
    expect(tally(outcomes)).toEqual({ already_used: 4, ok: 1 })
  })

  test('that the store did not confirm in time: the code is spent all the same', async () => {
    const { start, verify, store } = makeRig({ deadlines: { store: 5 } })
    const { sessionToken, code } = await start()
    store.meddle('close', (run) => run().then(() => new Promise(() => {})))
    await expect(verify(sessionToken, code)).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    store.meddle('close')
    expect(named(await verify(sessionToken, code))).toBe('already_used')
  })

  test('that was redeemed in one process is redeemed in all', async () => {
    const { one, other } = makePair()
    const { sessionToken, code } = await one.start()
    const verified = await one.verify(sessionToken, code)
    const proof = verified.ok ? verified.proof : ''
    expect(named(await other.verifier.redeemProof({ proof, purpose: 'login' }))).toBe('ok')
    expect(named(await one.verifier.redeemProof({ proof, purpose: 'login' }))).toBe('already_redeemed')
  })

  test('of one success is another than of the next', async () => {
    const { start, verify, verifier } = makeRig({ limits: unlimited })
    const proofs: string[] = []
    for (let turn = 0; turn < 2; turn++) {
      const { sessionToken, code } = await start()
      const verified = await verify(sessionToken, code)
      proofs.push(verified.ok ? verified.proof : '')
    }
    for (const proof of proofs) expect(named(await verifier.redeemProof({ proof, purpose: 'login' }))).toBe('ok')
  })
})
