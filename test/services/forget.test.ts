import { describe, expect, test } from 'vitest'
import { accepted, failure, makeRig, named, phone, unlimited } from '../fixtures/rig.js'

describe('forget', () => {
  test('drops the send records of a phone: the next send is as the first', async () => {
    const { start, send, verifier, clock } = makeRig()
    for (const waitMs of [30_000, 60_000, 120_000]) {
      await start()
      clock.advance(waitMs)
    }
    expect(named(await send())).toBe('rate_limited challengesPerPhone')
    expect(await verifier.forget({ phone })).toEqual({ ok: true })
    const { limits } = accepted(await send())
    expect(limits.slice(0, 2)).toEqual([
      { limit: 'challengesPerPhone', remaining: 2, resetMs: 600_000 },
      { limit: 'sendsPerPhone', remaining: 0, resetMs: 30_000 },
    ])
  })

  test('drops the openings of every purpose', async () => {
    const { send, verifier } = makeRig({ limits: unlimited })
    const purposes = ['login', 'registration']
    for (const purpose of purposes) for (let sent = 0; sent < 3; sent++) await send({ purpose })
    await verifier.forget({ phone })
    for (const purpose of purposes) expect(named(await send({ purpose }))).toBe('ok')
  })

  test('keeps the ledger: deleting an account is no free unlock', async () => {
    const { start, verify, guessWrong, verifier } = makeRig({
      limits: { ...unlimited, failuresPerPhone: [{ max: 2, windowMs: 3_600_000 }] },
    })
    const sent = await start()
    await guessWrong(2, sent)
    await verifier.forget({ phone })
    expect(named(await verify(sent.sessionToken, sent.code))).toBe('locked failuresPerPhone')
  })

  test('keeps what others share with the phone: prefix, tenant, client and subject', async () => {
    for (const limit of ['sendsPerPrefix', 'sendsPerTenant', 'sendsPerClient', 'sendsPerSubject'] as const) {
      const { send, verifier } = makeRig({ limits: { ...unlimited, [limit]: [{ max: 1, windowMs: 3_600_000 }] } })
      const asked = { client: { id: 'c' }, subject: 'user-1' }
      await send(asked)
      await verifier.forget({ phone })
      expect(named(await send(asked))).toBe(`rate_limited ${limit}`)
    }
  })

  test('forgets only the tenant that is named, and only that phone', async () => {
    const { send, verifier } = makeRig()
    const other = '+14155552672'
    for (const asked of [{}, { tenant: 'acme' }, { phone: other }]) await send(asked)
    await verifier.forget({ phone, tenant: 'acme' })
    expect(named(await send())).toBe('rate_limited sendsPerPhone')
    expect(named(await send({ phone: other }))).toBe('rate_limited sendsPerPhone')
    expect(named(await send({ tenant: 'acme' }))).toBe('ok')
  })

  test('costs one command and is audited', async () => {
    const { verifier, asked, events } = makeRig()
    expect(await asked(() => verifier.forget({ phone, tenant: 'acme' }))).toEqual(['release'])
    expect(events).toEqual([{ type: 'forget', outcome: 'ok', tenant: 'acme', at: expect.any(Number), durationMs: expect.any(Number) }])
  })

  test('knows the phone of whatever country and type', async () => {
    const { verifier } = makeRig({ countries: ['FR'] })
    for (const written of [phone, '+33899123456']) expect(await verifier.forget({ phone: written })).toEqual({ ok: true })
  })

  test.each([undefined, null, '', 'hello', 7, {}])('%o is no phone', async (written) => {
    expect(await makeRig().verifier.forget({ phone: written })).toEqual({ ok: false, reason: 'invalid_phone_number' })
  })

  test('a tenant that nobody knows is unknown_tenant, and a wrong one ERR_PV_ARGUMENT', async () => {
    const { verifier } = makeRig({ tenants: () => undefined })
    expect(await verifier.forget({ phone, tenant: 'acme' })).toEqual({ ok: false, reason: 'unknown_tenant' })
    expect(await failure(verifier.forget({ phone, tenant: null as never }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'tenant' })
  })
})
