import type { PhoneVerifyEvent } from 'phone-verify'
import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import { createCall } from '../../src/services/call.js'
import type { Challenge, Delivered } from '../../src/services/challenge.js'
import { createCodes } from '../../src/services/codes.js'
import { createDelivery } from '../../src/services/delivery.js'
import { codeMessage } from '../../src/services/message.js'
import { memoryStore } from '../../src/store/memory.js'
import { keyringOf, sampleChallenge } from '../fixtures/challenge.js'

const keys = keyringOf('a').current
const codes = createCodes()

const failed = (status: 'refused' | 'unavailable' | 'unknown' | 'misconfigured'): Delivered => {
  const code = {
    refused: 'ERR_PV_SMS_REFUSED',
    unavailable: 'ERR_PV_SMS_UNAVAILABLE',
    unknown: 'ERR_PV_SMS_UNKNOWN',
    misconfigured: 'ERR_PV_CONFIGURATION',
  } as const
  return { status, error: new PhoneVerifyError(code[status], status, { backend: 'leaf', providerCode: '7' }) }
}
const accepted: Delivered = { status: 'accepted', receipt: { backend: 'leaf', messageId: null } }

/** A delivery whose tries come to `outcomes`, one after the other; a wait only moves the clock. */
function makeDelivery(outcomes: readonly Delivered[], over: { readonly room?: boolean; readonly stopAfterWaits?: number } = {}) {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const events: Record<string, unknown>[] = []
  const waits: number[] = []
  const stop = new AbortController()
  const tries: string[] = []
  let done = Promise.resolve()
  const delivery = createDelivery({
    handOver: async ({ code = '' }) => {
      tries.push(code)
      return outcomes[tries.length - 1] ?? accepted
    },
    store,
    codes,
    background: {
      run(work) {
        if (over.room === false) return false
        done = work(stop.signal)
        return true
      },
      drain: async () => {},
    },
    events: { heard: () => true, emit: (event) => void events.push(event as Omit<PhoneVerifyEvent, 'at'>) },
    compose: codeMessage,
    begin: (signal) => createCall(10_000, signal),
    now: clock.now,
    async wait(ms) {
      waits.push(ms)
      clock.advance(ms)
      if (waits.length === over.stopAfterWaits) stop.abort()
    },
  })
  const challenge = (changes: Partial<Challenge> = {}) =>
    sampleChallenge({ startedAt: clock.now(), expiresAt: clock.now() + 300_000, ...changes })
  return { ...delivery, clock, store, events, waits, tries, challenge, done: () => done }
}

describe('send', () => {
  const call = () => createCall(1_000, undefined)

  test('hands over the code of the challenge, made from its id and nonce', async () => {
    const { send, tries, challenge } = makeDelivery([])
    expect(await send(challenge(), keys, call())).toEqual(accepted)
    expect(tries).toEqual([codes.code(challenge(), keys)])
  })

  test.each([{ decoy: true }, { testNumber: true }])('%o is handed to nobody, and counts as accepted', async (changes) => {
    const { send, tries, challenge } = makeDelivery([])
    expect(await send(challenge(changes), keys, call())).toEqual({ status: 'accepted', receipt: { backend: 'none', messageId: null } })
    expect(tries).toEqual([])
  })

  test('tries once, whatever comes of it', async () => {
    const { send, tries, challenge } = makeDelivery([failed('unavailable')])
    expect((await send(challenge(), keys, call())).status).toBe('unavailable')
    expect(tries).toHaveLength(1)
  })
})

