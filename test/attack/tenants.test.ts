import type { TenantOptions } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { accepted, failure, makeRig, named, phone, type Rig, unlimited, wrong } from '../fixtures/rig.js'

/** Every verb once, for a tenant, with tokens that were made for it. */
const everyVerb = async ({ verifier, start, verify }: Rig, tenant: string, makeUnknown: () => void) => {
  const { sessionToken, code } = await start({ tenant })
  const won = await start({ tenant, purpose: 'registration' })
  const verified = await verify(won.sessionToken, won.code, { tenant, purpose: 'registration' })
  const proof = verified.ok ? verified.proof : ''
  makeUnknown()
  return {
    sendCode: () => verifier.sendCode({ phone, purpose: 'login', tenant }),
    resendCode: () => verifier.resendCode({ sessionToken, tenant }),
    verifyCode: () => verifier.verifyCode({ sessionToken, code, purpose: 'login', tenant }),
    redeemProof: () => verifier.redeemProof({ proof, purpose: 'registration', tenant }),
    notify: () => verifier.notify({ phone, template: 'password_changed', tenant }),
    unlock: () => verifier.unlock({ phone, tenant }),
    forget: () => verifier.forget({ phone, tenant }),
  }
}

describe('T-TEN-02: a tenant that cannot be looked up', () => {
  test('is unknown_tenant to every verb, without the store and without an SMS', async () => {
    let terms: TenantOptions | undefined = {}
    const rig = makeRig({ tenants: () => terms, limits: unlimited })
    const verbs = await everyVerb(rig, 'acme', () => {
      terms = undefined
    })
    const { calls } = rig.carrier
    for (const call of Object.values(verbs)) {
      expect(await rig.asked(async () => expect(await call()).toEqual({ ok: false, reason: 'unknown_tenant' }))).toEqual([])
    }
    expect(rig.carrier.calls).toBe(calls)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error(`no row for ${phone}`)
      },
    ],
    ['rejects', () => Promise.reject(new Error(`no row for ${phone}`))],
    ['answers true', () => true],
    ['answers a string', () => 'acme'],
    ['answers a function, as a lookup of "constructor" does', () => Object],
    ['answers a list', () => []],
  ])('a tenants that %s is ERR_PV_TENANTS to every verb but notify, and no words of it get out', async (_, broken) => {
    let answer: () => unknown = () => ({})
    const rig = makeRig({ tenants: () => answer() as TenantOptions, limits: unlimited })
    const { notify, ...verbs } = await everyVerb(rig, 'acme', () => {
      answer = broken
    })
    const { calls } = rig.carrier
    const asked = await rig.asked(async () => {
      for (const call of Object.values(verbs)) {
        const error = await failure(call())
        expect(error).toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_TENANTS' })
        expect(error.message).not.toContain(phone)
        expect(error).not.toHaveProperty('cause')
      }
      expect(await notify()).toEqual({ ok: false, reason: 'unavailable' })
    })
    expect(asked).toEqual([])
    expect(rig.carrier.calls).toBe(calls)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'looked up as the property %s of a plain object is nobody',
    async (tenant) => {
      const rows: Readonly<Record<string, TenantOptions>> = { acme: {} }
      const { send, carrier } = makeRig({ tenants: (id) => rows[id] })
      const outcome = await send({ tenant }).then(named, (error: { readonly code: string }) => error.code)
      expect(['unknown_tenant', 'ERR_PV_TENANTS']).toContain(outcome)
      expect(carrier.calls).toBe(0)
    },
  )

  test('is asked for by its exact name, in every call that names one, and not for a call without one', async () => {
    const asked: string[] = []
    const tenants = (id: string) => {
      asked.push(id)
      return id === 'Acme' ? {} : undefined
    }
    const { send, verify } = makeRig({ tenants, limits: unlimited })
    expect(named(await send({ tenant: 'acme' }))).toBe('unknown_tenant')
    const { sessionToken } = accepted(await send({ tenant: 'Acme' }))
    expect(named(await send())).toBe('ok')
    expect(named(await verify(sessionToken, '000000x', { tenant: 'Acme' }))).toBe('malformed_code')
    await verify(sessionToken, '000000', { tenant: 'Acme' })
    expect(asked).toEqual(['acme', 'Acme', 'Acme'])
  })

  test.each([
    ['a wrong option', { ttlMs: 1 }, /^tenants\.ttlMs: /],
    ['a purpose that was never declared', { purposes: { withdrawal: {} } }, /^tenants\.purposes\.withdrawal: /],
    ['a short code with too many attempts', { codeLength: 4, allowShortCodes: true }, /^tenants\.maxAttempts: /],
    ['an unknown limit', { limits: { sends: [] } as never }, /^tenants\.limits\.sends: /],
  ])('with %s is ERR_PV_CONFIGURATION at the call, and nothing is sent', async (_, terms, message) => {
    const { send, carrier, store } = makeRig({ tenants: () => terms })
    const error = await failure(send({ tenant: 'acme' }))
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(error.message).toMatch(message)
    expect([carrier.calls, store.verbs]).toEqual([0, []])
  })
})

