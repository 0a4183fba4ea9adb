import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepsEverything, type RedisServer, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { type OpenedStore, openIoredis, openNodeRedis } from './opened-store.js'
import { noViolations, startTraffic, violations } from './traffic.js'
import { until } from './until.js'
import { makeVisits, nameOf, type Visits } from './visits.js'

// T-RPL-04: what an operator may type into a Redis that is in use.
describeWith('T-RPL-04: in the middle of 500 calls', 'redisServer', () => {
  describe.each([
    ['ioredis', openIoredis],
    ['node-redis', openNodeRedis],
  ] as const)('by %s', (_, open) => {
    let server: RedisServer
    let opened: readonly OpenedStore[]
    let processes: readonly Visits[]
    beforeAll(async () => {
      server = await startRedis({ args: keepsEverything })
      opened = [open(server), open(server)]
      processes = opened.map(({ store }) => makeVisits(store))
    }, 30_000)
    afterAll(async () => {
      await Promise.all(opened.map(({ end }) => end()))
      await server.stop()
    })

    const during = async (...command: readonly string[]) => {
      const traffic = startTraffic(processes)
      await until('half of the calls', () => traffic.calls.length >= 250)
      await server.cli(...command)
      await until('all of the calls', () => traffic.calls.length >= 500)
      await traffic.stop()
      const refused = traffic.calls.filter(({ outcome }) => outcome === 'ERR_PV_STORE').length
      return { refused, violations: violations(traffic, processes) }
    }

    test('SCRIPT FLUSH: not one call notices', { timeout: 60_000 }, async () => {
      expect(await during('SCRIPT', 'FLUSH')).toEqual({ refused: 0, violations: noViolations })
    })

    test('CLIENT KILL: nothing is had twice, and the connections come back', { timeout: 60_000 }, async () => {
      const { violations } = await during('CLIENT', 'KILL', 'TYPE', 'normal')
      expect(violations).toEqual(noViolations)
      expect(await processes[0]?.passes()).toBe(true)
    })

    test('FLUSHDB: every code is gone, and none of them opens', { timeout: 60_000 }, async () => {
      const [visits] = processes as [Visits]
      const live = await Promise.all(Array.from({ length: 10 }, () => visits.start()))
      const { refused, violations } = await during('FLUSHDB')
      expect({ refused, violations }).toEqual({ refused: 0, violations: noViolations })
      expect(await Promise.all(live.map((one) => nameOf(visits.guess(one))))).toEqual(Array(10).fill('expired'))
    })
  })
})
