import type { OneShot, Quota, Room, Store } from 'phone-verify'

interface Entry {
  readonly codeDigest?: string | undefined
  readonly attempts: number
  readonly attemptsLeft: number
  readonly closed: boolean
  readonly codeEndsAt: number
  readonly endsAt: number
}

interface Hit {
  readonly at: number
  readonly call: string
}

type State = 'absent' | 'expired' | 'closed' | 'exhausted'

/** Every decision of a store, taken as it should be. A defect takes one of them otherwise. */
export const sound = {
  idName: (id: string) => `id ${id}`,
  keyName: (key: string) => `key ${key}`,
  isSpan: (ms: number) => Number.isFinite(ms),
  betweenReadAndWrite: (): Promise<unknown> | undefined => undefined,
  write: (run: () => void): void => run(),
  isOver: (endsAt: number, at: number) => at >= endsAt,
  holdsId: (_entry: Entry, _at: number) => true,
  isClosed: ({ closed }: Entry) => closed,
  isChallenge: ({ codeDigest }: Entry) => codeDigest !== undefined,
  isExhausted: (attemptsLeft: number) => !(attemptsLeft >= 1),
  attemptOrder: ['absent', 'expired', 'closed', 'exhausted'] as readonly State[],
  renewOrder: ['absent', 'closed', 'exhausted'] as readonly Exclude<State, 'expired'>[],
  saidLeft: (attemptsLeft: number) => attemptsLeft,
  isInside: (hitAt: number, at: number, windowMs: number) => at - hitAt < windowMs,
  fullOnes: (full: readonly Quota[]) => full,
  wait: (waits: readonly number[]) => Math.max(...waits),
  whenLimited: (_takeAnyway: () => void): void => {},
  hitsPerCall: (_windows: number) => 1,
  rows: (rows: readonly Room[]) => rows,
  tightest: (windows: readonly Room[]) => windows.toSorted((a, b) => a.remaining - b.remaining || b.nextInMs - a.nextInMs)[0] as Room,
  renewed: (entry: Entry, at: number, { codeDigest, ttlMs }: { readonly codeDigest?: string; readonly ttlMs: number }): Entry => ({
    ...entry,
    codeDigest: codeDigest ?? entry.codeDigest,
    codeEndsAt: Math.min(entry.endsAt, at + ttlMs),
  }),
  renewQuotas: (quotas: readonly Quota[]) => quotas,
  whenNotFirst: (_followAnyway: () => void): void => {},
  closeHit: (hit: string | undefined) => hit,
  keepsShot: (_entry: Entry) => true,
  released: (hits: readonly Hit[], hit: string | undefined) => (hit === undefined ? [] : hits.filter(({ call }) => call !== hit)),
}

export type Decisions = typeof sound

