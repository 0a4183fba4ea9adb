import { describe, expect, test } from 'vitest'
import type { SmsMessage } from '../../src/sms/backend.js'
import { type FallbackOrder, fallback } from '../../src/sms/fallback.js'
import { makeLeaf, makeMessage, outcomeOf } from './fallback-leaf.js'

const make = (order: FallbackOrder, names = ['a', 'b', 'c']) => {
  const leaves = new Map(names.map((name) => [name, makeLeaf(name).carrier]))
  const backend = fallback([...leaves.values()], { order, failures: 20 })
  const send = (to = '+33612345678') => outcomeOf(backend.send(makeMessage({ to: to as SmsMessage['to'] })))
  return { leaves, send }
}

describe('weights', () => {
  test('each is first in exactly its share, spread out', async () => {
    const { send } = make({ weights: { a: 5, b: 1, c: 1 } })
    const sent: string[] = []
    for (let index = 0; index < 700; index += 1) sent.push(await send())
    for (let from = 0; from < 700; from += 7) expect(sent.slice(from, from + 7).toSorted()).toEqual(['a', 'a', 'a', 'a', 'a', 'b', 'c'])
  })

  test('weight 0 is asked only after all others', async () => {
    const { leaves, send } = make({ weights: { a: 0, b: 1, c: 3 } })
    for (let index = 0; index < 40; index += 1) expect(['b', 'c']).toContain(await send())
    leaves.get('b')?.fail('unavailable', 1)
    leaves.get('c')?.fail('unavailable', 1)
    expect(await send()).toBe('a')
  })

  test('changing them later changes nothing', async () => {
    const weights = { a: 1, b: 0 }
    const { send } = make({ weights }, ['a', 'b'])
    Object.assign(weights, { a: 0, b: 1 })
    expect(await send()).toBe('a')
  })
})

describe('prefixes', () => {
  const order = { byPrefix: { '+33': ['b', 'a'], '+336': ['c'], '+1': ['b'] } }

  test.each([
    ['+33612345678', 'c'],
    ['+33712345678', 'b'],
    ['+14155552671', 'b'],
    ['+447911123456', 'a'],
  ])('%s goes to %s first: the longest prefix decides, and others go as listed', async (to, name) => {
    expect(await make(order).send(to)).toBe(name)
  })

  test('only those named are asked', async () => {
    const { leaves, send } = make(order)
    leaves.get('b')?.fail('unavailable')
    expect(await send('+33712345678')).toBe('a')
    expect(await send('+14155552671')).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(leaves.get('c')?.calls).toBe(0)
  })
})

describe('a function', () => {
  test('names who is asked, in order; one named twice gets a message once', async () => {
    const { leaves, send } = make(() => ['c', 'a', 'c'])
    leaves.get('c')?.fail('unavailable')
    expect(await send()).toBe('a')
    leaves.get('a')?.fail('unavailable')
    expect(await send()).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(['a', 'b', 'c'].map((name) => leaves.get(name)?.calls)).toEqual([2, 0, 2])
  })

  test.each<[string, () => unknown, string]>([
    ['answers nobody', () => [], 'ERR_PV_SMS_UNAVAILABLE'],
    ['throws', () => JSON.parse('{'), 'ERR_PV_SMS_UNAVAILABLE'],
    ['answers a stranger', () => ['a', 'd'], 'ERR_PV_CONFIGURATION'],
    ['answers no list', () => 'a', 'ERR_PV_CONFIGURATION'],
    ['answers a promise', async () => ['a'], 'ERR_PV_CONFIGURATION'],
  ])('%s: nothing is sent', async (_, order, code) => {
    const { leaves, send } = make(order as () => string[])
    expect(await send()).toBe(code)
    expect([...leaves.values()].map(({ calls }) => calls)).toEqual([0, 0, 0])
  })
})
