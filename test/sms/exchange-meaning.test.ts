import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exchanged } from '../../src/sms/exchange.js'
import { meaningOf } from '../../src/sms/exchange-meaning.js'

test.each<readonly [exchanged: Exchanged, meaning: string, what: string]>([
  [{ outcome: 'unsent', why: 'unreachable' }, 'unavailable', 'could not connect, nothing was sent'],
  [{ outcome: 'unsent', why: 'timeout' }, 'unavailable', 'no answer in time, nothing was sent'],
  [{ outcome: 'unsent', why: 'aborted' }, 'unavailable', 'aborted, nothing was sent'],
  [{ outcome: 'unanswered', why: 'reset' }, 'unknown', 'the connection was lost before the answer'],
  [{ outcome: 'unanswered', why: 'timeout' }, 'unknown', 'no answer in time'],
  [{ outcome: 'unanswered', why: 'aborted' }, 'unknown', 'aborted'],
])('%o is %s', (exchanged, meaning, what) => {
  expect(meaningOf(exchanged)).toEqual({ meaning, what })
})

const answered = (status: number, body?: string): Exchanged => ({ outcome: 'answered', status, headers: { 'x-code': body }, body })

describe('an answer', () => {
  // Only what certainly was not sent may be sent again by another: else a person gets two codes.
  test.each([
    [200, 'unknown'],
    [201, 'unknown'],
    [204, 'unknown'],
    [301, 'unknown'],
    [302, 'unknown'],
    [303, 'unknown'],
    [304, 'unknown'],
    [307, 'unavailable'],
    [308, 'unavailable'],
    [399, 'unknown'],
    [400, 'unavailable'],
    [401, 'unavailable'],
    [404, 'unavailable'],
    [407, 'unavailable'],
    [408, 'unknown'],
    [409, 'unavailable'],
    [429, 'unavailable'],
    [499, 'unavailable'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'unknown'],
    [504, 'unknown'],
    [599, 'unknown'],
    [0, 'unknown'],
  ])('of status %i is %s', (status, meaning) => {
    expect(meaningOf(answered(status))).toEqual({ meaning, what: `status ${status}`, providerCode: `http_${status}` })
  })

  test('says its status and nothing that it held', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, body) => {
        expect(meaningOf(answered(status, body))).toEqual(meaningOf(answered(status)))
      }),
    )
  })
})
