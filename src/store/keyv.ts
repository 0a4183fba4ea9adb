import { misconfigured, PhoneVerifyError } from '../errors.js'
import { span } from './given.js'
import { createKeyvClient, type Entry, type KeyvClient, type KeyvLike, whyUnfit } from './keyv-client.js'
import { createMutex, type Mutex } from './keyv-mutex.js'
import { createKeyvNames } from './keyv-names.js'
import { probeKeyv } from './keyv-probe.js'
import { createKeyvQuotas, type Row } from './keyv-quotas.js'
import { createKeyvRecords, entryOf, MOST_TICKETS, prepared } from './keyv-records.js'
import type { Granted, OneShot, Quota, Store } from './store.js'

export type { KeyvLike } from './keyv-client.js'

/** Options of `keyvStore`. */
export interface KeyvStoreOptions {
  /** What every key begins with. Default: `pv:`. */
  readonly prefix?: string | undefined
  /** The clock: Unix time in milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /** After how many milliseconds a verb rejects, its wait for others on the same keys included. Default: 1 000. */
  readonly deadlineMs?: number | undefined
}

/** What a call found free. */
interface Plan {
  readonly rows: readonly Row[]
  readonly missing: readonly OneShot[]
}

// One for the process, not for the module: an application may load two copies or two module formats.
const slot = Symbol.for('phone-verify/store/keyv instances')
const realm = globalThis as { [slot]?: WeakMap<object, { readonly client: KeyvClient; readonly mutex: Mutex }> }

/** An adapter drops records by a clock of its own, so a little later than they end; when they end is judged here. */
const GRACE_MS = 60_000

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `keyvStore: ${message}`)

/**
 * Keeps everything in a Keyv, version 5 or 6, for one process.
 *
 * Keyv can neither count nor compare and set, so within the process a lock per key makes every verb one step. Across processes only this
 * holds, on an adapter whose `delete` tells the truth: of a challenge that one of them opened, no more than `attempts` guesses are ever
 * evaluated, for each tears up a ticket of its own, and one close wins. Quotas do not hold there, nor opens or renewals of one id at once:
 * processes write over each other, hence reach `'process'`. `check()` refuses an adapter that tells several callers that they deleted one
 * key (`@keyv/postgres` 2.2.3 does).
 *
 * The Keyv is changed: `throwOnErrors` is set where it is known, and 'error' is listened to. It stays yours, to connect and to close.
 *
 * @returns a store with reach `'process'`
 * @throws `ERR_PV_CONFIGURATION` when the Keyv or an option is wrong
 * @example
 * ```ts
 * import { Keyv } from 'keyv'
 * import { keyvStore } from 'phone-verify/store/keyv'
 *
 * export const store = keyvStore(new Keyv())
 * ```
 */
