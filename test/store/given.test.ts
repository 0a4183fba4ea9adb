import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distinctKeys, most, span, wellFormed } from '../../src/store/given.js'

const refused = expect.objectContaining({ code: 'ERR_PV_STORE' })

describe('a span of time', () => {
  test.each([
    [0, 0],
    [0.1, 1],
    [1, 1],
    [1_000.5, 1_001],
    [1e13, 1e13],
  ])('%d ms is %d', (ms, whole) => {
    expect(span(ms)).toBe(whole)
  })

  test.each([-1, -0.1, 1e13 + 1, 1e308, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d ms is none', (ms) => {
    expect(() => span(ms)).toThrow(refused)
  })
})

test.each([
  [5, 5],
  [1.9, 1],
  [0.9, 0],
  [0, 0],
  [-1, 0],
  [Number.NaN, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [1e9, 1e9],
  [1e9 + 1, 1e9],
  [Number.POSITIVE_INFINITY, 1e9],
])('a max of %d admits %d', (max, admitted) => {
  expect(most(max)).toBe(admitted)
})

describe('a name', () => {
  test('is as it was, whatever well-formed text it is', () => {
    const names = fc.string({ unit: fc.constantFrom(...'a ~\x01\x7f\x80é\u2028\uffff😀') })
    fc.assert(
      fc.property(names, (name) => {
        expect(wellFormed(name)).toBe(name)
      }),
    )
  })

  test.each(['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800', 'é\ud83d'])('%j is none, and the error does not repeat it', (name) => {
    expect(() => wellFormed(name)).toThrow(refused)
    expect(() => wellFormed(name)).not.toThrow(name)
  })
})

test('each key stands once, in the order given', () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'B', 'é', ''), { maxLength: 12 })
  fc.assert(
    fc.property(keys, (given) => {
      expect(distinctKeys(given.map((key) => ({ key, max: 1, windowMs: 1 })))).toEqual([...new Set(given)])
    }),
  )
})
