import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/store/memory.js'
import type { Granted, Quota } from '../../src/store/store.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 100, lifeMs: 1_000 }
const quota = (key: string, max = 5, windowMs = 1_000): Quota => ({ key, max, windowMs })
const full = { code: 'ERR_PV_STORE', message: expect.stringContaining('maxRecords') }

const setUp = (maxRecords?: number) => {
  const clock = { nowMs: 0 }
  const store = memoryStore({ now: () => clock.nowMs, maxRecords })
  const open = (id: string, quotas: readonly Quota[] = [], lifeMs = record.lifeMs) => store.open({ ...record, id, lifeMs }, quotas)
  const fill = async (count: number, prefix = 'id', lifeMs = record.lifeMs) => {
    for (let index = 0; index < count; index += 1) await open(`${prefix} ${index}`, [], lifeMs)
  }
  return { clock, store, open, fill }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a full store', () => {
  test('counts challenges, one-shots and quota keys alike, and refuses without a trace', async () => {
    const { store, open } = setUp(4)
    const shot = { id: 'shot', ttlMs: 1_000 }
    await store.open({ ...record, id: 'one' }, [quota('a'), quota('b')], [shot])
    await expect(open('two')).rejects.toMatchObject(full)
    await expect(store.renew('one', { codeDigest: 'new', ttlMs: 50 }, [quota('a'), quota('c')])).rejects.toMatchObject(full)
    await expect(store.renew('one', { codeDigest: 'new', ttlMs: 50 }, [], [{ id: 'other', ttlMs: 9 }])).rejects.toMatchObject(full)
    await expect(store.attempt('one', [quota('a'), quota('c')])).rejects.toMatchObject(full)
    await expect(store.close('one', { release: ['a'], open: [{ id: 'other', ttlMs: 9 }] })).rejects.toMatchObject(full)

    expect(await store.attempt('one', [quota('a')])).toMatchObject({ codeDigest: 'digest', attemptsLeft: 4, room: [{ remaining: 3 }] })
    expect(await store.renew('one', { ttlMs: 50 }, [quota('b')], [shot])).toMatchObject({ status: 'renewed', room: [{ remaining: 3 }] })
    expect(await store.close('one')).toBe('closed')
    await store.release(['a'])
    expect(await open('two')).toMatchObject({ status: 'opened' })
  })

  test('holds 100 000 records by default, keeps what is live, and is usable again when that is over', async () => {
    const { clock, store, open, fill } = setUp()
    await open('victim', [quota('ledger', 5, 5_000)])
    for (const left of [4, 3]) expect(await store.attempt('victim', [quota('ledger', 5, 5_000)])).toMatchObject({ attemptsLeft: left })
    await fill(99_998)
    await expect(open('more')).rejects.toMatchObject(full)
    expect(await store.attempt('victim', [quota('ledger', 5, 5_000)])).toMatchObject({ attemptsLeft: 2, room: [{ remaining: 1 }] })
    clock.nowMs += 999
    await expect(open('more')).rejects.toMatchObject(full)
    clock.nowMs += 1
    await fill(99_999, 'next')
    await expect(open('more')).rejects.toMatchObject(full)
    expect(await store.close('next 0', { release: [] })).toBe('closed')
    expect(await store.attempt('next 1', [quota('ledger', 5, 5_000)])).toMatchObject({ room: [{ remaining: 0 }] })
  }, 60_000)

  test('keeps a quota key for its longest window after its newest hit, and no longer', async () => {
    const { clock, open, store } = setUp(3)
    await open('one', [quota('key', 5, 300), quota('key', 5, 2_000)])
    clock.nowMs += 500
    await store.attempt('one', [])
    await store.renew('one', { ttlMs: 10 }, [quota('key', 5, 300)])
    clock.nowMs += 1_999
    await open('two')
    await open('three')
    await expect(open('four')).rejects.toMatchObject(full)
    clock.nowMs += 1
    expect(await open('four')).toMatchObject({ status: 'opened' })
  })

  test('frees a quota key with its last hit', async () => {
    const { store, open } = setUp(3)
    const [first, second] = [await open('one', [quota('key')]), await store.attempt('one', [quota('key')])]
    await open('two')
    await store.release(['key'], (first as Granted).hit)
    await expect(open('three')).rejects.toMatchObject(full)
    await store.release(['key'], (second as Granted).hit)
    expect(await open('three')).toMatchObject({ status: 'opened' })
  })

  test('finds one dead record among thousands of live ones, a slice at a time', async () => {
    const { clock, open, fill } = setUp(5_000)
    await fill(2_500, 'id', 10_000)
    await open('brief')
    await fill(2_499, 'more', 10_000)
    clock.nowMs += 1_000
    const tries = []
    for (let index = 0; index < 6; index += 1) tries.push(await open('late').catch(() => undefined))
    expect(tries.some((answer) => answer?.status === 'opened')).toBe(true)
  })

  test('never fills with dead records, though no timer ever runs', async () => {
    const { clock, open } = setUp(1_000)
    let refused = 0
    for (let index = 0; index < 30_000; index += 1) {
      clock.nowMs += 1
      await open(`id ${index}`, [quota(`key ${index}`, 1, 200)], 300).catch(() => {
        refused += 1
      })
    }
    expect(refused).toBe(0)
  })

  test('does not keep the hits that have left the window', async () => {
    const { clock, store, open } = setUp()
    await open('id', [], 1e9)
    const heap = () => {
      globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    const hit = async (count: number) => {
      for (let hits = 0; hits < count; hits += 1) {
        clock.nowMs += 1
        await store.renew('id', { ttlMs: 1_000 }, [quota('key', 100, 50)])
      }
    }
    await hit(10_000)
    const before = heap()
    await hit(400_000)
    // Kept, they would take 16 bytes each.
    expect(heap() - before).toBeLessThan(3_000_000)
  })

  test('works with names that all end alike', async () => {
    const { store, open } = setUp()
    const names = Array.from({ length: 3_000 }, (_, index) => `${index}:the same end`)
    for (const name of names) await open(name, [quota(name, 1)])
    for (const name of names) expect(await store.close(name)).toBe('closed')
  })
})

