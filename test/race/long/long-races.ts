import { expect, test } from 'vitest'
import { unexplained } from '../processes/histories.js'
import type { Place } from '../processes/open-store.js'
import { raceField, racesOn, raceTests } from '../processes/race-tests.js'

/** Rounds of all races of a server together. */
const total = Number(process.env['RACE_ROUNDS'] ?? 1_000)
const histories = 2 * total

/** All races of a server in full: each gets its share of the rounds. */
export function longRaces(server: Place['server'], url: string): void {
  const races = racesOn(server)
  const shares = races.reduce((sum, { share }) => sum + share, 0)
  const field = raceField(server, url)

  test('the shares are those of a thousand rounds or more', () => {
    expect(shares).toBeGreaterThanOrEqual(1_000)
  })

  raceTests(field, races, ({ share }) => Math.ceil((total * share) / 1_000))

  test(`T-MOD-03: ${histories} histories of four processes have an order that explains them`, { timeout: 1_800_000 }, async () => {
    const { found, overlapping } = await unexplained(field(), histories)
    expect(found).toEqual([])
    expect(overlapping).toBeGreaterThan(histories / 3)
  })
}