describe('sendLater', () => {
  test('answers false when there is no room, and sends nothing', () => {
    const { sendLater, tries, challenge } = makeDelivery([], { room: false })
    expect(sendLater(challenge(), keys)).toBe(false)
    expect(tries).toEqual([])
  })

  test.each([0, 1, 2, 3])('a send that certainly did not leave is tried again, after %i failures accepted', async (failures) => {
    const { sendLater, tries, waits, events, challenge, done } = makeDelivery(Array<Delivered>(failures).fill(failed('unavailable')))
    expect(sendLater(challenge(), keys)).toBe(true)
    await done()
    expect(tries).toEqual(Array(failures + 1).fill(codes.code(challenge(), keys)))
    expect(waits).toEqual([500, 2_000, 8_000].slice(0, failures))
    expect(events).toEqual([expect.objectContaining({ type: 'background', outcome: 'ok', delivery: 'accepted', backend: 'leaf' })])
  })

  test('gives up after three retries, as one event', async () => {
    const { sendLater, tries, events, challenge, done } = makeDelivery(Array<Delivered>(9).fill(failed('unavailable')))
    sendLater(challenge(), keys)
    await done()
    expect(tries).toHaveLength(4)
    expect(events).toEqual([
      expect.objectContaining({ type: 'background', outcome: 'ERR_PV_SMS_UNAVAILABLE', backend: 'leaf', providerCode: '7' }),
    ])
  })

  test.each(['refused', 'unknown', 'misconfigured'] as const)('what came to %s is not tried again', async (status) => {
    const { sendLater, tries, challenge, done } = makeDelivery([failed(status)])
    sendLater(challenge(), keys)
    await done()
    expect(tries).toHaveLength(1)
  })

  test.each([
    ['unknown', { outcome: 'ok', delivery: 'unknown' }],
    ['misconfigured', { outcome: 'ERR_PV_CONFIGURATION' }],
    ['refused', { outcome: 'undeliverable' }],
  ] as const)('%s is one event', async (status, said) => {
    const { sendLater, events, challenge, done } = makeDelivery([failed(status)])
    sendLater(challenge(), keys)
    await done()
    const expected = { type: 'background', ...said, backend: 'leaf', providerCode: '7', purpose: 'payment', tenant: 'acme', country: 'FR' }
    expect(events).toEqual([{ ...expected, challenge: challenge().id.slice(-22), durationMs: expect.any(Number) }])
  })

  test.each([
    ['a millisecond more than the wait', 501, 2],
    ['the wait', 500, 1],
  ])('is not tried again when the code has %s left', async (_, leftMs, tried) => {
    const { sendLater, tries, clock, challenge, done } = makeDelivery(Array<Delivered>(9).fill(failed('unavailable')))
    sendLater(challenge({ expiresAt: clock.now() + leftMs }), keys)
    await done()
    expect(tries).toHaveLength(tried)
  })

  test('is not tried again once it is told to stop', async () => {
    const { sendLater, tries, challenge, done } = makeDelivery(Array<Delivered>(9).fill(failed('unavailable')), { stopAfterWaits: 2 })
    sendLater(challenge(), keys)
    await done()
    expect(tries).toHaveLength(2)
  })

  test('a refusal leaves the challenge open, as long as before, for no code at all', async () => {
    const { sendLater, store, clock, challenge, done } = makeDelivery([failed('refused')])
    const begun = challenge()
    const codeDigest = codes.digest(begun, keys, codes.code(begun, keys))
    await store.open({ id: begun.id, codeDigest, attempts: 5, ttlMs: 300_000, lifeMs: 600_000 }, [])
    sendLater(begun, keys)
    await done()
    const attempt = await store.attempt(begun.id, [])
    expect(attempt).toMatchObject({ status: 'granted', codeDigest: expect.stringMatching(/^[\w-]{22}$/), attemptsLeft: 4 })
    expect(attempt).not.toMatchObject({ codeDigest })
    clock.advance(299_999)
    expect(await store.attempt(begun.id, [])).toMatchObject({ status: 'granted' })
    clock.advance(1)
    expect(await store.attempt(begun.id, [])).toEqual({ status: 'expired' })
  })

  test('never rejects, although the store fails when a refusal is recorded', async () => {
    const { sendLater, store, events, challenge, done } = makeDelivery([failed('refused')])
    store.renew = () => Promise.reject(new Error('down'))
    sendLater(challenge(), keys)
    await done()
    expect(events).toHaveLength(1)
  })
})
