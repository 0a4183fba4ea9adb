import { inspect } from 'node:util'
import { createPhoneVerifier, type PhoneVerifierOptions, type PhoneVerifyError } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readSettings } from '../src/settings.js'
import { secretOf } from './fixtures/challenge.js'
import { optionValues, shared, testNumber } from './fixtures/option-values.js'

const good = { store: memoryStore(), sms: outboxBackend(), secret: secretOf('a'), appName: 'Acme', countries: ['FR'] } as const

/** What is wrong with these options, as `option: message` lines, or nothing. */
function problemsOf(over: object, base: object = good): readonly string[] {
  try {
    createPhoneVerifier({ ...base, ...over } as PhoneVerifierOptions)
    return []
  } catch (error) {
    const { code, message, problems = [] } = error as PhoneVerifyError
    expect(code).toBe('ERR_PV_CONFIGURATION')
    const lines = problems.map((problem) => `${problem.option}: ${problem.message}`)
    expect(message).toBe(lines.join('\n'))
    return lines
  }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

const cases = (which: 'right' | 'wrong') =>
  Object.entries(optionValues).flatMap(([option, values]) =>
    values[which].map((value) => [option, inspect(value, { breakLength: Number.POSITIVE_INFINITY }).slice(0, 60), value] as const),
  )

describe('every option by itself', () => {
  test.each(cases('right'))('%s: %s is right', (option, _, value) => expect(problemsOf({ [option]: value })).toEqual([]))

  test.each(cases('wrong'))('%s: %s is wrong, and the message begins with its name', (option, _, value) => {
    const problems = problemsOf({ [option]: value })
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) expect(problem).toMatch(new RegExp(`^${option}(\\..*)?: .`))
  })

  test.each(['codeLenght', 'Store', 'tenant', 'prototype', 'toString', '__proto__'])('%s is no option', (option) => {
    expect(problemsOf(JSON.parse(`{"${option}":5}`), {}).concat(problemsOf({ ...good, ...Object.fromEntries([[option, 5]]) }))).toContain(
      `${option}: is no option`,
    )
  })

  test('a shared reach is had from a shared store', () => expect(problemsOf({ requireReach: 'shared', store: shared })).toEqual([]))

  test('no message says a secret', () => {
    for (const secret of ['hunter2', ['hunter2', secretOf('a')]])
      expect(problemsOf({ secret, indexSecret: 'hunter2' }).join()).not.toMatch(/hunter2|aaaaaaaa/)
  })

  // The values of every table in the place of every option, and in the places below: no error but ours.
  test('whatever stands in the place of an option, the error is one of the configuration', () => {
    const values = Object.values(optionValues).flatMap(({ right, wrong }) => [...right, ...wrong])
    for (const value of values) {
      for (const option of Object.keys(optionValues)) problemsOf({ [option]: value })
      const limit = [{ max: value, windowMs: value }]
      problemsOf({ purposes: { login: value }, limits: { sendsPerPhone: value, failuresPerPhone: limit }, deadlines: { send: value } })
      problemsOf({ purposes: { login: { codeLength: value, maxAttempts: value, allowShortCodes: value } }, testNumbers: [value] })
      problemsOf({
        codeLength: value,
        maxAttempts: value,
        allowShortCodes: value,
        proofKeys: [{ kid: value, privateKey: value, publicKey: value }],
      })
    }
  })
})

describe('all options together', () => {
  test('every problem is in the one error, in one go', () => {
    const wrong = {
      ...{ secret: 'short', appName: '', countries: ['France'], defaultCountry: 'fr', ttlMs: 601_000, maxAttempts: 11, delivery: 'later' },
      ...{ sms: {}, issuer: '', admit: 'x', deadlines: { store: 0, sends: 1 }, requireReach: 'shared', codeLenght: 8 },
      purposes: { login: { codeLength: 3, resend: 'maybe', x: 1 }, '9x': {} },
      limits: { sendsPerPhone: [{ max: 0, windowMs: 1 }], sends: [] },
      proofKeys: [{ kid: '' }],
      testNumbers: [{}],
    }
    const named = problemsOf(wrong).map((line) => line.split(': ')[0])
    expect(named.sort()).toEqual(
      [
        ...[
          'secret',
          'appName',
          'countries',
          'defaultCountry',
          'ttlMs',
          'maxAttempts',
          'delivery',
          'sms',
          'issuer',
          'admit',
          'requireReach',
        ],
        ...['deadlines.store', 'deadlines.sends', 'codeLenght', 'purposes.login.codeLength', 'purposes.login.resend', 'purposes.login.x'],
        ...[
          'purposes.9x',
          'limits.sendsPerPhone',
          'limits.sends',
          'testNumbers',
          'proofKeys.0.kid',
          'proofKeys.0.publicKey',
          'proofKeys.0.privateKey',
        ],
      ].sort(),
    )
  })

  test.each([undefined, null, [], 'options', 5, () => {}, {}].map((options) => [inspect(options), options]))(
    '%s lacks all that is required',
    (_, options) => {
      const lines = () => createPhoneVerifier(options as PhoneVerifierOptions)
      expect(lines).toThrow(
        expect.objectContaining({
          code: 'ERR_PV_CONFIGURATION',
          message: expect.stringMatching(/^store: .+\nsms: .+\nsecret: .+\nappName: .+\ncountries: .+$/),
        }),
      )
    },
  )

  test('one problem is said once, though seven purposes have it', () => {
    expect(problemsOf({ codeLength: 4 })).toEqual(['codeLength: must be 6 to 10, or 4 or 5 with allowShortCodes'])
  })
})

