import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyvNames } from '../../src/store/keyv-names.js'

const names = createKeyvNames('pv:')

test('records and quotas have the names that every version gives them', () => {
  // SHA-256 of UTF-16, little end first: what servers that run already have written.
  const hashed = createHash('sha256').update('a\0').digest('hex')
  expect([names.record('a'), names.quota('a')]).toEqual([`pv:r:${hashed}`, `pv:q:${hashed}`])
})

test('no two texts have one name, and every name has one form', () => {
  // Halves of surrogate pairs too: as UTF-8 all of them would be one.
  const texts = fc.string({ unit: fc.constantFrom('a', 'A', 'é', 'e\u0301', '\ud800', '\ud801', '\udc00', '\0', ' '), maxLength: 6 })
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(names.record(one)).toMatch(/^pv:r:[\da-f]{64}$/)
      expect(names.record(one) === names.record(other)).toBe(one === other)
      expect(names.record(one)).not.toBe(names.quota(one))
    }),
    { numRuns: 1_000 },
  )
})

test('probes and calls are named once, also by another adapter of the same prefix', () => {
  const other = createKeyvNames('pv:')
  const given = Array.from({ length: 1_000 }, () => [names.probe(), names.call(), other.probe(), other.call()]).flat()
  expect(new Set(given).size).toBe(4_000)
})
