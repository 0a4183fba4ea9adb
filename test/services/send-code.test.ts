import type { AdmissionRequest, SendCodeRequest } from 'phone-verify'
import { describe, expect, test, vi } from 'vitest'
import { accepted, failure, makeRig, named, phone, type RigOptions, unlimited, wrong } from '../fixtures/rig.js'

const token = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/

describe('an accepted send', () => {
  test('answers with a token, two instants, how it was delivered and what the limits have left', async () => {
    const { send, clock } = makeRig()
    expect(await send({ subject: 'user-1', client: { ip: '192.0.2.1' } })).toEqual({
      ok: true,
      sessionToken: expect.stringMatching(token),
      expiresAt: new Date(clock.now() + 300_000),
      resendAt: new Date(clock.now() + 30_000),
      delivery: 'accepted',
      limits: [
        { limit: 'challengesPerPhone', remaining: 2, resetMs: 600_000 },
        { limit: 'sendsPerPhone', remaining: 0, resetMs: 30_000 },
        { limit: 'sendsPerClient', remaining: 9, resetMs: 3_600_000 },
        { limit: 'sendsPerPrefix', remaining: 19, resetMs: 3_600_000 },
        { limit: 'sendsPerTenant', remaining: 199, resetMs: 3_600_000 },
        { limit: 'sendsPerSubject', remaining: 4, resetMs: 3_600_000 },
      ],
      policies: [
        { limit: 'challengesPerPhone', max: 3, windowMs: 600_000 },
        { limit: 'sendsPerPhone', max: 10, windowMs: 86_400_000 },
        { limit: 'sendsPerClient', max: 50, windowMs: 86_400_000 },
        { limit: 'sendsPerPrefix', max: 20, windowMs: 3_600_000 },
        { limit: 'sendsPerTenant', max: 1_000, windowMs: 86_400_000 },
        { limit: 'sendsPerSubject', max: 10, windowMs: 86_400_000 },
      ],
    })
  })

  test('names the tightest window of each limit', async () => {
    const { send, clock } = makeRig()
    for (let sent = 0; sent < 2; sent++) {
      await send()
      clock.advance(60_000)
    }
    const { limits, resendAt } = accepted(await send())
    expect(limits[0]).toEqual({ limit: 'challengesPerPhone', remaining: 0, resetMs: 480_000 })
    expect(limits[1]).toEqual({ limit: 'sendsPerPhone', remaining: 0, resetMs: 90_000 })
    expect(resendAt.getTime()).toBe(clock.now() + 90_000)
  })

  test('sends one message, which says the code, the app and for how long', async () => {
    const { start, outbox, verify } = makeRig({ appName: 'Acme' })
    const { sessionToken, code } = await start()
    expect(outbox.messages).toEqual([
      {
        to: phone,
        text: `${code} is your Acme code. It expires in 5 minutes. Do not share it.`,
        code: expect.stringMatching(/^[0-9]{6}$/),
        purpose: 'login',
        expiresInMs: 300_000,
        context: { app: 'Acme', minutes: 5 },
      },
    ])
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })

  test('tells the message of tenant, locale and context', async () => {
    const { start, outbox } = makeRig()
    await start({ tenant: 'acme', locale: 'FR-fr', context: { city: 'Lyon', visits: 3 } })
    expect(outbox.last()).toMatchObject({ tenant: 'acme', locale: 'fr-FR', context: { city: 'Lyon', visits: 3, app: 'Test', minutes: 5 } })
  })

  test.each([
    ['a path', '../../etc/passwd'],
    ['a header', 'en-GB,en;q=0.9'],
    ['a property', '__proto__'],
    ['an array', ['en']],
    ['null', null],
    ['a number', 7],
    ['nothing', ''],
    ['a long one', 'a'.repeat(65_536)],
  ])('ignores a locale that is %s', async (_, locale) => {
    const { start, outbox } = makeRig()
    await start({ locale })
    expect(outbox.last()).not.toHaveProperty('locale')
  })

  test.each([
    ['registration', 600_000],
    ['login', 300_000],
    ['two_factor', 300_000],
    ['password_reset', 600_000],
    ['phone_change', 600_000],
    ['payment', 300_000],
    ['marketing_opt_in', 600_000],
    ['delivery_pin', 300_000],
  ])('a code for %s lives %i milliseconds', async (purpose, ttlMs) => {
    const { send, clock } = makeRig({ purposes: { delivery_pin: {} } })
    const { expiresAt } = accepted(await send({ purpose, payload: { amount: '1' } }))
    expect(expiresAt.getTime()).toBe(clock.now() + ttlMs)
  })

  test.each([
    ['login', {}, 'accepted'],
    ['password_reset', {}, 'pending'],
    ['login', { delivery: 'background' }, 'pending'],
    ['login', { delivery: 'deferred' }, 'pending'],
    ['password_reset', { delivery: 'await' }, 'pending'],
    ['password_reset', { purposes: { password_reset: { delivery: 'await' } } }, 'accepted'],
    ['login', { delivery: 'deferred', purposes: { login: { delivery: 'await' } } }, 'accepted'],
  ] as const)('for %s with %o the delivery is %s', async (purpose, options, delivery) => {
    const { send } = makeRig(options)
    expect(await send({ purpose })).toMatchObject({ ok: true, delivery })
  })

  test.each([
    ['the default', {}, [6, 300_000, 5], [6, 600_000, 5]],
    ['the top level, for every purpose', { codeLength: 7, ttlMs: 90_000, maxAttempts: 2 }, [7, 90_000, 2], [7, 90_000, 2]],
    [
      'the purpose, before the top level',
      { codeLength: 7, ttlMs: 90_000, maxAttempts: 2, purposes: { registration: { codeLength: 8, ttlMs: 120_000, maxAttempts: 3 } } },
      [7, 90_000, 2],
      [8, 120_000, 3],
    ],
  ])('length, life and attempts of a code are those of %s', async (_, options, login, registration) => {
    const { start, verify, clock } = makeRig(options)
    for (const [purpose, expected] of [['login', login] as const, ['registration', registration] as const]) {
      const { sessionToken, code, expiresAt } = await start({ purpose, tenant: purpose })
      const attemptsLeft = named(await verify(sessionToken, wrong(code), { purpose, tenant: purpose })).split(' ')[1]
      expect([code.length, expiresAt.getTime() - clock.now(), Number(attemptsLeft) + 1]).toEqual(expected)
    }
  })

  test.each([
    ['login', {}, 'ok'],
    ['two_factor', {}, 'number_type_not_allowed'],
    ['two_factor', { numberTypes: ['VOIP'] }, 'ok'],
    ['login', { numberTypes: ['MOBILE'] }, 'number_type_not_allowed'],
    ['login', { numberTypes: ['MOBILE'], purposes: { login: { numberTypes: ['VOIP'] } } }, 'ok'],
  ] as const)('for %s with %o a VoIP number is %s', async (purpose, options, expected) => {
    expect(named(await makeRig(options as RigOptions).send({ purpose, phone: '+445600123456' }))).toBe(expected)
  })

  test('a national number is read as one of the default country', async () => {
    const { start, outbox } = makeRig({ defaultCountry: 'US' })
    await start({ phone: '(415) 555-2671' })
    expect(outbox.last()?.to).toBe(phone)
  })

  test('a resend exactly at resendAt is accepted, and a millisecond earlier it is not', async () => {
    const { start, resend, goTo } = makeRig()
    const { sessionToken, resendAt } = await start()
    goTo(resendAt, -1)
    expect(await resend(sessionToken)).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 1 })
    goTo(resendAt)
    expect(named(await resend(sessionToken))).toBe('ok')
  })

  test('resendAt also waits for the limits of client, prefix, tenant and subject', async () => {
    const windowMs = 77_000
    for (const limit of ['sendsPerClient', 'sendsPerPrefix', 'sendsPerTenant', 'sendsPerSubject'] as const) {
      const { start, resend, goTo } = makeRig({ limits: { ...unlimited, [limit]: [{ max: 1, windowMs }] } })
      const asked = { subject: 'user-1', client: { id: 'c' } }
      const { sessionToken, resendAt } = await start(asked)
      goTo(resendAt, -1)
      expect(named(await resend(sessionToken, asked))).toBe(`rate_limited ${limit}`)
      goTo(resendAt)
      expect(named(await resend(sessionToken, asked))).toBe('ok')
    }
  })

  test('without a limit a resend is accepted at once', async () => {
    const { start, resend, clock } = makeRig({ limits: unlimited })
    const { sessionToken, resendAt, limits } = await start()
    expect(resendAt.getTime()).toBe(clock.now())
    expect(limits).toEqual([{ limit: 'challengesPerPhone', remaining: 2, resetMs: 600_000 }])
    expect(named(await resend(sessionToken))).toBe('ok')
  })
})

