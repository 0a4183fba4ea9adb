import { Redis } from 'ioredis'
import { type RedisClient, redisStore } from 'phone-verify/store/redis'
import { createClient } from 'redis'
import { afterAll, expect, test } from 'vitest'
import { keepsEverything, type RedisServer, startRedis } from '../fixtures/redis-server.js'
import { unlimited } from '../fixtures/rig.js'
import { describeWith } from '../fixtures/services.js'
import { openIoredis } from './opened-store.js'
import { makeVisits, nameOf, nextPhone, purpose } from './visits.js'

const warningsOf = ({ events }: ReturnType<typeof makeVisits>) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.warning] : []))

// T-STO-03: a Redis that is not what it should be.
describeWith('T-STO-03: a Redis that is set up otherwise', 'redisServer', () => {
  const stops: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  const start = async (...args: readonly string[]) => {
    const server = await startRedis({ args })
    stops.push(server.stop)
    return server
  }
  const visitsOn = (server: RedisServer, options = {}) => {
    const { store, end } = openIoredis(server, options)
    stops.push(end)
    return makeVisits(store)
  }
  const refused = async (visits: ReturnType<typeof makeVisits>, code: string) => {
    expect(await nameOf(visits.verifier.sendCode({ phone: nextPhone(), purpose }))).toBe(code)
    expect(visits.messages).toEqual([])
  }

  test('one that may evict counters is refused, by name of the setting', async () => {
    const visits = visitsOn(await start('--maxmemory-policy', 'allkeys-lru', '--maxmemory', '64mb'))
    const problem = { code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(/^store: .*maxmemory-policy is allkeys-lru/) }
    await expect(visits.verifier.ready()).rejects.toMatchObject(problem)
    await refused(visits, 'ERR_PV_CONFIGURATION')
  })

  test.each([
    ['without an append-only file is warned of', [], ['store_not_persistent']],
    ['with one is not', keepsEverything, []],
  ])('one %s', async (_, args, warnings) => {
    const visits = visitsOn(await start(...args))
    await visits.verifier.ready()
    expect(warningsOf(visits)).toEqual(warnings)
    expect(await visits.passes()).toBe(true)
  })

  test('a replica is refused at the start; a master that becomes one allows nothing', async () => {
    const [master, other] = [await start(), await start()]
    const before = visitsOn(other)
    const challenge = await before.start()
    const sms = before.messages.length
    await other.cli('REPLICAOF', '127.0.0.1', `${master.port}`)
    const replica = visitsOn(other)
    await expect(replica.verifier.ready()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringContaining('replica'),
    })
    await refused(replica, 'ERR_PV_CONFIGURATION')
    expect(await nameOf(before.verifier.sendCode({ phone: nextPhone(), purpose }))).toBe('ERR_PV_STORE')
    expect(before.messages).toHaveLength(sms)
    expect(await nameOf(before.guess(challenge))).not.toBe('ok')
  })

  test('a user without INFO is refused with the fence, and warned of without it', async () => {
    const server = await start(...keepsEverything)
    await server.cli('ACL', 'SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-info')
    for (const connect of [
      async () => {
        const client = new Redis({ port: server.port, username: 'app', password: 'any' })
        client.on('error', () => {})
        stops.push(async () => client.disconnect())
        return client
      },
      async () => {
        const client = createClient({ url: server.url, username: 'app', password: 'any' })
        client.on('error', () => {})
        stops.push(async () => client.destroy())
        return await client.connect()
      },
    ]) {
      const client: RedisClient = await connect()
      const visits = makeVisits(redisStore(client))
      await expect(visits.verifier.ready()).rejects.toMatchObject({
        code: 'ERR_PV_CONFIGURATION',
        message: expect.stringContaining('fence'),
      })
      await refused(visits, 'ERR_PV_CONFIGURATION')
      const open = makeVisits(redisStore(client, { fence: false }))
      await open.verifier.ready()
      expect(warningsOf(open)).toEqual(['store_unfenced'])
      expect(await open.passes()).toBe(true)
    }
  })

  test('one that is full allows nothing, and leaves nothing half written (T-STO-04)', { timeout: 60_000 }, async () => {
    const server = await start('--maxmemory', '4mb')
    const { store, end } = openIoredis(server, { prefix: 'own:' })
    stops.push(end)
    const visits = makeVisits(store, { limits: { ...unlimited, sendsPerPhone: [{ max: 5, windowMs: 3_600_000 }] } })
    const [guessed, right] = [await visits.start(), await visits.start()]
    // Filled in small steps, so that the edge is met between two writes of one script, if it can be.
    const filler = openIoredis(server)
    stops.push(filler.end)
    // What the start-up checks tried is over in a second.
    const kept = async () => ((await server.cli('KEYS', 'own:*')) as string[]).filter((name) => !name.endsWith('probe')).sort()
    let refusals = 0
    for (let turn = 0; refusals < 20; turn++) {
      if (turn > 20_000) throw new Error('Redis was never full')
      await server.cli('SET', `junk${turn}`, 'x'.repeat(refusals === 0 ? 20_000 : 1_000)).catch(() => {})
      const [sms, keys] = [visits.messages.length, await kept()]
      const outcome = await nameOf(visits.verifier.sendCode({ phone: nextPhone(), purpose }))
      if (outcome === 'ok') continue
      expect(outcome).toBe('ERR_PV_STORE')
      refusals += 1
      expect(visits.messages).toHaveLength(sms)
      expect(await kept()).toEqual(keys)
    }
    // At the edge one call may pass and the next may not; now none.
    await server.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    expect(await nameOf(visits.guessWrong(guessed))).toBe('ERR_PV_STORE')
    expect(await nameOf(visits.guess(right))).toBe('ERR_PV_STORE')
    // Every send has left its challenge beside its hits of two limits, and the probe had none.
    const names = await kept()
    const records = names.filter((name) => name.startsWith('own:c:')).length
    expect(records).toBeGreaterThan(2)
    expect(names).toHaveLength(3 * records)
    await server.cli('CONFIG', 'SET', 'maxmemory', '0')
    expect(await visits.guessWrong(guessed)).toMatchObject({ reason: 'incorrect_code', attemptsLeft: 4 })
    expect(await nameOf(visits.guess(right))).toBe('ok')
  })
})
