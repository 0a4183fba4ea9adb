/** At most `max` in any sliding window of `windowMs` milliseconds. */
export interface Window {
  readonly max: number
  readonly windowMs: number
}

/** One window of one limit, counted under a key. */
export interface Quota extends Window {
  readonly limit: string
  readonly key: string
}

/** A quota is a plain list of times, and what is asked of it is counted anew each time. */
export const createHits = (now: () => number) => {
  const hits = new Map<string, readonly number[]>()

  const of = (key: string) => hits.get(key) ?? []
  const keysOf = (quotas: readonly Quota[]) => [...new Set(quotas.map(({ key }) => key))]
  const within = ({ key, windowMs }: Quota) => of(key).filter((at) => at > now() - windowMs)
  const freeInMs = (quota: Quota) => (within(quota).at(-quota.max) as number) + quota.windowMs - now()
  const left = (quota: Quota) => ({
    remaining: quota.max - within(quota).length,
    resetMs: (within(quota)[0] as number) + quota.windowMs - now(),
  })

  return {
    /** All have room, or none is taken: then which one is full, and when all are free. */
    take(quotas: readonly Quota[]) {
      const full = quotas.filter((quota) => within(quota).length >= quota.max)
      if (full[0]) return { limit: full[0].limit, retryAfterMs: Math.max(...full.map(freeInMs)) }
      for (const key of keysOf(quotas)) hits.set(key, [...of(key), now()])
      return undefined
    },

    /** As if the latest call had not taken them. */
    giveBack(quotas: readonly Quota[]) {
      for (const key of keysOf(quotas)) hits.set(key, of(key).slice(0, -1))
    },

    forget(...keys: readonly string[]) {
      for (const key of keys) hits.delete(key)
    },

    /** In how many milliseconds every one of them has room again. */
    roomInMs: (quotas: readonly Quota[]) =>
      Math.max(0, ...quotas.map(left).map(({ remaining, resetMs }) => (remaining === 0 ? resetMs : 0))),

    /** What each limit has left, by its tightest window. */
    states: (quotas: readonly Quota[]) =>
      [...new Set(quotas.map(({ limit }) => limit))].map((limit) => {
        const windows = quotas.filter((quota) => quota.limit === limit).map(left)
        return { limit, ...windows.sort((a, b) => a.remaining - b.remaining || b.resetMs - a.resetMs)[0] }
      }),

    /** Each limit by its longest window. */
    policies: (quotas: readonly Quota[]) =>
      [...new Set(quotas.map(({ limit }) => limit))].map((limit) => {
        const windows = quotas.filter((quota) => quota.limit === limit).sort((a, b) => b.windowMs - a.windowMs)
        return { limit, max: windows[0]?.max, windowMs: windows[0]?.windowMs }
      }),

    /** When each was taken. */
    times: () => [...new Set([...hits.values()].flat())],
  }
}
