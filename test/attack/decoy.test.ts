import type { SendCodeRequest } from 'phone-verify'
import { describe, expect, test, vi } from 'vitest'
import { accepted, failure, makeRig, named, type Rig, type RigOptions, unlimited, wrong } from '../fixtures/rig.js'

/** Two verifiers that differ in nothing but that one is only ever asked for decoys. */
const makeTwins = (options: RigOptions = {}) => [makeRig(options), makeRig(options)] as const

const reset: Partial<SendCodeRequest> = { purpose: 'password_reset', client: { ip: '192.0.2.1' } }

/** What a client can see of an outcome, tokens by their length. */
const seen = (outcome: object) => ({
  ...outcome,
  ...('sessionToken' in outcome && { sessionToken: String(outcome.sessionToken).length }),
})

/** Every guess is compared with the digest that the first one revealed. */
function revealOnce({ store }: Rig) {
  let granted: unknown
  store.meddle('attempt', async (run) => {
    granted ??= await run()
    return granted
  })
  return () => granted
}

// First in the file: the stores of other tests must not sweep by these timers.
describe('T-ENU-02: the provider', () => {
  test.each(['refused', 'unavailable', 'unknown', 'configuration'] as const)('answers %s, and no answer of ours changes', async (how) => {
    vi.useFakeTimers()
    try {
      const visits = makeTwins().map(async (rig, index) => {
        rig.carrier.fail(how)
        const sends = vi.spyOn(rig.carrier, 'send')
        const first = accepted(await rig.send({ ...reset, decoy: index === 1 }))
        await vi.advanceTimersByTimeAsync(15_000)
        await rig.settled()
        rig.clock.advance(15_000)
        const early = await rig.resend(first.sessionToken, reset)
        rig.clock.advance(15_000)
        const due = await rig.resend(first.sessionToken, reset)
        await vi.advanceTimersByTimeAsync(15_000)
        const code = sends.mock.calls[0]?.[0].code ?? '123456'
        const wrong = await rig.verify(first.sessionToken, String((Number(code[0]) + 1) % 10) + code.slice(1), {
          purpose: 'password_reset',
        })
        return [first, early, due, wrong].map(seen)
      })
      const [real, decoy] = await Promise.all(visits)
      expect(decoy).toEqual(real)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe.each(['background', 'deferred'] as const)('in %s mode', (delivery) => {
  const options: RigOptions = { purposes: { password_reset: { delivery } } }
  const deliver = async ({ verifier, settled }: Rig, sessionToken: string) => {
    if (delivery === 'deferred') await verifier.deliver(sessionToken)
    await settled()
  }

  test('a decoy sends nothing', async () => {
    const rig = makeRig(options)
    const { sessionToken } = accepted(await rig.send({ ...reset, decoy: true }))
    await deliver(rig, sessionToken)
    rig.clock.advance(30_000)
    await deliver(rig, accepted(await rig.resend(sessionToken)).sessionToken)
    expect(rig.carrier.calls).toBe(0)
  })

  test('no code opens a decoy: not one of all there are', async () => {
    const rig = makeRig({ ...options, allowShortCodes: true, codeLength: 4, maxAttempts: 3, limits: unlimited })
    const { sessionToken } = accepted(await rig.send({ ...reset, decoy: true }))
    const outcomes = new Set<string>()
    const granted = revealOnce(rig)
    for (let code = 0; code < 10_000; code++) {
      outcomes.add(named(await rig.verify(sessionToken, String(code).padStart(4, '0'), { purpose: 'password_reset' })))
    }
    expect(outcomes).toEqual(new Set(['incorrect_code 2']))
    expect(granted()).toMatchObject({ status: 'granted', codeDigest: expect.stringMatching(/^[\w-]{22}$/) })
  })

  test('in the same way one code opens a real send', async () => {
    const rig = makeRig({ ...options, allowShortCodes: true, codeLength: 4, maxAttempts: 3, limits: unlimited })
    const { sessionToken } = accepted(await rig.send(reset))
    await deliver(rig, sessionToken)
    revealOnce(rig)
    expect(named(await rig.verify(sessionToken, wrong(rig.lastCode()), { purpose: 'password_reset' }))).toBe('incorrect_code 2')
    expect(named(await rig.verify(sessionToken, rig.lastCode(), { purpose: 'password_reset' }))).toBe('ok')
  })

  test('the answers to a whole visit are the same, in shape, in values and in the length of the token', async () => {
    const visits = makeTwins(options).map(async (rig, index) => {
      const decoy = index === 1
      const answers: object[] = []
      const answer = (outcome: object) => {
        answers.push(seen(outcome))
        return outcome as { readonly ok: boolean }
      }
      const first = accepted(answer(await rig.send({ ...reset, decoy })))
      answer(await rig.send({ ...reset, decoy }))
      answer(await rig.resend(first.sessionToken, reset))
      await deliver(rig, first.sessionToken)
      rig.clock.advance(30_000)
      const second = accepted(answer(await rig.resend(first.sessionToken, reset)))
      await deliver(rig, second.sessionToken)
      for (let attempt = 0; attempt < 6; attempt++)
        answer(await rig.verify(second.sessionToken, 'x'.repeat(6), reset as { purpose: string }))
      const code = rig.outbox.last()?.code ?? '123456'
      const wrong = String((Number(code[0]) + 1) % 10) + code.slice(1)
      for (let attempt = 0; attempt < 6; attempt++) answer(await rig.verify(second.sessionToken, wrong, reset as { purpose: string }))
      answer(await rig.resend(second.sessionToken, reset))
      rig.clock.advance(600_000)
      answer(await rig.resend(second.sessionToken, reset))
      answer(await rig.verify(second.sessionToken, wrong, reset as { purpose: string }))
      return answers
    })
    const [real, decoy] = await Promise.all(visits)
    expect(decoy).toEqual(real)
    expect(real?.map((outcome) => named(outcome as never))).toContain('incorrect_code 0')
  })

  test('the store is asked for the same verbs', async () => {
    const verbs = makeTwins({ ...options, limits: unlimited }).map(async (rig, index) => {
      const { sessionToken } = accepted(await rig.send({ ...reset, decoy: index === 1 }))
      await deliver(rig, sessionToken)
      const again = accepted(await rig.resend(sessionToken, reset))
      await deliver(rig, again.sessionToken)
      await rig.verify(again.sessionToken, '012345', { purpose: 'password_reset' })
      await rig.send({ ...reset, decoy: index === 1, idempotencyKey: 'k' })
      await rig.send({ ...reset, decoy: index === 1, idempotencyKey: 'k' })
      return rig.store.verbs
    })
    const [real, decoy] = await Promise.all(verbs)
    expect(decoy).toEqual(real)
  })

  test('the same quotas are taken, and the ledger is filled the same way', async () => {
    const ends = makeTwins({
      ...options,
      limits: { ...unlimited, sendsPerPrefix: undefined, failuresPerPhone: [{ max: 7, windowMs: 900_000 }] },
    }).map(async (rig, index) => {
      const outcomes: string[] = []
      for (let opening = 0; opening < 2; opening++) {
        const sent = accepted(await rig.send({ ...reset, decoy: index === 1 }))
        await deliver(rig, sent.sessionToken)
        const code = rig.outbox.last()?.code ?? '123456'
        outcomes.push(...(await rig.guessWrong(4, { ...sent, code }, { purpose: 'password_reset' })), JSON.stringify(sent.limits))
      }
      return outcomes
    })
    const [real, decoy] = await Promise.all(ends)
    expect(decoy).toEqual(real)
    expect(real).toContain('locked failuresPerPhone')
  })

  test.each([
    [{ subject: 'user-1' }],
    [{ locale: 'fr', context: { city: 'Lyon' } }],
    [{ tenant: 'acme', payload: { amount: '49.90 EUR', note: 'x'.repeat(700) } }],
  ])('with %o the token of a decoy is as long', async (asked) => {
    const lengths = makeTwins(options).map(
      async ({ send }, index) => accepted(await send({ ...reset, ...asked, decoy: index === 1 })).sessionToken.length,
    )
    const [real, decoy] = await Promise.all(lengths)
    expect(decoy).toBe(real)
  })

  test('false says that a send is real', async () => {
    const rig = makeRig(options)
    await deliver(rig, accepted(await rig.send({ ...reset, decoy: false })).sessionToken)
    expect(rig.carrier.calls).toBe(1)
  })
})

test.each([true, false])(
  'decoy: %s is ERR_PV_ARGUMENT for a purpose that is delivered while the caller waits, and touches no store',
  async (decoy) => {
    const { send, store } = makeRig()
    expect(await failure(send({ decoy }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'decoy' })
    expect(store.verbs).toEqual([])
  },
)

test.each([null, 'true', 1])('decoy: %o is ERR_PV_ARGUMENT', async (decoy) => {
  expect(await failure(makeRig().send({ ...reset, decoy: decoy as never }))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'decoy' })
})

test("which mode counts is the purpose's, and the tenant's", async () => {
  const { send } = makeRig({ tenants: () => ({ delivery: 'background' }) })
  expect(named(await send({ tenant: 'acme', decoy: true }))).toBe('ok')
  expect(await failure(send({ decoy: true }))).toMatchObject({ code: 'ERR_PV_ARGUMENT' })
})

describe('T-ENU-02: what happens after the reply', () => {
  test('a provider that refuses makes the digest unmatchable, and the challenge stays open as long as before', async () => {
    const { send, carrier, settled, verify, clock } = makeRig()
    carrier.fail('refused')
    const sends = vi.spyOn(carrier, 'send')
    const { sessionToken } = accepted(await send(reset))
    await settled()
    const code = sends.mock.calls[0]?.[0].code
    expect(code).toMatch(/^\d{6}$/)
    expect(named(await verify(sessionToken, code, { purpose: 'password_reset' }))).toBe('incorrect_code 4')
    clock.advance(599_999)
    expect(named(await verify(sessionToken, code, { purpose: 'password_reset' }))).toBe('incorrect_code 3')
    clock.advance(1)
    expect(named(await verify(sessionToken, code, { purpose: 'password_reset' }))).toBe('expired')
  })

  test('a number that the provider has learnt to deliver to gets a code that works with the resend', async () => {
    const { send, resend, carrier, settled, verify, clock, lastCode } = makeRig()
    carrier.fail('refused', 1)
    const { sessionToken } = accepted(await send(reset))
    await settled()
    clock.advance(30_000)
    await resend(sessionToken)
    await settled()
    expect(named(await verify(sessionToken, lastCode(), { purpose: 'password_reset' }))).toBe('ok')
  })

  test('a full queue answers like success, with an event', async () => {
    const { send, carrier, events, outbox, settled } = makeRig({ limits: unlimited })
    carrier.hold()
    const numbers = Array.from({ length: 1_100 }, (_, index) => `+1415${String(2_000_000 + index)}`)
    const outcomes: string[] = []
    for (const number of numbers) {
      const outcome = await send({ ...reset, phone: number })
      outcomes.push(`${named(outcome)} ${'delivery' in outcome ? outcome.delivery : ''}`)
    }
    expect(new Set(outcomes)).toEqual(new Set(['ok pending']))
    const lost = events.filter((event) => 'queueFull' in event)
    expect(lost.length).toBeGreaterThan(0)
    expect(lost[0]).toMatchObject({ type: 'send', outcome: 'ok', delivery: 'pending', queueFull: true })
    carrier.release()
    await settled()
    expect(outbox.messages).toHaveLength(1_100 - lost.length)
  })
})
