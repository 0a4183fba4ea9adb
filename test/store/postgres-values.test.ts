import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hitValues, lockValues, nameList, quotaValues, shotValues } from '../../src/store/postgres-values.js'

// The one who reads what is written here.
let postgres: PGlite
beforeAll(async () => {
  postgres = new PGlite()
  await postgres.waitReady
}, 60_000)
afterAll(() => postgres.close())

const readAs = async (type: string, text: string): Promise<unknown> =>
  (await postgres.query<{ read: unknown }>(`select $1::text::${type} as read`, [text])).rows[0]?.read

test('Postgres reads every list of names as it was', async () => {
  const letters = fc.constantFrom(...'ab{}",\\ \n\té😀', 'NULL', '""', '{}')
  const names = fc.array(fc.string({ unit: letters, maxLength: 8 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(names, async (given) => {
      expect(await readAs('text[]', nameList(given))).toEqual(given)
    }),
  )
})

test('of each quota the number of its key, from 1, what it admits and its window', async () => {
  const quotas = [
    { key: 'b', max: 5, windowMs: 60_000 },
    { key: 'a', max: 1.9, windowMs: 0.5 },
    { key: 'b', max: Number.POSITIVE_INFINITY, windowMs: 1e13 },
  ]
  const [keys, values] = quotaValues(['b', 'a'], quotas)
  expect(await readAs('text[]', keys)).toEqual(['b', 'a'])
  expect(await readAs('float8[]', values)).toEqual([1, 5, 60_000, 2, 1, 1, 1, 1e9, 1e13])
})

test('of each one-shot its id and its life', async () => {
  const [ids, ttls] = shotValues([
    { id: 'a', ttlMs: 1.5 },
    { id: 'b', ttlMs: 0 },
  ])
  expect([await readAs('text[]', ids), await readAs('float8[]', ttls)]).toEqual([
    ['a', 'b'],
    [2, 0],
  ])
})

test.each<readonly [hit: string | undefined, call: string | null, since: string | null]>([
  [undefined, null, null],
  ['1767225600000:call', 'call', '1767225600000'],
  ['0:', '', '0'],
  ['1:a:b\nc', 'a:b\nc', '1'],
  ['', '', '0'],
  ['call', '', '0'],
  ['-1:call', '', '0'],
  ['1e3:call', '', '0'],
  [`${'9'.repeat(16)}:call`, '', '0'],
  ['1; drop table x:call', '', '0'],
])('the hit %j is of the call %j, since %j', (hit, call, since) => {
  expect(hitValues(hit)).toEqual([call, since])
})

describe('what a call locks', () => {
  const numbers = (text: string) => text.slice(1, -1).split(',').filter(Boolean).map(Number)

  // Servers of two versions lock the same rows while one takes the place of the other: these numbers never change.
  test('is numbered alike by every version', () => {
    expect(lockValues(['challenge'], ['quota'])).toBe('{2881218937579456,4916474264146422}')
    expect(lockValues([''], ['é😀'])).toBe('{1943248999338635,7956228673112545}')
  })

  test('has one order and stands once, whatever the order it is named in', () => {
    const names = fc.array(fc.string({ unit: fc.constantFrom(...'abAé😀 '), maxLength: 4 }), { maxLength: 6 })
    fc.assert(
      fc.property(names, names, (ids, keys) => {
        const locked = numbers(lockValues(ids, keys))
        expect(lockValues([...ids, ...ids].reverse(), [...keys].reverse())).toBe(lockValues(ids, keys))
        expect(locked).toEqual([...new Set(locked)].sort((a, b) => a - b))
        // A record and a quota key may share a number, and then only wait for each other.
        expect(numbers(lockValues(ids, []))).toHaveLength(new Set(ids).size)
        expect(numbers(lockValues([], keys))).toHaveLength(new Set(keys).size)
        expect(locked.every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true)
      }),
    )
  })

  test('a record and a quota key of one name are two', () => {
    expect(numbers(lockValues(['a'], ['a']))).toHaveLength(2)
  })
})
