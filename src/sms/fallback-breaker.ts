/** How an attempt ended for its backend. An attempt is `undecided` when it says nothing about the provider. */
export type Ending = 'well' | 'badly' | 'undecided'

/** Leave for one attempt. Call it once, with how the attempt ended. */
export type Leave = (ending: Ending) => void

/** Keeps sends from a backend that fails again and again. Holds a handful of numbers, and no timer. */
export interface CircuitBreaker {
  /** Leave to ask the backend now, or nothing while the breaker is open. After the cool-down one attempt at a time gets it: the probe. */
  enter(): Leave | undefined
  /** Leave whatever the state, for a message that has no other backend left. */
  force(): Leave
  /** When it opened, or opened again after a probe; nothing while it is closed. */
  openedAt(): number | undefined
}

export interface BreakerOptions {
  /** So many failures in a row open it. */
  readonly failures: number
  readonly coolDownMs: number
  readonly now: () => number
}

/** Probes begin at least so far apart, however they end. */
const probeGapMs = 1_000

export function createCircuitBreaker({ failures: limit, coolDownMs, now }: BreakerOptions): CircuitBreaker {
  let failures = 0
  let openedAt: number | undefined
  let probeAt = Number.NEGATIVE_INFINITY
  let isProbing = false
  // Counts the changes between closed and open: an attempt that began before one is no evidence after it.
  let changes = 0

  const open = () => {
    if (openedAt === undefined) changes += 1
    openedAt = now()
    probeAt = Math.max(probeAt, openedAt + coolDownMs)
  }
  const close = () => {
    if (openedAt !== undefined) changes += 1
    openedAt = undefined
    failures = 0
  }
  const fail = (isProbe: boolean) => {
    failures += 1
    // While it is open only the probe's failure begins a new cool-down: last resorts would put the probe off for ever.
    if (openedAt === undefined ? failures >= limit : isProbe) open()
  }

  const leave = (isProbe: boolean): Leave => {
    const begun = changes
    return (ending) => {
      if (isProbe) isProbing = false
      if (begun !== changes) return
      if (ending === 'well') close()
      if (ending === 'badly') fail(isProbe)
    }
  }

  return {
    enter() {
      if (openedAt === undefined) return leave(false)
      const time = now()
      if (isProbing || time < probeAt) return undefined
      isProbing = true
      probeAt = time + probeGapMs
      return leave(true)
    },
    force: () => leave(false),
    openedAt: () => openedAt,
  }
}
