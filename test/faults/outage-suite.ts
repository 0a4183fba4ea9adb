import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../fixtures/postgres-server.js'
import { keepsEverything, startRedis } from '../fixtures/redis-server.js'
import { describeWith } from '../fixtures/services.js'
import { startTcpProxy, type TcpProxy } from '../fixtures/tcp-proxy.js'
import { installSchema, type OpenedStore, openIoredis, openNodeRedis, openPostgres, type Place } from './opened-store.js'
import { failedClosed, outage } from './outage.js'
import { type Deadlines, latestBy, noViolations, startTraffic, violations } from './traffic.js'
import { until } from './until.js'
import { makeVisits } from './visits.js'

interface Server extends Place {
  kill(): Promise<void>
  restart(): Promise<void>
  pause(): unknown
  resume(): unknown
  stop(): Promise<void>
}

const stores = [
  ['ioredis', 'redisServer', openIoredis],
  ['node-redis', 'redisServer', openNodeRedis],
  ['pg', 'postgresServer', openPostgres],
] as const

const startServer = async (name: string): Promise<Server> => {
  if (name !== 'pg') return startRedis({ args: keepsEverything })
  const server = await startPostgres()
  await installSchema(server)
  return server
}

export interface OutageCounts {
  readonly pausedMs: number
  readonly calls: number
  /** Shorter ones show the same sooner. */
  readonly deadlines?: Deadlines
}

/** T-STO-01: a store that is away allows nothing, holds nobody up and is used again at once when it is back. */
export const outageSuite = ({ pausedMs, calls, deadlines }: OutageCounts) => {
  for (const [name, service, open] of stores) {
    describeWith(`T-STO-01: a store that is away, by ${name}`, service, () => {
      let server: Server
      let proxy: TcpProxy
      const opened: OpenedStore[] = []
      const openStore = () => {
        const one = open(proxy)
        opened.push(one)
        return one.store
      }
      beforeAll(async () => {
        server = await startServer(name)
        proxy = await startTcpProxy(server)
      }, 60_000)
      afterAll(async () => {
        await Promise.all(opened.map(({ end }) => end().catch(() => {})))
        proxy.stop()
        await server.stop()
      })

      const faults = {
        'not there at the start': {
          options: { fromTheStart: true, awayMs: 300 },
          fault: { away: () => proxy.refuse(), back: () => proxy.accept() },
        },
        'stopped at the start': {
          options: { fromTheStart: true, awayMs: 300 },
          fault: { away: () => server.pause(), back: () => server.resume() },
        },
        killed: { options: { awayMs: 300 }, fault: { away: () => server.kill(), back: () => server.restart() } },
        stopped: { options: { awayMs: pausedMs }, fault: { away: () => server.pause(), back: () => server.resume() } },
      }
      test.each(Object.entries(faults))(
        '%s: nothing is allowed, nobody waits, and it comes back',
        { timeout: 90_000 },
        async (what, given) => {
          const found = await outage(openStore(), given.fault, { ...given.options, ...(deadlines && { deadlines }) })
          const { recoveryMs, latestByMs, refusedCalls } = found
          console.info(`${name} ${what}: ${refusedCalls} calls refused, recovered in ${recoveryMs} ms, latest by ${latestByMs} ms`)
          expect(found).toMatchObject(failedClosed)
          expect(refusedCalls).toBeGreaterThan(0)
          expect(recoveryMs).toBeLessThanOrEqual(2_000)
        },
      )

      const bad = {
        '300 ms slower': { enough: calls / 5, begin: () => proxy.latency(150), each: () => {} },
        'losing one connection in a hundred calls': {
          enough: calls,
          begin: () => {},
          each: (count: number) => {
            if (count % 100 === 50) proxy.cutAfter(1 + Math.floor(Math.random() * 500), count % 200 === 50 ? 'requests' : 'replies')
          },
        },
      }
      test.each(Object.entries(bad))('%s: nothing is had twice', { timeout: 120_000 }, async (what, { enough, begin, each }) => {
        const processes = [makeVisits(openStore()), makeVisits(openStore())]
        await Promise.all(processes.map(({ verifier }) => verifier.ready()))
        begin()
        const traffic = startTraffic(processes, 20)
        let seen = 0
        await until(
          'enough calls',
          () => {
            while (seen < traffic.calls.length) each(seen++)
            return seen >= enough
          },
          100_000,
        )
        await traffic.stop()
        proxy.latency(0)
        const failed = traffic.calls.filter(({ outcome }) => outcome === 'ERR_PV_STORE').length
        console.info(`${name} ${what}: ${traffic.calls.length} calls, ${failed} refused, latest by ${latestBy(traffic.calls)} ms`)
        expect(violations(traffic, processes)).toEqual(noViolations)
        expect(traffic.visits.filter(({ redeems }) => redeems === 1).length).toBeGreaterThan(10)
        expect(await processes[0]?.passes()).toBe(true)
      })

      test('whose answers are lost: no SMS leaves for what may have been recorded (T-STO-02)', { timeout: 30_000 }, async () => {
        const visits = makeVisits(openStore())
        await visits.verifier.ready()
        const [guessed, right] = [await visits.start(), await visits.start()]
        const before = visits.messages.length
        proxy.dropReplies()
        // The first, alone, takes a connection that is there: a new one would never come to be.
        const guesses = [visits.guessWrong(guessed), visits.guess(right), ...Array.from({ length: 5 }, () => visits.start())]
        const settled = await Promise.allSettled(guesses)
        proxy.dropReplies(false)
        // The stream has a hole: what lost it must be told, as a network does sooner or later.
        proxy.reset()
        const codes = settled.map((one) => one.status === 'rejected' && one.reason.code)
        expect(codes).toEqual(Array(7).fill('ERR_PV_STORE'))
        expect(visits.messages.length).toBe(before)
        await until('the store works again', () => visits.passes(), 5_000)
        // The lost guess was counted: the server had the request.
        expect(await visits.guessWrong(guessed)).toMatchObject({ reason: 'incorrect_code', attemptsLeft: 3 })
      })
    })
  }
}
