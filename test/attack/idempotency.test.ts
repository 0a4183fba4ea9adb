import type { SendCodeRequest } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { accepted, failure, makeRig, named, type RigOptions, unlimited } from '../fixtures/rig.js'

const asked: Partial<SendCodeRequest> = { idempotencyKey: 'key-1', client: { id: 'c' } }

const makeRepeatable = (options: RigOptions = {}) => makeRig({ limits: unlimited, ...options })

describe('a repeat', () => {
  test('answers with the same challenge and sends nothing', async () => {
    const { start, send, verify, outbox } = makeRepeatable()
    const { sessionToken, code, expiresAt } = await start(asked)
    const again = await send(asked)
    expect(again).toEqual({
      ok: true,
      sessionToken: expect.any(String),
      expiresAt,
      resendAt: expect.any(Date),
      delivery: 'unknown',
      limits: [],
      policies: [],
    })
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(accepted(again).sessionToken, code))).toBe('ok')
    expect(named(await verify(sessionToken, code))).toBe('already_used')
  })

  test('takes no quota, and is told by an event', async () => {
    const { start, send, clock, events } = makeRig()
    await start(asked)
    for (let turn = 0; turn < 20; turn++) expect(named(await send(asked))).toBe('ok')
    expect(events.filter((event) => 'repeated' in event)).toHaveLength(20)
    clock.advance(30_000)
    expect(accepted(await send({ client: { id: 'c' } })).limits).toContainEqual({
      limit: 'sendsPerClient',
      remaining: 8,
      resetMs: 3_570_000,
    })
  })

  test('has the attempts of the first, no more', async () => {
    const { start, send, guessWrong } = makeRepeatable()
    const sent = await start(asked)
    expect(await guessWrong(3, sent)).toEqual(['incorrect_code 4', 'incorrect_code 3', 'incorrect_code 2'])
    const { sessionToken } = accepted(await send(asked))
    expect(await guessWrong(3, { ...sent, sessionToken })).toEqual(['incorrect_code 1', 'incorrect_code 0', 'too_many_attempts'])
  })

  test('lives no longer than the first', async () => {
    const { start, send, verify, clock } = makeRepeatable({ ttlMs: 600_000 })
    const { code, expiresAt } = await start(asked)
    clock.advance(599_999)
    const again = accepted(await send(asked))
    expect(again.expiresAt).toEqual(expiresAt)
    clock.advance(1)
    expect(named(await verify(again.sessionToken, code))).toBe('expired')
  })

  test('may ask for a resend: the SMS carries a code of its own, which alone is alive, with either token', async () => {
    for (const which of [0, 1]) {
      const { start, send, resend, verify, lastCode } = makeRepeatable({ codeLength: 10 })
      const { sessionToken, code } = await start(asked)
      const again = accepted(await send(asked))
      await resend(again.sessionToken)
      const token = [sessionToken, again.sessionToken][which]
      expect(named(await verify(token, code))).toBe('incorrect_code 4')
      expect(named(await verify(token, lastCode()))).toBe('ok')
    }
  })

  test('a resend with the first token repeats the first code, also after one with the token of a repeat', async () => {
    const { start, send, resend, verify, outbox } = makeRepeatable({ codeLength: 10 })
    const { sessionToken, code } = await start(asked)
    const again = accepted(await send(asked))
    await resend(again.sessionToken)
    await resend(sessionToken)
    expect(outbox.messages.map((message) => message.code === code)).toEqual([true, false, true])
    expect(named(await verify(again.sessionToken, outbox.messages[1]?.code))).toBe('incorrect_code 4')
    expect(named(await verify(again.sessionToken, code))).toBe('ok')
  })

  test('tells when a resend is accepted: exactly then it is, and a millisecond earlier it is not', async () => {
    const { start, send, resend, goTo, clock } = makeRig()
    const { resendAt } = await start(asked)
    clock.advance(10_000)
    const again = accepted(await send(asked))
    expect(again.resendAt).toEqual(resendAt)
    goTo(again.resendAt, -1)
    expect(named(await resend(again.sessionToken))).toBe('rate_limited sendsPerPhone')
    goTo(again.resendAt)
    expect(named(await resend(again.sessionToken))).toBe('ok')
  })

  test.each([
    [
      'whose windows are listed in another order',
      {
        sendsPerPhone: [
          { max: 5, windowMs: 3_600_000 },
          { max: 1, windowMs: 30_000 },
        ],
      },
    ],
    ['without a cooldown', { sendsPerPhone: [{ max: 5, windowMs: 3_600_000 }] }],
    ['without any limit', unlimited],
  ])('tells it truthfully under limits %s', async (_, limits) => {
    const { start, send } = makeRig({ limits })
    const { resendAt } = await start(asked)
    expect(accepted(await send(asked)).resendAt).toEqual(resendAt)
  })

  test('of a send to a test number waits for nothing either', async () => {
    const { start, send, clock } = makeRig({ testNumbers: [{ phone: '+14155552671', code: '424242', until: new Date(Date.UTC(2027, 0)) }] })
    await start(asked)
    expect(accepted(await send(asked)).resendAt.getTime()).toBe(clock.now())
  })

  test('after success, within the life of the challenge, answers with the challenge that was won', async () => {
    const { start, send, verify, outbox } = makeRepeatable()
    const { sessionToken, code } = await start(asked)
    await verify(sessionToken, code)
    const again = accepted(await send(asked))
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(again.sessionToken, code))).toBe('already_used')
  })

  test('after the code has ended, within the life of the challenge, answers with the code that has ended', async () => {
    const { start, send, verify, resend, outbox, clock, lastCode } = makeRepeatable({ ttlMs: 60_000 })
    const { code } = await start(asked)
    clock.advance(90_000)
    const again = accepted(await send(asked))
    expect(again.expiresAt.getTime()).toBe(clock.now())
    expect(named(await verify(again.sessionToken, code))).toBe('expired')
    expect(outbox.messages).toHaveLength(1)
    await resend(again.sessionToken)
    expect(named(await verify(again.sessionToken, lastCode()))).toBe('ok')
  })

  test('after an ambiguous send sends nothing', async () => {
    const { send, carrier } = makeRepeatable()
    carrier.fail('unknown', 1)
    await send(asked)
    expect(await send(asked)).toMatchObject({ ok: true, delivery: 'unknown' })
    expect(carrier.calls).toBe(1)
  })

  test.each([
    ['another client', { client: { id: 'd' } }],
    ['no client', { client: undefined }],
    ['another phone', { phone: '+14155552672' }],
    ['another purpose', { purpose: 'registration' }],
    ['another tenant', { tenant: 'acme' }],
    ['another key', { idempotencyKey: 'key-2' }],
    ['no key', { idempotencyKey: undefined }],
  ])('with %s is none: another challenge, another code', async (_, over) => {
    const { start, verify, outbox } = makeRepeatable({ codeLength: 10 })
    const first = await start(asked)
    const second = await start({ ...asked, ...over })
    expect(outbox.messages).toHaveLength(2)
    expect(second.code).not.toBe(first.code)
    expect(named(await verify(first.sessionToken, first.code))).toBe('ok')
    const { purpose = 'login', tenant } = over as Partial<SendCodeRequest>
    expect(named(await verify(second.sessionToken, second.code, { purpose, tenant }))).toBe('ok')
  })

  test('is one however the phone is written', async () => {
    const { start, send, outbox } = makeRepeatable({ defaultCountry: 'US' })
    await start(asked)
    expect(named(await send({ ...asked, phone: '(415) 555-2671' }))).toBe('ok')
    expect(outbox.messages).toHaveLength(1)
  })

  test('at once with the first and with forty others: one SMS, one challenge', async () => {
    const { send, verify, outbox, lastCode } = makeRepeatable()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => send(asked)))
    expect(new Set(outcomes.map(named))).toEqual(new Set(['ok']))
    expect(outbox.messages).toHaveLength(1)
    const verified: string[] = []
    for (const outcome of outcomes) verified.push(named(await verify(accepted(outcome).sessionToken, lastCode())))
    expect(verified).toEqual(['ok', ...Array(39).fill('already_used')])
  })
})

