import { randomBytes } from 'node:crypto'
import { misconfigured, PhoneVerifyError } from '../errors.js'
import { distinctKeys, most, span, wellFormed } from './given.js'
import { checkRedis } from './redis-check.js'
import { createRunScript, isConnected, isRedisClient, type RedisClient } from './redis-client.js'
import { type Script, scripts } from './redis-scripts.js'
import type { Granted, Limited, OneShot, Quota, Store } from './store.js'

export type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.js'

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /** What every key begins with. Default: `pv:`. Braces are refused: they would choose another slot of a cluster. */
  readonly prefix?: string | undefined
  /**
   * Whether challenges from before a restart or a failover are dead. Default: true. A restart from a snapshot, or the promotion of a replica, would
   * revive used codes. False gives that up, where the server refuses INFO.
   */
  readonly fence?: boolean | undefined
}

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `redisStore: ${message}`)

/** As the scripts read it: all hits of a key, or behind a `=` those of one call. */
const hitsOf = (hit: string | undefined) => (hit === undefined ? '' : `=${hit}`)

/**
 * Keeps everything in Redis 5 or later, for any number of processes. Every verb is one Lua script on the server's clock: one command, one
 * atomic step. Takes an ioredis or a node-redis client, Cluster and Sentinel included; the client stays yours, to connect and to close.
 *
 * `check()` refuses a server that may evict counters (`maxmemory-policy` other than `noeviction`) or is a replica, and warns
 * of one without an append-only file.
 *
 * @returns a store with reach `'shared'`
 * @throws `ERR_PV_CONFIGURATION` when the client or an option is wrong
 * @example
 * ```ts
 * import { Redis } from 'ioredis'
 * import { redisStore } from 'phone-verify/store/redis'
 *
 * export const store = redisStore(new Redis('redis://127.0.0.1:6379'))
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  const { prefix = 'pv:', fence = true }: RedisStoreOptions = Object.assign(Object.create(null), options)
  if (!isRedisClient(client)) throw misconfigured([{ option: 'client', message: 'must be an ioredis or a node-redis client' }])
  if (typeof prefix !== 'string' || !/^[\w:./-]{0,100}$/.test(prefix))
    throw misconfigured([{ option: 'prefix', message: 'must be letters, digits and :._/-' }])
  if (typeof fence !== 'boolean') throw misconfigured([{ option: 'fence', message: 'must be true or false' }])

  const run = createRunScript(client)
  const process = randomBytes(9).toString('base64url')
  let calls = 0
  let answered = false
  const nextCall = () => {
    calls += 1
    return `${process}${calls.toString(36)}`
  }
  const recordKey = (id: string) => `${prefix}c:${wellFormed(id)}`
  const quotaKey = (key: string) => `${prefix}q:${wellFormed(key)}`
  const fenced = fence ? '1' : '0'

  const ask = async (script: Script, keys: string[], values: readonly (string | number)[]) => {
    if (answered && !isConnected(client)) throw fault('Redis is not connected')
    const answer = await run(script, keys, values.map(String))
    answered = true
    return answer
  }

  /** One script of a verb that takes quotas: the names of all keys, and what is asked of them. */
  const askWithQuotas = async (
    script: Script,
    id: string,
    quotas: readonly Quota[],
    also: readonly OneShot[],
    own: readonly (string | number)[],
  ) => {
    const call = nextCall()
    const keys = distinctKeys(quotas)
    const rows = quotas.map(({ key, max, windowMs }) => `${keys.indexOf(key) + 1} ${most(max)} ${span(windowMs)}`)
    const shots = also.map(({ ttlMs }) => span(ttlMs))
    const answer = await ask(
      script,
      [recordKey(id), ...keys.map(quotaKey), ...also.map((shot) => recordKey(shot.id))],
      [call, fenced, keys.length, shots.length, rows.join(' '), ...shots, ...own],
    )
    const granted = (from: number): Granted => ({
      hit: call,
      room: keys.map((key, index) => ({
        key,
        remaining: Number(answer[from + 2 * index]),
        nextInMs: Number(answer[from + 2 * index + 1]),
      })),
    })
    const limited = (): Limited => {
      const key = quotas[Number(answer[1]) - 1]?.key
      if (key === undefined) throw fault('no answer of ours')
      return { status: 'limited', key, retryAfterMs: Number(answer[2]) }
    }
    return { status: String(answer[0]), answer, granted, limited }
  }

  const store: Store = {
    reach: 'shared',

    async check(warn = () => {}) {
      // A start may wait for its connection.
      answered = false
      const someKey = () => recordKey(`{${randomBytes(6).toString('base64url')}}`)
      await checkRedis({ run, someKey, fence }, warn)
      // Whether scripts may write, and how they answer, is seen by writing.
      const id = `{${randomBytes(6).toString('base64url')}}probe`
      const opened = await store.open({ id, codeDigest: id, attempts: 1, ttlMs: 1_000, lifeMs: 1_000 }, [])
      if (opened.status !== 'opened' || (await store.close(id)) !== 'closed') throw fault('a trial record was not kept')
    },

    async open({ id, codeDigest, attempts, ttlMs, lifeMs }, quotas, also = []) {
      const own = [codeDigest, attempts, span(ttlMs), span(lifeMs)]
      const { status, answer, granted, limited } = await askWithQuotas(scripts.open, id, quotas, also, own)
      if (status === 'limited') return limited()
      if (status === 'exists') return { status, expiresInMs: Number(answer[1]), lifeMs: Number(answer[2]) }
      if (status === 'opened') return { status, ...granted(1) }
      throw fault('no answer of ours')
    },

    async renew(id, { codeDigest, ttlMs }, quotas, also = []) {
      const own = codeDigest === undefined ? [span(ttlMs)] : [span(ttlMs), codeDigest]
      const { status, answer, granted, limited } = await askWithQuotas(scripts.renew, id, quotas, also, own)
      if (status === 'limited') return limited()
      if (status === 'renewed') return { status, expiresInMs: Number(answer[1]), ...granted(2) }
      if (status === 'absent' || status === 'closed' || status === 'exhausted') return { status }
      throw fault('no answer of ours')
    },

    async attempt(id, quotas) {
      const { status, answer, granted, limited } = await askWithQuotas(scripts.attempt, id, quotas, [], [])
      if (status === 'limited') return limited()
      if (status === 'granted') return { status, codeDigest: String(answer[1]), attemptsLeft: Number(answer[2]), ...granted(3) }
      if (status === 'absent' || status === 'expired' || status === 'closed' || status === 'exhausted') return { status }
      throw fault('no answer of ours')
    },

    async close(id, { release = [], hit, open = [] } = {}) {
      const [status] = await ask(
        scripts.close,
        [recordKey(id), ...release.map(quotaKey), ...open.map((shot) => recordKey(shot.id))],
        [nextCall(), fenced, hitsOf(hit), release.length, open.length, ...open.map(({ ttlMs }) => span(ttlMs))],
      )
      if (status === 'closed' || status === 'already' || status === 'absent') return status
      throw fault('no answer of ours')
    },

    async release(keys, hit) {
      if (keys.length > 0) await ask(scripts.release, keys.map(quotaKey), [hitsOf(hit)])
    },
  }
  return store
}
