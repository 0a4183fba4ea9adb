import fc from 'fast-check'
import type { LimitName, SendCodeRequest } from 'phone-verify'
import { describe, expect, test, vi } from 'vitest'
import { accepted, makeRig, named, phone, type Rig, unlimited } from '../fixtures/rig.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Only this limit as it is by default; `send` makes sends that only this limit counts together. */
const only = (name: LimitName) => ({ limits: { ...unlimited, [name]: undefined } })

/** Numbers that share nothing: each in a block of ten thousand of its own. */
const numberOf = (index: number) => `+1415${String(2_000_000 + index * 10_000).padStart(7, '0')}`

/** The most of these instants in any window that includes its beginning and not its end. */
const most = (instants: readonly number[], windowMs: number) =>
  Math.max(0, ...instants.map((from) => instants.filter((at) => at >= from && at < from + windowMs).length))

type Asked = Partial<SendCodeRequest>

const rows: readonly [LimitName, number, number, (index: number) => Asked][] = [
  [
    'sendsPerPhone',
    5,
    hour,
    (index) => ({ purpose: ['login', 'registration', 'marketing_opt_in'][index % 3] as string, client: { id: `c${index}` } }),
  ],
  ['sendsPerClient', 10, hour, (index) => ({ phone: numberOf(index), client: { ip: '192.0.2.1' } })],
  ['sendsPerClient', 50, day, (index) => ({ phone: numberOf(index), client: { ip: '192.0.2.1' } })],
  ['sendsPerPrefix', 20, hour, (index) => ({ phone: `+1415555${2_000 + index}` })],
  ['sendsPerTenant', 200, hour, (index) => ({ phone: numberOf(index) })],
  ['sendsPerTenant', 1_000, day, (index) => ({ phone: numberOf(index % 700) })],
  ['sendsPerSubject', 5, hour, (index) => ({ phone: numberOf(index), subject: 'user-1' })],
  ['sendsPerSubject', 10, day, (index) => ({ phone: numberOf(index), subject: 'user-1' })],
]

/** As many sends as are let through, as soon as they are. */
async function fill(rig: Rig, times: number, asked: (index: number) => Asked): Promise<readonly number[]> {
  const instants: number[] = []
  while (instants.length < times) {
    const outcome = await rig.send(asked(instants.length))
    if (outcome.ok) instants.push(rig.clock.now())
    else if ('retryAfterMs' in outcome) rig.clock.advance(outcome.retryAfterMs)
    else throw new Error(outcome.reason)
  }
  return instants
}

