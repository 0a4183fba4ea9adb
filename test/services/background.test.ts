import { afterEach, describe, expect, test, vi } from 'vitest'
import { createBackground } from '../../src/services/background.js'
import { createCall } from '../../src/services/call.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Work that ends when it is told to. */
function makeWork() {
  const begun: number[] = []
  const ends: (() => void)[] = []
  const work = (index: number) => () => {
    begun.push(index)
    return new Promise<void>((resolve) => {
      ends[index] = resolve
    })
  }
  return { begun, work, end: (index: number) => ends[index]?.() }
}

const call = (ms = 1_000) => createCall(ms, undefined)

afterEach(() => {
  vi.useRealTimers()
})

describe('createBackground', () => {
  test('never has more on its way than it may, and keeps the order of the rest', async () => {
    const { begun, work, end } = makeWork()
    const { run } = createBackground({ concurrency: 2, maxQueued: 10, waitUntil: undefined })
    for (const index of [0, 1, 2, 3]) expect(run(work(index))).toBe(true)
    await turn()
    expect(begun).toEqual([0, 1])
    end(1)
    await turn()
    expect(begun).toEqual([0, 1, 2])
    end(0)
    end(2)
    await turn()
    expect(begun).toEqual([0, 1, 2, 3])
  })

  test('begins nothing within the turn of its caller', async () => {
    const { begun, work } = makeWork()
    createBackground({ concurrency: 1, maxQueued: 2, waitUntil: undefined }).run(work(0))
    await Promise.resolve()
    expect(begun).toEqual([])
    await turn()
    expect(begun).toEqual([0])
  })

  test('answers false when the queue is full, and takes work again when it is not', async () => {
    const { begun, work, end } = makeWork()
    const { run } = createBackground({ concurrency: 1, maxQueued: 2, waitUntil: undefined })
    run(work(0))
    await turn()
    expect([1, 2, 3].map((index) => run(work(index)))).toEqual([true, true, false])
    end(0)
    await turn()
    expect(run(work(4))).toBe(true)
    expect(begun).toEqual([0, 1])
  })

  test('gives waitUntil a promise that is kept when the work is done', async () => {
    const kept = vi.fn()
    const { work, end } = makeWork()
    const { run } = createBackground({ concurrency: 1, maxQueued: 2, waitUntil: (done) => void done.then(kept) })
    run(work(0))
    await turn()
    expect(kept).not.toHaveBeenCalled()
    end(0)
    await turn()
    expect(kept).toHaveBeenCalledOnce()
  })

  test('is not stopped by a waitUntil that throws', async () => {
    const { begun, work } = makeWork()
    const waitUntil = () => {
      throw new Error('called outside of a request')
    }
    const { run } = createBackground({ concurrency: 1, maxQueued: 2, waitUntil })
    expect(run(work(0))).toBe(true)
    await turn()
    expect(begun).toEqual([0])
  })

  test('drains at once when there is nothing to do', async () => {
    await createBackground({ concurrency: 1, maxQueued: 2, waitUntil: undefined }).drain(call())
  })

  test('drains what is on its way and what waits', async () => {
    const drained = vi.fn()
    const { begun, work, end } = makeWork()
    const { run, drain } = createBackground({ concurrency: 1, maxQueued: 2, waitUntil: undefined })
    run(work(0))
    run(work(1))
    void drain(call()).then(drained)
    await turn()
    end(0)
    await turn()
    expect(begun).toEqual([0, 1])
    expect(drained).not.toHaveBeenCalled()
    end(1)
    await turn()
    expect(drained).toHaveBeenCalledOnce()
  })

  test('tells what still runs to stop when the time to drain is up', async () => {
    vi.useFakeTimers()
    const stops: AbortSignal[] = []
    const { run, drain } = createBackground({ concurrency: 1, maxQueued: 2, waitUntil: undefined })
    run((stop) => {
      stops.push(stop)
      return new Promise(() => {})
    })
    await vi.advanceTimersByTimeAsync(0)
    const draining = drain(call(100))
    await vi.advanceTimersByTimeAsync(99)
    expect(stops.map(({ aborted }) => aborted)).toEqual([false])
    await vi.advanceTimersByTimeAsync(1)
    await draining
    expect(stops.map(({ aborted }) => aborted)).toEqual([true])
  })
})
