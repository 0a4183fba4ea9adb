import type { Store } from 'phone-verify'
import type { Model } from '../linearizable.js'

/** One step at the one challenge of a history. */
export interface Input {
  readonly verb: 'open' | 'renew' | 'attempt' | 'close' | 'release'
  readonly digest?: string
  /** A close that forgets the hits of the quota too. */
  readonly release?: boolean
}

export interface State {
  readonly record?: { readonly digest: string; readonly left: number; readonly closed: boolean }
  readonly hits: number
}

const attempts = 3
const max = 5
const lifeMs = 600_000

/** What the contract of stores says of one challenge and one quota, as long as nothing ends. */
export const challengeModel: Model<State, Input> = {
  start: { hits: 0 },
  apply(state, { verb, digest, release }) {
    const { record, hits } = state
    const room = max - hits - 1
    const taken = hits + 1
    if (verb === 'release') return [{ ...state, hits: 0 }, 'released']
    if (verb === 'open') {
      if (record) return [state, 'exists']
      if (room < 0) return [state, 'limited']
      return [{ record: { digest: digest ?? '', left: attempts, closed: false }, hits: taken }, `opened ${room}`]
    }
    if (!record) return [state, 'absent']
    if (verb === 'close') {
      if (record.closed) return [state, 'already']
      return [{ record: { ...record, closed: true }, hits: release ? 0 : hits }, 'closed']
    }
    if (record.closed) return [state, 'closed']
    if (record.left < 1) return [state, 'exhausted']
    if (room < 0) return [state, 'limited']
    if (verb === 'renew') return [{ record: { ...record, digest: digest ?? record.digest }, hits: taken }, `renewed ${room}`]
    const left = record.left - 1
    return [{ record: { ...record, left }, hits: taken }, `granted ${record.digest} ${left} ${room}`]
  },
}

/** The same step at a store, and its answer in the same words. */
export async function askStore(store: Store, name: string, { verb, digest, release }: Input): Promise<string> {
  const id = `{t}${name}`
  const key = `{t}q${name}`
  const quotas = [{ key, max, windowMs: lifeMs }]
  if (verb === 'close') return store.close(id, release ? { release: [key] } : {})
  if (verb === 'release') {
    await store.release([key])
    return 'released'
  }
  const record = { id, codeDigest: digest ?? '', attempts, ttlMs: lifeMs, lifeMs }
  const change = { ttlMs: lifeMs, ...(digest !== undefined && { codeDigest: digest }) }
  const answer = await (verb === 'open'
    ? store.open(record, quotas)
    : verb === 'renew'
      ? store.renew(id, change, quotas)
      : store.attempt(id, quotas))
  const granted = answer.status === 'granted' ? [answer.codeDigest, answer.attemptsLeft] : []
  const room = 'room' in answer ? [answer.room[0]?.remaining] : []
  return [answer.status, ...granted, ...room].join(' ')
}
