import { afterEach, describe, expect, test } from 'vitest'
import type { SmsBackend } from '../../src/sms/backend.js'
import { type FallbackOptions, fallback } from '../../src/sms/fallback.js'

const a: SmsBackend = { name: 'a', send: async () => ({ backend: 'a', messageId: null }) }
const b: SmsBackend = { ...a, name: 'b' }

/** The options that are complained about. */
const faultsOf = (backends: unknown, options: unknown = {}): readonly string[] => {
  try {
    fallback(backends as SmsBackend[], options as FallbackOptions)
    return []
  } catch (error) {
    const { code, problems } = error as { readonly code: string; readonly problems: readonly { readonly option: string }[] }
    expect(code).toBe('ERR_PV_CONFIGURATION')
    return problems.map(({ option }) => option)
  }
}

describe('backends', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no list', a],
    ['an empty list', []],
    ['a hole', new Array(1)],
    ['null', [a, null]],
    ['no name', [{ send: a.send }]],
    ['an empty name', [{ ...a, name: '' }]],
    ['no send', [{ name: 'a' }]],
    ['two of one name', [a, b, { ...b, name: 'a' }]],
    ['one twice', [a, a]],
  ])('%s is refused', (_, backends) => expect(faultsOf(backends)).toEqual(['backends']))

  test('one is enough', () => expect(faultsOf([a])).toEqual([]))

  test('changing the list later changes nothing', async () => {
    const list = [a]
    const backend = fallback(list)
    list.length = 0
    expect(await backend.send({ to: '+33612345678' } as never)).toMatchObject({ backend: 'a' })
  })
})

describe('options', () => {
  test.each<[string, unknown, unknown[], unknown[]]>([
    ['failoverOnUnknown', undefined, [true, false], [1, 'true', null]],
    ['timeoutMs', undefined, [100, 60_000], [99, 60_001, 100.5, Number.NaN, '1000', Number.POSITIVE_INFINITY]],
    ['attemptTimeoutMs', undefined, [50, 60_000], [49, 60_001, null]],
    ['failures', undefined, [1, 20], [0, 21, 1.5, '5']],
    ['coolDownMs', undefined, [1_000, 3_600_000], [999, 3_600_001]],
    ['onFailure', undefined, [() => {}], [true, {}]],
    ['now', undefined, [() => 0], [0]],
    ['order', undefined, ['listed', () => ['a']], ['random', [], null, {}, { weights: {}, byPrefix: {} }, { weights: 1 }, { other: {} }]],
  ])('%s', (option, absent, good, bad) => {
    for (const value of [absent, ...good]) expect(faultsOf([a, b], { [option]: value })).toEqual([])
    for (const value of bad) expect(faultsOf([a, b], { [option]: value })).toEqual([option])
  })

  test('weights', () => {
    const faults = (weights: unknown) => faultsOf([a, b], { order: { weights } })
    for (const weights of [
      { a: 1, b: 1 },
      { a: 0, b: 1_000_000 },
    ])
      expect(faults(weights)).toEqual([])
    const bad = [{ a: 1 }, { a: 1, b: 1, c: 1 }, { a: 1, c: 1 }, { a: 0, b: 0 }, { a: -1, b: 1 }, { a: 0.5, b: 1 }, { a: '1', b: 1 }]
    for (const weights of bad) expect(faults(weights)).toEqual(['order.weights'])
  })

  test('prefixes', () => {
    const faults = (byPrefix: unknown) => faultsOf([a, b], { order: { byPrefix } })
    for (const byPrefix of [{}, { '+33': ['a'] }, { '+1': ['b', 'a'], '+1415': ['a'] }]) expect(faults(byPrefix)).toEqual([])
    const bad = [{ FR: ['a'] }, { '33': ['a'] }, { '+0': ['a'] }, { '+33': [] }, { '+33': 'a' }, { '+33': ['c'] }, { '+33': ['a', 'a'] }]
    for (const byPrefix of bad) expect(faults(byPrefix)).toEqual(['order.byPrefix'])
  })

  test('an unknown one is refused, and all problems are told at once', () => {
    expect(faultsOf([a], { retries: 3 })).toEqual(['retries'])
    expect(faultsOf([], { retries: 3, failures: 0 })).toEqual(['backends', 'retries', 'failures'])
    expect(faultsOf([a], null)).toEqual(['options'])
  })

  describe('a polluted prototype', () => {
    afterEach(() => {
      delete (Object.prototype as { failoverOnUnknown?: boolean }).failoverOnUnknown
    })

    test('opts nobody in', async () => {
      Object.assign(Object.prototype, { failoverOnUnknown: true })
      let asked = 0
      const failing: SmsBackend = { name: 'failing', send: async () => Promise.reject(new Error('x')) }
      const other: SmsBackend = {
        name: 'other',
        async send() {
          asked += 1
          return { backend: 'other', messageId: null }
        },
      }
      const sending = fallback([failing, other]).send({} as never)
      await expect(sending).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN' })
      expect(asked).toBe(0)
    })
  })
})