describe('what a tenant says', () => {
  test('holds in place of the own words of the verifier, for that tenant alone', async () => {
    const terms: Readonly<Record<string, TenantOptions>> = {
      acme: {
        appName: 'Acme',
        codeLength: 8,
        ttlMs: 120_000,
        maxAttempts: 2,
        countries: ['FR'],
        defaultCountry: 'FR',
        delivery: 'deferred',
      },
      other: {},
    }
    const { send, verify, outbox, verifier, clock } = makeRig({ appName: 'Mine', tenants: (id) => terms[id], limits: unlimited })
    expect(named(await send({ tenant: 'acme' }))).toBe('country_not_allowed')
    const acme = accepted(await send({ tenant: 'acme', phone: '06 12 34 56 78' }))
    expect([acme.delivery, acme.expiresAt.getTime() - clock.now()]).toEqual(['pending', 120_000])
    await verifier.deliver(acme.sessionToken)
    expect(outbox.last()).toMatchObject({
      to: '+33612345678',
      code: expect.stringMatching(/^\d{8}$/),
      tenant: 'acme',
      context: { app: 'Acme' },
    })
    const code = outbox.last()?.code ?? ''
    expect(named(await verify(acme.sessionToken, wrong(code), { tenant: 'acme' }))).toBe('incorrect_code 1')
    const other = accepted(await send({ tenant: 'other' }))
    expect([other.delivery, other.expiresAt.getTime() - clock.now()]).toEqual(['accepted', 300_000])
    expect(outbox.last()).toMatchObject({ code: expect.stringMatching(/^\d{6}$/), context: { app: 'Mine' } })
  })

  test('its limits replace the ones it names, and only those', async () => {
    const { send, clock } = makeRig({ tenants: () => ({ limits: { sendsPerPhone: [{ max: 2, windowMs: 3_600_000 }] } }) })
    const { limits } = accepted(await send({ tenant: 'acme' }))
    expect(limits.map(({ limit, remaining }) => [limit, remaining])).toEqual([
      ['challengesPerPhone', 2],
      ['sendsPerPhone', 1],
      ['sendsPerPrefix', 19],
      ['sendsPerTenant', 199],
    ])
    await send({ tenant: 'acme' })
    clock.advance(600_000)
    expect(named(await send({ tenant: 'acme' }))).toBe('rate_limited sendsPerPhone')
  })
})

