import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorkerPool } from '../../fixtures/worker-pool.js'
import { crowdAt } from './crowd.js'
import { cutConnection } from './cut-connection.js'
import { atRandom, frozenStore } from './frozen-store.js'
import { guessRaces } from './guess-races.js'
import type { Place } from './open-store.js'
import { makePlace } from './place.js'
import type { ControlledRace, Field, Race } from './race.js'
import { insideTransaction, rolledBack } from './rolled-back.js'
import { sendRaces } from './send-races.js'

const clients = { redis: ['ioredis 6', 'ioredis 5', 'node-redis 6'], postgres: ['pg'] } as const

/** Races that go the same way on every server, and so on the control too. */
export const crowdRaces: readonly ControlledRace[] = [...guessRaces, ...sendRaces]

/** All races of a server. */
export const racesOn = (server: Place['server']): readonly Race[] => [
  ...crowdRaces,
  frozenStore(atRandom),
  ...clients[server].flatMap((client) => [1, 3].map((guesses) => cutConnection(client, guesses))),
  ...(server === 'postgres' ? [rolledBack, insideTransaction] : []),
]

/** The four processes of a suite, and a place of its own. */
export function raceField(server: Place['server'], url: string, naive = false): () => Field {
  let field: Field
  let stop = async () => {}
  beforeAll(async () => {
    const [pool, own] = await Promise.all([startWorkerPool(), makePlace(server, url, naive)])
    const crowd = crowdAt(pool, own.place)
    field = { pool, own, crowd }
    stop = async () => {
      await crowd.end()
      await Promise.all([pool.stop(), own.dispose()])
    }
  }, 60_000)
  afterAll(() => stop(), 60_000)
  return () => field
}

/** A test for every race, so many rounds of each. */
export function raceTests(field: () => Field, all: readonly Race[], roundsOf: (race: Race) => number): void {
  for (const race of all) {
    const rounds = Math.max(roundsOf(race), race.least ?? 1)
    test(`${race.title} (rounds: ${rounds})`, { timeout: 30_000 + rounds * 10_000 }, async () => {
      const start = performance.now()
      expect(await race.run(field(), rounds)).toEqual([])
      if (process.env['TIMES']) console.log(race.title, `${((rounds * 1_000) / (performance.now() - start)).toFixed(2)} rounds/s`)
    })
  }
}