describe('a refused send', () => {
  const refusals: readonly [string, RigOptions, Partial<SendCodeRequest>, string][] = [
    ['no number', {}, { phone: 'hello' }, 'invalid_phone_number'],
    ['a national number without a default country', {}, { phone: '415 555 2671' }, 'invalid_phone_number'],
    ['a country that is not listed', { countries: ['FR'] }, {}, 'country_not_allowed'],
    ['a premium number', {}, { phone: '+33899123456' }, 'number_type_not_allowed'],
    ['a type that the purpose refuses', { purposes: { login: { numberTypes: ['PAGER'] } } }, {}, 'number_type_not_allowed'],
    ['the say of the application', { admit: () => ({ ok: false, reason: 'blocked' }) }, {}, 'blocked'],
    ['a tenant that nobody knows', { tenants: () => undefined }, { tenant: 'acme' }, 'unknown_tenant'],
  ]

  test.each(refusals)('for %s has this shape, touches no store and sends nothing', async (_, options, asked, reason) => {
    const { send, store, carrier } = makeRig(options)
    expect(await send(asked)).toEqual({ ok: false, reason })
    expect(store.verbs).toEqual([])
    expect(carrier.calls).toBe(0)
  })

  test('for a full limit names the limit and the wait, and sends nothing', async () => {
    const { send, clock, carrier } = makeRig()
    await send()
    clock.advance(10_000)
    expect(await send()).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 20_000 })
    expect(carrier.calls).toBe(1)
  })

  test('the tenant is judged before the number, and the number before the say of the application', async () => {
    const admit = vi.fn(() => ({ ok: false, reason: 'blocked' }) as const)
    const { send } = makeRig({ tenants: (tenant) => (tenant === 'acme' ? {} : undefined), admit })
    expect(named(await send({ tenant: 'other', phone: 'hello' }))).toBe('unknown_tenant')
    expect(named(await send({ tenant: 'acme', phone: 'hello' }))).toBe('invalid_phone_number')
    expect(admit).not.toHaveBeenCalled()
    expect(named(await send({ tenant: 'acme' }))).toBe('blocked')
  })

  test('the number is judged as a number, then by its country, then by its type', async () => {
    const { send } = makeRig({ countries: ['FR'] })
    expect(named(await send({ phone: '+1415555267' }))).toBe('invalid_phone_number')
    expect(named(await send({ phone: '+19005550123' }))).toBe('country_not_allowed')
    expect(named(await send({ phone: '+33899123456' }))).toBe('number_type_not_allowed')
  })
})