// First in the file: the stores of other tests must not sweep by these timers.
describe('after the reply', () => {
  test.each([
    ['background', 'refused'],
    ['background', 'unavailable'],
    ['deferred', 'refused'],
    ['deferred', 'unavailable'],
  ] as const)('in %s mode a provider that answers %s gives nothing back', async (delivery, how) => {
    vi.useFakeTimers()
    try {
      const { send, carrier, settled, verifier, clock } = makeRig({ delivery })
      carrier.fail(how)
      const { sessionToken } = accepted(await send())
      if (delivery === 'deferred') await verifier.deliver(sessionToken).catch(() => undefined)
      await vi.advanceTimersByTimeAsync(20 * second)
      await settled()
      expect(carrier.calls).toBe(delivery === 'background' && how === 'unavailable' ? 4 : 1)
      expect(await send()).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 30 * second })
      clock.advance(30 * second)
      const { limits } = accepted(await send())
      expect(limits.map(({ limit, remaining }) => [limit, remaining])).toEqual([
        ['challengesPerPhone', 1],
        ['sendsPerPhone', 0],
        ['sendsPerPrefix', 18],
        ['sendsPerTenant', 198],
      ])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('every row of the table, at its boundary', () => {
  test.each(rows)('%s: %i in %i ms', async (name, max, windowMs, asked) => {
    const rig = makeRig({ limits: { ...unlimited, [name]: [{ max, windowMs }] } })
    const { clock, send } = rig
    const began = clock.now()
    for (let index = 0; index < max; index++) expect(named(await send(asked(index)))).toBe('ok')
    expect(await send(asked(max))).toEqual({ ok: false, reason: 'rate_limited', limit: name, retryAfterMs: windowMs })
    clock.set(began + windowMs - 1)
    expect(await send(asked(max))).toEqual({ ok: false, reason: 'rate_limited', limit: name, retryAfterMs: 1 })
    clock.advance(1)
    expect(named(await send(asked(max)))).toBe('ok')
  })

  test.each(rows)('%s by default: %i in %i ms, however greedy', async (name, max, windowMs, asked) => {
    const rig = makeRig(only(name))
    const instants = await fill(rig, max + Math.ceil(max / 2), asked)
    expect(most(instants, windowMs)).toBe(max)
  })

  test('sendsPerPhone by default: gaps of 30, 60, 120 and 300 seconds', async () => {
    const rig = makeRig(only('sendsPerPhone'))
    const gaps: number[] = []
    const { sessionToken, resendAt } = await rig.start()
    let due = resendAt
    for (const gapMs of [30 * second, minute, 2 * minute, 5 * minute]) {
      gaps.push(due.getTime() - rig.clock.now())
      rig.clock.advance(gapMs - 1)
      expect(await rig.resend(sessionToken)).toEqual({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone', retryAfterMs: 1 })
      rig.clock.advance(1)
      due = accepted(await rig.resend(sessionToken)).resendAt
    }
    expect(gaps).toEqual([30 * second, minute, 2 * minute, 5 * minute])
    expect(due.getTime() - rig.clock.now()).toBe(hour - 510 * second)
  })

  test('sendsPerPhone by default: ten in 24 hours', async () => {
    const rig = makeRig(only('sendsPerPhone'))
    const instants = await fill(rig, 12, (index) => ({ purpose: ['login', 'registration'][index % 2] as string }))
    expect(instants[10]! - instants[0]!).toBe(day)
    expect(most(instants, day)).toBe(10)
    expect(most(instants, hour)).toBe(5)
  })
})

describe('a cap of three openings in ten minutes', () => {
  test('the fourth is challengesPerPhone, to the millisecond, by phone and purpose', async () => {
    const rig = makeRig({ limits: unlimited })
    for (let opening = 0; opening < 3; opening++) {
      expect(named(await rig.send())).toBe('ok')
      rig.clock.advance(minute)
    }
    expect(await rig.send()).toEqual({ ok: false, reason: 'rate_limited', limit: 'challengesPerPhone', retryAfterMs: 7 * minute })
    expect(named(await rig.send({ purpose: 'registration' }))).toBe('ok')
    expect(named(await rig.send({ phone: '+14155552672' }))).toBe('ok')
    expect(named(await rig.send({ tenant: 'acme' }))).toBe('ok')
    rig.clock.advance(7 * minute - 1)
    expect(named(await rig.send())).toBe('rate_limited challengesPerPhone')
    rig.clock.advance(1)
    expect(named(await rig.send())).toBe('ok')
    expect(named(await rig.send())).toBe('rate_limited challengesPerPhone')
  })

  test('success frees none', async () => {
    const rig = makeRig({ limits: unlimited })
    for (let opening = 0; opening < 3; opening++) {
      const { sessionToken, code } = await rig.start()
      expect(named(await rig.verify(sessionToken, code))).toBe('ok')
    }
    expect(named(await rig.send())).toBe('rate_limited challengesPerPhone')
  })

  test('a resend opens none', async () => {
    const rig = makeRig({ limits: unlimited })
    const { sessionToken } = await rig.start()
    for (let turn = 0; turn < 10; turn++) expect(named(await rig.resend(sessionToken))).toBe('ok')
    for (let opening = 0; opening < 2; opening++) expect(named(await rig.send())).toBe('ok')
  })

  test('comes before every other limit, which then say how long all of them take', async () => {
    const rig = makeRig({ limits: { ...unlimited, sendsPerPhone: [{ max: 3, windowMs: hour }] } })
    for (let opening = 0; opening < 3; opening++) await rig.send()
    expect(await rig.send()).toEqual({ ok: false, reason: 'rate_limited', limit: 'challengesPerPhone', retryAfterMs: hour })
  })
})

describe('who is counted together', () => {
  const limits = (name: LimitName) => ({ limits: { ...unlimited, [name]: [{ max: 1, windowMs: hour }] } })

  test.each([
    ['an IPv4 address', { ip: '192.0.2.1' }, { ip: '192.0.2.1' }, true],
    ['two IPv4 addresses', { ip: '192.0.2.1' }, { ip: '192.0.2.2' }, false],
    ['an IPv4 address and its mapped form', { ip: '192.0.2.1' }, { ip: '::ffff:192.0.2.1' }, true],
    ['two mapped addresses', { ip: '::ffff:192.0.2.1' }, { ip: '::ffff:192.0.2.2' }, false],
    ['two addresses of one /64', { ip: '2001:db8:1:2::1' }, { ip: '2001:db8:1:2:ffff:ffff:ffff:ffff' }, true],
    ['two addresses of two /64', { ip: '2001:db8:1:2::1' }, { ip: '2001:db8:1:3::1' }, false],
    ['one address in two spellings', { ip: '2001:DB8::1' }, { ip: '2001:0db8:0:0:0:0:0:1' }, true],
    ['one id from two addresses', { id: 'a', ip: '192.0.2.1' }, { id: 'a', ip: '192.0.2.2' }, true],
    ['two ids from one address', { id: 'a', ip: '192.0.2.1' }, { id: 'b', ip: '192.0.2.1' }, false],
    ['an id that is spelled like an address', { id: '192.0.2.1' }, { ip: '192.0.2.1' }, false],
    ['addresses that are unknown', { ip: 'unknown' }, { ip: 'unknown' }, true],
  ])('%s', async (_, one, other, together) => {
    const { send } = makeRig(limits('sendsPerClient'))
    await send({ client: one })
    expect(named(await send({ client: other, phone: numberOf(1) }))).toBe(together ? 'rate_limited sendsPerClient' : 'ok')
  })

  test('without a client there is no such quota', async () => {
    const { send } = makeRig(limits('sendsPerClient'))
    for (let index = 0; index < 10; index++)
      expect(named(await send({ phone: numberOf(index), client: index % 2 ? undefined : {} }))).toBe('ok')
  })

  test('numbers that differ in their last four digits share a prefix, and no others', async () => {
    const { send } = makeRig(limits('sendsPerPrefix'))
    await send({ phone: '+14155552671' })
    expect(named(await send({ phone: '+14155559999' }))).toBe('rate_limited sendsPerPrefix')
    expect(named(await send({ phone: '+14155562671' }))).toBe('ok')
  })

  test.each(['sendsPerPhone', 'sendsPerClient', 'sendsPerPrefix', 'sendsPerTenant', 'sendsPerSubject'] as const)(
    '%s of one tenant is not of another',
    async (name) => {
      const { send } = makeRig(limits(name))
      const asked = { subject: 'user-1', client: { id: 'c' } }
      await send({ ...asked, tenant: 'acme' })
      expect(named(await send({ ...asked, tenant: 'acme' }))).toBe(`rate_limited ${name}`)
      expect(named(await send({ ...asked, tenant: 'other' }))).toBe('ok')
      expect(named(await send(asked))).toBe('ok')
    },
  )

  test('sendsPerPhone counts over purposes', async () => {
    const { send } = makeRig(limits('sendsPerPhone'))
    await send({ purpose: 'login' })
    expect(named(await send({ purpose: 'registration' }))).toBe('rate_limited sendsPerPhone')
  })
})

describe('a refused send spends nothing', () => {
  test('whichever limit refuses it, the others have as much left as before', async () => {
    const asked = { client: { id: 'c' }, subject: 'user-1' }
    const names = ['sendsPerPhone', 'sendsPerClient', 'sendsPerPrefix', 'sendsPerTenant', 'sendsPerSubject'] as const
    for (const full of names) {
      const two = Object.fromEntries(names.map((name) => [name, [{ max: name === full ? 1 : 3, windowMs: hour }]]))
      const { send, clock } = makeRig({ limits: two })
      await send(asked)
      clock.advance(minute)
      for (let refused = 0; refused < 20; refused++) expect(named(await send(asked))).toBe(`rate_limited ${full}`)
      clock.advance(59 * minute)
      const { limits } = accepted(await send(asked))
      expect(limits.map(({ limit, remaining }) => [limit, remaining])).toEqual([
        ['challengesPerPhone', 2],
        ...names.map((name) => [name, name === full ? 0 : 2]),
      ])
    }
  })

  test('a refused resend neither', async () => {
    const { start, resend, clock } = makeRig()
    const { sessionToken } = await start()
    for (let refused = 0; refused < 20; refused++) await resend(sessionToken)
    clock.advance(30 * second)
    expect(accepted(await resend(sessionToken)).limits).toContainEqual({
      limit: 'sendsPerPrefix',
      remaining: 18,
      resetMs: hour - 30 * second,
    })
  })

  test('at once, as many are let through as there is room for', async () => {
    const { send, outbox } = makeRig({ limits: { ...unlimited, sendsPerTenant: [{ max: 7, windowMs: hour }] } })
    const outcomes = await Promise.all(Array.from({ length: 100 }, async (_, index) => named(await send({ phone: numberOf(index) }))))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(7)
    expect(outbox.messages).toHaveLength(7)
  })
})

describe('the attacks', () => {
  test('T-SND-02 and T-SND-03: a greedy attacker over 50 addresses and a day never passes a cap, in any window', async () => {
    const step = fc.record({
      waitMs: fc.oneof(fc.constant(0), fc.constant(-1), fc.integer({ min: 0, max: 2 * hour })),
      resends: fc.boolean(),
      client: fc.integer({ min: 1, max: 50 }),
      purpose: fc.constantFrom('login', 'registration', 'marketing_opt_in', 'two_factor'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        const rig = makeRig()
        const ends = rig.clock.now() + 2 * day
        const instants: number[] = []
        let sessionToken: string | undefined
        let retryAfterMs = 0
        for (const { waitMs, resends, client, purpose } of steps) {
          // As soon as it may, a millisecond earlier, or whenever.
          rig.clock.advance(waitMs === 0 ? retryAfterMs : waitMs === -1 ? Math.max(0, retryAfterMs - 1) : waitMs)
          if (rig.clock.now() > ends) break
          const from = { ip: `192.0.2.${client}` }
          const outcome =
            resends && sessionToken ? await rig.resend(sessionToken, { client: from }) : await rig.send({ purpose, client: from })
          if (outcome.ok) {
            instants.push(rig.clock.now())
            sessionToken = outcome.sessionToken
          } else if (outcome.reason !== 'rate_limited') sessionToken = undefined
          retryAfterMs = outcome.ok ? outcome.resendAt.getTime() - rig.clock.now() : 'retryAfterMs' in outcome ? outcome.retryAfterMs : 0
        }
        expect(rig.outbox.messages).toHaveLength(instants.length)
        const caps = [
          [1, 30 * second],
          [2, 90 * second],
          [3, 210 * second],
          [4, 510 * second],
          [5, hour],
          [10, day],
        ] as const
        for (const [max, windowMs] of caps) expect(most(instants, windowMs)).toBeLessThanOrEqual(max)
      }),
      { numRuns: 60 },
    )
  })

  test('T-SND-03: a burst at the edge of a window gets no more than the cap in the window around it', async () => {
    const rig = makeRig({ limits: { ...unlimited, sendsPerPrefix: undefined } })
    const instants: number[] = []
    for (const atMs of [hour - 2, hour - 1, hour, hour + 1, 2 * hour - 3, 2 * hour - 2, 2 * hour - 1, 2 * hour]) {
      rig.clock.set(Date.UTC(2026, 0, 1) + atMs)
      for (let index = 0; index < 30; index++)
        if ((await rig.send({ phone: `+1415555${2_000 + index}` })).ok) instants.push(rig.clock.now())
    }
    expect(instants.length).toBeGreaterThan(20)
    expect(most(instants, hour)).toBe(20)
  })

  test('T-SND-05: ten thousand numbers of one block, from 500 addresses, get 20 messages an hour', async () => {
    const { send, outbox } = makeRig()
    const outcomes = new Map<string, number>()
    for (let last = 0; last < 10_000; last++) {
      const outcome = named(
        await send({
          phone: `+1415200${String(last).padStart(4, '0')}`,
          client: { ip: `10.0.${Math.floor(last / 250) % 2}.${last % 250}` },
        }),
      )
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(outbox.messages).toHaveLength(20)
    expect(Object.fromEntries(outcomes)).toEqual({ ok: 20, 'rate_limited sendsPerPrefix': 9_980 })
  })

  test('T-SND-08: five thousand phones get what the tenant may spend, exactly', async () => {
    const rig = makeRig()
    const outcomes = new Map<string, number>()
    for (let index = 0; index < 5_000; index++) {
      if (index % 500 === 0) rig.clock.advance(hour)
      const outcome = named(await rig.send({ phone: numberOf(index % 700) }))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(rig.outbox.messages).toHaveLength(1_000)
    expect(outcomes.get('ok')).toBe(1_000)
    expect(outcomes.get('rate_limited sendsPerTenant')).toBe(4_000)
  })

  test('T-SND-09: a provider that refuses every time is asked ten times a day for a phone, and the cooldown is no wait', async () => {
    const { send, carrier, clock } = makeRig()
    carrier.fail('refused')
    const instants: number[] = []
    const ends = clock.now() + day
    while (clock.now() < ends) {
      const outcome = await send({ purpose: ['login', 'registration', 'two_factor', 'marketing_opt_in'][instants.length % 4] as string })
      if (named(outcome) === 'undeliverable') instants.push(clock.now())
      else if ('retryAfterMs' in outcome) clock.advance(outcome.retryAfterMs)
    }
    expect(carrier.calls).toBe(10)
    expect(instants[4]! - instants[0]!).toBe(0)
    expect(most(instants, hour)).toBe(5)
  })

  test('a provider that is down every time costs the visitor nothing', async () => {
    const { send, carrier } = makeRig()
    carrier.fail('unavailable', 50)
    for (let turn = 0; turn < 50; turn++) await expect(send()).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect(accepted(await send()).limits[0]).toEqual({ limit: 'challengesPerPhone', remaining: 2, resetMs: 600_000 })
    expect(named(await send({ phone }))).toBe('rate_limited sendsPerPhone')
  })
})
