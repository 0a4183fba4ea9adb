import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import { Keyv } from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { describe, expect, test } from 'vitest'
import { type KeyvLike, keyvStore } from '../../src/store/keyv.js'
import type { Store } from '../../src/store/store.js'

const record = { id: 'id', codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }
const quotas = [{ key: 'key', max: 50, windowMs: 1_000 }]

type Way = 'rejects' | 'throws' | 'emits'

/** An adapter that works until it is told to fail, from the so-many-th call on: by what it throws, or by an event and an empty answer. */
const breakable = (way: Way) => {
  const map = new Map<string, unknown>()
  const plan = { failsAfter: Number.POSITIVE_INFINITY, failures: Number.POSITIVE_INFINITY, calls: 0 }
  const emitter = new EventEmitter()
  const secret = new Error('SET id digest redis://user:secret@host')
  const run = (answer: () => unknown, empty: unknown) => {
    plan.calls += 1
    if (plan.calls <= plan.failsAfter || plan.calls > plan.failsAfter + plan.failures) return Promise.resolve(answer())
    if (way === 'throws') throw secret
    if (way === 'rejects') return Promise.reject(secret)
    emitter.emit('error', secret)
    return Promise.resolve(empty)
  }
  const adapter = {
    opts: {},
    namespace: undefined,
    get: (key: string) => run(() => map.get(key), undefined),
    set: (key: string, value: unknown) => run(() => void map.set(key, value), undefined),
    delete: (key: string) => run(() => map.delete(key), false),
    clear: async () => map.clear(),
    on: (event: string, listener: (error: unknown) => void) => emitter.on(event, listener),
  }
  return { adapter: adapter as never, plan }
}

const versions: Readonly<Record<string, (adapter: never) => KeyvLike & { on(event: 'error', heard: () => void): unknown }>> = {
  'Keyv 5': (adapter) => new Keyv({ store: adapter }),
  'Keyv 6': (adapter) => new Keyv6({ store: adapter }),
}

const verbs: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  open: (store) => store.open({ ...record, id: 'other' }, quotas),
  renew: (store) => store.renew('id', { ttlMs: 100_000 }, quotas, [{ id: 'shot', ttlMs: 100_000 }]),
  attempt: (store) => store.attempt('id', quotas),
  close: (store) => store.close('id', { release: ['key'], open: [{ id: 'proof', ttlMs: 100_000 }] }),
  release: (store) => store.release(['key']),
}

const ways: readonly Way[] = ['rejects', 'throws', 'emits']
const cases = Object.keys(versions).flatMap((version) =>
  ways.flatMap((way) => [true, false].map((heard) => [version, way, heard] as const)),
)

describe.each(cases)('%s, an adapter that %s, a listener of the application: %s', (version, way, heard) => {
  const setUp = () => {
    const { adapter, plan } = breakable(way)
    const keyv = versions[version]!(adapter)
    if (heard) keyv.on('error', () => {})
    return { keyv, plan, store: keyvStore(keyv) }
  }

  test.each(Object.entries(verbs))('%s rejects with ERR_PV_STORE and says no secret', async (_, verb) => {
    const { plan, store } = setUp()
    await store.open(record, quotas)
    plan.failsAfter = plan.calls
    const error = await verb(store).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_PV_STORE' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/secret|redis:/)
  })

  test.each(Object.entries(verbs))('%s rejects whichever of its calls fails, and works again', async (_, verb) => {
    let failed = 0
    for (let after = 0; ; after += 1) {
      const { plan, store } = setUp()
      await store.open(record, quotas)
      Object.assign(plan, { failsAfter: plan.calls + after, failures: 1 })
      const worked = await verb(store).then(
        () => true,
        (error: unknown) => expect(error).toMatchObject({ code: 'ERR_PV_STORE' }),
      )
      if (worked === true) break
      failed += 1
      // Nothing is given back by a failure: no more than five in all, and one win.
      const guesses = await Promise.all(Array.from({ length: 9 }, () => store.attempt('id', [])))
      expect(guesses.filter(({ status }) => status === 'granted').length).toBeLessThanOrEqual(5)
      const closes = await Promise.all([store.close('id'), store.close('id')])
      expect(closes.filter((answer) => answer === 'closed').length).toBeLessThanOrEqual(1)
    }
    expect(failed).toBeGreaterThan(0)
  })
})