describe('what the provider answers', () => {
  test('refused is undeliverable: closed, the cooldown given back, the other quotas kept', async () => {
    const { send, carrier, clock } = makeRig()
    carrier.fail('refused', 1)
    expect(await send()).toEqual({ ok: false, reason: 'undeliverable' })
    const { limits } = accepted(await send())
    expect(limits.find(({ limit }) => limit === 'challengesPerPhone')?.remaining).toBe(1)
    expect(limits.find(({ limit }) => limit === 'sendsPerPrefix')?.remaining).toBe(18)
    expect(limits.find(({ limit }) => limit === 'sendsPerTenant')?.remaining).toBe(198)
    for (const waitMs of [30_000, 60_000, 120_000]) clock.advance(waitMs)
    expect(named(await send())).toBe('ok')
  })

  test('unavailable is thrown: every quota of this send given back', async () => {
    const { send, carrier } = makeRig()
    carrier.fail('unavailable', 1)
    await expect(send()).rejects.toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'outbox' })
    expect(accepted(await send()).limits).toEqual(accepted(await makeRig().send()).limits)
  })

  test('unknown is accepted as such: the challenge stays, and the code that may have arrived opens it', async () => {
    const { start, carrier, verify, send } = makeRig()
    carrier.fail('unknown', 1, { sent: true })
    const { sessionToken, code, delivery } = await start()
    expect(delivery).toBe('unknown')
    expect(named(await send())).toBe('rate_limited sendsPerPhone')
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })

  test('any other rejection counts as unknown', async () => {
    const { send, carrier } = makeRig()
    vi.spyOn(carrier, 'send').mockRejectedValue(new TypeError('undefined is not a function'))
    expect(await send()).toMatchObject({ ok: true, delivery: 'unknown' })
  })

  test('a backend that throws before it returns counts as unknown', async () => {
    const { send, carrier } = makeRig()
    vi.spyOn(carrier, 'send').mockImplementation(() => {
      throw new Error('bug')
    })
    expect(await send()).toMatchObject({ ok: true, delivery: 'unknown' })
  })

  test('a text that lacks what must be read is thrown: closed, every quota given back', async () => {
    const { send, carrier } = makeRig()
    carrier.fail('configuration', 1)
    await expect(send()).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(accepted(await send()).limits).toEqual(accepted(await makeRig().send()).limits)
  })

  test.each(['refused', 'unavailable', 'configuration'] as const)('%s is one step of the store more, which closes', async (how) => {
    const { store, send, carrier } = makeRig()
    carrier.fail(how)
    await send().catch(() => undefined)
    expect(store.verbs).toEqual(['open', 'close'])
  })

  test.each(['refused', 'unavailable', 'unknown', 'configuration'] as const)('%s is not tried again', async (how) => {
    const { send, carrier } = makeRig()
    carrier.fail(how)
    await send().catch(() => undefined)
    expect(carrier.calls).toBe(1)
  })
})

