import type { NotifyRequest } from 'phone-verify'
import { describe, expect, test, vi } from 'vitest'
import { failure, makeRig, named, phone, type RigOptions } from '../fixtures/rig.js'
import { never } from '../fixtures/watched-store.js'

function makeNotify(options: RigOptions = {}) {
  const rig = makeRig({ appName: 'Acme', ...options })
  const notify = (over: Partial<NotifyRequest> = {}) => rig.verifier.notify({ phone, template: 'password_changed', ...over })
  return { ...rig, notify }
}

describe('notify', () => {
  test('sends a text without a code', async () => {
    const { notify, outbox } = makeNotify()
    expect(await notify({ locale: 'FR', context: { city: 'Lyon' }, tenant: 'acme' })).toEqual({ ok: true, delivery: 'accepted' })
    expect(outbox.messages).toEqual([
      {
        to: phone,
        text: 'Your Acme password was changed. If this was not you, contact Acme now.',
        purpose: 'notice',
        template: 'password_changed',
        locale: 'fr',
        tenant: 'acme',
        context: { city: 'Lyon', app: 'Acme' },
      },
    ])
  })

  test.each(['password_changed', 'password_reset', 'phone_changed_old', 'phone_changed_new', 'security_alert'])(
    'knows %s',
    async (template) => {
      const { notify, outbox } = makeNotify()
      expect(named(await notify({ template }))).toBe('ok')
      expect(outbox.last()?.text).toContain('Acme')
    },
  )

  test("a template of the application's own reaches the backend by its name, and a leaf refuses its empty text", async () => {
    const { notify, carrier } = makeNotify()
    const send = vi.spyOn(carrier, 'send')
    expect(await failure(notify({ template: 'parcel_arrived' }))).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(send.mock.calls[0]?.[0]).toMatchObject({ template: 'parcel_arrived', text: '' })
  })

  test.each([
    ['no number', { phone: 'hello' }, 'invalid_phone_number'],
    ['a number of another country', { phone: '+33612345678' }, 'undeliverable'],
    ['a premium number', { phone: '+19005550123' }, 'undeliverable'],
    ['a tenant that nobody knows', { tenant: 'other' }, 'unknown_tenant'],
  ])('%s is an outcome, touches no store and sends nothing', async (_, over, reason) => {
    const { notify, store, carrier } = makeNotify({ countries: ['US'], tenants: (tenant) => (tenant === 'acme' ? {} : undefined) })
    expect(await notify(over)).toEqual({ ok: false, reason })
    expect([store.verbs, carrier.calls]).toEqual([[], 0])
  })

  test.each([
    ['refused', { ok: false, reason: 'undeliverable' }],
    ['unavailable', { ok: false, reason: 'unavailable' }],
    ['unknown', { ok: true, delivery: 'unknown' }],
  ] as const)('a backend that answers %s', async (how, outcome) => {
    const { notify, carrier } = makeNotify()
    carrier.fail(how)
    expect(await notify()).toEqual(outcome)
  })

  test('counts in sendsPerTenant, and only there', async () => {
    const limits = { sendsPerTenant: [{ max: 2, windowMs: 3_600_000 }] }
    const { notify, send } = makeNotify({ limits })
    expect(named(await notify())).toBe('ok')
    expect(named(await notify())).toBe('ok')
    expect(await notify()).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerTenant', retryAfterMs: 3_600_000 })
    expect(named(await send())).toBe('rate_limited sendsPerTenant')
    expect(named(await send({ tenant: 'other' }))).toBe('ok')
  })

  test.each([
    ['unavailable', 'ok'],
    ['refused', 'rate_limited sendsPerTenant'],
    ['unknown', 'rate_limited sendsPerTenant'],
  ] as const)('after %s the next one is %s: only what certainly was not sent comes back', async (how, next) => {
    const { notify, carrier } = makeNotify({ limits: { sendsPerTenant: [{ max: 1, windowMs: 3_600_000 }] } })
    carrier.fail(how, 1)
    await notify()
    expect(named(await notify())).toBe(next)
  })

  test('takes nothing from the limits of the phone', async () => {
    const { notify, send } = makeNotify()
    for (let sent = 0; sent < 5; sent++) await notify()
    expect(named(await send())).toBe('ok')
  })

  test('costs one command', async () => {
    const { notify, asked } = makeNotify()
    expect(await asked(() => notify())).toEqual(['open'])
  })

  test('sends nothing to a test number', async () => {
    const { notify, carrier, store } = makeNotify({ testNumbers: [{ phone, code: '424242', until: new Date(Date.UTC(2027, 0)) }] })
    expect(await notify()).toEqual({ ok: true, delivery: 'accepted' })
    expect([carrier.calls, store.verbs]).toEqual([0, []])
  })

  test.each([
    ['template', { template: '' }],
    ['template', { template: 'Password Changed' }],
    ['template', { template: 7 as never }],
    ['tenant', { tenant: '' }],
    ['context', { context: { note: 'x'.repeat(1_024) } }],
  ])('a wrong %s is ERR_PV_ARGUMENT', async (field, over) => {
    expect(await failure(makeNotify().notify(over))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field })
  })
})

describe('a fault of the world is never thrown', () => {
  const unavailable = { ok: false, reason: 'unavailable' }

  test('a store that is down', async () => {
    const { notify, store, carrier } = makeNotify()
    store.meddle('open', () => Promise.reject(new Error('down')))
    expect(await notify()).toEqual(unavailable)
    expect(carrier.calls).toBe(0)
  })

  test('a store whose start-up checks do not pass', async () => {
    const { verifier, carrier, events } = makeRig({}, () => Promise.reject(new Error('down')))
    expect(await verifier.notify({ phone, template: 'password_changed' })).toEqual(unavailable)
    expect(carrier.calls).toBe(0)
    expect(events).toEqual([{ type: 'notify', outcome: 'ERR_PV_STORE', at: expect.any(Number), durationMs: expect.any(Number) }])
  })

  test('tenants that cannot be looked up', async () => {
    const { notify } = makeNotify({ tenants: () => Promise.reject(new Error('down')) })
    expect(await notify({ tenant: 'acme' })).toEqual(unavailable)
  })

  test('tenants that never answer', async () => {
    vi.useFakeTimers()
    try {
      const { notify } = makeNotify({ tenants: never })
      const settled = notify({ tenant: 'acme' })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await settled).toEqual(unavailable)
    } finally {
      vi.useRealTimers()
    }
  })
})
