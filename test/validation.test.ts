import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as validation from '../src/validation.js'

const declared = new Set(['login', 'password_reset', 'delivery_pin'])

/** What is wrong with these terms, as `option: message` lines. */
function problemsOf(terms: object): readonly string[] {
  const inspection = validation.createInspection()
  validation.inspectTerms(terms as Readonly<Record<string, unknown>>, declared, inspection)
  return inspection.problems.map(({ option, message }) => `${option}: ${message}`)
}

const day = 86_400_000
const named = (value: unknown) => [inspect(value, { breakLength: Number.POSITIVE_INFINITY }).slice(0, 60), value] as const

describe('an inspection', () => {
  test('collects what does not hold, in order, and lets what is left out be unless it is required', () => {
    const { check, problems } = validation.createInspection()
    check('a', undefined, () => false, 'is wrong')
    check('b', undefined, () => true, 'is missing', 'required')
    check('c', 1, () => true, 'is wrong')
    check('d', 1, () => false, 'is wrong')
    check('e', null, (value) => value === undefined, 'is wrong')
    expect(problems).toEqual([
      { option: 'b', message: 'is missing' },
      { option: 'd', message: 'is wrong' },
      { option: 'e', message: 'is wrong' },
    ])
  })
})

describe('a purpose may say', () => {
  const life = 'must be 60 000 to 600 000 milliseconds'
  const truth = 'must be true or false'
  const rules: readonly (readonly [name: string, right: readonly unknown[], wrong: readonly unknown[], message: string])[] = [
    [
      'codeLength',
      [4, 5, 6, 10, undefined],
      [3, 11, 6.5, '6', null, Number.NaN, Symbol('6')],
      'must be 6 to 10, or 4 or 5 with allowShortCodes',
    ],
    ['ttlMs', [60_000, 600_000], [59_999, 600_001, 0, -1, '60000', null, Number.POSITIVE_INFINITY], life],
    ['maxAttempts', [1, 10], [0, 11, '5', null, 5n], 'must be 1 to 10'],
    ['allowShortCodes', [true, false], [1, 'true', null], truth],
    [
      'numberTypes',
      [['MOBILE'], ['VOIP', 'PAGER']],
      ['MOBILE', ['Mobile'], [null], null],
      'must list number types as libphonenumber names them',
    ],
    ['delivery', ['await', 'background', 'deferred'], ['now', '', null], "must be 'await', 'background' or 'deferred'"],
    ['resend', ['same', 'new'], ['other', true, null], "must be 'same' or 'new'"],
    ['subject', ['compare', 'return'], ['ignore', true, null], "must be 'compare' or 'return'"],
    ['ledger', ['phone', 'subject'], ['none', null, false], "must be 'phone' or 'subject'"],
    ['payloadRequired', [true, false], ['amount', null, 0], truth],
    ['proofTtlMs', [60_000, 600_000], [59_999, 600_001, 3_600_000, null], life],
  ]
  const rows = (which: 1 | 2) => rules.flatMap((rule) => rule[which].map((value) => [rule[0], ...named(value), rule[3]] as const))

  test.each(rows(1))('%s: %s', (name, _, value) => expect(problemsOf({ purposes: { delivery_pin: { [name]: value } } })).toEqual([]))

  test.each(rows(2))('but not %s: %s', (name, _, value, message) => {
    expect(problemsOf({ purposes: { delivery_pin: { [name]: value } } })).toEqual([`purposes.delivery_pin.${name}: ${message}`])
  })

  test.each(['ttl', 'TTLMS', 'limits', 'appName', 'toString', 'constructor'])('nothing else: %s', (name) => {
    expect(problemsOf({ purposes: { login: { [name]: 1 } } })).toEqual([`purposes.login.${name}: is no option of a purpose`])
  })

  test('only what it was declared as', () => {
    expect(problemsOf({ purposes: { other: {} } })).toEqual(['purposes.other: was never declared'])
    expect(problemsOf({ purposes: JSON.parse('{"__proto__":{"codeLength":8}}') })).toContain('purposes.__proto__: was never declared')
  })

  test('what has no meaning at the top is not read there', () => {
    expect(problemsOf({ resend: 'maybe', subject: 1, ledger: 1, payloadRequired: 1, proofTtlMs: 1 })).toEqual([])
  })
})