describe('a frozen policy', () => {
  test('terms that change between send and verify do not change a running challenge', async () => {
    let terms: TenantOptions = { purposes: { login: { resend: 'same', proofTtlMs: 120_000 } } }
    const { start, verify, guessWrong, resend, lastCode, clock } = makeRig({ tenants: () => terms, limits: unlimited })
    const asked = { tenant: 'acme', subject: 'user-1' }
    const sent = await start(asked)
    terms = {
      codeLength: 8,
      ttlMs: 60_000,
      maxAttempts: 1,
      delivery: 'background',
      purposes: { login: { resend: 'new', subject: 'return', ledger: 'subject', proofTtlMs: 60_000 } },
    }
    clock.advance(200_000)
    expect(await guessWrong(3, sent, asked)).toEqual(['incorrect_code 4', 'incorrect_code 3', 'incorrect_code 2'])
    expect(named(await verify(sent.sessionToken, sent.code, { tenant: 'acme' }))).toBe('invalid_session')
    const again = accepted(await resend(sent.sessionToken, asked))
    expect([again.delivery, again.expiresAt.getTime() - clock.now(), lastCode()]).toEqual(['accepted', 300_000, sent.code])
    expect(await verify(sent.sessionToken, sent.code, asked)).toMatchObject({ ok: true, proofExpiresAt: new Date(clock.now() + 120_000) })
  })

  test('a purpose that returns its subject goes on doing so, in the proof too', async () => {
    let terms: TenantOptions = {}
    const { start, verify, verifier } = makeRig({ tenants: () => terms })
    const { sessionToken, code } = await start({ tenant: 'acme', purpose: 'password_reset', subject: 'user-1' })
    terms = { purposes: { password_reset: { subject: 'compare' } } }
    const verified = await verify(sessionToken, code, { tenant: 'acme', purpose: 'password_reset' })
    expect(verified).toMatchObject({ ok: true, subject: 'user-1' })
    const proof = verified.ok ? verified.proof : ''
    expect(await verifier.redeemProof({ proof, tenant: 'acme', purpose: 'password_reset' })).toMatchObject({ ok: true, subject: 'user-1' })
  })

  test('limits are no policy: the ones of the moment count', async () => {
    let terms: TenantOptions = {}
    const { start, verify } = makeRig({ tenants: () => terms })
    const sent = await start({ tenant: 'acme' })
    terms = { limits: { failuresPerPhone: [{ max: 1, windowMs: 60_000 }] } }
    expect(named(await verify(sent.sessionToken, wrong(sent.code), { tenant: 'acme' }))).toBe('incorrect_code 4')
    expect(named(await verify(sent.sessionToken, sent.code, { tenant: 'acme' }))).toBe('locked failuresPerPhone')
  })
})

describe('T-TEN-01: two tenants, the same phone, the same purpose', () => {
  test('share no ledger, no cap, no cooldown, no code and no proof', async () => {
    const { start, verify, guessWrong, send, verifier } = makeRig({ maxAttempts: 10 })
    const acme = await start({ tenant: 'acme' })
    await guessWrong(10, acme, { tenant: 'acme' })
    const other = await start({ tenant: 'other' })
    expect(named(await send({ tenant: 'acme' }))).toBe('rate_limited sendsPerPhone')
    expect(named(await verify(other.sessionToken, other.code, { tenant: 'acme' }))).toBe('invalid_session')
    expect(named(await verify(other.sessionToken, acme.code === other.code ? wrong(other.code) : acme.code, { tenant: 'other' }))).toBe(
      'incorrect_code 9',
    )
    const verified = await verify(other.sessionToken, other.code, { tenant: 'other' })
    const proof = verified.ok ? verified.proof : ''
    expect(named(await verifier.redeemProof({ proof, purpose: 'login', tenant: 'acme' }))).toBe('invalid_proof')
    expect(named(await verifier.redeemProof({ proof, purpose: 'login', tenant: 'other' }))).toBe('ok')
  })

  test('ids and keys that the store sees have nothing of one another, nor of the phone', async () => {
    const { send, store } = makeRig({ limits: unlimited })
    const seen: string[] = []
    store.meddle('open', async (run) => {
      const opened = await run()
      seen.push(JSON.stringify(opened))
      return opened
    })
    for (const tenant of ['acme', 'other', undefined]) await send({ tenant })
    expect(seen.join()).not.toContain(phone.slice(1))
    const keys = seen.map((text) => /"key":"(\{[^}]+\})/.exec(text)?.[1])
    expect(new Set(keys).size).toBe(3)
  })

  test('T-TEN-03: one that floods takes nothing from the other', async () => {
    const { send } = makeRig({ limits: { ...unlimited, sendsPerTenant: [{ max: 5, windowMs: 3_600_000 }] } })
    const numbers = Array.from({ length: 50 }, (_, index) => `+1415${2_000_000 + index * 10_000}`)
    for (const number of numbers) await send({ tenant: 'loud', phone: number })
    expect(named(await send({ tenant: 'loud' }))).toBe('rate_limited sendsPerTenant')
    for (const number of numbers.slice(0, 5)) expect(named(await send({ tenant: 'quiet', phone: number }))).toBe('ok')
  })
})
