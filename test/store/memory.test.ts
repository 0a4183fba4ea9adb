import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/store/memory.js'
import type { Quota } from '../../src/store/store.js'
import { createQuotaModel, createRandom } from '../../src/testing/store-contract/quota-model.js'
import { storeContract } from '../../src/testing/store-contract.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 100, lifeMs: 1_000 }
const quota = (key: string, max = 5, windowMs = 1_000): Quota => ({ key, max, windowMs })

/** A store on a clock that a test sets. */
const setUp = (startMs = 1_700_000_000_000) => {
  const clock = { nowMs: startMs }
  const store = memoryStore({ now: () => clock.nowMs })
  const open = (id: string, quotas: readonly Quota[] = [], changes: Partial<typeof record> = {}) =>
    store.open({ ...record, id, ...changes }, quotas)
  return { clock, store, open }
}

const standing = () => {
  const { clock, store } = setUp()
  const advance = (ms: number) => {
    clock.nowMs += ms
  }
  return { store, advance }
}
storeContract({ test, makeStore: standing, group: 'on a clock that stands' })
storeContract({ test, makeStore: () => ({ store: memoryStore() }), group: 'in real time' })

describe('time', () => {
  test.each([
    [99, 'granted'],
    [100, 'expired'],
    [101, 'expired'],
    [999, 'expired'],
    [1_000, 'absent'],
  ])('%i ms after the send an attempt is %s', async (ms, status) => {
    const { clock, store, open } = setUp()
    await open('id')
    clock.nowMs += ms
    expect(await store.attempt('id', [])).toMatchObject({ status })
  })

  test('a clock that steps back an hour stands still until it is past that again', async () => {
    const { clock, store, open } = setUp()
    await open('id', [quota('key', 1)])
    clock.nowMs += 60
    await store.attempt('id', [])
    clock.nowMs -= 3_600_000
    expect(await store.renew('id', { ttlMs: 50 }, [])).toMatchObject({ expiresInMs: 50 })
    expect(await open('other', [quota('key', 1)])).toMatchObject({ status: 'limited', retryAfterMs: 940 })
    clock.nowMs += 3_600_000 + 49
    expect(await store.attempt('id', [])).toMatchObject({ status: 'granted' })
    clock.nowMs += 1
    expect(await store.attempt('id', [])).toMatchObject({ status: 'expired' })
  })

  test('a code is never said to outlive its challenge', async () => {
    const { open } = setUp()
    await open('id', [], { ttlMs: 5_000 })
    expect(await open('id')).toEqual({ status: 'exists', expiresInMs: 1_000, lifeMs: 1_000 })
  })

  test('fractions of a millisecond are cut off', async () => {
    const { clock, store, open } = setUp(10.9)
    await open('id', [], { ttlMs: 1 })
    clock.nowMs = 10.99
    expect(await store.attempt('id', [])).toMatchObject({ status: 'granted' })
    clock.nowMs = 11
    expect(await store.attempt('id', [])).toMatchObject({ status: 'expired' })
  })
})

test.each([0, -1, 0.5, 2.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, {}, [5]])(
  'a count of attempts of %j is exhausted from the start',
  async (attempts) => {
    const { store, open } = setUp()
    await open('id', [], { attempts: attempts as number })
    expect(await store.attempt('id', [])).toEqual({ status: 'exhausted' })
    expect(await store.renew('id', { ttlMs: 1 }, [])).toEqual({ status: 'exhausted' })
  },
)

test('names that every object has are ids and keys like others', async () => {
  const { store, open } = setUp()
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    expect(await store.close(name)).toBe('absent')
    expect(await open(name, [quota(name, 1)])).toMatchObject({ status: 'opened' })
    expect(await open(`${name} 2`, [quota(name, 1)])).toMatchObject({ status: 'limited', key: name })
  }
  expect(({} as { attempts?: number }).attempts).toBeUndefined()
})

test.each([
  [2.5, 2],
  [1, 1],
  [0.5, 0],
  [0, 0],
  [-1, 0],
  [Number.NaN, 0],
])('a quota of %d hits admits %d', async (max, admitted) => {
  const { clock, open } = setUp()
  for (let hits = 1; hits <= admitted; hits += 1) {
    expect(await open(`id ${hits}`, [quota('key', max)])).toMatchObject({ room: [{ remaining: admitted - hits }] })
    clock.nowMs += 10
  }
  const retryAfterMs = 1_000 - admitted * 10
  expect(await open('more', [quota('key', max)])).toEqual({ status: 'limited', key: 'key', retryAfterMs })
})

test('a quota that was lowered below its hits is full until enough of them have left', async () => {
  const { clock, open } = setUp()
  for (const id of ['one', 'two', 'three']) {
    await open(id, [quota('key')])
    clock.nowMs += 100
  }
  expect(await open('four', [quota('key', 2)])).toMatchObject({ status: 'limited', retryAfterMs: 800 })
  expect(await open('four', [quota('key', 1)])).toMatchObject({ status: 'limited', retryAfterMs: 900 })
  expect(await open('four', [quota('key', 0)])).toMatchObject({ status: 'limited', retryAfterMs: 1_000 })
})

test('a long list of hits is kept for a window that comes later', async () => {
  const { clock, open } = setUp()
  for (let hits = 0; hits < 40; hits += 1) await open(`id ${hits}`, [quota('key', 50, 100)])
  await open('last', [quota('key', 50, 100), quota('key', 50, 500)])
  clock.nowMs += 499
  expect(await open('late', [quota('key', 41, 500)])).toMatchObject({ status: 'limited', retryAfterMs: 1 })
})

test('long lists of hits follow the model', async () => {
  const { clock, store, open } = setUp()
  const random = createRandom(1)
  const model = createQuotaModel()
  const quotas = [quota('key', 90, 400), quota('key', 130, 900)]
  const calls: string[] = []
  for (let step = 0; step < 3_000; step += 1) {
    clock.nowMs += random.below(9)
    if (random.below(20) === 0) {
      const call = random.pick(calls)
      await store.release(['key'], call)
      if (call !== undefined) model.release(['key'], call)
    }
    const answer = await open(`id ${step}`, quotas, { lifeMs: 100 })
    const limited = model.limited(quotas, clock.nowMs)
    if (limited || answer.status !== 'opened') expect(answer).toEqual(limited)
    else expect(answer.room).toEqual(model.hit(quotas, clock.nowMs, answer.hit))
    if (answer.status === 'opened') calls.push(answer.hit)
  }
  expect(calls.length).toBeGreaterThan(200)
})

describe('options', () => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10' as never])('maxRecords of %j is refused', (maxRecords) => {
    expect(() => memoryStore({ maxRecords })).toThrow(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(/^maxRecords: /) }),
    )
  })

  test('a clock that does not tell the time is refused', () => {
    expect(() => memoryStore({ now: () => Number.NaN })).toThrow(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(/^now: /) }),
    )
  })
})