/** A store that keeps the contract by being simple, or breaks it in one decision. */
export function soundStore(now: () => number, defect: Partial<Decisions> = {}): Store {
  const decide = { ...sound, ...defect }
  const records = new Map<string, { readonly entry?: Entry | undefined; readonly hits?: readonly Hit[] | undefined }>()
  let calls = 0

  const read = (id: string, at: number) => {
    const entry = records.get(decide.idName(id))?.entry
    return entry && !decide.isOver(entry.endsAt, at) ? entry : undefined
  }
  const write = (id: string, entry: Entry) => {
    const name = decide.idName(id)
    decide.write(() => records.set(name, { ...records.get(name), entry }))
  }
  const openShots = (shots: readonly OneShot[], at: number) => {
    for (const { id, ttlMs } of shots) {
      const present = read(id, at)
      if (present && decide.keepsShot(present)) continue
      write(id, { attempts: 0, attemptsLeft: 0, closed: false, codeEndsAt: at, endsAt: at + ttlMs })
    }
  }
  const stateOf = <Name extends State>(entry: Entry | undefined, at: number, order: readonly Name[]) => {
    if (!entry || !decide.isChallenge(entry)) return 'absent'
    const { closed, codeEndsAt, attemptsLeft } = entry
    const holds = { absent: false, expired: decide.isOver(codeEndsAt, at), closed, exhausted: decide.isExhausted(attemptsLeft) }
    return order.find((state) => holds[state])
  }

  const hitsOf = (key: string) => records.get(decide.keyName(key))?.hits ?? []
  const writeHits = (key: string, hits: readonly Hit[] | undefined) => {
    const name = decide.keyName(key)
    records.set(name, { ...records.get(name), hits })
  }
  const inside = ({ key, windowMs }: Quota, at: number) => hitsOf(key).filter((hit) => decide.isInside(hit.at, at, windowMs))
  const refusal = (quotas: readonly Quota[], at: number) => {
    const full = quotas.filter((quota) => inside(quota, at).length >= quota.max)
    const waits = full.map((quota) => (inside(quota, at).at(-quota.max)?.at ?? at) + quota.windowMs - at)
    const [first] = decide.fullOnes(full)
    if (!first) return undefined
    decide.whenLimited(() => take(quotas, at))
    return { status: 'limited', key: first.key, retryAfterMs: decide.wait(waits) } as const
  }
  const take = (quotas: readonly Quota[], at: number) => {
    calls += 1
    const call = `call ${calls}`
    const rows = [...new Set(quotas.map(({ key }) => key))].map((key) => {
      const windows = quotas.filter((quota) => quota.key === key)
      const made = Array.from({ length: decide.hitsPerCall(windows.length) }, () => ({ at, call }))
      writeHits(key, [...hitsOf(key), ...made])
      return decide.tightest(
        windows.map((quota) => {
          const hits = inside(quota, at)
          return { key, remaining: quota.max - hits.length, nextInMs: (hits[0]?.at ?? at) + quota.windowMs - at }
        }),
      )
    })
    return { hit: call, room: decide.rows(rows) }
  }
  const forget = (keys: readonly string[], hit: string | undefined) => {
    for (const key of keys) {
      const left = decide.released(hitsOf(key), hit)
      if (left.length > 0) writeHits(key, left)
      else records.delete(decide.keyName(key))
    }
  }
  const checkSpans = (...spans: readonly number[]) => {
    if (!spans.every(decide.isSpan)) throw new Error('not a span of time')
  }
  const spansOf = (quotas: readonly Quota[], shots: readonly OneShot[]) => [
    ...quotas.map(({ windowMs }) => windowMs),
    ...shots.map(({ ttlMs }) => ttlMs),
  ]

  return {
    reach: 'process',

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const at = now()
      checkSpans(ttlMs, lifeMs, ...spansOf(quotas, also))
      const present = read(id, at)
      if (present && decide.holdsId(present, at)) {
        return { status: 'exists', expiresInMs: Math.max(0, present.codeEndsAt - at), lifeMs: present.endsAt - at }
      }
      const limited = refusal(quotas, at)
      if (limited) return limited
      const pause = decide.betweenReadAndWrite()
      if (pause) await pause
      write(id, { codeDigest, attempts, attemptsLeft: attempts, closed: false, codeEndsAt: at + ttlMs, endsAt: at + lifeMs })
      openShots(also, at)
      return { status: 'opened', ...take(quotas, at) }
    },

    async renew(id, change, quotas, also = []) {
      const at = now()
      checkSpans(change.ttlMs, ...spansOf(quotas, also))
      const entry = read(id, at)
      const status = stateOf(entry, at, decide.renewOrder)
      if (status || !entry) return { status: status ?? 'absent' }
      const limited = refusal(decide.renewQuotas(quotas), at)
      if (limited) return limited
      const renewed = decide.renewed(entry, at, change)
      write(id, renewed)
      openShots(also, at)
      return { status: 'renewed', expiresInMs: renewed.codeEndsAt - at, ...take(decide.renewQuotas(quotas), at) }
    },

    async attempt(id, quotas) {
      const at = now()
      const entry = read(id, at)
      const status = stateOf(entry, at, decide.attemptOrder)
      if (status || !entry) return { status: status ?? 'absent' }
      const limited = refusal(quotas, at)
      if (limited) return limited
      const pause = decide.betweenReadAndWrite()
      if (pause) await pause
      const attemptsLeft = entry.attemptsLeft - 1
      write(id, { ...entry, attemptsLeft })
      const said = { codeDigest: entry.codeDigest ?? '', attemptsLeft: decide.saidLeft(attemptsLeft) }
      return { status: 'granted', ...said, ...take(quotas, at) }
    },

    async close(id, { release = [], hit, open = [] } = {}) {
      const at = now()
      const entry = read(id, at)
      const follow = () => {
        forget(release, decide.closeHit(hit))
        openShots(open, at)
      }
      if (!entry || decide.isClosed(entry)) decide.whenNotFirst(follow)
      if (!entry) return 'absent'
      if (decide.isClosed(entry)) return 'already'
      const pause = decide.betweenReadAndWrite()
      if (pause) await pause
      write(id, { ...entry, closed: true })
      follow()
      return 'closed'
    },

    async release(keys, hit) {
      forget(keys, hit)
    },
  }
}
