export interface Window {
  readonly max: number
  readonly windowMs: number
}

/** The windows that one key must have room in, the longest last. */
export interface Counted {
  readonly key: string
  readonly windows: readonly Window[]
}

const longestMs = 30 * 24 * 3_600_000

/** Sliding windows: for each key the times it was hit, oldest first. */
export function createWindows() {
  const hits = new Map<string, number[]>()

  return {
    /** Milliseconds until every window has room, 0 when all have. */
    waitMs(counted: readonly Counted[], at: number): number {
      let waitMs = 0
      for (const { key, windows } of counted) {
        const times = hits.get(key)
        if (times === undefined) continue
        for (const { max, windowMs } of windows) {
          // A window is full while the hit that must leave it first is in it.
          if (times.length >= max) waitMs = Math.max(waitMs, (times[times.length - max] as number) + windowMs - at)
        }
      }
      return waitMs
    },

    take(counted: readonly Counted[], at: number): void {
      for (const { key, windows } of counted) {
        const times = hits.get(key)
        if (times === undefined) {
          hits.set(key, [at])
          continue
        }
        const { windowMs } = windows[windows.length - 1] as Window
        while ((times[0] as number) <= at - windowMs) times.shift()
        times.push(at)
      }
    },

    /** Takes back the newest hit. */
    giveBack(counted: readonly Counted[]): void {
      for (const { key } of counted) hits.get(key)?.pop()
    },

    forget: (key: string) => hits.delete(key),

    sweep(at: number): void {
      for (const [key, times] of hits) if ((times.at(-1) ?? 0) <= at - longestMs) hits.delete(key)
    },
  }
}
