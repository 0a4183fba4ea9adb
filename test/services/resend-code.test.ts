import type { AdmissionRequest } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { accepted, makeRig, named, phone, unlimited, wrong } from '../fixtures/rig.js'

const never = 'no-token-of-ours'

describe('an accepted resend', () => {
  test('answers as a send does', async () => {
    const { start, resend, goTo, clock } = makeRig()
    const { sessionToken, resendAt } = await start()
    goTo(resendAt)
    expect(await resend(sessionToken)).toEqual({
      ok: true,
      sessionToken: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresAt: new Date(clock.now() + 300_000),
      resendAt: new Date(clock.now() + 60_000),
      delivery: 'accepted',
      limits: [
        { limit: 'sendsPerPhone', remaining: 0, resetMs: 60_000 },
        { limit: 'sendsPerPrefix', remaining: 18, resetMs: 3_570_000 },
        { limit: 'sendsPerTenant', remaining: 198, resetMs: 3_570_000 },
      ],
      policies: [
        { limit: 'sendsPerPhone', max: 10, windowMs: 86_400_000 },
        { limit: 'sendsPerPrefix', max: 20, windowMs: 3_600_000 },
        { limit: 'sendsPerTenant', max: 1_000, windowMs: 86_400_000 },
      ],
    })
  })

  test('sends to the phone of the challenge, in the words of its first send', async () => {
    const { start, resend, clock, outbox } = makeRig({ limits: unlimited, appName: 'Acme' })
    const asked = {
      purpose: 'payment',
      payload: { amount: '5' },
      context: { city: 'Lyon' },
      locale: 'fr',
      tenant: 'acme',
      subject: 'user-1',
    }
    const { sessionToken } = await start(asked)
    clock.advance(60_000)
    await resend(sessionToken, { tenant: 'acme', subject: 'user-1' })
    const [first, second] = outbox.messages
    expect(second).toEqual(first)
  })

  test('gives no attempts back', async () => {
    const { start, guessWrong, resend, clock } = makeRig()
    const sent = await start()
    expect(await guessWrong(4, sent)).toEqual(['incorrect_code 4', 'incorrect_code 3', 'incorrect_code 2', 'incorrect_code 1'])
    clock.advance(30_000)
    const { sessionToken } = accepted(await resend(sent.sessionToken))
    expect(await guessWrong(2, { ...sent, sessionToken })).toEqual(['incorrect_code 0', 'too_many_attempts'])
  })

  test('counts as a send, not as an opening', async () => {
    const { start, send, resend, clock } = makeRig({ limits: { ...unlimited, sendsPerPhone: [{ max: 4, windowMs: 3_600_000 }] } })
    const { sessionToken } = await start()
    await resend(sessionToken)
    await send()
    expect(named(await send())).toBe('ok')
    expect(named(await resend(sessionToken))).toBe('rate_limited sendsPerPhone')
    clock.advance(3_600_000)
    expect(named(await send())).toBe('ok')
  })

  test('asks the store for no more life than the challenge has left', async () => {
    const { start, resend, store, clock } = makeRig({ limits: unlimited })
    const { sessionToken } = await start()
    const lives: unknown[] = []
    store.meddle('renew', (run, [, change]) => {
      lives.push((change as { readonly ttlMs: number }).ttlMs)
      return run()
    })
    for (const _ of [1, 2, 3]) {
      clock.advance(180_000)
      await resend(sessionToken)
    }
    expect(lives).toEqual([300_000, 240_000, 60_000])
  })

  test('brings a code back to life that has ended', async () => {
    const { start, resend, verify, clock } = makeRig({ ttlMs: 60_000 })
    const { sessionToken, code } = await start()
    clock.advance(60_000)
    expect(named(await verify(sessionToken, code))).toBe('expired')
    await resend(sessionToken)
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })

  test('a test number sends nothing and waits for nothing', async () => {
    const { start, resend, verify, outbox, clock } = makeRig({
      testNumbers: [{ phone, code: '424242', until: new Date(Date.UTC(2027, 0)) }],
    })
    const { sessionToken } = await start()
    const again = accepted(await resend(sessionToken))
    expect([again.limits, again.resendAt.getTime(), outbox.messages]).toEqual([[], clock.now(), []])
    expect(named(await verify(again.sessionToken, '424242'))).toBe('ok')
  })

  test('asks for the say of the application again', async () => {
    const asked: AdmissionRequest[] = []
    const admit = (request: AdmissionRequest) => {
      asked.push(request)
      return request.resend ? ({ ok: false, reason: 'blocked' } as const) : ({ ok: true } as const)
    }
    const { start, resend, clock, carrier } = makeRig({ admit })
    const { sessionToken } = await start({ subject: 'user-1', payload: { amount: '5' } })
    clock.advance(30_000)
    expect(await resend(sessionToken, { subject: 'user-1', client: { id: 'c' } })).toEqual({ ok: false, reason: 'blocked' })
    expect(carrier.calls).toBe(1)
    const { client: _, resend: __, ...same } = asked[0] as AdmissionRequest
    expect(asked[1]).toEqual({ ...same, client: { id: 'c' }, resend: true })
  })
})

