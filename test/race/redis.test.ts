import { expect, test } from 'vitest'
import { describeWith } from '../fixtures/services.js'
import { unexplained } from './processes/histories.js'
import { raceField, racesOn, raceTests } from './processes/race-tests.js'

// Four processes with 250 calls in flight each, on one Redis. The full counts are in test:races.
describeWith('on Redis', 'redis', ({ redis: url }) => {
  const field = raceField('redis', url)
  raceTests(field, racesOn('redis'), () => 2)

  test('T-MOD-03: 150 histories of four processes have an order that explains them', { timeout: 60_000 }, async () => {
    const { found, overlapping } = await unexplained(field(), 150)
    expect(found).toEqual([])
    expect(overlapping).toBeGreaterThan(50)
  })
})
