import { randomBytes } from 'node:crypto'
import KeyvPostgres from '@keyv/postgres'
import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { Client } from 'pg'
import { createClient } from 'redis'
import { afterAll, describe, expect, test } from 'vitest'
import { type KeyvLike, keyvStore } from '../../src/store/keyv.js'
import { storeContract } from '../../src/testing/store-contract.js'

const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const postgresUrl = process.env['POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const record = { id: 'id', codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }

/** Every key of this file holds it, and is deleted in the end. */
const run = `keyv-test-${randomBytes(6).toString('hex')}`

const reachable = async (name: string, connect: () => Promise<unknown>): Promise<boolean> => {
  try {
    await connect()
    return true
  } catch {
    if (process.env['CI'] === 'true') throw new Error(`${name} is not reachable, and with CI=true nothing may be skipped`)
    process.stderr.write(`SKIPPED: ${name} is not reachable, so keyvStore is not tested on it\n`)
    return false
  }
}

const redis = createClient({ url: redisUrl, socket: { reconnectStrategy: false } })
redis.on('error', () => {})
const hasRedis = await reachable('Redis', () => redis.connect())

const postgres = new Client({ connectionString: postgresUrl })
const hasPostgres = await reachable('PostgreSQL', () => postgres.connect())
const table = run.replaceAll('-', '_')

const opened: { disconnect(): Promise<unknown> }[] = []
const kept = <K extends { disconnect(): Promise<unknown> }>(keyv: K): K => {
  opened.push(keyv)
  return keyv
}

/** No server listens there, and nothing is tried twice. */
const nobody = { url: 'redis://127.0.0.1:1', socket: { reconnectStrategy: false } } as const

/** One connection of Keyv 5, and one of Keyv 6, each by an adapter of its own. */
const versions: Readonly<Record<string, () => KeyvLike>> = {
  'Keyv 5': () => kept(new Keyv({ store: new KeyvRedis(redisUrl) })),
  'Keyv 6': () => kept(new Keyv6({ store: new KeyvRedis(redisUrl) as never })),
}

afterAll(async () => {
  await Promise.all(opened.map((keyv) => keyv.disconnect()))
  if (hasRedis) {
    for await (const keys of redis.scanIterator({ MATCH: `*${run}*`, COUNT: 1_000 })) if (keys.length > 0) await redis.unlink(keys)
    await redis.close()
  }
  if (hasPostgres) {
    await postgres.query(`DROP TABLE IF EXISTS ${table}`)
    await postgres.end()
  }
})

let stores = 0
const options = () => {
  stores += 1
  return { prefix: `${run}:${stores}:`, deadlineMs: 60_000 }
}

describe.skipIf(!hasRedis)('@keyv/redis', () => {
  for (const [name, makeKeyv] of Object.entries(versions)) {
    const keyv = hasRedis ? makeKeyv() : new Keyv()
    const makeStore = () => {
      let nowMs = Date.now()
      const advance = (ms: number) => {
        nowMs += ms
      }
      return { store: keyvStore(keyv, { ...options(), now: () => nowMs }), advance }
    }
    const unavailable = () => keyvStore(new Keyv({ store: new KeyvRedis(nobody) }))
    storeContract({ test, makeStore, unavailable, group: `${name} on a clock that stands` })
    const reopening = () => {
      const shared = options()
      return { store: keyvStore(keyv, shared), reopen: () => keyvStore(makeKeyv(), shared) }
    }
    storeContract({ test, makeStore: reopening, group: `${name} in real time` })
  }

  test.each(Object.entries(versions))('%s is accepted by the start-up probe, two of them at once', async (_, makeKeyv) => {
    const [one, two] = [keyvStore(makeKeyv(), options()), keyvStore(makeKeyv(), options())]
    await Promise.all([one.check?.(), two.check?.()])
  })

  test('two Keyv objects, as two processes have them: 5 granted, 1 won, in every round', async () => {
    const [one, two] = [versions['Keyv 5']!(), versions['Keyv 6']!()]
    for (let round = 0; round < 10; round++) {
      const shared = options()
      const both = [keyvStore(one, shared), keyvStore(two, shared)]
      const either = (index: number) => both[index % 2]!
      await either(round).open(record, [])
      const guesses = await Promise.all(Array.from({ length: 100 }, (_, index) => either(index).attempt('id', [])))
      expect(guesses.filter(({ status }) => status === 'granted')).toHaveLength(5)
      const closes = await Promise.all(Array.from({ length: 100 }, (_, index) => either(index).close('id')))
      expect(closes.filter((answer) => answer === 'closed')).toHaveLength(1)
    }
  })

  test('every key has a time to live', async () => {
    const own = options()
    const store = keyvStore(versions['Keyv 5']!(), own)
    await store.open(record, [{ key: 'key', max: 5, windowMs: 900_000 }], [{ id: 'shot', ttlMs: 100_000 }])
    const found: string[] = []
    for await (const keys of redis.scanIterator({ MATCH: `*${own.prefix}*`, COUNT: 1_000 })) found.push(...keys)
    expect(found.length).toBe(10)
    for (const key of found) expect(await redis.pTTL(key)).toBeGreaterThan(100_000)
  })
})

describe.skipIf(!hasPostgres)('@keyv/postgres', () => {
  test('is refused within a second, since its delete looks before it deletes', async () => {
    const keyv = kept(new Keyv({ store: new KeyvPostgres({ uri: postgresUrl, table }) }))
    await keyv.get('connected')
    const began = performance.now()
    await expect(keyvStore(keyv).check?.()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringMatching(/^keyv: delete told \d+ of 50 callers/),
    })
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})