describe('a refused resend', () => {
  test.each([
    ['a forged token', never, {}],
    ['another tenant', undefined, { tenant: 'other' }],
    ['no tenant', undefined, { tenant: undefined }],
    ['another subject', undefined, { subject: 'user-2' }],
    ['no subject', undefined, { subject: undefined }],
  ])('for %s is invalid_session and touches no store', async (_, forged, over) => {
    const { start, resend, asked, clock } = makeRig({ limits: unlimited })
    const { sessionToken } = await start({ tenant: 'acme', subject: 'user-1' })
    clock.advance(60_000)
    const verbs = await asked(async () => {
      const request = { tenant: 'acme', subject: 'user-1', ...over }
      expect(await resend(forged ?? sessionToken, request)).toEqual({ ok: false, reason: 'invalid_session' })
    })
    expect(verbs).toEqual([])
  })

  test('with 60 s of the challenge left it is accepted, and with a millisecond less it is expired, without the store', async () => {
    const { start, resend, asked, clock } = makeRig({ limits: unlimited })
    const { sessionToken } = await start()
    clock.advance(540_000)
    const { expiresAt } = accepted(await resend(sessionToken))
    expect(expiresAt.getTime()).toBe(clock.now() + 60_000)
    clock.advance(1)
    expect(await asked(async () => expect(await resend(sessionToken)).toEqual({ ok: false, reason: 'expired' }))).toEqual([])
  })

  test('of a challenge that was won is already_used', async () => {
    const { start, resend, verify, clock } = makeRig()
    const { sessionToken, code } = await start()
    await verify(sessionToken, code)
    clock.advance(30_000)
    expect(await resend(sessionToken)).toEqual({ ok: false, reason: 'already_used' })
  })

  test('of a challenge without attempts is too_many_attempts', async () => {
    const { start, resend, guessWrong, clock } = makeRig()
    const sent = await start()
    await guessWrong(5, sent)
    clock.advance(30_000)
    expect(await resend(sent.sessionToken)).toEqual({ ok: false, reason: 'too_many_attempts' })
  })

  test('of a challenge that the store does not know is expired', async () => {
    const { start, resend, store } = makeRig({ limits: unlimited })
    const { sessionToken } = await start()
    store.meddle('renew', async () => ({ status: 'absent' }))
    expect(await resend(sessionToken)).toEqual({ ok: false, reason: 'expired' })
  })

  test('too early names the limit and the wait', async () => {
    const { start, resend, clock } = makeRig()
    const { sessionToken } = await start()
    clock.advance(10_000)
    expect(await resend(sessionToken)).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 20_000 })
  })

  test('of a tenant that is known no more is unknown_tenant', async () => {
    let known = true
    const { start, resend, clock } = makeRig({ tenants: () => (known ? {} : undefined) })
    const { sessionToken } = await start({ tenant: 'acme' })
    known = false
    clock.advance(30_000)
    expect(await resend(sessionToken, { tenant: 'acme' })).toEqual({ ok: false, reason: 'unknown_tenant' })
  })

  test('to a number that is not sent to any more says why', async () => {
    let countries = ['US']
    const { start, resend, clock, carrier } = makeRig({ tenants: () => ({ countries }) })
    const { sessionToken } = await start({ tenant: 'acme' })
    countries = ['FR']
    clock.advance(30_000)
    expect(await resend(sessionToken, { tenant: 'acme' })).toEqual({ ok: false, reason: 'country_not_allowed' })
    expect(carrier.calls).toBe(1)
  })
})

