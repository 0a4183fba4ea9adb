import { Keyv } from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { describe, expect, test } from 'vitest'
import { type KeyvLike, keyvStore } from '../../src/store/keyv.js'
import type { Quota } from '../../src/store/store.js'
import { storeContract } from '../../src/testing/store-contract.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }
const quota = (key: string, max = 5, windowMs = 1_000): Quota => ({ key, max, windowMs })

const versions: readonly (readonly [string, () => KeyvLike])[] = [
  ['Keyv 5', () => new Keyv()],
  ['Keyv 6', () => new Keyv6()],
]

const failing = (): never => {
  throw new Error('secret')
}

for (const [name, makeKeyv] of versions) {
  const makeStore = () => {
    let nowMs = Date.now()
    const advance = (ms: number) => {
      nowMs += ms
    }
    return { store: keyvStore(makeKeyv(), { now: () => nowMs }), advance }
  }
  const unavailable = () => keyvStore({ get: async () => failing(), set: async () => false, delete: async () => failing() })
  storeContract({ test, makeStore, unavailable, group: `${name} on a clock that stands` })
  storeContract({ test, makeStore: () => ({ store: keyvStore(makeKeyv()) }), group: `${name} in real time` })

  describe(name, () => {
    test('is accepted by the start-up probe, two of them at once', async () => {
      const keyv = makeKeyv()
      await Promise.all([keyvStore(keyv).check?.(), keyvStore(keyv).check?.()])
    })

    test('two stores over one Keyv are one step at a time', async () => {
      const keyv = makeKeyv()
      const [one, two] = [keyvStore(keyv), keyvStore(keyv)]
      const either = (index: number) => (index % 2 ? one : two)
      const sends = Array.from({ length: 200 }, (_, index) => either(index).open({ ...record, id: `id ${index}` }, [quota('key', 20, 9e9)]))
      expect((await Promise.all(sends)).filter(({ status }) => status === 'opened')).toHaveLength(20)
      await one.open({ ...record, id: 'id' }, [])
      const guesses = await Promise.all(Array.from({ length: 200 }, (_, index) => either(index).attempt('id', [])))
      expect(guesses.filter(({ status }) => status === 'granted')).toHaveLength(5)
      const closes = await Promise.all(Array.from({ length: 200 }, (_, index) => either(index).close('id')))
      expect(closes.filter((answer) => answer === 'closed')).toHaveLength(1)
    })

    test('nothing stays locked when nothing is in flight', async () => {
      const keyv = makeKeyv()
      const store = keyvStore(keyv)
      const realm = globalThis as { [slot: symbol]: unknown }
      const instances = realm[Symbol.for('phone-verify/store/keyv instances')] as WeakMap<object, { mutex: { size(): number } }>
      const locked = () => instances.get(keyv)?.mutex.size()
      const work = Array.from({ length: 50 }, (_, index) =>
        store.open({ ...record, id: `id ${index % 3}`, lifeMs: index % 2 ? Number.NaN : 9 }, [quota(`key ${index % 5}`)]),
      )
      expect(locked()).toBeGreaterThan(0)
      await Promise.allSettled(work)
      expect(locked()).toBe(0)
    })
  })
}

describe('time', () => {
  test('a clock that steps back an hour stands still until it is past that again', async () => {
    const clock = { nowMs: 1e12 }
    const store = keyvStore(new Keyv(), { now: () => clock.nowMs })
    await store.open({ ...record, id: 'id', ttlMs: 100 }, [quota('key', 1)])
    clock.nowMs += 60
    await store.attempt('id', [])
    clock.nowMs -= 3_600_000
    expect(await store.renew('id', { ttlMs: 50 }, [])).toMatchObject({ expiresInMs: 50 })
    expect(await store.open({ ...record, id: 'other' }, [quota('key', 1)])).toMatchObject({ status: 'limited', retryAfterMs: 940 })
    clock.nowMs += 3_600_000 + 49
    expect(await store.attempt('id', [])).toMatchObject({ status: 'granted' })
    clock.nowMs += 1
    expect(await store.attempt('id', [])).toEqual({ status: 'expired' })
  })

  test.each([
    [2.5, 2],
    [1, 1],
    [0.5, 0],
    [0, 0],
    [-1, 0],
    [Number.NaN, 0],
  ])('a quota of %d hits admits %d', async (max, admitted) => {
    const clock = { nowMs: 1e12 }
    const store = keyvStore(new Keyv(), { now: () => clock.nowMs })
    const open = (id: string) => store.open({ ...record, id }, [quota('key', max)])
    for (let hits = 1; hits <= admitted; hits += 1) {
      expect(await open(`id ${hits}`)).toMatchObject({ room: [{ remaining: admitted - hits }] })
      clock.nowMs += 10
    }
    expect(await open('more')).toEqual({ status: 'limited', key: 'key', retryAfterMs: 1_000 - admitted * 10 })
  })

  test('hits of a process whose clock is ahead are counted in their order', async () => {
    const keyv = new Keyv()
    const clock = { nowMs: 1e12 }
    const [ahead, behind] = [keyvStore(keyv, { now: () => 1e12 + 500 }), keyvStore(keyv, { now: () => clock.nowMs })]
    await ahead.open({ ...record, id: 'one' }, [quota('key', 2)])
    await behind.open({ ...record, id: 'two' }, [quota('key', 2)])
    expect(await behind.open({ ...record, id: 'three' }, [quota('key', 2)])).toMatchObject({ retryAfterMs: 1_000 })
    clock.nowMs += 1_000
    expect(await behind.open({ ...record, id: 'three' }, [quota('key', 2)])).toMatchObject({ status: 'opened' })
  })
})

describe('options', () => {
  const refused = (option: string) =>
    expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(new RegExp(`^${option}: `)) })

  test.each([undefined, null, 5, 'redis://', {}, { get() {}, set() {} }, new Map(), () => {}])('%j is no Keyv', (keyv) => {
    expect(() => keyvStore(keyv as never)).toThrow(refused('keyv'))
  })

  test('a Keyv that emits no errors is refused', () => {
    expect(() => keyvStore(new Keyv({ emitErrors: false }))).toThrow(refused('keyv'))
  })

  test.each([5 as never, null as never, 'a b', 'ä', '{tag}', 'x'.repeat(101)])('a prefix of %j is refused', (prefix) => {
    expect(() => keyvStore(new Keyv(), { prefix })).toThrow(refused('prefix'))
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 'soon' as never, '5' as never])(
    'a deadline of %j is refused',
    (deadlineMs) => {
      expect(() => keyvStore(new Keyv(), { deadlineMs })).toThrow(refused('deadlineMs'))
    },
  )

  test.each([() => Number.NaN, () => 'noon' as never, 5 as never, null as never])(
    'a clock that does not tell the time is refused',
    (now) => {
      expect(() => keyvStore(new Keyv(), { now })).toThrow(refused('now'))
    },
  )
})
