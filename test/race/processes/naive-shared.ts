import { randomUUID } from 'node:crypto'
import type { OneShot, Quota, Store } from 'phone-verify'

/** What every server can do: GET and SET, SELECT and UPDATE. */
export interface Values {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<unknown>
}

interface Kept {
  readonly codeDigest?: string
  readonly attemptsLeft: number
  readonly closed: boolean
  readonly codeEndsAt: number
  readonly endsAt: number
}

interface Hit {
  readonly at: number
  readonly call: string
}

/** The control of every race between processes: it reads a record, decides, and writes the record back. Alone, it is right. */
export function naiveSharedStore(values: Values): Store {
  const read = async <Value>(key: string) => JSON.parse((await values.get(key)) ?? 'null') as Value | null
  const write = (key: string, value: unknown) => values.set(key, JSON.stringify(value))

  const find = async (id: string) => {
    const kept = await read<Kept>(`c:${id}`)
    return kept && Date.now() < kept.endsAt ? kept : null
  }
  const openShots = async (shots: readonly OneShot[]) => {
    for (const { id, ttlMs } of shots)
      if (!(await find(id))) await write(`c:${id}`, { attemptsLeft: 0, closed: false, codeEndsAt: 0, endsAt: Date.now() + ttlMs })
  }

  /** Reads all, tests all, and says how to write all. */
  const tally = async (quotas: readonly Quota[]) => {
    const at = Date.now()
    const lists = new Map<string, readonly Hit[]>()
    for (const { key } of quotas) if (!lists.has(key)) lists.set(key, (await read<readonly Hit[]>(`q:${key}`)) ?? [])
    const count = ({ key, windowMs }: Quota) => (lists.get(key) ?? []).filter((hit) => hit.at > at - windowMs).length
    const full = quotas.find((quota) => count(quota) >= quota.max)
    const limited = full && ({ status: 'limited', key: full.key, retryAfterMs: full.windowMs } as const)
    const grant = async () => {
      const hit = randomUUID()
      for (const [key, list] of lists) await write(`q:${key}`, [...list, { at, call: hit }])
      const left = (name: string) => Math.min(...quotas.filter(({ key }) => key === name).map((quota) => quota.max - count(quota) - 1))
      return { hit, room: [...lists.keys()].map((key) => ({ key, remaining: left(key), nextInMs: 0 })) }
    }
    return { limited, grant }
  }

  const release = async (keys: readonly string[], hit?: string) => {
    for (const key of keys) {
      const list = hit === undefined ? [] : ((await read<readonly Hit[]>(`q:${key}`)) ?? [])
      await write(
        `q:${key}`,
        list.filter(({ call }) => call !== hit),
      )
    }
  }

  return {
    reach: 'shared',

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const [present, now] = [await find(id), Date.now()]
      if (present) return { status: 'exists', expiresInMs: present.codeEndsAt - now, lifeMs: present.endsAt - now }
      const { limited, grant } = await tally(quotas)
      if (limited) return limited
      await write(`c:${id}`, { codeDigest, attemptsLeft: attempts, closed: false, codeEndsAt: now + ttlMs, endsAt: now + lifeMs })
      await openShots(also)
      return { status: 'opened', ...(await grant()) }
    },

    async renew(id, { codeDigest, ttlMs }, quotas, also = []) {
      const kept = await find(id)
      if (kept?.codeDigest === undefined) return { status: 'absent' }
      if (kept.closed) return { status: 'closed' }
      if (kept.attemptsLeft < 1) return { status: 'exhausted' }
      const { limited, grant } = await tally(quotas)
      if (limited) return limited
      await write(`c:${id}`, { ...kept, codeEndsAt: Date.now() + ttlMs, codeDigest: codeDigest ?? kept.codeDigest })
      await openShots(also)
      return { status: 'renewed', expiresInMs: ttlMs, ...(await grant()) }
    },

    async attempt(id, quotas) {
      const kept = await find(id)
      if (kept?.codeDigest === undefined) return { status: 'absent' }
      if (Date.now() >= kept.codeEndsAt) return { status: 'expired' }
      if (kept.closed) return { status: 'closed' }
      if (kept.attemptsLeft < 1) return { status: 'exhausted' }
      const { limited, grant } = await tally(quotas)
      if (limited) return limited
      const attemptsLeft = kept.attemptsLeft - 1
      await write(`c:${id}`, { ...kept, attemptsLeft })
      return { status: 'granted', codeDigest: kept.codeDigest, attemptsLeft, ...(await grant()) }
    },

    async close(id, { release: released = [], hit, open = [] } = {}) {
      const kept = await find(id)
      if (!kept) return 'absent'
      if (kept.closed) return 'already'
      await write(`c:${id}`, { ...kept, closed: true })
      await release(released, hit)
      await openShots(open)
      return 'closed'
    },

    release,
  }
}