describe('a key used again after the life of its challenge', () => {
  test.each([600_000, 600_001, 900_000, 86_400_000])('%i ms later begins anew, with another code', async (laterMs) => {
    const { start, verify, clock, outbox } = makeRepeatable({ codeLength: 10 })
    const first = await start(asked)
    clock.advance(laterMs)
    const second = await start(asked)
    expect(outbox.messages).toHaveLength(2)
    expect(named(await verify(second.sessionToken, first.code))).toBe('incorrect_code 4')
    expect(named(await verify(first.sessionToken, second.code))).toBe('expired')
    expect(named(await verify(second.sessionToken, second.code))).toBe('ok')
  })

  test('a millisecond earlier it is a repeat', async () => {
    const { start, send, clock, outbox } = makeRepeatable()
    await start(asked)
    clock.advance(599_999)
    await send(asked)
    expect(outbox.messages).toHaveLength(1)
  })
})

describe('after a send that failed for certain', () => {
  test.each(['unavailable', 'configuration'] as const)(
    '%s: a repeat tries anew, sends exactly one SMS, and its code is another',
    async (how) => {
      const { send, start, carrier, verify, outbox } = makeRepeatable()
      carrier.fail(how, 1)
      await failure(send(asked))
      const { sessionToken, code, delivery } = await start(asked)
      expect(delivery).toBe('accepted')
      await send(asked)
      expect(outbox.messages).toHaveLength(1)
      expect(named(await verify(sessionToken, code))).toBe('ok')
    },
  )

  test('refused: a repeat asks the provider again', async () => {
    const { send, carrier, outbox } = makeRepeatable()
    carrier.fail('refused', 1)
    expect(named(await send(asked))).toBe('undeliverable')
    expect(named(await send(asked))).toBe('ok')
    expect(named(await send(asked))).toBe('ok')
    expect(outbox.messages).toHaveLength(1)
  })

  test('forty repeats at once send exactly one SMS', async () => {
    const { send, carrier, outbox, verify, lastCode } = makeRepeatable()
    carrier.fail('unavailable', 1)
    await failure(send(asked))
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => send(asked)))
    expect(outbox.messages).toHaveLength(1)
    const verified: string[] = []
    for (const outcome of outcomes) verified.push(named(await verify(accepted(outcome).sessionToken, lastCode())))
    expect(verified).toEqual(['ok', ...Array(39).fill('already_used')])
  })

  test('a repeat of the one that was tried anew finds that one', async () => {
    const { send, start, carrier, verify, outbox } = makeRepeatable()
    carrier.fail('unavailable', 3)
    for (let turn = 0; turn < 3; turn++) await failure(send(asked))
    const { code } = await start(asked)
    const again = accepted(await send(asked))
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(again.sessionToken, code))).toBe('ok')
  })

  test('a provider that is down for long is not asked for ever under one key, and the cap on challenges holds', async () => {
    const { send, carrier } = makeRepeatable()
    carrier.fail('unavailable')
    const outcomes: string[] = []
    for (let turn = 0; turn < 40; turn++) outcomes.push(await send(asked).then(named, (error: { readonly code: string }) => error.code))
    expect(carrier.calls).toBeLessThanOrEqual(11)
    expect(outcomes[0]).toBe('ERR_PV_SMS_UNAVAILABLE')
  })

  test('a key used again after the life of its challenge sends once, although the first send failed late', async () => {
    const { send, carrier, clock, outbox } = makeRepeatable()
    carrier.fail('unavailable', 1)
    const original = carrier.send.bind(carrier)
    carrier.send = (message, signal) => {
      if (carrier.calls === 0) clock.advance(9_000)
      return original(message, signal)
    }
    await failure(send(asked))
    clock.advance(591_500)
    expect(named(await send(asked))).toBe('ok')
    expect(named(await send(asked))).toBe('ok')
    expect(outbox.messages).toHaveLength(1)
  })
})

