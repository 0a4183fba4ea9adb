import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { pause } from '../../src/services/pause.js'

/** How often the pause has ended, looked at without waiting. */
function watch(waiting: Promise<void>) {
  const ended = vi.fn()
  void waiting.then(ended)
  return ended
}

describe('pause', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('ends at its time and not before', async () => {
    const ended = watch(pause(500, new AbortController().signal))
    await vi.advanceTimersByTimeAsync(499)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalledOnce()
  })

  test('ends at once when it is told to stop, and leaves no timer behind', async () => {
    const stop = new AbortController()
    const ended = watch(pause(500, stop.signal))
    stop.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does not begin when it was told to stop before', async () => {
    await pause(500, AbortSignal.abort())
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const waiting = pause(500, signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(500)
    await waiting
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
