import type { Store } from 'phone-verify'
import { until } from './until.js'

/** A store that is killed under load, and what of it was acknowledged. */
export interface Crash {
  /** Attempts and closes that were answered before the kill. */
  readonly acknowledged: number
  /** Answered attempts that the store no longer knows of. */
  readonly lost: number
  /** Records that were closed for a second caller. */
  readonly closedTwice: number
  /** Fenced records that granted or closed anything afterwards. */
  readonly revived: number
}

export interface CrashParts {
  /** Connections of their own, whose records outlive a restart. */
  readonly counting: readonly Store[]
  /** The same, whose records must not. */
  readonly fenced: readonly Store[]
  kill(): Promise<void>
  restart(): Promise<void>
}

const attempts = 100
let made = 0
const openOne = async (store: Store) => {
  made += 1
  const id = `{crash}${process.pid}.${made}`
  await store.open({ id, codeDigest: 'digest', attempts, ttlMs: 600_000, lifeMs: 600_000 }, [])
  return id
}
const openSome = (store: Store, count: number) => Promise.all(Array.from({ length: count }, () => openOne(store)))

/** Spends from every connection at once until the server is killed; then counts what it still knows. */
export async function crashCycle({ counting, fenced, kill, restart }: CrashParts, load = 200): Promise<Crash> {
  const [first] = counting as readonly [Store]
  const spent = new Map((await openSome(first, 24)).map((id) => [id, 0]))
  const closing = await openSome(first, 60)
  const dead = fenced[0] === undefined ? [] : await openSome(fenced[0], 4)
  const closed = new Map<string, number>()
  let acknowledged = 0
  let over = false

  const ids = [...spent.keys()]
  const spend = async (store: Store, lane: number) => {
    for (let turn = lane; !over; turn += 7) {
      const id = ids[turn % ids.length] as string
      const answer = await store.attempt(id, [])
      if (answer.status === 'granted') spent.set(id, (spent.get(id) ?? 0) + 1)
      acknowledged += 1
    }
  }
  const close = async (store: Store) => {
    for (const id of closing) {
      if (over) return
      if ((await store.close(id)) === 'closed') closed.set(id, (closed.get(id) ?? 0) + 1)
      acknowledged += 1
    }
  }
  const waste = async (store: Store) => {
    for (let turn = 0; !over; turn++) await store.attempt(dead[turn % dead.length] as string, [])
  }
  const lanes = [
    ...counting.flatMap((store, index) => [spend(store, index), spend(store, index + 3), close(store)]),
    ...fenced.map(waste),
  ].map((lane) => lane.catch(() => {}))
  await until('the load is there', () => acknowledged >= load)
  await kill()
  over = true
  await restart()
  // ioredis keeps what was under way and sends it again: such an answer counts like any other.
  await Promise.all(lanes)
  const answers = (store: Store) => openOne(store).then(Boolean, () => false)
  for (const store of [first, ...fenced]) await until('the store answers', () => answers(store))
  const lost: number[] = []
  for (const [id, count] of spent) {
    const answer = await first.attempt(id, [])
    const left = answer.status === 'granted' ? answer.attemptsLeft + 1 : answer.status === 'exhausted' ? 0 : attempts
    lost.push(Math.max(0, count - (attempts - left)))
  }
  for (const id of closed.keys()) if ((await first.close(id)) === 'closed') closed.set(id, 2)
  const revived = await Promise.all(
    dead.map(async (id) => {
      const [attempt, end] = [await fenced[0]?.attempt(id, []), await fenced[0]?.close(id)]
      return attempt?.status !== 'absent' || end !== 'absent'
    }),
  )
  return {
    acknowledged,
    lost: lost.reduce((total, one) => total + one, 0),
    closedTwice: [...closed.values()].filter((count) => count > 1).length,
    revived: revived.filter(Boolean).length,
  }
}
