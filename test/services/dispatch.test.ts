import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/domain/limits.js'
import { defaultPolicy } from '../../src/domain/purpose.js'
import { PhoneVerifyError } from '../../src/errors.js'
import { createCall } from '../../src/services/call.js'
import type { Delivered } from '../../src/services/challenge.js'
import { createDispatch } from '../../src/services/dispatch.js'
import { createQuotas } from '../../src/services/quotas.js'
import { memoryStore } from '../../src/store/memory.js'
import type { Quota } from '../../src/store/store.js'
import { keyringOf, sampleChallenge, samplePhone } from '../fixtures/challenge.js'

const keyring = keyringOf('a')
const quotas = createQuotas(keyring)
const terms = { appName: 'Acme', countries: '*', defaultCountry: undefined, limits: defaultLimits, policy: defaultPolicy('login') } as const
const taken = quotas.forSend(
  { tenant: 'acme', purpose: 'payment', phone: samplePhone, subject: 'user-17', client: { id: 'c' } },
  terms,
  true,
)
const kinds = {
  challengesPerPhone: 'o',
  cooldown: 'w',
  sendsPerPhone: 'p',
  sendsPerClient: 'k',
  sendsPerPrefix: 'x',
  sendsPerTenant: 't',
  sendsPerSubject: 's',
}

/** A send that the store has granted, whose SMS comes to `delivered`. */
async function makeDispatch(delivered: Delivered, { first = true, signal = undefined as AbortSignal | undefined } = {}) {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const challenge = sampleChallenge({ startedAt: clock.now(), expiresAt: clock.now() + 300_000 })
  const { id } = challenge
  const granted = await store.open({ id, codeDigest: 'd', attempts: 5, ttlMs: 300_000, lifeMs: 600_000 }, taken)
  if (granted.status !== 'opened') throw new Error('not opened')
  const sends: string[] = []
  const dispatch = createDispatch({
    store,
    quotas,
    delivery: {
      async send() {
        sends.push('now')
        return delivered
      },
      sendLater() {
        sends.push('later')
        return delivered.status === 'accepted'
      },
    },
    tokens: { seal: () => 'token', open: () => undefined },
    now: clock.now,
  })
  const call = createCall(10_000, signal)

  /** The kinds of quota that still count this send. */
  const kept = async (): Promise<readonly string[]> => {
    const names: string[] = []
    for (const [name, kind] of Object.entries(kinds)) {
      const key = taken.find((quota) => quota.key[10] === kind)?.key as string
      const probe: Quota = { key, max: 1, windowMs: 86_400_000 }
      const probed = await store.open({ id: `probe ${name}`, codeDigest: 'd', attempts: 1, ttlMs: 1, lifeMs: 1 }, [probe])
      if (probed.status === 'limited') names.push(name)
    }
    return names
  }
  const isOpen = async () => (await store.attempt(id, [])).status === 'granted'
  const run = (delivery: 'await' | 'background' | 'deferred' = 'await') => {
    const { policy } = challenge
    return dispatch({ challenge: { ...challenge, policy: { ...policy, delivery } }, keys: keyring.current, granted, taken, first }, call)
  }
  return { run, kept, isOpen, sends, call, clock, store }
}

const error = (code: 'ERR_PV_SMS_REFUSED' | 'ERR_PV_SMS_UNAVAILABLE' | 'ERR_PV_SMS_UNKNOWN' | 'ERR_PV_CONFIGURATION') =>
  new PhoneVerifyError(code, code, { backend: 'leaf', providerCode: '7' })
const receipt = { backend: 'leaf', messageId: null }
const allKinds = Object.keys(kinds)

describe.each([true, false])('createDispatch, first send of its challenge: %s', (first) => {
  test('accepted: the challenge stays and every quota counts', async () => {
    const { run, kept, isOpen, call } = await makeDispatch({ status: 'accepted', receipt }, { first })
    expect(await run()).toMatchObject({ ok: true, delivery: 'accepted', sessionToken: 'token' })
    expect([await isOpen(), await kept()]).toEqual([true, allKinds])
    expect(call.facts).toEqual({ delivery: 'accepted', backend: 'leaf' })
  })

  test('unknown: the challenge stays and every quota counts', async () => {
    const { run, kept, isOpen, call } = await makeDispatch({ status: 'unknown', error: error('ERR_PV_SMS_UNKNOWN') }, { first })
    expect(await run()).toMatchObject({ ok: true, delivery: 'unknown' })
    expect([await isOpen(), await kept()]).toEqual([true, allKinds])
    expect(call.facts).toEqual({ delivery: 'unknown', backend: 'leaf', providerCode: '7' })
  })

  test('refused: closed at the first send only, the cooldown given back, all else kept', async () => {
    const { run, kept, isOpen } = await makeDispatch({ status: 'refused', error: error('ERR_PV_SMS_REFUSED') }, { first })
    expect(await run()).toEqual({ ok: false, reason: 'undeliverable' })
    expect([await isOpen(), await kept()]).toEqual([!first, allKinds.filter((kind) => kind !== 'cooldown')])
  })

  test.each([
    ['unavailable', 'ERR_PV_SMS_UNAVAILABLE'],
    ['misconfigured', 'ERR_PV_CONFIGURATION'],
  ] as const)('%s: thrown, closed at the first send only, every quota given back', async (status, code) => {
    const { run, kept, isOpen } = await makeDispatch({ status, error: error(code) }, { first })
    await expect(run()).rejects.toMatchObject({ code, backend: 'leaf', providerCode: '7' })
    expect([await isOpen(), await kept()]).toEqual([!first, []])
  })

  test('a caller that left while the store was busy: nothing is sent, every quota given back', async () => {
    const { run, kept, isOpen, sends } = await makeDispatch({ status: 'accepted', receipt }, { first, signal: AbortSignal.abort() })
    for (const delivery of ['await', 'background', 'deferred'] as const)
      await expect(run(delivery)).rejects.toMatchObject({ code: 'ERR_PV_ABORTED' })
    expect(sends).toEqual([])
    expect([await isOpen(), await kept()]).toEqual([!first, []])
  })

  test('what cannot be given back is an event, and the answer stays', async () => {
    const { run, store, call } = await makeDispatch({ status: 'unavailable', error: error('ERR_PV_SMS_UNAVAILABLE') }, { first })
    store.close = () => Promise.reject(new Error('down'))
    store.release = () => Promise.reject(new Error('down'))
    await expect(run()).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect(call.facts).toMatchObject({ cleanUpFailed: true })
  })

  test('in the background it is sent later, and answers pending', async () => {
    const { run, sends, call } = await makeDispatch({ status: 'accepted', receipt }, { first })
    expect(await run('background')).toMatchObject({ ok: true, delivery: 'pending' })
    expect(sends).toEqual(['later'])
    expect(call.facts).toEqual({ delivery: 'pending' })
  })

  test('a full queue answers the same, with an event', async () => {
    const { run, kept, isOpen, call } = await makeDispatch({ status: 'unavailable', error: error('ERR_PV_SMS_UNAVAILABLE') }, { first })
    expect(await run('background')).toMatchObject({ ok: true, delivery: 'pending' })
    expect([await isOpen(), await kept()]).toEqual([true, allKinds])
    expect(call.facts).toEqual({ delivery: 'pending', queueFull: true })
  })

  test('deferred, nothing is sent, and the answer is pending', async () => {
    const { run, sends } = await makeDispatch({ status: 'accepted', receipt }, { first })
    expect(await run('deferred')).toMatchObject({ ok: true, delivery: 'pending' })
    expect(sends).toEqual([])
  })
})
