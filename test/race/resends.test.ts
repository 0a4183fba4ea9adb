import { PhoneVerifyError } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { describe, expect, test } from 'vitest'
import { lifted, line, type MakeStore, phone, purpose, resendAtOnce, tally, wrongCodes } from './races.js'

const memory: MakeStore = (now) => memoryStore({ now })
const purposes = { [purpose]: { resend: 'new' } } as const

test.each([2, 1_000])(
  'T-RSN-02: of %i resends at once one is accepted, and the newest SMS holds the code',
  { timeout: 60_000 },
  async (times) => {
    const { counts, sms, newest } = await resendAtOnce(memory, times)
    expect(counts).toEqual({ ok: 1, rate_limited: times - 1 })
    expect(sms).toHaveLength(2)
    expect(newest.ok).toBe(true)
  },
)

test('T-RSN-01: once a resend with a new code has returned, the old code is a wrong one', async () => {
  const { verifier, begin, guess, sms, clock, end } = line(memory, { purposes })
  const { sessionToken, code } = await begin()
  clock.advance(30_000)
  const resent = await verifier.resendCode({ sessionToken })
  expect(resent.ok).toBe(true)
  expect(await guess(sessionToken, code)).toEqual({ ok: false, reason: 'incorrect_code', attemptsLeft: 4 })
  expect((await guess(sessionToken, sms.last()?.code ?? '')).ok).toBe(true)
  end()
})

test.each(['same', 'new'] as const)(
  'T-ATT-05: with resends (%s) between the guesses a challenge gets five and the ledger ten',
  async (resend) => {
    const limits = { ...lifted, failuresPerPhone: [{ max: 10, windowMs: 900_000 }] }
    const { verifier, begin, guess, clock, end } = line(memory, { limits, purposes: { [purpose]: { resend } } })
    const evaluated: number[] = []
    for (const _ of [1, 2, 3]) {
      const { sessionToken, code } = await begin()
      const guesses = [...wrongCodes(code, 400)]
      const outcomes: { readonly ok: boolean; readonly reason?: string }[] = []
      // One guess, then two, then four: resends follow each time, and are accepted as long as a guess is left.
      for (let wave = 0; wave < 8; wave++) {
        outcomes.push(...(await Promise.all(guesses.splice(0, 2 ** wave).map((wrong) => guess(sessionToken, wrong)))))
        await Promise.all(Array.from({ length: 10 }, () => verifier.resendCode({ sessionToken })))
      }
      evaluated.push(tally(outcomes)['incorrect_code'] ?? 0)
    }
    expect(evaluated).toEqual([5, 5, 0])
    clock.advance(600_000)
    const { sessionToken, code } = await begin()
    expect(await guess(sessionToken, code)).toMatchObject({ reason: 'locked', limit: 'failuresPerPhone' })
    end()
  },
)

describe('T-RSN-03: a stranger', () => {
  test('with a challenge of their own for the same phone leaves that of the victim alone', async () => {
    const { verifier, guess, sms, clock, end } = line(memory, { purposes })
    const victim = await verifier.sendCode({ phone, purpose, subject: 'ann' })
    const code = sms.last()?.code ?? ''
    clock.advance(30_000)
    const stranger = await verifier.sendCode({ phone, purpose, subject: 'mallory' })
    clock.advance(60_000)
    if (!victim.ok || !stranger.ok) throw new Error('both sends are accepted')
    expect(await verifier.resendCode({ sessionToken: victim.sessionToken, subject: 'mallory' })).toEqual({
      ok: false,
      reason: 'invalid_session',
    })
    expect((await verifier.resendCode({ sessionToken: stranger.sessionToken, subject: 'mallory' })).ok).toBe(true)
    expect(await guess(victim.sessionToken, code)).toEqual({ ok: false, reason: 'invalid_session' })
    expect((await verifier.verifyCode({ sessionToken: victim.sessionToken, code, purpose, subject: 'ann' })).ok).toBe(true)
    end()
  })
})

describe('T-RSN-01: a resend that certainly failed brings no dead code back', () => {
  const refused = () => new PhoneVerifyError('ERR_PV_SMS_REFUSED', 'made to fail')

  test('asked with a token older than the newest code', async () => {
    const { verifier, carrier, begin, guess, clock, end } = line(memory, { purposes, limits: lifted })
    const { sessionToken, code } = await begin()
    expect((await verifier.resendCode({ sessionToken })).ok).toBe(true)
    clock.advance(1_000)
    carrier.next = () => Promise.reject(refused())
    expect(await verifier.resendCode({ sessionToken })).toEqual({ ok: false, reason: 'undeliverable' })
    expect(await guess(sessionToken, code)).toEqual({ ok: false, reason: 'incorrect_code', attemptsLeft: 4 })
    end()
  })

  test('overtaken by a resend that was accepted', async () => {
    const { verifier, carrier, begin, guess, sms, end } = line(memory, { purposes, limits: lifted })
    const { sessionToken, code } = await begin()
    let fail = () => {}
    carrier.next = () =>
      new Promise((_, reject) => {
        fail = () => reject(refused())
      })
    const slow = verifier.resendCode({ sessionToken })
    expect((await verifier.resendCode({ sessionToken })).ok).toBe(true)
    fail()
    expect(await slow).toEqual({ ok: false, reason: 'undeliverable' })
    expect(await guess(sessionToken, code)).toEqual({ ok: false, reason: 'incorrect_code', attemptsLeft: 4 })
    expect((await guess(sessionToken, sms.last()?.code ?? '')).ok).toBe(true)
    end()
  })
})
