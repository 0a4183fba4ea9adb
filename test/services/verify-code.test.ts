import type { VerifyCodeRequest } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { failure, makeRig, named, phone, unlimited, wrong } from '../fixtures/rig.js'

const payload = { amount: '49.90 EUR', payee: 'Zoë' }

describe('success', () => {
  test('says the phone, the purpose and the proof, and nothing that was not said on send', async () => {
    const { start, verify, clock } = makeRig()
    const { sessionToken, code } = await start()
    expect(await verify(sessionToken, code)).toEqual({
      ok: true,
      phone,
      purpose: 'login',
      proof: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
      proofExpiresAt: new Date(clock.now() + 600_000),
      verifiedAt: new Date(clock.now()),
    })
  })

  test('says tenant, subject and payload where the send had them', async () => {
    const { start, verify } = makeRig()
    const bound = { purpose: 'payment', tenant: 'acme', subject: 'user-1', payload }
    const { sessionToken, code } = await start(bound)
    const times = { proof: expect.any(String), proofExpiresAt: expect.any(Date), verifiedAt: expect.any(Date) }
    expect(await verify(sessionToken, code, bound)).toEqual({ ok: true, phone, ...bound, ...times })
  })

  test('is had after wrong guesses too, while attempts are left', async () => {
    const { start, verify, guessWrong } = makeRig()
    const sent = await start()
    await guessWrong(4, sent)
    expect(named(await verify(sent.sessionToken, sent.code))).toBe('ok')
  })

  test.each([
    ['with spaces', (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)} `],
    ['with a dash', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
    ['in full width', (code: string) => code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ['in Arabic digits', (code: string) => code.replace(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit)))],
  ])('is had with the code %s', async (_, write) => {
    const { start, verify } = makeRig()
    const { sessionToken, code } = await start()
    expect(named(await verify(sessionToken, write(code)))).toBe('ok')
  })

  test('is had with the phone, however it is written', async () => {
    for (const written of [phone, '+1 415-555-2671', '(415) 555-2671']) {
      const { start, verify } = makeRig()
      const { sessionToken, code } = await start()
      expect(named(await verify(sessionToken, code, { phone: written }))).toBe('ok')
    }
  })

  test('a proof lives as long as its purpose says', async () => {
    const { start, verify, clock } = makeRig({ purposes: { login: { proofTtlMs: 60_000 } } })
    const { sessionToken, code } = await start()
    expect(await verify(sessionToken, code)).toMatchObject({ proofExpiresAt: new Date(clock.now() + 60_000) })
  })
})

describe('a wrong code', () => {
  test('says how many attempts are left: the fifth says 0, the sixth is too_many_attempts', async () => {
    const { start, verify } = makeRig()
    const { sessionToken, code } = await start()
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      expect(await verify(sessionToken, wrong(code))).toEqual({ ok: false, reason: 'incorrect_code', attemptsLeft })
    }
    expect(await verify(sessionToken, wrong(code))).toEqual({ ok: false, reason: 'too_many_attempts' })
    expect(await verify(sessionToken, code)).toEqual({ ok: false, reason: 'too_many_attempts' })
  })

  test.each([1, 3, 10])('with maxAttempts %i so many guesses are compared', async (maxAttempts) => {
    const { start, guessWrong } = makeRig({ maxAttempts, limits: unlimited })
    const outcomes = await guessWrong(maxAttempts + 1, await start())
    const compared = Array.from({ length: maxAttempts }, (_, index) => `incorrect_code ${maxAttempts - 1 - index}`)
    expect(outcomes).toEqual([...compared, 'too_many_attempts'])
  })
})

describe('the order of the checks', () => {
  test('what the server says comes first, and is thrown', async () => {
    const { verify } = makeRig()
    expect(await failure(verify('forged', '', { purpose: 'never_declared' }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'purpose' })
    expect(await failure(verify('forged', '', { tenant: '' }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'tenant' })
  })

  test('then the token, before the form of the code', async () => {
    expect(await makeRig().verify('forged', 'no code')).toEqual({ ok: false, reason: 'invalid_session' })
  })

  test('then the binding, before the form of the code', async () => {
    const { start, verify } = makeRig()
    const { sessionToken } = await start()
    expect(await verify(sessionToken, 'no code', { purpose: 'registration' })).toEqual({ ok: false, reason: 'invalid_session' })
  })

  test('then the end of the token, before the form of the code', async () => {
    const { start, verify, clock } = makeRig()
    const { sessionToken } = await start()
    clock.advance(600_000)
    expect(await verify(sessionToken, 'no code')).toEqual({ ok: false, reason: 'expired' })
  })

  test('then the form of the code, before the tenant', async () => {
    let known = true
    const { start, verify } = makeRig({ tenants: () => (known ? {} : undefined) })
    const { sessionToken } = await start({ tenant: 'acme' })
    known = false
    expect(await verify(sessionToken, 'no code', { tenant: 'acme' })).toEqual({ ok: false, reason: 'malformed_code' })
  })

  test('then the tenant, before an attempt', async () => {
    let known = true
    const { start, verify, asked } = makeRig({ tenants: () => (known ? {} : undefined) })
    const { sessionToken, code } = await start({ tenant: 'acme' })
    known = false
    expect(
      await asked(async () =>
        expect(await verify(sessionToken, code, { tenant: 'acme' })).toEqual({ ok: false, reason: 'unknown_tenant' }),
      ),
    ).toEqual([])
  })

  test('expired, already_used and too_many_attempts come before locked, and locked before rate_limited', async () => {
    const full = { ...unlimited, failuresPerPhone: [{ max: 1, windowMs: 900_000 }], checksPerClient: [{ max: 1, windowMs: 300_000 }] }
    const { start, verify, clock } = makeRig({ limits: full, maxAttempts: 1 })
    const client = { id: 'c' }
    const won = await start()
    expect(named(await verify(won.sessionToken, won.code, { client: { id: 'other' } }))).toBe('ok')
    const used = await start()
    expect(named(await verify(used.sessionToken, wrong(used.code), { client }))).toBe('incorrect_code 0')
    const third = await start()
    expect(await verify(won.sessionToken, won.code, { client })).toEqual({ ok: false, reason: 'already_used' })
    expect(await verify(used.sessionToken, used.code, { client })).toEqual({ ok: false, reason: 'too_many_attempts' })
    expect(await verify(third.sessionToken, third.code, { client })).toEqual({
      ok: false,
      reason: 'locked',
      limit: 'failuresPerPhone',
      retryAfterMs: 900_000,
    })
    clock.advance(300_000)
    for (const { sessionToken, code } of [won, used, third]) expect(named(await verify(sessionToken, code, { client }))).toBe('expired')
  })

  test('a full client is rate_limited', async () => {
    const { start, verify } = makeRig({ limits: { ...unlimited, checksPerClient: [{ max: 1, windowMs: 300_000 }] } })
    const { sessionToken, code } = await start()
    await verify(sessionToken, wrong(code), { client: { id: 'c' } })
    expect(await verify(sessionToken, code, { client: { id: 'c' } })).toEqual({
      ok: false,
      reason: 'rate_limited',
      limit: 'checksPerClient',
      retryAfterMs: 300_000,
    })
    expect(named(await verify(sessionToken, code, { client: { id: 'd' } }))).toBe('ok')
  })
})

describe('what spends nothing', () => {
  const mismatches: readonly [string, Partial<VerifyCodeRequest> & { readonly sessionToken?: string; readonly code?: unknown }, string][] =
    [
      ['a forged token', { sessionToken: 'e30..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA' }, 'invalid_session'],
      ['another purpose', { purpose: 'login' }, 'invalid_session'],
      ['another tenant', { tenant: 'other' }, 'invalid_session'],
      ['another subject', { subject: 'user-2' }, 'invalid_session'],
      ['another payload', { payload: { ...payload, amount: '50' } }, 'invalid_session'],
      ['another phone', { phone: '+14155552672' }, 'invalid_session'],
      ['a code that is too short', { code: '12345' }, 'malformed_code'],
      ['a code that is too long', { code: '1234567' }, 'malformed_code'],
      ['a code of letters', { code: 'abcdef' }, 'malformed_code'],
      ['no code', { code: undefined }, 'malformed_code'],
    ]

  test.each(mismatches)('%s touches no store', async (_, { sessionToken, ...over }, reason) => {
    const { start, verifier, asked } = makeRig()
    const bound = { purpose: 'payment', tenant: 'acme', subject: 'user-1', payload }
    const sent = await start(bound)
    const request = { sessionToken: sessionToken ?? sent.sessionToken, code: sent.code, ...bound, ...over }
    const verbs = await asked(async () => {
      for (let guess = 0; guess < 10; guess++) expect(await verifier.verifyCode(request)).toEqual({ ok: false, reason })
    })
    expect(verbs).toEqual([])
    expect(named(await verifier.verifyCode({ ...request, sessionToken: sent.sessionToken, code: sent.code, phone, ...bound }))).toBe('ok')
  })

  test('a guess that is locked leaves the attempts of its challenge as they were', async () => {
    const { start, verify, verifier, guessWrong } = makeRig({ limits: { ...unlimited, failuresPerPhone: [{ max: 1, windowMs: 900_000 }] } })
    const sent = await start()
    expect(await guessWrong(4, sent)).toEqual(['incorrect_code 4', ...Array(3).fill('locked failuresPerPhone')])
    await verifier.unlock({ phone })
    expect(named(await verify(sent.sessionToken, wrong(sent.code)))).toBe('incorrect_code 3')
  })

  test('a guess that is locked does not count for its client', async () => {
    const limits = { ...unlimited, failuresPerPhone: [{ max: 1, windowMs: 900_000 }], checksPerClient: [{ max: 2, windowMs: 900_000 }] }
    const { start, verify, verifier, guessWrong } = makeRig({ limits })
    const client = { id: 'c' }
    const sent = await start()
    await guessWrong(10, sent, { client })
    await verifier.unlock({ phone })
    expect(named(await verify(sent.sessionToken, sent.code, { client }))).toBe('ok')
  })
})

describe('what a call costs', () => {
  test('a send 1, a wrong guess 1, a resend 1, a right guess 2, a redeemed proof 1', async () => {
    const { send, verify, resend, verifier, asked, clock, outbox } = makeRig()
    let sessionToken = ''
    let proof = ''
    const code = () => outbox.last()?.code ?? ''
    expect(
      await asked(async () => {
        const sent = await send({ client: { id: 'c' }, subject: 'user-1' })
        sessionToken = sent.ok ? sent.sessionToken : ''
      }),
    ).toEqual(['open'])
    const bound = { client: { id: 'c' }, subject: 'user-1' }
    expect(await asked(() => verify(sessionToken, wrong(code()), bound))).toEqual(['attempt'])
    clock.advance(30_000)
    expect(await asked(() => resend(sessionToken, bound))).toEqual(['renew'])
    expect(
      await asked(async () => {
        const verified = await verify(sessionToken, code(), bound)
        proof = verified.ok ? verified.proof : ''
      }),
    ).toEqual(['attempt', 'close'])
    const redeemed = await asked(async () =>
      expect(named(await verifier.redeemProof({ proof, purpose: 'login', subject: 'user-1' }))).toBe('ok'),
    )
    expect(redeemed).toEqual(['close'])
  })
})