describe('limits', () => {
  const message = 'must list { max, windowMs }: whole numbers from 1, windows of at most 31 days'
  const right = [
    [],
    [{ max: 1, windowMs: 1 }],
    [{ max: 1e9, windowMs: 31 * day }],
    [
      { max: 5, windowMs: day },
      { max: 5, windowMs: 1 },
    ],
  ]
  test.each(right.map(named))('may be %s', (_, list) => expect(problemsOf({ limits: { sendsPerTenant: list } })).toEqual([]))

  const half = [{}, { max: 5 }, { windowMs: day }]
  const maxima = [0, -1, 1.5, '5', null, Number.NaN, Number.POSITIVE_INFINITY, 1e9 + 1, 5n, Symbol('5'), { valueOf: () => 5 }]
  const windows = [0, -1, 0.5, '1', null, Number.NaN, Number.POSITIVE_INFINITY, 31 * day + 1]
  const entries = [...half, ...maxima.map((max) => ({ max, windowMs: day })), ...windows.map((windowMs) => ({ max: 5, windowMs }))]
  const wrong = [null, {}, 'x', 5, { max: 1, windowMs: 1 }, [null], [undefined], ['x'], [[5, day]], ...entries.map((entry) => [entry])]
  test.each(wrong.map(named))('may not be %s', (_, list) => {
    expect(problemsOf({ limits: { sendsPerTenant: list } })).toEqual([`limits.sendsPerTenant: ${message}`])
    expect(problemsOf({ limits: { failuresPerPhone: list } })).toContain(`limits.failuresPerPhone: ${message}`)
  })

  test.each(['sendsPerphone', 'challengesPerPhone', 'toString', 'constructor', ''])('%j is none of them', (name) => {
    expect(problemsOf({ limits: { [name]: [] } })).toEqual([`limits.${name}: is no limit`])
  })

  // NIST SP 800-63B-4 §3.2.2.
  test('the ledger stops at 100 failures or fewer, and no other limit need', () => {
    for (const max of [1, 50, 100]) expect(problemsOf({ limits: { failuresPerPhone: [{ max, windowMs: day }] } })).toEqual([])
    const over = [
      { max: 10, windowMs: 1 },
      { max: 101, windowMs: day },
    ]
    expect(problemsOf({ limits: { failuresPerPhone: over } })).toEqual(['limits.failuresPerPhone: must stop at 100 failures or fewer'])
    expect(problemsOf({ limits: { sendsPerPhone: over, checksPerClient: over } })).toEqual([])
  })
})

describe('the words they are made of', () => {
  test.each(
    [
      ...[
        0,
        5.5,
        11,
        -5,
        '5',
        null,
        undefined,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        5n,
        [5],
        new Number(5),
        { valueOf: () => 5 },
        Symbol('5'),
      ],
    ].map(named),
  )('%s is no whole number from 1 to 10', (_, value) => expect(validation.isWithin(1, 10)(value)).toBe(false))
  test('1, 5 and 10 are', () => expect([1, 5, 10, 5.0].map(validation.isWithin(1, 10))).toEqual([true, true, true, true]))

  test.each([null, [], [1], 'x', 5, () => {}, undefined, Symbol('x')].map(named))('%s is no object', (_, value) => {
    expect(validation.isObject(value)).toBe(false)
  })

  test('a list is a list of what holds, all through', () => {
    const areText = validation.isListOf(validation.isText(3))
    expect([[], ['a'], ['a', 'abc']].map((list) => areText(list))).toEqual([true, true, true])
    expect([null, 'abc', ['a', ''], ['abcd'], [['a']], { 0: 'a', length: 1 }, new Set(['a'])].map((list) => areText(list))).toEqual(
      Array(7).fill(false),
    )
  })

  test('one of some words, and none of their likes', () => {
    expect([true, false, 1, 0, 'true', null, undefined].map(validation.isOneOf(true, false))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  // T-SEC-05.
  test.each(['changeme', 'change_me', 'ChangeMe', 'secret', 'password', '0', '\0'])('%j, however often, is no secret', (word) => {
    for (const times of [4, 8, 40]) expect(validation.isSecret(word.repeat(times))).toBe(false)
  })
  test('a secret has 32 bytes', () => {
    expect(['s3cr'.repeat(8), 'é'.repeat(16), '0'.repeat(31) + 1].map(validation.isSecret)).toEqual([true, true, true])
    expect(['s3cr'.repeat(7), 'é'.repeat(15), '', undefined, Buffer.alloc(64, 's3cr')].map(validation.isSecret)).toEqual(
      Array(5).fill(false),
    )
  })
})
