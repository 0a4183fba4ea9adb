import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Terms } from '../../src/domain/terms.js'
import { PhoneVerifyError } from '../../src/errors.js'
import { createCall } from '../../src/services/call.js'
import { createTenants, type TenantsParts } from '../../src/services/tenants.js'

const termsOf: TenantsParts['termsOf'] = (overrides, purpose) => ({ overrides, purpose }) as unknown as Terms
const ask = (lookUp: TenantsParts['lookUp'], tenant: string | undefined = 'acme') =>
  createTenants({ lookUp, termsOf }).terms(tenant, 'login', createCall(1_000))
const failureOf = (lookUp: TenantsParts['lookUp']) =>
  ask(lookUp).then(
    (terms) => expect.unreachable(inspect(terms)),
    (error) => error,
  )

afterEach(() => {
  vi.useRealTimers()
})

describe('T-TEN-02: what holds for a tenant', () => {
  test.each([[undefined], ['acme']])('without a tenants function: the terms of the house, for %j', async (tenant) => {
    expect(await createTenants({ lookUp: undefined, termsOf }).terms(tenant, 'login', createCall(1_000))).toEqual({
      overrides: undefined,
      purpose: 'login',
    })
  })

  test('where no tenant is named nobody is asked', async () => {
    const lookUp = vi.fn()
    const terms = await createTenants({ lookUp, termsOf }).terms(undefined, 'login', createCall(1_000))
    expect([terms, lookUp.mock.calls]).toEqual([{ overrides: undefined, purpose: 'login' }, []])
  })

  test.each([[{}], [{ codeLength: 8 }]])('what the function says, now or later: %j', async (overrides) => {
    expect(await ask(() => overrides)).toEqual({ overrides, purpose: 'login' })
    expect(await ask(async () => overrides)).toEqual({ overrides, purpose: 'login' })
  })

  test('the function gets the tenant as it was named, on every call', async () => {
    const lookUp = vi.fn(() => ({}))
    const tenants = createTenants({ lookUp, termsOf })
    for (const tenant of ['acme', 'Acme', '__proto__', 'acme']) await tenants.terms(tenant, 'login', createCall(1_000))
    expect(lookUp.mock.calls).toEqual([['acme'], ['Acme'], ['__proto__'], ['acme']])
  })

  test.each([[undefined], [null], [Object.prototype]])('%j: a tenant nobody knows, who gets no one else’s terms', async (nobody) => {
    expect(await ask(() => nobody)).toBeUndefined()
    expect(await ask(async () => nobody)).toBeUndefined()
  })

  test.each([false, true, 0, 1, '', 'acme', 1n, Symbol('acme'), () => ({}), [], [{}]].map((answer) => [inspect(answer), answer]))(
    '%s is no answer',
    async (_, answer) => {
      expect(await failureOf(() => answer)).toMatchObject({ code: 'ERR_PV_TENANTS' })
    },
  )

  const secret = 'select * from tenants where phone = +33612345678'
  const thrown = [new Error(secret), Object.assign(new Error(secret), { code: 'ERR_PV_STORE' }), secret, undefined, null, 7, { secret }]
  test.each(thrown.map((error) => [inspect(error).slice(0, 30), error]))(
    'an error becomes ours, with nothing of the original: %s',
    async (_, error) => {
      const sync = await failureOf(() => {
        throw error
      })
      const later = await failureOf(() => Promise.reject(error))
      for (const failure of [sync, later]) {
        expect(failure).toBeInstanceOf(PhoneVerifyError)
        expect(failure).toMatchObject({ code: 'ERR_PV_TENANTS', message: 'the tenants function failed' })
        expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('phone =')
        expect(failure).not.toHaveProperty('cause')
      }
    },
  )

  test('nor does an error pass that calls itself a timeout', async () => {
    const failure = await failureOf(() => Promise.reject(Object.assign(new Error(secret), { code: 'ERR_PV_TIMEOUT' })))
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('phone =')
  })

  test('one that never answers is a timeout of the call', async () => {
    vi.useFakeTimers()
    const failure = failureOf(() => new Promise(() => {}))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await failure).toMatchObject({ code: 'ERR_PV_TIMEOUT' })
  })

  test('overrides that are wrong are a fault of the configuration', async () => {
    const wrong = new PhoneVerifyError('ERR_PV_CONFIGURATION', 'tenants.codeLength: must be 6 to 10')
    const tenants = createTenants({
      lookUp: () => ({ codeLength: 3 }),
      termsOf: () => {
        throw wrong
      },
    })
    await expect(tenants.terms('acme', 'login', createCall(1_000))).rejects.toBe(wrong)
  })
})
