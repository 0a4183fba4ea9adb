import fc from 'fast-check'
import { test } from 'vitest'
import { answersLikeTheReference, onMemory, runs } from './property.js'

test('T-MOD-01: 3 000 sequences of up to 60 calls are answered in full as the reference answers them', { timeout: 120_000 }, async () => {
  await fc.assert(answersLikeTheReference(onMemory), runs(3_000))
})
