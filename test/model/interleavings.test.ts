import fc from 'fast-check'
import { expect, test } from 'vitest'
import { naiveStore } from '../fixtures/naive-store.js'
import { runs } from './property.js'
import { breaksNothing, invariants, play, schedules } from './schedules.js'

test('T-MOD-02, T-RSN-01: no order in which the store hears three clients breaks a promise', { timeout: 120_000 }, async () => {
  await fc.assert(breaksNothing, runs(1_000))
})

test('control: a store that reads, compares and writes breaks every one of them under such schedules', { timeout: 120_000 }, async () => {
  const broken = new Set<string>()
  const someHold = fc.asyncProperty(schedules, async (schedule) => {
    const now = await play(schedule, (clock, pause) => naiveStore({ now: clock, roundTrip: pause }))
    for (const invariant of now) broken.add(invariant)
    return broken.size < invariants.length
  })
  await fc.check(someHold, { numRuns: 5_000, endOnFailure: true })
  expect([...broken].sort()).toEqual([...invariants].sort())
})