describe('the say of the application', () => {
  test('is asked what is known of the send, the number canonical', async () => {
    const asked: AdmissionRequest[] = []
    const admit = (request: AdmissionRequest) => {
      asked.push(request)
      return { ok: true } as const
    }
    const { send } = makeRig({ admit, defaultCountry: 'US' })
    const client = { id: 'device-1', ip: '192.0.2.1' }
    await send({
      phone: '415 555 2671',
      tenant: 'acme',
      subject: 'user-1',
      payload: { amount: '5' },
      context: { city: 'Lyon' },
      locale: 'fr',
      client,
    })
    expect(asked).toEqual([
      {
        phone,
        country: 'US',
        purpose: 'login',
        tenant: 'acme',
        subject: 'user-1',
        payload: { amount: '5' },
        context: { city: 'Lyon' },
        client,
        locale: 'fr',
        resend: false,
      },
    ])
  })

  test.each([
    ['yes', () => ({ ok: true }) as const, 'ok'],
    ['yes, later', async () => ({ ok: true }) as const, 'ok'],
    ['no', () => ({ ok: false, reason: 'blocked' }) as const, 'blocked'],
    ['no, later', async () => ({ ok: false, reason: 'blocked' }) as const, 'blocked'],
    ['nothing', () => undefined as never, 'blocked'],
    ['true', () => true as never, 'blocked'],
    ['a word for yes', () => ({ ok: 'true' }) as never, 'blocked'],
  ])('%s', async (_, admit, expected) => {
    expect(named(await makeRig({ admit }).send())).toBe(expected)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('an admit that %s blocks, with a warning', async (_, admit) => {
    const { send, events } = makeRig({ admit })
    expect(await send()).toEqual({ ok: false, reason: 'blocked' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', warning: 'admit_failed', purpose: 'login' }))
  })
})

describe('a payload', () => {
  const payload = { amount: '49.90 EUR', payee: 'Zoë', recurring: false, times: 3 }

  test('stands in the text, every value of it, and the message says that it must', async () => {
    const { start, outbox } = makeRig()
    const { code } = await start({ purpose: 'payment', payload })
    const { text = '', mustContain } = outbox.last() ?? {}
    expect(mustContain).toEqual(['49.90 EUR', 'Zoë', 'false', '3'])
    for (const part of [code, ...(mustContain ?? [])]) expect(text).toContain(part)
  })

  test.each([undefined, {}])('is required for payment, and %o is none', async (missing) => {
    const { send, store } = makeRig()
    expect(await failure(send({ purpose: 'payment', payload: missing }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'payload' })
    expect(store.verbs).toEqual([])
  })

  test('is required for a purpose of the app that says so', async () => {
    const { send } = makeRig({ purposes: { withdrawal: { payloadRequired: true } } })
    expect(await failure(send({ purpose: 'withdrawal' }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'payload' })
    expect(named(await send({ purpose: 'withdrawal', payload }))).toBe('ok')
  })

  test('and the context together are at most 1 KB', async () => {
    const { send, start, verify } = makeRig({ limits: unlimited })
    const fits = { payload: { note: 'x'.repeat(511 - '{"note":""}'.length) }, context: { city: 'y'.repeat(513 - '{"city":""}'.length) } }
    const { sessionToken, code } = await start(fits)
    expect(named(await verify(sessionToken, code, { payload: fits.payload }))).toBe('ok')
    const over = { ...fits, context: { city: `${fits.context.city}y` } }
    expect(await failure(send(over))).toMatchObject({ code: 'ERR_PV_ARGUMENT' })
  })
})

describe('a test number', () => {
  const until = new Date(Date.UTC(2026, 0, 1) + 3_600_000)
  const reserved = '+15555550100'
  const testNumbers = [{ phone: reserved, code: '424242', until }]

  test('is accepted although it is valid nowhere, sends nothing, takes no quota, and its code is the fixed one', async () => {
    const { start, verify, outbox, clock, send } = makeRig({ testNumbers, countries: ['FR'] })
    const { sessionToken, delivery, limits, resendAt } = await start({ phone: reserved })
    expect([delivery, limits, resendAt.getTime()]).toEqual(['accepted', [], clock.now()])
    expect(outbox.messages).toEqual([])
    for (let sent = 0; sent < 30; sent++) expect(named(await send({ phone: reserved, client: { id: 'c' } }))).toBe('ok')
    expect(named(await verify(sessionToken, '424242'))).toBe('ok')
  })

  test('is matched however it is written', async () => {
    const { start, outbox, verify } = makeRig({ testNumbers })
    const { sessionToken } = await start({ phone: '+1 (555) 555-0100' })
    expect(outbox.messages).toEqual([])
    expect(await verify(sessionToken, '424242')).toMatchObject({ ok: true, phone: reserved })
  })

  test('its attempts count', async () => {
    const { start, guessWrong } = makeRig({ testNumbers })
    const { sessionToken } = await start({ phone: reserved })
    const outcomes = await guessWrong(6, { sessionToken, code: '424242' })
    expect(outcomes.slice(4)).toEqual(['incorrect_code 0', 'too_many_attempts'])
  })

  test('is one before its end, and no millisecond longer', async () => {
    const { send, goTo } = makeRig({ testNumbers })
    goTo(until, -1)
    expect(named(await send({ phone: reserved }))).toBe('ok')
    goTo(until)
    expect(await send({ phone: reserved })).toEqual({ ok: false, reason: 'invalid_phone_number' })
  })

  test('a code sent before the end opens nothing after it', async () => {
    const { start, verify, goTo } = makeRig({ testNumbers, ttlMs: 600_000 })
    goTo(until, -60_000)
    const first = await start({ phone: reserved })
    const second = await start({ phone: reserved })
    goTo(until, -1)
    expect(named(await verify(first.sessionToken, '424242'))).toBe('ok')
    goTo(until)
    expect(await verify(second.sessionToken, '424242')).toEqual({ ok: false, reason: 'expired' })
  })

  test('a real number that was a test number is a real number after its end', async () => {
    const { start, outbox, goTo, resend, verify } = makeRig({ testNumbers: [{ phone, code: '424242', until }] })
    goTo(until, -1)
    const before = await start()
    goTo(until)
    expect(await resend(before.sessionToken)).toEqual({ ok: false, reason: 'expired' })
    const { sessionToken, code } = await start()
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })

  test('every use is an event', async () => {
    const { start, verify, events } = makeRig({ testNumbers })
    const { sessionToken } = await start({ phone: reserved })
    await verify(sessionToken, '424242')
    expect(events.filter((event) => 'testNumber' in event).map(({ type }) => type)).toEqual(['send', 'verify'])
  })
})

describe('who asks', () => {
  test('not saying it is one warning, however many sends follow', async () => {
    const { send, events, clock } = makeRig()
    for (let sent = 0; sent < 3; sent++) {
      await send({ client: sent === 1 ? {} : undefined })
      clock.advance(300_000)
    }
    expect(events.filter(({ type }) => type === 'warning')).toEqual([{ type: 'warning', warning: 'no_client', at: expect.any(Number) }])
  })

  test('a send that says it warns of nothing', async () => {
    const { send, events } = makeRig()
    await send({ client: { ip: 'unknown' } })
    expect(events.map(({ type }) => type)).toEqual(['send'])
  })
})
