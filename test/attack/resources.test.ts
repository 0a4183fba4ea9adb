import { getEventListeners } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Store } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { createTestVerifier, fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { named, unlimited, wrong } from '../fixtures/rig.js'
import { never } from '../fixtures/watched-store.js'
import { readTree } from '../package/module.js'

const day = 86_400_000
const phoneOf = (index: number) => `+1415${2_000_000 + index}`

async function ending(work: Promise<{ readonly ok: boolean }>): Promise<string> {
  try {
    return named(await work)
  } catch (error) {
    return String((error as { readonly code?: string }).code ?? error)
  }
}

const heapMb = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

describe('a flood of numbers (T-RES-01)', () => {
  test('120 000 records into the default cap: it refuses at 100 000, keeps every live counter, and recovers', {
    timeout: 60_000,
  }, async () => {
    const clock = fakeClock()
    const store = memoryStore({ now: clock.now })
    const open = (id: string, quotas: readonly { key: string; max: number; windowMs: number }[]) =>
      store.open({ id, codeDigest: 'd'.repeat(22), attempts: 5, ttlMs: 300_000, lifeMs: 600_000 }, quotas).then(
        ({ status }) => status,
        ({ code }) => code,
      )
    const cooldown = { key: '{victim00}w', max: 1, windowMs: day }
    const ledger = { key: '{victim00}f', max: 10, windowMs: day }
    expect(await open('{victim00}c', [cooldown])).toBe('opened')
    for (let guess = 0; guess < 2; guess++) await store.attempt('{victim00}c', [ledger])

    const before = heapMb()
    const ended: Record<string, number> = { opened: 0, ERR_PV_STORE: 0 }
    for (let index = 0; index < 60_000; index++) {
      const status = await open(`{flood000}c${index}`, [{ key: `{flood000}w${index}`, max: 1, windowMs: day }])
      ended[status] = (ended[status] ?? 0) + 1
    }
    // Three records are the victim's.
    expect(ended).toEqual({ opened: 49_998, ERR_PV_STORE: 10_002 })
    expect(heapMb() - before).toBeLessThan(100)

    expect(await open('{victim00}d', [cooldown])).toBe('limited')
    expect(await store.attempt('{victim00}c', [ledger])).toMatchObject({ status: 'granted', attemptsLeft: 2, room: [{ remaining: 7 }] })
    expect(await store.close('{victim00}c')).toBe('closed')

    clock.advance(day)
    for (let index = 0; index < 49_000; index++) expect(await open(`{later000}c${index}`, [])).toBe('opened')
    expect(await open('{victim00}d', [cooldown])).toBe('opened')
  })

  test('the verifier sends no SMS that the store could not record, and answers as before once there is room', {
    timeout: 60_000,
  }, async () => {
    const clock = { now: () => 0 }
    const store = memoryStore({ now: () => clock.now(), maxRecords: 2_000 })
    const made = createTestVerifier({ store, limits: { sendsPerPrefix: [], sendsPerTenant: [] } })
    const { verifier, outbox, lastCode, events } = made
    clock.now = made.clock.now
    const send = (index: number) => ending(verifier.sendCode({ phone: phoneOf(index), purpose: 'login' }))

    const victim = await verifier.sendCode({ phone: phoneOf(0), purpose: 'login' })
    const sessionToken = victim.ok && victim.sessionToken
    const guess = { sessionToken, code: wrong(lastCode()), purpose: 'login' }
    expect(await ending(verifier.verifyCode(guess))).toBe('incorrect_code 4')

    const ended = new Map<string, number>()
    for (let index = 1; index < 1_500; index++) {
      const told = await send(index)
      ended.set(told, (ended.get(told) ?? 0) + 1)
    }
    expect([...ended.keys()].sort()).toEqual(['ERR_PV_STORE', 'ok'])
    expect(ended.get('ok')).toBe(outbox.messages.length - 1)
    expect(outbox.messages.length * 4).toBeGreaterThan(1_900)
    expect(outbox.messages.length * 4).toBeLessThanOrEqual(2_000)
    expect(events.filter((event) => 'outcome' in event && event.outcome === 'ERR_PV_STORE')).toHaveLength(ended.get('ERR_PV_STORE') ?? 0)

    expect(await send(0)).toMatch(/^rate_limited/)
    expect(await ending(verifier.verifyCode(guess))).toBe('incorrect_code 3')
    made.clock.advance(day)
    expect(await send(0)).toBe('ok')
    expect(await send(1_499)).toBe('ok')
  })
})

describe('the event loop (T-RES-03)', () => {
  test('two thousand verifications keep it free', { timeout: 60_000 }, async () => {
    const { verifier, outbox } = createTestVerifier({ limits: unlimited })
    const visits: { readonly sessionToken: string; readonly code: string }[] = []
    for (let index = 0; index < 400; index++) {
      const sent = await verifier.sendCode({ phone: phoneOf(index), purpose: 'login' })
      if (sent.ok) visits.push({ sessionToken: sent.sessionToken, code: wrong(outbox.last()?.code ?? '') })
    }
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const began = process.cpuUsage()
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < visits.length; at += 20) {
        await Promise.all(visits.slice(at, at + 20).map((visit) => verifier.verifyCode({ ...visit, purpose: 'login' })))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const { user, system } = process.cpuUsage(began)
    delay.disable()
    // Processor time, which other processes do not spend; a slow hash takes a hundred times as much.
    expect((user + system) / 1_000 / 2_000).toBeLessThan(3)
    // Nanoseconds. Half of the time even a crowded machine comes round to us.
    expect(delay.percentile(50) / 1e6).toBeLessThan(100)
  })

  test('no verb holds it for long before it first waits', async () => {
    const { verifier, lastCode } = createTestVerifier({ limits: unlimited })
    const sent = await verifier.sendCode({ phone: phoneOf(0), purpose: 'login' })
    const sessionToken = sent.ok && sent.sessionToken
    const won = await verifier.verifyCode({ sessionToken, code: lastCode(), purpose: 'login' })
    const proof = won.ok && won.proof
    let index = 1
    const verbs: Readonly<Record<string, () => Promise<unknown>>> = {
      sendCode: () => verifier.sendCode({ phone: phoneOf(index++), purpose: 'login', payload: { amount: 5 } }),
      resendCode: () => verifier.resendCode({ sessionToken }),
      verifyCode: () => verifier.verifyCode({ sessionToken, code: '000000', purpose: 'login' }),
      redeemProof: () => verifier.redeemProof({ proof, purpose: 'login' }),
      notify: () => verifier.notify({ phone: phoneOf(0), template: 'security_alert' }),
      unlock: () => verifier.unlock({ phone: phoneOf(0) }),
      forget: () => verifier.forget({ phone: phoneOf(0) }),
    }
    for (const [name, verb] of Object.entries(verbs)) {
      const spent: number[] = []
      for (let run = 0; run < 41; run++) {
        const start = performance.now()
        const work = verb()
        spent.push(performance.now() - start)
        await work
      }
      expect(spent.sort((a, b) => a - b)[20], name).toBeLessThan(5)
    }
  })

  test('nothing in src blocks: no slow hash, no child, no file, none of the synchronous kind', () => {
    const blocks = /\b(?!hkdfSync|randomFillSync)\w+Sync\(|\bscrypt|\bpbkdf2|node:(?:fs|child_process|dns|net)\b|Atomics\.wait/
    const source = [...readTree('src', '.ts')]
    expect(source.filter(([, text]) => blocks.test(text)).map(([path]) => path)).toEqual([])
    expect(['scryptSync(a)', "import 'node:fs'"].map((text) => blocks.test(text))).toEqual([true, true])
  })
})

describe('nothing is left behind (T-RES-05)', () => {
  /** Whatever Node complains of while the work is done, and until its microtasks and timers have run. */
  async function troubles(work: () => Promise<unknown>): Promise<readonly string[]> {
    const heard: string[] = []
    const listener = (trouble: unknown) => void heard.push(String(trouble))
    const kinds = ['warning', 'unhandledRejection', 'uncaughtExceptionMonitor'] as const
    for (const kind of kinds) process.on(kind as 'warning', listener)
    try {
      await work()
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
      return heard
    } finally {
      for (const kind of kinds) process.off(kind, listener)
    }
  }

  const reject = async (): Promise<never> => {
    throw new Error('no')
  }
  const fail = (): never => {
    throw new Error('no')
  }

  const broken: Readonly<Record<string, () => never | Promise<never>>> = { rejects: reject, throws: fail, 'never settles': never }
  const deadlines = { send: 40, verify: 40, redeem: 40, store: 10, provider: 10 }

  const storeOf = (how: () => Promise<never>): Store => ({
    reach: 'process',
    open: how,
    renew: how,
    attempt: how,
    close: how,
    release: how,
  })

  const worlds: readonly (readonly [string, string, object])[] = Object.entries(broken).flatMap(([how, act]) => [
    ['store', how, { store: storeOf(act as () => Promise<never>) }],
    ['start-up check', how, { store: { ...memoryStore(), check: act } }],
    ['tenants', how, { tenants: act }],
    ['admit', how, { admit: act }],
    ['onEvent', how, { onEvent: act }],
    ['waitUntil', how, { waitUntil: act }],
  ])

  test.each(worlds)('%s that %s: every verb settles, no rejection goes unheard', async (_part, _how, over) => {
    const { verifier } = createTestVerifier({ deadlines, purposes: { pin: { delivery: 'deferred' } }, ...over })
    const twin = createTestVerifier({ purposes: { pin: { delivery: 'deferred' } } })
    const tenant = 'acme'
    const sent = await twin.verifier.sendCode({ phone: phoneOf(1), purpose: 'login', tenant })
    const sessionToken = sent.ok && sent.sessionToken
    const heard = await troubles(async () => {
      const { signal } = new AbortController()
      const work = [
        ...['login', 'password_reset', 'pin'].map((purpose, index) =>
          verifier.sendCode({ phone: phoneOf(index), purpose, tenant, signal }),
        ),
        verifier.resendCode({ sessionToken, tenant, signal }),
        verifier.verifyCode({ sessionToken, code: '000000', purpose: 'login', tenant }),
        verifier.redeemProof({ proof: sessionToken, purpose: 'login', tenant }),
        verifier.deliver(sessionToken, { signal }),
        verifier.notify({ phone: phoneOf(0), template: 'security_alert', tenant }),
        verifier.unlock({ phone: phoneOf(0), tenant }),
        verifier.forget({ phone: phoneOf(0), tenant }),
        verifier.ready().then(() => ({ ok: true })),
      ]
      for (const told of await Promise.all(work.map(ending))) expect(told).toMatch(/^(?:ok$|[a-z_]+|ERR_PV_[A-Z_]+$)/)
      await verifier.close()
    })
    expect(heard).toEqual([])
  })

  test.each(['refused', 'unavailable', 'unknown', 'configuration'] as const)('a provider that answers %s', async (fault) => {
    const { verifier, carrier, settled } = createTestVerifier({ limits: unlimited })
    carrier.fail(fault)
    const heard = await troubles(async () => {
      for (const purpose of ['login', 'password_reset']) await ending(verifier.sendCode({ phone: phoneOf(0), purpose }))
      await ending(verifier.notify({ phone: phoneOf(0), template: 'security_alert' }))
      carrier.recover()
      await verifier.close()
      await settled()
    })
    expect(heard).toEqual([])
  })

  test('a thousand calls that share one signal gather no listeners and no warning', async () => {
    const { verifier, carrier } = createTestVerifier({ limits: unlimited })
    const controller = new AbortController()
    const { signal } = controller
    const heard = await troubles(async () => {
      carrier.hold()
      const sending = Array.from({ length: 1_000 }, (_, index) =>
        ending(verifier.sendCode({ phone: phoneOf(index), purpose: 'login', signal })),
      )
      while (carrier.calls < 1_000) await new Promise((resolve) => setImmediate(resolve))
      carrier.release()
      expect(new Set(await Promise.all(sending))).toEqual(new Set(['ok']))
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)

      carrier.hold()
      const cut = Array.from({ length: 1_000 }, (_, index) =>
        ending(verifier.sendCode({ phone: phoneOf(2_000 + index), purpose: 'login', signal })),
      )
      while (carrier.calls < 2_000) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      expect(new Set(await Promise.all(cut))).toEqual(new Set(['ok']))
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
      expect(await ending(verifier.sendCode({ phone: phoneOf(9_000), purpose: 'login', signal }))).toBe('ERR_PV_ABORTED')
    })
    expect(heard).toEqual([])
  })

  test('control: a warning is heard', async () => {
    expect(await troubles(async () => process.emitWarning('a planted warning'))).toEqual(['Warning: a planted warning'])
  })
})
