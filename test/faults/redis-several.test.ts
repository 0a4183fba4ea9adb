import { Cluster, Redis } from 'ioredis'
import { type RedisClient, redisStore } from 'phone-verify/store/redis'
import { createCluster } from 'redis'
import { afterAll, expect, test } from 'vitest'
import { type RedisCluster, startRedisCluster } from '../fixtures/redis-cluster.js'
import { startRedisSentinel } from '../fixtures/redis-sentinel.js'
import { replicaOf, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { until } from './until.js'
import { makeVisits, nameOf, nextPhone, purpose } from './visits.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 60_000, lifeMs: 120_000 }

describeWith('T-STO-03: Redis of several servers', 'redisServer', () => {
  const stops: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  const start = async (...args: readonly string[]) => {
    const server = await startRedis({ args })
    stops.push(server.stop)
    return server
  }

  test('a cluster of three masters: the whole flow, moved slots, and ids of two slots', { timeout: 60_000 }, async () => {
    const cluster: RedisCluster = await startRedisCluster()
    stops.push(cluster.stop)
    const rootNodes = cluster.nodes.map(({ url }) => ({ url }))
    const ioredis = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
    const node = createCluster({ rootNodes })
    ioredis.on('error', () => {})
    node.on('error', () => {})
    await node.connect()
    stops.push(
      async () => ioredis.disconnect(),
      async () => node.destroy(),
    )

    for (const [index, client] of ([ioredis, node] as RedisClient[]).entries()) {
      const store = redisStore(client)
      const visits = makeVisits(store, { tenants: () => ({}) })
      await visits.verifier.ready()
      // Each tenant's keys have a slot of their own.
      for (let tenant = 0; tenant < 12; tenant++) {
        const [phone, asked] = [nextPhone(), { purpose, tenant: `t${tenant}` }]
        const sent = await visits.verifier.sendCode({ phone, ...asked })
        if (!sent.ok) throw new Error(sent.reason)
        const code = visits.codeOf(phone)
        const verified = await visits.verifier.verifyCode({ sessionToken: sent.sessionToken, code, ...asked })
        expect(await nameOf(visits.verifier.redeemProof({ proof: verified.ok && verified.proof, ...asked }))).toBe('ok')
      }
      const sizes = await Promise.all(cluster.nodes.map((one) => one.cli('DBSIZE')))
      expect(Math.min(...sizes.map(Number))).toBeGreaterThan(0)

      // The client still thinks that the slot is where it was: Redis answers MOVED, and the call is made there.
      const tag = `{moved${index}}`
      const slot = String(await cluster.nodes[0]?.cli('CLUSTER', 'KEYSLOT', tag))
      const id = String(await cluster.nodes[0]?.cli('CLUSTER', 'MYID'))
      const last = String(await cluster.nodes[2]?.cli('CLUSTER', 'MYID'))
      const to = Number(slot) < 16_384 / 3 ? last : id
      for (const one of cluster.nodes) await one.cli('CLUSTER', 'SETSLOT', slot, 'NODE', to)
      expect(await store.open({ id: `${tag}a`, ...record }, [])).toMatchObject({ status: 'opened' })
      expect(await store.attempt(`${tag}a`, [])).toMatchObject({ status: 'granted', attemptsLeft: 4 })

      await expect(store.open({ id: '{a}1', ...record }, [{ key: '{b}1', max: 1, windowMs: 1_000 }])).rejects.toThrow()
      expect(await store.attempt('{a}1', [])).toEqual({ status: 'absent' })
    }
  })

  test('a failover by a sentinel: nothing is allowed meanwhile, old codes are dead, and it goes on', { timeout: 60_000 }, async () => {
    const master = await start()
    const replica = await start(...replicaOf(master.port))
    await until('the replica is in step', async () => String(await replica.cli('INFO', 'replication')).includes('master_link_status:up'))
    const sentinel = await startRedisSentinel(master)
    stops.push(sentinel.stop)
    await until('the sentinel knows the replica', async () => String(await sentinel.cli('INFO', 'sentinel')).includes('slaves=1'))
    const client = new Redis({ sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main', sentinelRetryStrategy: () => 100 })
    client.on('error', () => {})
    stops.push(async () => client.disconnect())
    const visits = makeVisits(redisStore(client))
    const [challenge, consumed] = [await visits.start(), await visits.start()]
    expect(await nameOf(visits.guess(consumed))).toBe('ok')

    await master.kill()
    const sms = visits.messages.length
    expect(await nameOf(visits.verifier.sendCode({ phone: nextPhone(), purpose }))).toBe('ERR_PV_STORE')
    expect(visits.messages).toHaveLength(sms)
    const tookMs = await until('the flow passes again', () => visits.passes(), 30_000)
    console.info(`sentinel: in use again after ${Math.round(tookMs)} ms`)
    expect(await nameOf(visits.guess(challenge))).toBe('expired')
    expect(await nameOf(visits.guess(consumed))).toBe('expired')
  })
})
