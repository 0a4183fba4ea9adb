import { expect, test } from 'vitest'
import { lazily } from '../../src/http/lazily.js'

test.each([{}, 0, null, undefined])('%j is made when it is asked for, and once', (value) => {
  let times = 0
  const ask = lazily(() => {
    times += 1
    return value
  })
  expect(times).toBe(0)
  expect([ask(), ask(), ask()]).toEqual([value, value, value])
  expect(times).toBe(1)
})

test('what could not be made is tried again', () => {
  let times = 0
  const ask = lazily(() => {
    times += 1
    if (times === 1) throw new Error('not yet')
    return times
  })
  expect(ask).toThrow('not yet')
  expect([ask(), ask()]).toEqual([2, 2])
})