// Five guesses at four digits are one in two thousand.
describe('short codes', () => {
  const allow = 'must be 6 to 10, or 4 or 5 with allowShortCodes'
  const three = 'must be at most 3 with a code of 4 or 5 digits'
  test.each<[object, readonly string[]]>([
    [{ codeLength: 4, allowShortCodes: true, maxAttempts: 3 }, []],
    [{ codeLength: 5, allowShortCodes: true, maxAttempts: 1 }, []],
    [{ codeLength: 5, allowShortCodes: false, maxAttempts: 3 }, [`codeLength: ${allow}`]],
    [{ codeLength: 4, allowShortCodes: true }, [`maxAttempts: ${three}`]],
    [{ codeLength: 5, allowShortCodes: true, maxAttempts: 4 }, [`maxAttempts: ${three}`]],
    [{ codeLength: 4, ttlMs: 5 }, ['ttlMs: must be 60 000 to 600 000 milliseconds', `codeLength: ${allow}`]],
    [{ purposes: { login: { codeLength: 4 } } }, [`purposes.login.codeLength: ${allow}`]],
    [{ purposes: { login: { codeLength: 4, allowShortCodes: true } } }, [`purposes.login.maxAttempts: ${three}`]],
    [{ purposes: { login: { codeLength: 4, allowShortCodes: true, maxAttempts: 3 } } }, []],
    [{ allowShortCodes: true, maxAttempts: 3, purposes: { pin: { codeLength: 5 } } }, []],
    [{ allowShortCodes: true, purposes: { pin: { codeLength: 5 } } }, [`purposes.pin.maxAttempts: ${three}`]],
    [
      { codeLength: 4, allowShortCodes: true, maxAttempts: 3, purposes: { login: { maxAttempts: 5 } } },
      [`purposes.login.maxAttempts: ${three}`],
    ],
    [{ codeLength: 4, allowShortCodes: true, maxAttempts: 3, purposes: { login: { maxAttempts: 5, codeLength: 6 } } }, []],
    [{ allowShortCodes: true }, []],
  ])('%j', (over, problems) => expect(problemsOf(over)).toEqual(problems))
})

// G31: no test backdoor reaches production unless it is wanted twice.
test.each([
  ['production', undefined, false],
  ['production', false, false],
  ['production', true, true],
  ['development', undefined, true],
  ['test', undefined, true],
  ['', undefined, true],
])(
  'test numbers where NODE_ENV is %j and allowTestNumbersInProduction is %j: %j',
  (environment, allowTestNumbersInProduction, accepted) => {
    vi.stubEnv('NODE_ENV', environment)
    const problems = problemsOf({ testNumbers: [testNumber], allowTestNumbersInProduction })
    expect(problems).toEqual(accepted ? [] : ['testNumbers: need allowTestNumbersInProduction when NODE_ENV is production'])
    expect(problemsOf({ testNumbers: [] })).toEqual([])
  },
)

test('a secret that looks typed rather than drawn is an event, not an error', () => {
  const warnings = (secret: unknown) => {
    const onEvent = vi.fn()
    createPhoneVerifier({ ...good, secret, onEvent } as PhoneVerifierOptions)
    return onEvent.mock.calls.map(([event]) => event.warning)
  }
  expect(warnings('ab'.repeat(16))).toEqual(['weak_secret'])
  expect(warnings([secretOf('a'), '1234567'.repeat(5)])).toEqual(['weak_secret'])
  expect(warnings([secretOf('a'), secretOf('b')])).toEqual([])
})

describe('what is not said has its default', () => {
  test('in every place', () => {
    expect(readSettings(good)).toMatchObject({
      ...{ secrets: [secretOf('a')], indexSecret: secretOf('a'), proofKeys: [], issuer: 'phone-verify', audience: 'phone-verify' },
      ...{ deadlines: { send: 10_000, verify: 3_000, redeem: 2_000, store: 1_000, provider: 5_000 }, testNumbers: [], now: Date.now },
    })
  })

  test('also beside what is said, and undefined says nothing', () => {
    const { deadlines, issuer, now } = readSettings({
      ...good,
      deadlines: { store: 5, send: undefined },
      issuer: undefined,
      now: undefined,
    })
    expect([deadlines.store, deadlines.send, issuer, now]).toEqual([5, 10_000, 'phone-verify', Date.now])
  })

  test('a step of the store ends before the shortest call does', () => {
    const storeMs = (deadlines: PhoneVerifierOptions['deadlines']) => readSettings({ ...good, deadlines }).deadlines.store
    expect([storeMs({ store: 5_000 }), storeMs({ store: 5_000, redeem: 1_000 }), storeMs({ verify: 100 })]).toEqual([1_800, 900, 90])
  })

  test('the index secret is the last of the secrets, or the one that is said', () => {
    const secret = ['a', 'b', 'c'].map(secretOf)
    expect(readSettings({ ...good, secret }).indexSecret).toBe(secretOf('c'))
    expect(readSettings({ ...good, secret, indexSecret: secretOf('a') }).indexSecret).toBe(secretOf('a'))
  })

  // T-INP-04.
  test('a polluted Object.prototype says nothing, right or wrong', () => {
    const before = JSON.stringify(readSettings(good))
    const polluted = {
      codeLength: 8,
      ttlMs: 5,
      appName: 'Evil',
      issuer: '',
      requireReach: 'shared',
      limits: null,
      purposes: 5,
      deadlines: { store: 5 },
      testNumbers: [testNumber],
    }
    Object.assign(Object.prototype, polluted)
    try {
      const settings = readSettings(good)
      expect(JSON.stringify(settings)).toBe(before)
      expect(settings.termsOf({}, 'login').policy).toEqual(settings.termsOf(undefined, 'login').policy)
      expect(settings.termsOf({}, 'login').appName).toBe('Acme')
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name)
    }
  })
})
