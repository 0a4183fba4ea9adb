import { createPhoneVerifier, type SmsBackend } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accepted, failure, makeRig, named, phone, type Rig, type RigOptions, unlimited, wrong } from '../fixtures/rig.js'
import { never, type StoreVerb } from '../fixtures/watched-store.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** How a call stands: its outcome or code when it has settled. */
function watch(work: Promise<{ readonly ok: boolean }>) {
  const state = { settled: '' }
  void work
    .then(named, (error: { readonly code?: string }) => String(error.code))
    .then((name) => {
      state.settled = name
    })
  return state
}

/** The call is pending a millisecond before the deadline, and has settled so at the deadline. */
async function settlesAt(ms: number, work: Promise<{ readonly ok: boolean }>, expected: string) {
  const state = watch(work)
  await vi.advanceTimersByTimeAsync(ms - 1)
  expect(state.settled).toBe('')
  await vi.advanceTimersByTimeAsync(2)
  expect(state.settled).toBe(expected)
}

async function makeStarted(options: RigOptions = {}) {
  const rig = makeRig({ limits: unlimited, ...options })
  const sent = await rig.start()
  const won = await rig.start({ purpose: 'registration' })
  const verified = await rig.verify(won.sessionToken, won.code, { purpose: 'registration' })
  const proof = verified.ok ? verified.proof : ''
  return { ...rig, ...sent, proof }
}

type Started = Awaited<ReturnType<typeof makeStarted>>

const calls: readonly [string, StoreVerb, (rig: Started) => Promise<{ readonly ok: boolean }>][] = [
  ['sendCode', 'open', ({ send }) => send()],
  ['resendCode', 'renew', ({ resend, sessionToken }) => resend(sessionToken)],
  ['verifyCode', 'attempt', ({ verify, sessionToken, code }) => verify(sessionToken, code)],
  ['verifyCode at its end', 'close', ({ verify, sessionToken, code }) => verify(sessionToken, code)],
  ['redeemProof', 'close', ({ verifier, proof }) => verifier.redeemProof({ proof, purpose: 'registration' })],
  ['unlock', 'release', ({ verifier }) => verifier.unlock({ phone })],
  ['forget', 'release', ({ verifier }) => verifier.forget({ phone })],
]

describe('a store', () => {
  test.each(calls)('that never answers: %s fails closed after a second', async (_, verb, call) => {
    const rig = await makeStarted()
    const { calls: sends } = rig.carrier
    rig.store.meddle(verb, never)
    await settlesAt(1_000, call(rig), 'ERR_PV_STORE')
    expect(rig.carrier.calls).toBe(sends)
  })

  test.each(calls)('that has its own deadline: %s', async (_, verb, call) => {
    const rig = await makeStarted({ deadlines: { store: 250 } })
    rig.store.meddle(verb, never)
    await settlesAt(250, call(rig), 'ERR_PV_STORE')
  })

  test.each(calls)('that rejects: %s fails closed at once, with nothing of its words', async (_, verb, call) => {
    const rig = await makeStarted()
    const { calls: sends } = rig.carrier
    rig.store.meddle(verb, () => Promise.reject(new Error(`READONLY ${phone} secret`)))
    const error = await failure(call(rig))
    expect(error).toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_STORE' })
    expect(error.message).not.toMatch(/READONLY|secret|\d{6}/)
    expect(error).not.toHaveProperty('cause')
    expect(rig.carrier.calls).toBe(sends)
  })

  test.each(calls)('that throws before it returns: %s fails closed', async (_, verb, call) => {
    const rig = await makeStarted()
    rig.store.meddle(verb, () => {
      throw new TypeError('client is undefined')
    })
    expect(await failure(call(rig))).toMatchObject({ code: 'ERR_PV_STORE' })
  })

  test.each(calls)('that answers nothing: %s fails closed', async (_, verb, call) => {
    const rig = await makeStarted()
    rig.store.meddle(verb, async () => undefined)
    const outcome = await call(rig).then(named, (error: { readonly code: string }) => error.code)
    // What a release has to say is nothing.
    expect(outcome).toBe(verb === 'release' ? 'ok' : 'ERR_PV_STORE')
  })

  test('is asked once, however it fails: a driver that timed out may have spent', async () => {
    for (const [, verb, call] of calls) {
      const rig = await makeStarted()
      rig.store.meddle(verb, () => Promise.reject(new Error('down')))
      const verbs = await rig.asked(() => call(rig).catch(() => undefined))
      expect(verbs.filter((name) => name === verb)).toHaveLength(1)
    }
  })

  test('that is back is used again at once', async () => {
    const { store, verify, sessionToken, code } = await makeStarted()
    store.meddle('attempt', () => Promise.reject(new Error('down')))
    await failure(verify(sessionToken, code))
    store.meddle('attempt')
    expect(named(await verify(sessionToken, code))).toBe('ok')
  })
})