describe('the control: the same Keyv without the store fails open', () => {
  test.each(cases.filter(([version, , heard]) => version === 'Keyv 5' || heard))('%s, %s, listener: %s', async (version, way, heard) => {
    const { adapter, plan } = breakable(way)
    const keyv = versions[version]!(adapter)
    if (heard) keyv.on('error', () => {})
    await keyv.set('key', 'value', 60_000)
    plan.failsAfter = plan.calls
    expect(await keyv.get('key')).toBeUndefined()
  })
})

test.each(Object.entries(versions))(
  '%s: an error between two calls ends nothing; one beside a good answer fails the call',
  async (_, make) => {
    const emitter = new EventEmitter()
    const map = new Map<string, unknown>()
    let loud = false
    const adapter = {
      async get(key: string) {
        if (loud) emitter.emit('error', new Error('connection lost'))
        return map.get(key)
      },
      set: async (key: string, value: unknown) => void map.set(key, value),
      delete: async (key: string) => map.delete(key),
      clear: async () => map.clear(),
      on: (event: string, listener: () => void) => emitter.on(event, listener),
    }
    const store = keyvStore(make(adapter as never))
    await store.open(record, [])
    emitter.emit('error', new Error('connection lost'))
    expect(await store.attempt('id', [])).toMatchObject({ status: 'granted', attemptsLeft: 4 })
    loud = true
    await expect(store.attempt('id', [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    loud = false
    expect(await store.attempt('id', [])).toMatchObject({ status: 'granted', attemptsLeft: 3 })
  },
)

test('a Keyv is listened to once, however many stores it has', () => {
  const keyv = new Keyv()
  for (let count = 0; count < 200; count++) keyvStore(keyv)
  expect(keyv.listeners('error')).toHaveLength(1)
  expect(keyv.throwOnErrors).toBe(false)
})

test('throwOnErrors that the application takes away again is set before every call', async () => {
  const { adapter, plan } = breakable('rejects')
  const keyv = new Keyv({ store: adapter })
  const store = keyvStore(keyv)
  await store.open(record, [])
  keyv.throwOnErrors = false
  plan.failsAfter = plan.calls
  await expect(store.attempt('id', [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
})

test('an adapter that never answers rejects at the deadline, and holds up nobody else', async () => {
  const honest = new Keyv()
  let silent = true
  const keyv: KeyvLike = {
    get: (key) => honest.get(key),
    set: (key, value, ttlMs) => (silent ? new Promise(() => {}) : honest.set(key, value, ttlMs)),
    delete: (key) => honest.delete(key),
  }
  const store = keyvStore(keyv, { deadlineMs: 20 })
  const late = { code: 'ERR_PV_STORE', message: expect.stringContaining('in time') }
  await expect(store.open(record, [])).rejects.toMatchObject(late)
  silent = false
  await expect(store.open(record, [])).rejects.toMatchObject(late)
  expect(await store.open({ ...record, id: 'other' }, [])).toMatchObject({ status: 'opened' })
})

test('a verb that fails keeps its keys until all that it sent has arrived: nothing lands beside what comes next', async () => {
  const honest = new Keyv()
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const held: (() => void)[] = []
  const keyv: KeyvLike = {
    get: (key) => honest.get(key),
    async set(key, value, ttlMs) {
      if (key.endsWith(':claim')) throw new Error('refused')
      await new Promise<void>((resolve) => held.push(resolve))
      return honest.set(key, value, ttlMs)
    },
    delete: (key) => honest.delete(key),
  }
  const store = keyvStore(keyv)
  const answers: string[] = []
  const failing = store.open(record, quotas).catch(() => answers.push('failed'))
  const next = store.attempt('id', quotas).then(({ status }) => answers.push(status))
  for (let turns = 0; turns < 9; turns++) await turn()
  expect({ held: held.length, answers }).toEqual({ held: 6, answers: [] })
  for (const arrive of held) arrive()
  await Promise.all([failing, next])
  expect(answers).toEqual(['failed', 'absent'])
})
