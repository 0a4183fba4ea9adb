import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { describeWith } from '../fixtures/services.js'
import { behindProxy, frozenStore } from './processes/frozen-store.js'
import { unexplained } from './processes/histories.js'
import { makePlace } from './processes/place.js'
import type { ControlledRace } from './processes/race.js'
import { crowdRaces, raceField } from './processes/race-tests.js'
import { insideTransaction, rolledBack } from './processes/rolled-back.js'

// The same races, processes and servers, and a store that reads, compares and writes. A race that this store wins proves nothing.

const lateMs = 600

function isCaught(field: ReturnType<typeof raceField>, races: readonly ControlledRace[]): void {
  for (const { title, least = 1, control, run } of races)
    test(`is caught: ${title} (rounds: ${least})`, { timeout: 60_000 }, async () => {
      expect((await run(field(), least)).join('\n')).toMatch(control)
    })

  test('is caught: T-MOD-03, histories that no order explains', { timeout: 60_000 }, async () => {
    const { found } = await unexplained(field(), 50)
    expect(found.length).toBeGreaterThan(0)
  })
}

describeWith('GET, compare, SET on Redis', 'redis', ({ redis: url }) => {
  isCaught(raceField('redis', url, true), [...crowdRaces, { ...frozenStore(() => lateMs), least: 1 }])

  test('is caught: T-ATT-10, a plain count that its driver sends again', async () => {
    const { place, dispose } = await makePlace('redis', url)
    const { proxy, far } = await behindProxy(place)
    const [near, distant] = [new Redis(url), new Redis(far.url)]
    distant.on('error', () => {})
    try {
      const key = `${place.space}counter`
      await near.set(key, 5)
      await distant.ping()
      proxy.dropReplies()
      const counted = distant.decr(key)
      while ((await near.get(key)) === '5') await sleep(1)
      proxy.reset()
      proxy.dropReplies(false)
      expect(await counted).toBe(3)
    } finally {
      for (const redis of [near, distant]) redis.disconnect()
      proxy.stop()
      await dispose()
    }
  })
})

describeWith('SELECT, compare, UPDATE on Postgres', 'postgres', ({ postgres: url }) => {
  isCaught(raceField('postgres', url, true), [...crowdRaces, rolledBack, insideTransaction])
})