describe('deferred', () => {
  test('a repeat sends nothing, and a worker delivers one of them', async () => {
    const { send, verifier, outbox, verify, lastCode } = makeRepeatable({ delivery: 'deferred' })
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => send(asked)))
    expect(new Set(outcomes.map((outcome) => accepted(outcome).delivery))).toEqual(new Set(['pending']))
    expect(outbox.messages).toEqual([])
    const delivered = await Promise.all(outcomes.map(async (outcome) => named(await verifier.deliver(accepted(outcome).sessionToken))))
    expect(delivered.sort()).toEqual([...Array(4).fill('already_delivered'), 'ok'])
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(accepted(outcomes[0]!).sessionToken, lastCode()))).toBe('ok')
  })

  test('background: a repeat answers pending and sends nothing', async () => {
    const { start, send, settled, outbox } = makeRepeatable({ delivery: 'background' })
    await start(asked)
    expect(accepted(await send(asked)).delivery).toBe('pending')
    await settled()
    expect(outbox.messages).toHaveLength(1)
  })

  test('a repeat after a resend delivers no code that was replaced', async () => {
    const { send, resend, verifier, outbox, verify, lastCode } = makeRepeatable({
      delivery: 'deferred',
      codeLength: 10,
      purposes: { login: { resend: 'new' } },
    })
    const first = accepted(await send(asked))
    const resent = accepted(await resend(first.sessionToken, { client: { id: 'c' } }))
    const repeat = accepted(await send(asked))
    expect(named(await verifier.deliver(repeat.sessionToken))).toBe('already_delivered')
    expect(named(await verifier.deliver(resent.sessionToken))).toBe('ok')
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(repeat.sessionToken, lastCode()))).toBe('ok')
  })
})