describe('what the provider answers to a resend', () => {
  const quotas = async (how: 'refused' | 'unavailable' | 'configuration') => {
    const rig = makeRig()
    const sent = await rig.start()
    rig.goTo(sent.resendAt)
    rig.carrier.fail(how, 1)
    const outcome = await rig.resend(sent.sessionToken).catch((error: { readonly code: string }) => error.code)
    return { ...rig, ...sent, outcome }
  }

  test('refused is undeliverable: the cooldown given back, the other quotas kept', async () => {
    const { outcome, resend, sessionToken } = await quotas('refused')
    expect(outcome).toEqual({ ok: false, reason: 'undeliverable' })
    const { limits } = accepted(await resend(sessionToken))
    expect(limits.map(({ limit, remaining }) => [limit, remaining])).toEqual([
      ['sendsPerPhone', 0],
      ['sendsPerPrefix', 17],
      ['sendsPerTenant', 197],
    ])
  })

  test.each([
    ['unavailable', 'ERR_PV_SMS_UNAVAILABLE'],
    ['configuration', 'ERR_PV_CONFIGURATION'],
  ] as const)('%s is thrown: every quota of this resend given back', async (how, code) => {
    const { outcome, resend, sessionToken } = await quotas(how)
    expect(outcome).toBe(code)
    const { limits } = accepted(await resend(sessionToken))
    expect(limits.map(({ limit, remaining }) => [limit, remaining])).toEqual([
      ['sendsPerPhone', 0],
      ['sendsPerPrefix', 18],
      ['sendsPerTenant', 198],
    ])
  })

  test.each(['refused', 'unavailable', 'configuration'] as const)(
    'after %s the challenge stays open: the first SMS may have arrived',
    async (how) => {
      const { verify, sessionToken, code } = await quotas(how)
      expect(named(await verify(sessionToken, wrong(code)))).toBe('incorrect_code 4')
      expect(named(await verify(sessionToken, code))).toBe('ok')
    },
  )

  test.each(['refused', 'unavailable', 'configuration'] as const)(
    "%s, with resend: 'new', leaves the challenge open and no older code alive; the next resend is accepted at once",
    async (how) => {
      const { start, resend, verify, carrier, lastCode, clock } = makeRig({ codeLength: 10, purposes: { login: { resend: 'new' } } })
      const { sessionToken, code } = await start()
      clock.advance(30_000)
      carrier.fail(how, 1)
      await resend(sessionToken).catch(() => undefined)
      expect(named(await verify(sessionToken, code))).toBe('incorrect_code 4')
      expect(named(await resend(sessionToken))).toBe('ok')
      expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
    },
  )

  test('unknown undoes nothing: the newer SMS may have arrived', async () => {
    const { start, resend, verify, carrier, lastCode } = makeRig({
      limits: unlimited,
      codeLength: 10,
      purposes: { login: { resend: 'new' } },
    })
    const { sessionToken, code } = await start()
    carrier.fail('unknown', 1, { sent: true })
    await resend(sessionToken)
    expect(named(await verify(sessionToken, code))).toBe('incorrect_code 4')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('unknown is accepted as such, and counts', async () => {
    const { start, resend, carrier, goTo } = makeRig()
    const { sessionToken, resendAt } = await start()
    goTo(resendAt)
    carrier.fail('unknown', 1, { sent: true })
    expect(await resend(sessionToken)).toMatchObject({ ok: true, delivery: 'unknown' })
    expect(named(await resend(sessionToken))).toBe('rate_limited sendsPerPhone')
  })
})
