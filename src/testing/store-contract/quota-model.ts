import type { Limited, Quota, Room } from '../../store/store.js'

interface Hit {
  readonly key: string
  readonly at: number
  readonly call: string
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number) {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    pick: <Item>(items: readonly Item[]) => items[below(items.length)] as Item,
    shuffled: <Item>(items: readonly Item[]) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  }
}

/** Quotas as the contract says them, and nothing for speed: every hit is kept for ever and counted anew. */
export function createQuotaModel() {
  let hits: readonly Hit[] = []

  const inside = ({ key, windowMs }: Quota, at: number) => hits.filter((hit) => hit.key === key && at - hit.at < windowMs)

  const waitOf = (quota: Quota, at: number) => {
    const list = inside(quota, at)
    return (list[list.length - quota.max] as Hit).at + quota.windowMs - at
  }

  const roomOf = (key: string, quotas: readonly Quota[], at: number): Room => {
    const windows = quotas
      .filter((quota) => quota.key === key)
      .map((quota) => {
        const list = inside(quota, at)
        return { key, remaining: quota.max - list.length, nextInMs: (list[0] as Hit).at + quota.windowMs - at }
      })
    return windows.reduce((tightest, each) =>
      each.remaining - tightest.remaining < 0 || (each.remaining === tightest.remaining && each.nextInMs > tightest.nextInMs)
        ? each
        : tightest,
    )
  }

  return {
    /** What the call must answer. What it takes is added by `hit`, once the store has named the call. */
    limited(quotas: readonly Quota[], at: number): Limited | undefined {
      const full = quotas.filter((quota) => inside(quota, at).length >= quota.max)
      if (!full[0]) return undefined
      return { status: 'limited', key: full[0].key, retryAfterMs: Math.max(...full.map((quota) => waitOf(quota, at))) }
    },

    /** Adds the hits of a call, and says the room that they leave. */
    hit(quotas: readonly Quota[], at: number, call: string): readonly Room[] {
      const keys = [...new Set(quotas.map(({ key }) => key))]
      hits = [...hits, ...keys.map((key) => ({ key, at, call }))]
      return keys.map((key) => roomOf(key, quotas, at))
    },

    release(keys: readonly string[], call?: string): void {
      hits = hits.filter((hit) => !keys.includes(hit.key) || (call !== undefined && hit.call !== call))
    },
  }
}