describe('the sweep', () => {
  test('takes a bounded slice a tick, one timer in all, and stops when nothing is left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const armed = vi.spyOn(globalThis, 'setTimeout')
    const { clock, open, fill } = setUp()
    expect(vi.getTimerCount()).toBe(0)
    await fill(3_500)
    await open('last', [quota('key')])
    expect(vi.getTimerCount()).toBe(1)
    clock.nowMs += 5_000
    const removals = vi.spyOn(Map.prototype, 'delete')
    const slices: number[] = []
    while (vi.getTimerCount() > 0) {
      const before = removals.mock.calls.length
      vi.advanceTimersToNextTimer()
      slices.push(removals.mock.calls.length - before)
    }
    expect(slices.length).toBeLessThan(12)
    expect(Math.max(...slices)).toBeLessThanOrEqual(1_000)
    expect(slices.reduce((sum, slice) => sum + slice)).toBe(3_502)
    expect(armed.mock.results.filter(({ value }) => value.hasRef())).toEqual([])

    await open('again')
    expect(vi.getTimerCount()).toBe(1)
  })

  test('keeps no process alive', async () => {
    const active = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = active()
    await memoryStore().open({ ...record, id: 'id' }, [])
    expect(active()).toBe(before)

    const program = `import { memoryStore } from './src/store/memory.ts'
      await memoryStore().open({ id: 'id', codeDigest: 'digest', attempts: 5, ttlMs: 9e5, lifeMs: 9e5 }, [])
      console.log('opened')`
    const run = promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], { timeout: 10_000 })
    await expect(run).resolves.toMatchObject({ stdout: 'opened\n' })
  })
})

test('a flood of sends keeps nobody from verifying: guesses and proofs have a tenth more', async () => {
  const { store, open, fill } = setUp(100)
  await open('victim')
  await fill(99)
  await expect(open('more')).rejects.toMatchObject(full)
  await expect(store.renew('victim', { ttlMs: 50 }, [quota('send')])).rejects.toMatchObject(full)
  expect(await store.attempt('victim', [quota('ledger'), quota('client')])).toMatchObject({ status: 'granted' })
  expect(await store.close('victim', { open: [{ id: 'proof', ttlMs: 1_000 }] })).toBe('closed')
  expect(await store.close('proof')).toBe('closed')
  for (let index = 0; index < 7; index++) await store.attempt('id 0', [quota(`key ${index}`, 9)]).catch(() => undefined)
  await expect(store.attempt('id 1', [quota('one'), quota('more'), quota('than'), quota('fits')])).rejects.toMatchObject(full)
})
