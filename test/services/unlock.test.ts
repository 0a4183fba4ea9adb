import { describe, expect, test } from 'vitest'
import { failure, makeRig, named, phone, type Rig, type RigOptions, unlimited } from '../fixtures/rig.js'

const limits = { ...unlimited, failuresPerPhone: [{ max: 2, windowMs: 3_600_000 }] }

/** A ledger that is full, and a question: is it? */
async function lock({ start, guessWrong }: Rig, asked: object = {}) {
  const sent = await start(asked)
  expect(await guessWrong(3, sent, asked)).toEqual(['incorrect_code 4', 'incorrect_code 3', 'locked failuresPerPhone'])
  return sent
}

const makeLockable = (options: RigOptions = {}) => makeRig({ limits, ...options })

describe('unlock', () => {
  test('clears the ledger of a phone, for every purpose', async () => {
    const rig = makeLockable()
    const login = await lock(rig)
    const registration = await lock(rig, { purpose: 'registration' })
    expect(await rig.verifier.unlock({ phone })).toEqual({ ok: true })
    expect(named(await rig.verify(login.sessionToken, login.code))).toBe('ok')
    expect(named(await rig.verify(registration.sessionToken, registration.code, { purpose: 'registration' }))).toBe('ok')
  })

  test('clears only the purpose that is named', async () => {
    const rig = makeLockable()
    const login = await lock(rig)
    const registration = await lock(rig, { purpose: 'registration' })
    expect(await rig.verifier.unlock({ phone, purpose: 'registration' })).toEqual({ ok: true })
    expect(named(await rig.verify(login.sessionToken, login.code))).toBe('locked failuresPerPhone')
    expect(named(await rig.verify(registration.sessionToken, registration.code, { purpose: 'registration' }))).toBe('ok')
  })

  test('clears only the tenant that is named', async () => {
    const rig = makeLockable()
    const sent = await lock(rig, { tenant: 'acme' })
    await rig.verifier.unlock({ phone })
    await rig.verifier.unlock({ phone, tenant: 'other' })
    expect(named(await rig.verify(sent.sessionToken, sent.code, { tenant: 'acme' }))).toBe('locked failuresPerPhone')
    await rig.verifier.unlock({ phone, tenant: 'acme' })
    expect(named(await rig.verify(sent.sessionToken, sent.code, { tenant: 'acme' }))).toBe('ok')
  })

  test('clears the ledger of a subject, where one is named', async () => {
    const rig = makeLockable()
    const asked = { purpose: 'two_factor', subject: 'user-1' }
    const { sessionToken, code } = await lock(rig, asked)
    await rig.verifier.unlock({ phone })
    expect(named(await rig.verify(sessionToken, code, asked))).toBe('locked failuresPerPhone')
    await rig.verifier.unlock({ phone, subject: 'user-1' })
    expect(named(await rig.verify(sessionToken, code, asked))).toBe('ok')
  })

  test('gives no attempts of a challenge back', async () => {
    const rig = makeLockable()
    const sent = await lock(rig)
    await rig.verifier.unlock({ phone })
    expect(await rig.guessWrong(1, sent)).toEqual(['incorrect_code 2'])
  })

  test('gives no send back', async () => {
    const rig = makeRig({ limits: { failuresPerPhone: limits.failuresPerPhone } })
    await lock(rig)
    await rig.verifier.unlock({ phone })
    expect(named(await rig.send())).toBe('rate_limited sendsPerPhone')
  })

  test('knows the phone however it is written, of whatever country and type', async () => {
    const { verifier } = makeLockable({ countries: ['FR'], defaultCountry: 'US' })
    for (const written of ['(415) 555-2671', '+1 415-555-2671', '+33899123456']) {
      expect(await verifier.unlock({ phone: written })).toEqual({ ok: true })
    }
  })

  test('costs one command, is audited, and does nothing the second time', async () => {
    const { verifier, asked, events } = makeLockable()
    for (let turn = 0; turn < 2; turn++) {
      expect(await asked(() => verifier.unlock({ phone, tenant: 'acme', purpose: 'login', subject: 'user-1' }))).toEqual(['release'])
    }
    const event = {
      type: 'unlock',
      outcome: 'ok',
      tenant: 'acme',
      purpose: 'login',
      at: expect.any(Number),
      durationMs: expect.any(Number),
    }
    expect(events).toEqual([event, event])
  })

  test.each([undefined, null, '', 'hello', 7, {}])('%o is no phone', async (written) => {
    const { verifier, asked } = makeLockable()
    const verbs = await asked(async () =>
      expect(await verifier.unlock({ phone: written })).toEqual({ ok: false, reason: 'invalid_phone_number' }),
    )
    expect(verbs).toEqual([])
  })

  test('a tenant that nobody knows is unknown_tenant', async () => {
    const { verifier } = makeLockable({ tenants: () => undefined })
    expect(await verifier.unlock({ phone, tenant: 'acme' })).toEqual({ ok: false, reason: 'unknown_tenant' })
  })

  test.each([
    ['purpose', { purpose: 'never_declared' }],
    ['tenant', { tenant: '' }],
    ['subject', { subject: 7 as never }],
  ])('a wrong %s is ERR_PV_ARGUMENT', async (field, over) => {
    expect(await failure(makeLockable().verifier.unlock({ phone, ...over }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field })
  })
})
