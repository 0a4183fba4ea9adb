/** Wakes those who wait for something new in a list. */
export interface Bell {
  ring(accountId: string): void
  /** Begins to listen at once; `heard` resolves when it rings, or after `ms`. */
  listen(accountId: string, ms: number): { readonly heard: Promise<void>; stop(): void }
  /** Wakes everybody. */
  close(): void
}

/** How many may wait for one account: another one wakes the oldest. */
const mostWaiting = 3

/** A bell of this process. Who waits in another one looks again when the wait is over. */
export function createBell(): Bell {
  const waiting = new Map<string, Set<() => void>>()
  const ring = (accountId: string) => {
    for (const wake of [...(waiting.get(accountId) ?? [])]) wake()
  }
  return {
    ring,
    listen(accountId, ms) {
      const others = waiting.get(accountId) ?? new Set()
      const [oldest] = others
      if (others.size >= mostWaiting) oldest?.()
      let resolve = () => {}
      const heard = new Promise<void>((wake) => {
        resolve = wake
      })
      const stop = () => {
        clearTimeout(timer)
        others.delete(stop)
        if (others.size === 0 && waiting.get(accountId) === others) waiting.delete(accountId)
        resolve()
      }
      const timer = setTimeout(stop, ms)
      waiting.set(accountId, others.add(stop))
      return { heard, stop }
    },
    close: () => [...waiting.keys()].forEach(ring),
  }
}
