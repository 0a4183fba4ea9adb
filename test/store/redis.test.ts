import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis5'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type RedisClient, type RedisStoreOptions, redisStore } from '../../src/store/redis.js'
import type { Quota } from '../../src/store/store.js'
import { storeContract } from '../../src/testing/store-contract.js'
import { clockedRedis } from '../fixtures/clocked-redis.js'
import { describeWith } from '../fixtures/services.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 60_000, lifeMs: 120_000 }
const quota = (key: string, max = 5, windowMs = 60_000): Quota => ({ key, max, windowMs })
const freshPrefix = () => `pv-test:${randomUUID()}:`

describe('what is given', () => {
  test.each([undefined, null, {}, 'redis://127.0.0.1', { eval() {} }, { evalsha() {} }])('%o is no client', (client) => {
    expect(() => redisStore(client as never)).toThrow(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(/^client: /) }),
    )
  })

  const client = { evalsha: async () => [], eval: async () => [] }
  test.each([
    ['prefix', { prefix: '{a}' }],
    ['prefix', { prefix: 'a b' }],
    ['prefix', { prefix: 1 }],
    ['fence', { fence: 'no' }],
  ])('%s of %o is refused', (option, options) => {
    const problem = { code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(new RegExp(`^${option}: `)) }
    expect(() => redisStore(client, options as RedisStoreOptions)).toThrow(expect.objectContaining(problem))
  })

  test('an option that only a polluted prototype has is not there', () => {
    Object.assign(Object.prototype, { prefix: '{evil}' })
    try {
      expect(() => redisStore(client)).not.toThrow()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'prefix')
    }
  })

  test.each([[['granted']], [['limited', 7, 1]], [[]], [undefined], [['opened?']]])(
    'an answer %o of something else is refused',
    async (answer) => {
      const store = redisStore({ evalsha: async () => answer, eval: async () => answer })
      await expect(store.open({ id: 'a', ...record }, [quota('k')])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    },
  )
})

describe('a client without its server', () => {
  const offline = (state: object) => {
    const evalsha = vi.fn(async () => ['absent'])
    return { evalsha, eval: evalsha, ...state }
  }

  test('is asked while it connects for the first time, and refused once it has lost its server', async () => {
    const client = offline({ status: 'connecting' })
    const store = redisStore(client)
    expect(await store.close('a')).toBe('absent')
    client.evalsha.mockClear()
    await expect(store.close('a')).rejects.toMatchObject({ code: 'ERR_PV_STORE', message: 'redisStore: Redis is not connected' })
    expect(client.evalsha).not.toHaveBeenCalled()
  })

  test.each([{ status: 'ready' }, { status: 'wait' }, { isReady: true }, {}])('%o is no such client', async (state) => {
    const store = redisStore(offline(state))
    await store.close('a')
    expect(await store.close('a')).toBe('absent')
  })
})