describe('what asks for something else is no repeat', () => {
  const bound = { subject: 'user-1', payload: { amount: '5' } }

  test.each([
    ['another payload', { payload: { amount: '500' } }],
    ['no payload', { payload: undefined }],
    ['another subject', { subject: 'user-2' }],
    ['no subject', { subject: undefined }],
  ])('%s: a challenge and a code of its own, and neither opens the other', async (_, over) => {
    const { start, verify, outbox } = makeRepeatable({ codeLength: 10 })
    const first = await start({ ...asked, ...bound })
    const other = { ...bound, ...over }
    const second = await start({ ...asked, ...other })
    expect(outbox.messages).toHaveLength(2)
    expect(named(await verify(second.sessionToken, first.code, other))).toBe('incorrect_code 4')
    expect(named(await verify(first.sessionToken, second.code, bound))).toBe('incorrect_code 4')
    expect(named(await verify(second.sessionToken, second.code, other))).toBe('ok')
    expect(named(await verify(first.sessionToken, first.code, bound))).toBe('ok')
  })

  test('terms that changed since: the frozen ones are not mixed with the new', async () => {
    let codeLength = 6
    const { start, verify } = makeRepeatable({ tenants: () => ({ codeLength }) })
    const first = await start({ ...asked, tenant: 'acme' })
    codeLength = 8
    const second = await start({ ...asked, tenant: 'acme' })
    expect([first.code.length, second.code.length]).toEqual([6, 8])
    for (const { sessionToken, code } of [first, second]) expect(named(await verify(sessionToken, code, { tenant: 'acme' }))).toBe('ok')
  })

  test('another locale or context is one: the same challenge, and nothing is sent', async () => {
    const { start, send, outbox, verify } = makeRepeatable()
    const { code } = await start(asked)
    const again = accepted(await send({ ...asked, locale: 'fr', context: { city: 'Lyon' } }))
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(again.sessionToken, code))).toBe('ok')
  })
})

describe('a key', () => {
  test.each([null, '', 7, {}, 'x'.repeat(257)])('that is %o is ERR_PV_ARGUMENT', async (idempotencyKey) => {
    expect(await failure(makeRepeatable().send({ idempotencyKey: idempotencyKey as never }))).toMatchObject({
      code: 'ERR_PV_ARGUMENT',
      field: 'idempotencyKey',
    })
  })
})
