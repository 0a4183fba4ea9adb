import * as crypto from 'node:crypto'
import { inspect } from 'node:util'
import { createPhoneVerifier, type Store } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test, vi } from 'vitest'
import { lifted, line, phone, purpose, wrongCodes } from './races.js'

// What no race and no model can see: a world that fails, and how two digests are compared.

vi.mock('node:crypto', { spy: true })

const never = () => new Promise<never>(() => {})
const broken = () => Promise.reject(new Error('connection to 10.0.0.7 as admin:hunter2 was lost'))
const faults = { rejects: broken, 'never answers': never }

/** A verifier on a memory store, one of whose verbs can be put out of order. */
function onFragileStore() {
  const fault: { verb?: keyof Store; how: () => Promise<never> } = { how: broken }
  const deadlines = { store: 20 }
  const made = line(
    (now) => {
      const store = memoryStore({ now })
      const fragile =
        (verb: 'open' | 'renew' | 'attempt' | 'close') =>
        (...given: never[]) =>
          fault.verb === verb ? fault.how() : (store[verb] as (...all: never[]) => Promise<never>)(...given)
      return { ...store, open: fragile('open'), renew: fragile('renew'), attempt: fragile('attempt'), close: fragile('close') }
    },
    { deadlines },
  )
  return { ...made, fault }
}

describe.each(Object.entries(faults))('G12: a store that %s means no', (_, how) => {
  test('no SMS leaves for a send that was not recorded', async () => {
    const { verifier, sms, fault } = onFragileStore()
    Object.assign(fault, { verb: 'open', how })
    await expect(verifier.sendCode({ phone, purpose })).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    expect(sms.messages).toEqual([])
  })

  test('no SMS leaves for a resend that was not recorded', async () => {
    const { verifier, sms, begin, clock, fault } = onFragileStore()
    const { sessionToken } = await begin()
    clock.advance(30_000)
    Object.assign(fault, { verb: 'renew', how })
    await expect(verifier.resendCode({ sessionToken })).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    expect(sms.messages).toHaveLength(1)
  })

  test.each(['attempt', 'close'] as const)('no guess succeeds without its %s', async (verb) => {
    const { begin, guess, fault } = onFragileStore()
    const { sessionToken, code } = await begin()
    Object.assign(fault, { verb, how })
    await expect(guess(sessionToken, code)).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
  })

  test('no proof is redeemed without its close', async () => {
    const { verifier, begin, guess, fault } = onFragileStore()
    const { sessionToken, code } = await begin()
    const verified = await guess(sessionToken, code)
    Object.assign(fault, { verb: 'close', how })
    const redeeming = verifier.redeemProof({ proof: verified.ok && verified.proof, purpose })
    await expect(redeeming).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
  })
})

test('G14: when an SMS leaves, the store has already recorded its challenge', async () => {
  const recorded: boolean[] = []
  let opened = false
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const outbox = outboxBackend()
  const verifier = createPhoneVerifier({
    ...{ appName: 'Fault', countries: '*', secret: 'a secret of faults, 32 bytes long', now: clock.now },
    store: {
      ...store,
      async open(...given) {
        const answer = await store.open(...given)
        opened = true
        return answer
      },
    },
    sms: {
      name: 'outbox',
      send(message) {
        recorded.push(opened)
        return outbox.send(message)
      },
    },
  })
  await verifier.sendCode({ phone, purpose })
  expect(recorded).toEqual([true])
})

test('G30: a store that is full refuses new sends, and keeps every counter it has', async () => {
  const { verifier, sms, end } = line((now) => memoryStore({ now, maxRecords: 200 }), {
    limits: { ...lifted, sendsPerPhone: [{ max: 1, windowMs: 3_600_000 }] },
  })
  const victim = { phone, purpose }
  expect((await verifier.sendCode(victim)).ok).toBe(true)
  const flood = Array.from({ length: 300 }, (_, index) => ({ phone: `+1212${5550000 + index}`, purpose }))
  const outcomes = await Promise.allSettled(flood.map((send) => verifier.sendCode(send)))
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
  expect(new Set(refused)).toEqual(new Set(['ERR_PV_STORE']))
  expect(sms.messages).toHaveLength(1 + 300 - refused.length)
  expect(await verifier.sendCode(victim)).toMatchObject({ ok: false, reason: 'rate_limited', limit: 'sendsPerPhone' })
  end()
})

test('G8: what a provider throws is made anew: neither its words nor the code are in it', async () => {
  const { store } = line((now) => memoryStore({ now }))
  const said: string[] = []
  const verifier = createPhoneVerifier({
    ...{ store, appName: 'Fault', countries: '*', secret: 'a secret of faults, 32 bytes long' },
    sms: {
      name: 'provider',
      send({ to, code = '', text }) {
        said.push(to, code, text, 'Basic dG9rZW4=')
        return Promise.reject(
          Object.assign(new Error(`POST ${to} ${text}`), { code: 'ERR_PV_SMS_UNAVAILABLE', auth: 'Basic dG9rZW4=', cause: code }),
        )
      },
    },
  })
  const error = await verifier.sendCode({ phone, purpose }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
  const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
  expect(said.filter((word) => shown.includes(word))).toEqual([])
  expect(error).not.toHaveProperty('cause')
})

test('a decoy sends nothing', async () => {
  const { verifier, sms, end } = line((now) => memoryStore({ now }))
  const sent = await verifier.sendCode({ phone, purpose: 'password_reset', decoy: true })
  await verifier.close()
  expect(sent.ok).toBe(true)
  expect(sms.messages).toEqual([])
  end()
})

test('every guess is compared by timingSafeEqual, whole digest with whole digest', async () => {
  const { begin, guess, end } = line((now) => memoryStore({ now }))
  const { sessionToken, code } = await begin()
  const compared = vi.mocked(crypto.timingSafeEqual)
  compared.mockClear()
  await guess(sessionToken, wrongCodes(code, 1)[0] as string)
  await guess(sessionToken, code)
  expect(compared.mock.calls.map((digests) => digests.map((digest) => digest.byteLength))).toEqual([
    [22, 22],
    [22, 22],
  ])
  expect(compared.mock.results.map(({ value }) => value)).toEqual([false, true])
  end()
})
