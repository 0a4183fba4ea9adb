import { describe, expect, test } from 'vitest'
import { challengesPerPhone, cooldownBelowMs, defaultLimits, limitNames } from '../../src/domain/limits.js'

const s = 1_000
const min = 60 * s
const h = 60 * min
const d = 24 * h

// The table of limits in the documentation, as [max, windowMs].
const table: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  sendsPerPhone: [
    [1, 30 * s],
    [2, 90 * s],
    [3, 210 * s],
    [4, 510 * s],
    [5, h],
    [10, d],
  ],
  sendsPerClient: [
    [10, h],
    [50, d],
  ],
  sendsPerPrefix: [[20, h]],
  sendsPerTenant: [
    [200, h],
    [1_000, d],
  ],
  sendsPerSubject: [
    [5, h],
    [10, d],
  ],
  checksPerClient: [[30, 5 * min]],
  failuresPerPhone: [
    [10, 15 * min],
    [20, d],
    [50, 30 * d],
  ],
}

describe('the defaults', () => {
  test('are those of the documentation, and no others', () => {
    const asTable = Object.entries(defaultLimits).map(([name, list]) => [name, list.map(({ max, windowMs }) => [max, windowMs])])
    expect(Object.fromEntries(asTable)).toEqual(table)
    expect([...limitNames].sort()).toEqual(Object.keys(table).sort())
  })

  test('the gaps between the sends of one visit are 30, 60, 120 and 300 seconds', () => {
    const windows = defaultLimits.sendsPerPhone.map(({ windowMs }) => windowMs).filter((windowMs) => windowMs < cooldownBelowMs)
    expect(windows.map((windowMs, at) => (windowMs - (windows[at - 1] ?? 0)) / s)).toEqual([30, 60, 120, 300])
  })

  test('the ledger never admits more than 100 failures in 30 days (NIST SP 800-63B-4 §3.2.2)', () => {
    expect(defaultLimits.failuresPerPhone.some(({ max, windowMs }) => max <= 100 && windowMs >= 30 * d)).toBe(true)
  })

  test('three challenges may be opened for a phone and a purpose in ten minutes', () => {
    expect(challengesPerPhone).toEqual([{ max: 3, windowMs: 10 * min }])
  })
})