export function keyvStore(keyv: KeyvLike, options: KeyvStoreOptions = {}): Store {
  const { prefix = 'pv:', now = Date.now, deadlineMs = 1_000 }: KeyvStoreOptions = Object.assign(Object.create(null), options)
  const unfit = whyUnfit(keyv)
  if (unfit !== undefined) throw misconfigured([{ option: 'keyv', message: unfit }])
  if (typeof prefix !== 'string' || !/^[\w:./-]{0,100}$/.test(prefix))
    throw misconfigured([{ option: 'prefix', message: 'must be letters, digits and :._/-' }])
  if (!(Number.isFinite(deadlineMs) && deadlineMs > 0 && deadlineMs < 2 ** 31))
    throw misconfigured([{ option: 'deadlineMs', message: 'must be a number of milliseconds, more than 0' }])
  let latest = typeof now === 'function' ? Math.floor(now()) : Number.NaN
  if (!Number.isFinite(latest)) throw misconfigured([{ option: 'now', message: 'must return a number of milliseconds' }])

  realm[slot] ??= new WeakMap()
  const { client, mutex } = realm[slot].get(keyv) ?? { client: createKeyvClient(keyv), mutex: createMutex() }
  realm[slot].set(keyv, { client, mutex })

  const names = createKeyvNames(prefix)
  const records = createKeyvRecords(client)
  const hits = createKeyvQuotas(client, names.quota, GRACE_MS)
  const clock = () => {
    const at = Math.floor(now())
    if (at > latest) latest = at
    return latest
  }

  /** One step: whatever shares an id or a key with it waits. */
  const step = <Result>(id: string[], shots: readonly OneShot[], keys: readonly string[], verb: (at: number) => Promise<Result>) => {
    const locks = [...[...id, ...shots.map((shot) => shot.id)].map(names.record), ...keys.map(names.quota)]
    const late = () => fault('the adapter did not answer in time')
    return mutex.run(locks, deadlineMs, late, () => verb(clock()))
  }
  const keysOf = (quotas: readonly Quota[]) => quotas.map(({ key }) => key)

  /** Reads, and writes nothing: what the call would take, and why it must be refused. */
  const plan = async (at: number, quotas: readonly Quota[], also: readonly OneShot[]) => {
    for (const { windowMs } of quotas) span(windowMs)
    const rows = await hits.tally(quotas, at)
    if (!Array.isArray(rows)) return rows
    for (const { ttlMs } of also) span(ttlMs)
    // The first of an id that lives at all: a life of 0 is over at once.
    const living = also.filter(({ ttlMs }) => ttlMs > 0)
    const shots = living.filter(({ id }, index) => living.findIndex((shot) => shot.id === id) === index)
    const shotNames = shots.map(({ id }) => names.record(id))
    const found = await records.read(shotNames, at)
    return { status: 'free' as const, rows, missing: shots.filter((_, index) => !found[index]) }
  }

  /** Takes the quotas and opens the one-shots; `before` is there before any of them can be found. */
  const take = async (at: number, { rows, missing }: Plan, before: readonly Entry[] = []): Promise<Granted> => {
    const hit = names.call()
    const shots = missing.map(({ id, ttlMs }) => [names.record(id), { lot: names.call(), endsAt: at + ttlMs }, ttlMs + GRACE_MS] as const)
    await client.set([...before, ...shots.flatMap((shot) => prepared(...shot)), ...hits.hit(rows, at, hit)])
    await client.set(shots.map((shot) => entryOf(...shot)))
    return { hit, room: rows.map(({ room }) => room) }
  }

  return {
    reach: 'process',

    async check() {
      const flaw = await probeKeyv(client, names.probe)
      if (flaw !== undefined) throw misconfigured([{ option: 'keyv', message: flaw }])
    },

    open: async ({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) =>
      step([id], also, keysOf(quotas), async (at) => {
        const name = names.record(id)
        const [present] = await records.read([name], at)
        if (present === 'unreadable') throw fault('a record is not one of ours')
        if (present) return { status: 'exists', expiresInMs: Math.max(0, (present.code?.endsAt ?? at) - at), lifeMs: present.endsAt - at }
        const endsAt = at + span(lifeMs)
        const code = {
          digest: codeDigest,
          endsAt: Math.min(endsAt, at + span(ttlMs)),
          attempts: Number.isSafeInteger(attempts) ? attempts : 0,
        }
        if (code.attempts > MOST_TICKETS) throw fault(`cannot keep more than ${MOST_TICKETS} attempts`)
        const planned = await plan(at, quotas, also)
        if (planned.status === 'limited') return planned
        const challenge = [name, { lot: names.call(), endsAt, code }, lifeMs + GRACE_MS] as const
        const taken = await take(at, planned, prepared(...challenge))
        // Last: a challenge that can be found has taken its quotas, and a one-shot of the same id gives way to it.
        if (lifeMs > 0) await client.set([entryOf(...challenge)])
        return { status: 'opened', ...taken }
      }),

    renew: async (id, { codeDigest, ttlMs }, quotas, also = []) =>
      step([id], also, keysOf(quotas), async (at) => {
        const name = names.record(id)
        const [record] = await records.read([name], at)
        if (record === 'unreadable') return { status: 'exhausted' }
        if (!record?.code) return { status: 'absent' }
        const { closed, tickets } = await records.state(name, record)
        if (closed || tickets.length === 0) return { status: closed ? 'closed' : 'exhausted' }
        const endsAt = Math.min(record.endsAt, at + span(ttlMs))
        const planned = await plan(at, quotas, also)
        if (planned.status === 'limited') return planned
        const taken = await take(at, planned)
        const code = { ...record.code, digest: codeDigest ?? record.code.digest, endsAt }
        await client.set([entryOf(name, { ...record, code }, record.endsAt - at + GRACE_MS)])
        return { status: 'renewed', expiresInMs: endsAt - at, ...taken }
      }),

    attempt: async (id, quotas) =>
      step([id], [], keysOf(quotas), async (at) => {
        const name = names.record(id)
        const [record] = await records.read([name], at)
        if (record === 'unreadable') return { status: 'exhausted' }
        if (!record?.code) return { status: 'absent' }
        if (at >= record.code.endsAt) return { status: 'expired' }
        const { closed, tickets } = await records.state(name, record)
        if (closed || tickets.length === 0) return { status: closed ? 'closed' : 'exhausted' }
        const planned = await plan(at, quotas, [])
        if (planned.status === 'limited') return planned
        // Before the hits: where another process was faster, this one leaves none.
        const attemptsLeft = await records.tear(tickets)
        if (attemptsLeft === undefined) return { status: 'exhausted' }
        return { status: 'granted', codeDigest: record.code.digest, attemptsLeft, ...(await take(at, planned)) }
      }),

    close: async (id, { release = [], hit, open = [] } = {}) =>
      step([id], open, release, async (at) => {
        const name = names.record(id)
        const [record] = await records.read([name], at)
        if (record === 'unreadable' || !record) return 'absent'
        if ((await records.state(name, record)).closed) return 'already'
        const planned = await plan(at, [], open)
        if (planned.status === 'limited' || !(await records.close(name, record))) return 'already'
        await hits.forget(release, hit, at)
        await take(at, planned)
        return 'closed'
      }),

    release: async (keys, hit) => step([], [], keys, (at) => hits.forget(keys, hit, at)),
  }
}