describe('a provider that never answers', () => {
  test('is delivery: unknown after five seconds, and the challenge stays', async () => {
    const { send, carrier, lastCode, verify } = makeRig()
    carrier.hold({ sent: true })
    const sending = send()
    await settlesAt(5_000, sending, 'ok')
    const { delivery, sessionToken } = accepted(await sending)
    expect(delivery).toBe('unknown')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('has its own deadline', async () => {
    const { send, carrier } = makeRig({ deadlines: { provider: 300 } })
    carrier.hold()
    await settlesAt(300, send(), 'ok')
  })

  test('never outlasts the call, whose answer is still one of the contract', async () => {
    const { send, carrier } = makeRig({ deadlines: { send: 2_000, provider: 60_000 } })
    carrier.hold()
    const sending = send()
    const state = watch(sending)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(state.settled).toBe('ok')
    expect(accepted(await sending).delivery).toBe('unknown')
  })

  test('is told to stop', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const sms: SmsBackend = {
      name: 'silent',
      send: (_, signal) => {
        signals.push(signal)
        return never()
      },
    }
    const verifier = createPhoneVerifier({
      store: memoryStore(),
      sms,
      secret: 'a-secret-of-this-test-0123456789abcdef',
      appName: 'Test',
      countries: '*',
    })
    const sending = verifier.sendCode({ phone, purpose: 'login' })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(signals[0]?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await sending
    expect(signals[0]?.aborted).toBe(true)
  })

  test('is unknown to deliver, to notify and to a resend as well', async () => {
    const { send, resend, verifier, carrier } = makeRig({ delivery: 'deferred', limits: unlimited })
    const { sessionToken } = accepted(await send())
    carrier.hold()
    const delivering = verifier.deliver(sessionToken)
    await settlesAt(5_000, delivering, 'ok')
    expect(await delivering).toEqual({ ok: true, delivery: 'unknown' })
    const notifying = verifier.notify({ phone, template: 'password_changed' })
    await settlesAt(5_000, notifying, 'ok')
    expect(await notifying).toEqual({ ok: true, delivery: 'unknown' })
    expect(named(await resend(sessionToken))).toBe('ok')
  })

  test('does not keep the caller of a background send', async () => {
    const { send, carrier, settled, events } = makeRig({ delivery: 'background' })
    carrier.hold()
    expect(named(await send())).toBe('ok')
    await vi.advanceTimersByTimeAsync(5_001)
    await settled()
    expect(events.at(-1)).toMatchObject({ type: 'background', outcome: 'ok', delivery: 'unknown' })
  })
})

describe("the application's own functions", () => {
  test('admit that never settles is ERR_PV_TIMEOUT at the deadline of the call, and nothing is counted or sent', async () => {
    const { send, store, carrier } = makeRig({ admit: never })
    await settlesAt(10_000, send(), 'ERR_PV_TIMEOUT')
    expect([store.verbs, carrier.calls]).toEqual([[], 0])
  })

  test.each([
    ['sendCode', 10_000, ({ send }: Rig) => send({ tenant: 'acme' })],
    ['verifyCode', 3_000, ({ verify }: Rig, sessionToken: string) => verify(sessionToken, '000000', { tenant: 'acme' })],
    ['resendCode', 10_000, ({ resend }: Rig, sessionToken: string) => resend(sessionToken, { tenant: 'acme' })],
    ['unlock', 2_000, ({ verifier }: Rig) => verifier.unlock({ phone, tenant: 'acme' })],
    ['forget', 2_000, ({ verifier }: Rig) => verifier.forget({ phone, tenant: 'acme' })],
  ] as const)('tenants that never settles: %s is ERR_PV_TIMEOUT after %i ms', async (_, ms, call) => {
    let answer = (): unknown => ({})
    const rig = makeRig({ tenants: () => answer() as never, limits: unlimited })
    const { sessionToken } = accepted(await rig.send({ tenant: 'acme' }))
    answer = never
    const verbs = await rig.asked(() => settlesAt(ms, call(rig, sessionToken), 'ERR_PV_TIMEOUT'))
    expect(verbs).toEqual([])
    expect(rig.carrier.calls).toBe(1)
  })

  test('redeemProof has its own deadline too', async () => {
    let answer = (): unknown => ({})
    const { start, verify, verifier } = makeRig({ tenants: () => answer() as never })
    const { sessionToken, code } = await start({ tenant: 'acme' })
    const verified = await verify(sessionToken, code, { tenant: 'acme' })
    answer = never
    await settlesAt(
      2_000,
      verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login', tenant: 'acme' }),
      'ERR_PV_TIMEOUT',
    )
  })

  test('slow ones leave the rest of the call its time', async () => {
    const slow = () => new Promise<{ readonly ok: true }>((resolve) => setTimeout(() => resolve({ ok: true }), 6_000))
    const { send, carrier } = makeRig({ admit: slow })
    carrier.hold()
    const sending = send()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(carrier.calls).toBe(1)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(accepted(await sending).delivery).toBe('unknown')
  })

  test('an admit that says yes after the deadline sends nothing', async () => {
    const late = () => new Promise<{ readonly ok: true }>((resolve) => setTimeout(() => resolve({ ok: true }), 11_000))
    const { send, carrier, store } = makeRig({ admit: late })
    const sending = failure(send())
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await sending).toMatchObject({ code: 'ERR_PV_TIMEOUT' })
    expect([carrier.calls, store.verbs]).toEqual([0, []])
  })
})

describe('a caller that leaves', () => {
  test.each([
    ['sendCode', ({ send }: Started, signal: AbortSignal) => send({ signal })],
    ['resendCode', ({ resend, sessionToken }: Started, signal: AbortSignal) => resend(sessionToken, { signal })],
  ] as const)('before %s: ERR_PV_ABORTED, and the store is not asked', async (_, call) => {
    const rig = await makeStarted()
    const { calls: sends } = rig.carrier
    expect(
      await rig.asked(async () => expect(await failure(call(rig, AbortSignal.abort()))).toMatchObject({ code: 'ERR_PV_ABORTED' })),
    ).toEqual([])
    expect(rig.carrier.calls).toBe(sends)
  })

  test('while admit thinks: ERR_PV_ABORTED, and the store is not asked', async () => {
    const caller = new AbortController()
    const admit = async () => {
      caller.abort()
      return { ok: true } as const
    }
    const { send, store, carrier } = makeRig({ admit })
    expect(await failure(send({ signal: caller.signal }))).toMatchObject({ code: 'ERR_PV_ABORTED' })
    expect([store.verbs, carrier.calls]).toEqual([[], 0])
  })

  test.each(['await', 'background', 'deferred'] as const)(
    'while the store records, in %s mode: nothing is sent, and every quota comes back',
    async (delivery) => {
      const caller = new AbortController()
      const { send, store, carrier } = makeRig({ delivery })
      store.meddle('open', async (run) => {
        const opened = await run()
        caller.abort()
        return opened
      })
      expect(await failure(send({ signal: caller.signal }))).toMatchObject({ code: 'ERR_PV_ABORTED' })
      expect(carrier.calls).toBe(0)
      store.meddle('open')
      expect(accepted(await send()).limits).toEqual(accepted(await makeRig({ delivery }).send()).limits)
    },
  )

  test('while the store renews: nothing is sent, the quotas come back, and the challenge stays open', async () => {
    const caller = new AbortController()
    const { start, resend, verify, store, carrier, clock } = makeRig()
    const { sessionToken, code } = await start()
    clock.advance(30_000)
    store.meddle('renew', async (run) => {
      const renewed = await run()
      caller.abort()
      return renewed
    })
    expect(await failure(resend(sessionToken, { signal: caller.signal }))).toMatchObject({ code: 'ERR_PV_ABORTED' })
    expect(carrier.calls).toBe(1)
    expect(named(await verify(sessionToken, wrong(code)))).toBe('incorrect_code 4')
    store.meddle('renew')
    expect(named(await resend(sessionToken))).toBe('ok')
  })

  test('while the provider sends: the answer says that nobody knows', async () => {
    const caller = new AbortController()
    const { send, carrier, lastCode, verify } = makeRig()
    carrier.hold({ sent: true })
    const sending = send({ signal: caller.signal })
    await vi.advanceTimersByTimeAsync(10)
    caller.abort()
    const { delivery, sessionToken } = accepted(await sending)
    expect(delivery).toBe('unknown')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('after the reply changes nothing, not even for a background send', async () => {
    const caller = new AbortController()
    const { send, carrier, outbox, settled } = makeRig({ delivery: 'background' })
    carrier.hold()
    expect(named(await send({ signal: caller.signal }))).toBe('ok')
    caller.abort()
    await vi.advanceTimersByTimeAsync(10)
    carrier.release()
    await settled()
    expect(outbox.messages).toHaveLength(1)
  })

  test.each([null, 'x', 7, {}])('by a signal that is %o: ERR_PV_ARGUMENT', async (signal) => {
    const { send, resend, sessionToken } = await makeStarted()
    for (const call of [send({ signal: signal as never }), resend(sessionToken, { signal: signal as never })]) {
      expect(await failure(call)).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'signal' })
    }
  })
})

test('no call leaves a timer behind', async () => {
  const rig = makeRig({ limits: unlimited })
  const { sessionToken, code } = await rig.start()
  await rig.resend(sessionToken)
  await rig.verify(sessionToken, wrong(code))
  const verified = await rig.verify(sessionToken, code)
  await rig.verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' })
  await rig.verifier.unlock({ phone })
  await rig.verifier.forget({ phone })
  // The sweep of the memory store is its own.
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
})
