import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, type ErrorDetails, ownWords, PhoneVerifyError } from '../src/errors.js'

/** Every code, and no other: the type checker sees to it. */
const codes: Readonly<Record<ErrorCode, true>> = {
  ERR_PV_CONFIGURATION: true,
  ERR_PV_ARGUMENT: true,
  ERR_PV_STORE: true,
  ERR_PV_TENANTS: true,
  ERR_PV_SMS_REFUSED: true,
  ERR_PV_SMS_UNAVAILABLE: true,
  ERR_PV_SMS_UNKNOWN: true,
  ERR_PV_TIMEOUT: true,
  ERR_PV_ABORTED: true,
  ERR_PV_CLOSED: true,
}

describe('an error', () => {
  test.each(Object.keys(codes) as ErrorCode[])('of %s says its code, and is one of JavaScript', (code) => {
    const error = new PhoneVerifyError(code, 'what happened')
    expect(error).toBeInstanceOf(Error)
    expect([error.code, error.name, error.message, String(error)]).toEqual([
      code,
      'PhoneVerifyError',
      'what happened',
      'PhoneVerifyError: what happened',
    ])
    expect(error.stack).toContain('errors.test.ts')
    expect(readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8')).toContain(`| \`${code}\` |`)
  })

  test.each<[ErrorDetails, readonly string[]]>([
    [{}, []],
    [{ backend: 'twilio' }, ['backend']],
    [{ backend: 'twilio', providerCode: '21610' }, ['backend', 'providerCode']],
    [{ field: 'subject' }, ['field']],
    [{ problems: [{ option: 'secret', message: 'is required' }] }, ['problems']],
    [{ backend: undefined, providerCode: undefined, field: undefined, problems: undefined }, []],
  ])('has the details %j, and none that are absent', (details, keys) => {
    const error = new PhoneVerifyError('ERR_PV_CONFIGURATION', 'x', details)
    expect(Object.keys(error).filter((key) => !['name', 'code'].includes(key))).toEqual(keys)
    for (const [name, detail] of Object.entries(details)) expect(error[name as keyof ErrorDetails]).toEqual(detail)
  })

  // G8, G17: nothing of what went wrong below can hide in it.
  test('carries no cause, and nothing it was not made to carry', () => {
    const details = { backend: 'twilio', cause: new Error('secret'), token: 'secret', stack: 'secret', message: 'secret', code: 'secret' }
    const error = new PhoneVerifyError('ERR_PV_SMS_REFUSED', 'refused', details)
    expect(Reflect.ownKeys(error).sort()).toEqual(['backend', 'code', 'message', 'name', 'stack'])
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret')
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name: 'PhoneVerifyError', code: 'ERR_PV_SMS_REFUSED', backend: 'twilio' })
  })
})

describe('ownWords', () => {
  const words = { code: 'ERR_PV_STORE', message: 'm', backend: 'b', providerCode: 'p' }

  test('are what an error says of itself', () => {
    expect({ ...ownWords(Object.assign(new Error('x'), words)) }).toEqual(words)
    expect({ ...ownWords({ ...words, cause: 'c', stack: 's' }) }).toEqual(words)
    expect({ ...ownWords(new PhoneVerifyError('ERR_PV_STORE', 'm')) }).toEqual({ code: 'ERR_PV_STORE', message: 'm' })
  })

  test('are none that are inherited', () => {
    expect({ ...ownWords(Object.create(words)) }).toEqual({})
    expect({
      ...ownWords(
        new (class extends Error {
          get code() {
            return 'ERR_PV_TIMEOUT'
          }
        })('x'),
      ),
    }).toEqual({ message: 'x' })
  })

  const fail = () => {
    throw new Error('x')
  }
  const unreadable = [Object.defineProperty({}, 'code', { get: fail }), new Proxy({}, { getOwnPropertyDescriptor: fail })]
  const wordless = [undefined, null, 7, 'ERR_PV_STORE', true, 1n, Symbol('x'), ...unreadable]
  test.each(wordless.map((error) => [error]))('of anything at all are words or none: case %#', (error) => {
    expect({ ...ownWords(error) }).toEqual({})
  })

  test('have no prototype to be polluted', () => expect(Object.getPrototypeOf(ownWords(new Error('x')))).toBeNull())
})
