import type { Call } from './challenge.js'
import type { WaitUntil } from './verbs.js'

export interface BackgroundParts {
  /** Sends that may be on their way at once. */
  readonly concurrency: number
  /** Sends that may wait. */
  readonly maxQueued: number
  /** Keeps a serverless platform alive until the work is done. */
  readonly waitUntil: WaitUntil | undefined
}

/** Work after the reply: bounded, so that an outage of a provider cannot fill the memory, and drained before the process ends. */
export interface Background {
  /** Takes the work, or answers false: the queue is full. The work must not reject. */
  run(work: (stop: AbortSignal) => Promise<void>, waitUntil?: WaitUntil): boolean
  /** Resolves when all work is done; after the call's time is up, what still runs is told to stop. */
  drain(call: Call): Promise<void>
}

export function createBackground({ concurrency, maxQueued, waitUntil }: BackgroundParts): Background {
  const queue: (() => Promise<void>)[] = []
  // A signal for each piece of work: one for all would gather a listener from every send.
  const stops = new Set<AbortController>()
  let running = 0
  let idle = () => {}

  const next = (): void => {
    const work = running < concurrency ? queue.shift() : undefined
    if (work === undefined) {
      if (running === 0) idle()
      return
    }
    running++
    void work().finally(() => {
      running--
      next()
    })
  }

  return {
    run(work, ofCall = waitUntil) {
      if (queue.length >= maxQueued) return false
      const stop = new AbortController()
      stops.add(stop)
      const done = new Promise<void>((resolve) => queue.push(() => work(stop.signal).finally(resolve))).finally(() => stops.delete(stop))
      // Not within the caller's turn: the work of a real send, which a decoy has not, would delay its reply.
      setImmediate(next)
      try {
        Promise.resolve(ofCall?.(done)).catch(() => undefined)
      } catch {
        // A platform refuses outside of a request. The work is queued all the same, and its caller must not fail for it.
      }
      return true
    },

    async drain(call) {
      const drained = new Promise<void>((resolve) => {
        idle = resolve
        next()
      })
      await call.limit(drained).catch(() => {
        for (const stop of stops) stop.abort()
      })
    },
  }
}
