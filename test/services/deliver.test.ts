import { describe, expect, test, vi } from 'vitest'
import { accepted, failure, makeRig, named, phone, type RigOptions, unlimited, wrong } from '../fixtures/rig.js'

/** A deferred send, and the worker's call. */
async function makeDeferred(options: RigOptions = {}, asked = {}) {
  const rig = makeRig({ delivery: 'deferred', limits: unlimited, ...options })
  const { sessionToken } = accepted(await rig.send(asked))
  return { ...rig, sessionToken, deliver: (token: unknown = sessionToken) => rig.verifier.deliver(token) }
}

const outcomeOf = (work: Promise<{ readonly ok: boolean }>) => work.then(named, (error: { readonly code: string }) => error.code)

describe('deliver', () => {
  test('sends what the send deferred, and the code opens the challenge', async () => {
    const { deliver, sessionToken, outbox, lastCode, verify } = await makeDeferred()
    expect(outbox.messages).toEqual([])
    expect(await deliver()).toEqual({ ok: true, delivery: 'accepted' })
    expect(outbox.messages).toHaveLength(1)
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('says in the text how long the code still lives', async () => {
    const { deliver, outbox, clock } = await makeDeferred()
    clock.advance(60_000)
    await deliver()
    expect(outbox.last()).toMatchObject({ expiresInMs: 240_000, text: expect.stringContaining('4 minutes') })
  })

  test('the second time it is already_delivered, and nothing is sent', async () => {
    const { deliver, outbox } = await makeDeferred()
    await deliver()
    expect(await deliver()).toEqual({ ok: false, reason: 'already_delivered' })
    expect(outbox.messages).toHaveLength(1)
  })

  test('fifty workers at once send exactly one SMS', async () => {
    const { deliver, carrier } = await makeDeferred()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(deliver())))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'already_delivered')).toHaveLength(49)
    expect(carrier.calls).toBe(1)
  })

  test.each(['await', 'background'] as const)('a send in %s mode was delivered already', async (delivery) => {
    const { verifier, start, carrier } = makeRig({ delivery })
    const { sessionToken } = await start()
    expect(await verifier.deliver(sessionToken)).toEqual({ ok: false, reason: 'already_delivered' })
    expect(carrier.calls).toBe(1)
  })

  test.each([undefined, null, '', 'forged', 7, {}, ['x']])('%o is no session token, and touches no store', async (token) => {
    const { verifier, asked } = await makeDeferred()
    expect(await asked(async () => expect(await verifier.deliver(token)).toEqual({ ok: false, reason: 'invalid_session' }))).toEqual([])
  })

  test('a code that has ended is not sent', async () => {
    const { deliver, clock, carrier, asked } = await makeDeferred()
    clock.advance(300_000)
    expect(await asked(async () => expect(await deliver()).toEqual({ ok: false, reason: 'expired' }))).toEqual([])
    clock.advance(-1)
    expect(await deliver()).toEqual({ ok: true, delivery: 'accepted' })
    expect(carrier.calls).toBe(1)
  })

  test('a claim that the store does not know any more is expired', async () => {
    const { deliver, store } = await makeDeferred()
    store.meddle('close', async () => 'absent')
    expect(await deliver()).toEqual({ ok: false, reason: 'expired' })
  })

  test('unavailable is thrown, and the next call claims anew, with the same code', async () => {
    const { deliver, carrier, sessionToken, verify, lastCode } = await makeDeferred()
    carrier.fail('unavailable', 2)
    expect(await failure(deliver())).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'outbox' })
    expect(await failure(deliver())).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(deliver())))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(carrier.calls).toBe(3)
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('a text that lacks what must be read is thrown, and the next call claims anew', async () => {
    const { deliver, carrier } = await makeDeferred()
    carrier.fail('configuration', 1)
    expect(await failure(deliver())).toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    expect(named(await deliver())).toBe('ok')
  })

  test('unknown is answered as such, and nobody sends it again', async () => {
    const { deliver, carrier } = await makeDeferred()
    carrier.fail('unknown', 1, { sent: true })
    expect(await deliver()).toEqual({ ok: true, delivery: 'unknown' })
    expect(await deliver()).toEqual({ ok: false, reason: 'already_delivered' })
  })

  test('refused is undeliverable: the challenge stays open for a client that must not learn of it, and no code opens it', async () => {
    const { deliver, carrier, sessionToken, verify, clock } = await makeDeferred()
    const messages = vi.spyOn(carrier, 'send')
    carrier.fail('refused')
    expect(await deliver()).toEqual({ ok: false, reason: 'undeliverable' })
    expect(await deliver()).toEqual({ ok: false, reason: 'already_delivered' })
    const { code = '' } = messages.mock.calls[0]?.[0] ?? {}
    expect(code).toMatch(/^\d{6}$/)
    expect(named(await verify(sessionToken, code))).toBe('incorrect_code 4')
    expect(named(await verify(sessionToken, wrong(code)))).toBe('incorrect_code 3')
    clock.advance(300_000)
    expect(named(await verify(sessionToken, code))).toBe('expired')
  })

  test('a decoy is claimed like any other and sends nothing', async () => {
    const { deliver, carrier } = await makeDeferred({}, { decoy: true })
    expect(await deliver()).toEqual({ ok: true, delivery: 'accepted' })
    expect(await deliver()).toEqual({ ok: false, reason: 'already_delivered' })
    expect(carrier.calls).toBe(0)
  })

  test.each([null, 7, 'x'])('options that are %o are ERR_PV_ARGUMENT, and claim nothing', async (options) => {
    const { verifier, sessionToken, deliver } = await makeDeferred()
    expect(await failure(verifier.deliver(sessionToken, options as never))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'options' })
    expect(named(await deliver())).toBe('ok')
  })

  test.each(['x', 7, {}, null])('a signal that is %o is ERR_PV_ARGUMENT, and claims nothing', async (signal) => {
    const { verifier, sessionToken, deliver } = await makeDeferred()
    expect(await failure(verifier.deliver(sessionToken, { signal: signal as never }))).toMatchObject({
      code: 'ERR_PV_ARGUMENT',
      field: 'signal',
    })
    expect(named(await deliver())).toBe('ok')
  })

  test('a worker that left before sends nothing and claims nothing', async () => {
    const { verifier, sessionToken, deliver, carrier } = await makeDeferred()
    expect(await failure(verifier.deliver(sessionToken, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_PV_ABORTED' })
    expect(carrier.calls).toBe(0)
    expect(named(await deliver())).toBe('ok')
  })

  test('a worker that left while it claimed sends nothing, and another may', async () => {
    const { verifier, sessionToken, deliver, carrier, store } = await makeDeferred()
    const worker = new AbortController()
    store.meddle('close', async (run) => {
      const closed = await run()
      worker.abort()
      return closed
    })
    expect(await failure(verifier.deliver(sessionToken, { signal: worker.signal }))).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect(carrier.calls).toBe(0)
    expect(named(await deliver())).toBe('ok')
    expect(carrier.calls).toBe(1)
  })
})

describe('after a resend', () => {
  test('the worker of the older token sends nothing, the worker of the newer one does', async () => {
    const { deliver, sessionToken, resend, carrier } = await makeDeferred()
    const { sessionToken: newer } = accepted(await resend(sessionToken))
    expect(await deliver(sessionToken)).toEqual({ ok: false, reason: 'already_delivered' })
    expect(await deliver(newer)).toEqual({ ok: true, delivery: 'accepted' })
    expect(carrier.calls).toBe(1)
  })

  test('a resend after the delivery is delivered in its turn', async () => {
    const { deliver, sessionToken, resend, verify, lastCode, carrier } = await makeDeferred({
      codeLength: 10,
      purposes: { login: { resend: 'new' } },
    })
    await deliver()
    const first = lastCode()
    const { sessionToken: newer } = accepted(await resend(sessionToken))
    expect(named(await deliver(newer))).toBe('ok')
    expect(carrier.calls).toBe(2)
    expect(named(await verify(sessionToken, first))).toBe('incorrect_code 4')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('a worker whose send failed while the visitor asked again cannot send the older code any more', async () => {
    const { deliver, sessionToken, resend, carrier, outbox } = await makeDeferred({
      codeLength: 10,
      purposes: { login: { resend: 'new' } },
    })
    carrier.fail('unavailable', 1)
    carrier.hold()
    const failing = failure(deliver())
    await vi.waitFor(() => expect(carrier.calls).toBe(1))
    const { sessionToken: newer } = accepted(await resend(sessionToken))
    carrier.release()
    expect(await failing).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect(await deliver(sessionToken)).toEqual({ ok: false, reason: 'already_delivered' })
    expect(outbox.messages).toEqual([])
    expect(named(await deliver(newer))).toBe('ok')
  })
})

describe('a repeat of an idempotency key', () => {
  const asked = { idempotencyKey: 'k' }

  test('may be delivered in place of the first, once between them', async () => {
    const { deliver, send, sessionToken, carrier, verify, lastCode } = await makeDeferred({}, asked)
    const { sessionToken: repeated } = accepted(await send(asked))
    expect(named(await deliver(repeated))).toBe('ok')
    expect(await deliver(sessionToken)).toEqual({ ok: false, reason: 'already_delivered' })
    expect(carrier.calls).toBe(1)
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('sends a code that opens the challenge, although the ten minutes of the clock went over between them', async () => {
    const { send, deliver, verify, lastCode, clock } = makeRigAt(595_000)
    await send(asked)
    clock.advance(10_000)
    const { sessionToken } = accepted(await send(asked))
    expect(named(await deliver(sessionToken))).toBe('ok')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('to a test number leaves the fixed code alone', async () => {
    const testNumbers = [{ phone, code: '424242', until: new Date(Date.UTC(2027, 0)) }]
    const { deliver, send, verify, carrier } = await makeDeferred({ testNumbers }, asked)
    const { sessionToken } = accepted(await send(asked))
    expect(named(await deliver(sessionToken))).toBe('ok')
    expect(carrier.calls).toBe(0)
    expect(named(await verify(sessionToken, '424242'))).toBe('ok')
  })

  test('a store that fails once the claim is taken leaves the send to the next worker', async () => {
    const { send, deliver, store, verify, lastCode } = await makeDeferred({}, asked)
    const { sessionToken } = accepted(await send(asked))
    store.meddle('renew', () => Promise.reject(new Error('down')))
    expect(await failure(deliver(sessionToken))).toMatchObject({ code: 'ERR_PV_STORE' })
    store.meddle('renew')
    expect(named(await deliver(sessionToken))).toBe('ok')
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })
})

function makeRigAt(offsetMs: number) {
  const rig = makeRig({ delivery: 'deferred', limits: unlimited })
  rig.clock.advance(offsetMs)
  return { ...rig, deliver: (token: unknown) => rig.verifier.deliver(token) }
}