describeWith('on Redis', 'redis', ({ redis: url }) => {
  const redis = new Redis(url)
  const redis5 = new Redis5(url)
  const node = createClient({ url })
  const node5 = createClient5({ url })
  const prefix = freshPrefix()

  beforeAll(() => Promise.all([node.connect(), node5.connect()]))
  afterAll(async () => {
    const keys = await redis.keys(`${prefix}*`)
    if (keys.length > 0) await redis.unlink(...keys)
    await Promise.all([redis.quit(), redis5.quit(), node.close(), node5.close()])
  })

  const standing = async () => {
    const { client, advance, dispose } = await clockedRedis(redis)
    return { store: redisStore(client), advance, dispose, reopen: () => redisStore(client) }
  }
  const gone = () => {
    const client = new Redis({ port: 1, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
    client.on('error', () => {})
    return redisStore(client)
  }
  storeContract({ test, group: 'on a clock that stands', makeStore: standing, unavailable: gone })

  const clients: Readonly<Record<string, RedisClient>> = {
    'ioredis 6': redis,
    'ioredis 5': redis5,
    'node-redis 6': node,
    'node-redis 5': node5,
  }
  for (const [name, client] of Object.entries(clients)) {
    storeContract({ test, group: `${name} in real time`, makeStore: () => ({ store: redisStore(client, { prefix }) }) })
    test(`${name}: the start-up checks pass, and say that nothing is kept on disk`, async () => {
      const warn = vi.fn()
      await redisStore(client, { prefix }).check?.(warn)
      const persistent = (await redis.info('persistence')).includes('aof_enabled:1')
      expect(warn.mock.calls).toEqual(persistent ? [] : [['store_not_persistent']])
    })
  }

  test('every key has a time to live (T-TTL-05)', async () => {
    const own = freshPrefix()
    const store = redisStore(redis, { prefix: own })
    const also = [{ id: '{t}shot', ttlMs: 60_000 }]
    const opened = await store.open({ id: '{t}id', ...record }, [quota('{t}a'), quota('{t}b', 10, 3_600_000), quota('{t}b')], also)
    await store.renew('{t}id', { ttlMs: 60_000, codeDigest: 'other' }, [quota('{t}a')])
    await store.attempt('{t}id', [quota('{t}c')])
    await store.close('{t}id', { release: ['{t}a'], ...('hit' in opened && { hit: opened.hit }), open: [{ id: '{t}proof', ttlMs: 1_000 }] })
    const keys = await redis.keys(`${own}*`)
    const left = await Promise.all(keys.map((key) => redis.pttl(key)))
    expect(keys).toHaveLength(6)
    expect(Math.min(...left)).toBeGreaterThan(0)
    expect(Math.max(...left)).toBeLessThanOrEqual(3_600_000)
    await redis.unlink(...keys)
  })

  describe('a script that a client sends twice', () => {
    /** ioredis sends again what was under way when its connection broke. */
    const stuttering = (client: Redis) => ({
      async evalsha(sha: string, count: number, ...rest: string[]) {
        await client.evalsha(sha, count, ...rest)
        return client.evalsha(sha, count, ...rest)
      },
      async eval(script: string, count: number, ...rest: string[]) {
        await client.eval(script, count, ...rest)
        return client.eval(script, count, ...rest)
      },
    })
    const store = redisStore(stuttering(redis), { prefix })
    const id = () => `{s}${randomUUID()}`

    test('opens once, takes one hit and says that it opened', async () => {
      const [challenge, key] = [id(), id()]
      const opened = await store.open({ id: challenge, ...record }, [quota(key, 2)])
      expect(opened).toMatchObject({ status: 'opened', room: [{ remaining: 1 }] })
      expect(await store.open({ id: challenge, ...record }, [])).toMatchObject({ status: 'exists' })
    })

    test('spends one attempt and one hit, and reveals', async () => {
      const [challenge, key] = [id(), id()]
      await store.open({ id: challenge, ...record, attempts: 2 }, [])
      const quotas = [quota(key, 2)]
      expect(await store.attempt(challenge, quotas)).toMatchObject({ status: 'granted', attemptsLeft: 1, room: [{ remaining: 1 }] })
      expect(await store.attempt(challenge, quotas)).toMatchObject({ status: 'granted', attemptsLeft: 0, room: [{ remaining: 0 }] })
      expect(await store.attempt(challenge, quotas)).toEqual({ status: 'exhausted' })
    })

    test('renews with one hit', async () => {
      const [challenge, key] = [id(), id()]
      await store.open({ id: challenge, ...record }, [])
      expect(await store.renew(challenge, { ttlMs: 1_000 }, [quota(key, 1)])).toMatchObject({ status: 'renewed', room: [{ remaining: 0 }] })
      expect(await store.renew(challenge, { ttlMs: 1_000 }, [quota(key, 1)])).toMatchObject({ status: 'limited' })
    })

    test('closes, and is the one that closed', async () => {
      const challenge = id()
      await store.open({ id: challenge, ...record }, [])
      expect(await store.close(challenge)).toBe('closed')
      expect(await store.close(challenge)).toBe('already')
    })
  })

  describe('a record that something else wrote into', () => {
    const store = redisStore(redis, { prefix })
    const opened = async () => {
      const id = `{j}${randomUUID()}`
      await store.open({ id, ...record }, [])
      return { id, key: `${prefix}c:${id}` }
    }

    test.each(['', 'x', '-1', '0', 'nan', 'inf', '-inf', '1e308', '101', '0.5'])(
      'with %o attempts is exhausted (T-ATT-12)',
      async (attempts) => {
        const { id, key } = await opened()
        await redis.hset(key, 'n', attempts)
        expect(await store.attempt(id, [])).toEqual({ status: 'exhausted' })
      },
    )

    test('without attempts is exhausted', async () => {
      const { id, key } = await opened()
      await redis.hdel(key, 'n')
      expect(await store.attempt(id, [])).toEqual({ status: 'exhausted' })
    })

    test.each(['e', 'z', 'r'])('whose field %s is no more what it was grants nothing', async (field) => {
      for (const junk of ['', 'nan', 'x', '-inf']) {
        const { id, key } = await opened()
        await redis.hset(key, field, junk)
        expect((await store.attempt(id, [])).status).toMatch(/^(absent|expired)$/)
      }
    })

    test('of another kind makes every verb reject', async () => {
      const { id, key } = await opened()
      await redis.del(key)
      await redis.set(key, 'a string')
      await expect(store.attempt(id, [])).rejects.toThrow()
      await expect(store.close(id)).rejects.toThrow()
    })
  })

  test('a challenge from before a restart or a failover is dead, and its quotas are not (finding 4)', async () => {
    const store = redisStore(redis, { prefix })
    const [id, key, proof] = [`{f}${randomUUID()}`, `{f}${randomUUID()}`, `{f}${randomUUID()}`]
    await store.open({ id, ...record }, [quota(key, 1)], [{ id: proof, ttlMs: 60_000 }])
    for (const one of [id, proof]) await redis.hset(`${prefix}c:${one}`, 'r', '0123456789ab')
    expect(await store.attempt(id, [])).toEqual({ status: 'absent' })
    expect(await store.renew(id, { ttlMs: 1_000 }, [])).toEqual({ status: 'absent' })
    expect([await store.close(id), await store.close(proof)]).toEqual(['absent', 'absent'])
    expect(await store.open({ id: `${id}2`, ...record }, [quota(key, 1)])).toMatchObject({ status: 'limited' })
  })

  test('a server that forgot its scripts is told them again (T-RPL-04)', async () => {
    const store = redisStore(redis, { prefix })
    const id = `{n}${randomUUID()}`
    await redis.script('FLUSH')
    await expect(store.open({ id, ...record }, [])).resolves.toMatchObject({ status: 'opened' })
    await redis.script('FLUSH')
    await expect(store.attempt(id, [])).resolves.toMatchObject({ status: 'granted' })
  })

  test.each(['\ud800', 'a\0b'])('the id %j, which could become another on the way, is refused', async (id) => {
    const store = redisStore(redis, { prefix })
    await expect(store.open({ id, ...record }, [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    await expect(store.attempt('a', [quota(id)])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
  })
})
