import fc from 'fast-check'
import { test } from 'vitest'
import { answersLikeTheReference, onMemory } from '../model/property.js'
import { breaksNothing } from '../model/schedules.js'

test('T-MOD-01: 20 000 sequences of up to 60 calls are answered in full as the reference answers them', {
  timeout: 1_800_000,
}, async () => {
  await fc.assert(answersLikeTheReference(onMemory), { numRuns: 20_000 })
})

test('T-MOD-02, T-RSN-01: 5 000 orders in which the store hears three clients break no promise', { timeout: 1_800_000 }, async () => {
  await fc.assert(breaksNothing, { numRuns: 5_000 })
})
