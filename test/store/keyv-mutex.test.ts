import { describe, expect, test } from 'vitest'
import { createMutex } from '../../src/store/keyv-mutex.js'

const late = () => new Error('late')
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Work that ends when it is told to. */
const held = () => {
  let end = () => {}
  let fail = () => {}
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve('done')
    fail = () => reject(new Error('failed'))
  })
  let begun = false
  const work = () => {
    begun = true
    return promise
  }
  return { work, end: () => end(), fail: () => fail(), begun: () => begun }
}

const setUp = () => {
  const mutex = createMutex()
  const run = (names: readonly string[], work: () => Promise<unknown>, ms = 60_000) => mutex.run(names, ms, late, work)
  return { mutex, run }
}

test('work on one name is done one after another, in the order of arrival', async () => {
  const { mutex, run } = setUp()
  const steps: string[] = []
  const work = (name: string) => async () => {
    steps.push(`${name} begins`)
    await turn()
    steps.push(`${name} ends`)
  }
  await Promise.all(['a', 'b', 'c'].map((name) => run(['key'], work(name))))
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(mutex.size()).toBe(0)
})

test('the control: without it, a counter that is read and written loses all but one of its steps', async () => {
  const { run } = setUp()
  const counted = async (step: (work: () => Promise<void>) => Promise<unknown>) => {
    let count = 0
    const add = async () => {
      const read = count
      await turn()
      count = read + 1
    }
    await Promise.all(Array.from({ length: 50 }, () => step(add)))
    return count
  }
  expect(await counted((add) => add())).toBe(1)
  expect(await counted((add) => run(['count'], add))).toBe(50)
})

test('work on other names does not wait', async () => {
  const { mutex, run } = setUp()
  const [one, two] = [held(), held()]
  const both = [run(['a'], one.work), run(['b'], two.work)]
  await turn()
  expect([one.begun(), two.begun(), mutex.size()]).toEqual([true, true, 2])
  one.end()
  two.end()
  expect(await Promise.all(both)).toEqual(['done', 'done'])
  expect(mutex.size()).toBe(0)
})

test('names in any order, and the same name twice, lock nobody out', async () => {
  const { mutex, run } = setUp()
  const orders = [['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'a', 'b'], ['c', 'a'], []]
  const all = Array.from({ length: 100 }, (_, index) => run(orders[index % orders.length] as string[], turn))
  await Promise.all(all)
  expect(mutex.size()).toBe(0)
})

test('work that rejects, or throws at once, lets its names go', async () => {
  const { mutex, run } = setUp()
  const throws = () => {
    throw new Error('thrown')
  }
  const told = await Promise.allSettled([run(['a', 'b'], async () => throws()), run(['b', 'a'], throws), run(['a'], async () => 'done')])
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(mutex.size()).toBe(0)
})

describe('the deadline', () => {
  test('who waits too long is rejected, does nothing, and is in nobody’s way', async () => {
    const { mutex, run } = setUp()
    const [first, waiting, other] = [held(), held(), held()]
    const done = run(['b'], first.work)
    await expect(run(['a', 'b', 'c'], waiting.work, 5)).rejects.toThrow('late')
    expect(mutex.size()).toBe(1)
    const free = run(['a'], other.work)
    other.end()
    expect(await free).toBe('done')
    first.end()
    expect(await done).toBe('done')
    await turn()
    expect([waiting.begun(), mutex.size()]).toEqual([false, 0])
  })

  test('work that has begun keeps its names until it ends, though its caller was rejected', async () => {
    const { mutex, run } = setUp()
    const [slow, next] = [held(), held()]
    await expect(run(['a'], slow.work, 5)).rejects.toThrow('late')
    const after = run(['a'], next.work)
    await turn()
    expect(next.begun()).toBe(false)
    slow.fail()
    next.end()
    expect(await after).toBe('done')
    expect(mutex.size()).toBe(0)
  })
})
