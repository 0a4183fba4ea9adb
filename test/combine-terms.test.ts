import type { PhoneVerifierOptions, TenantOptions } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../src/domain/limits.js'
import { builtInPurposes, type Policy } from '../src/domain/purpose.js'
import { readSettings } from '../src/settings.js'
import { secretOf } from './fixtures/challenge.js'

const house = (over: Partial<PhoneVerifierOptions> = {}) =>
  readSettings({ store: memoryStore(), sms: outboxBackend(), secret: secretOf('a'), appName: 'Acme', countries: ['FR'], ...over })

const policyOf = (over: Partial<PhoneVerifierOptions>, purpose: string, tenant?: TenantOptions) =>
  house(over).termsOf(tenant, purpose).policy

describe('who is heard', () => {
  // Each level says another value; the last that says one is heard.
  const words: readonly (readonly [keyof Policy, readonly unknown[]])[] = [
    ['codeLength', [6, 7, 8, 9, 10]],
    ['ttlMs', [300_000, 61_000, 62_000, 63_000, 64_000]],
    ['maxAttempts', [5, 1, 2, 3, 4]],
    ['allowShortCodes', [false, true, false, true, false]],
    ['numberTypes', [['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'], ['MOBILE'], ['VOIP'], ['PAGER'], ['UAN']]],
    ['delivery', ['await', 'background', 'deferred', 'await', 'background']],
  ]
  test.each(words)('of %s: built-in, top, purpose, tenant, purpose of the tenant', (name, [builtIn, top, purpose, tenant, ofTenant]) => {
    const options = [{}, { [name]: top }, { [name]: top, purposes: { login: { [name]: purpose } } }]
    expect(options.map((over) => policyOf(over, 'login')[name])).toEqual([builtIn, top, purpose])
    const tenants = [
      {},
      { [name]: tenant },
      { [name]: tenant, purposes: { login: { [name]: ofTenant } } },
      { purposes: { login: { [name]: ofTenant } } },
    ]
    expect(tenants.map((over) => policyOf(options[2] ?? {}, 'login', over as TenantOptions)[name])).toEqual([
      purpose,
      tenant,
      ofTenant,
      ofTenant,
    ])
  })

  test.each(['resend', 'subject', 'ledger', 'payloadRequired', 'proofTtlMs'] as const)(
    'of %s: built-in, purpose, purpose of the tenant',
    (name) => {
      const said = { resend: 'new', subject: 'return', ledger: 'subject', payloadRequired: true, proofTtlMs: 60_000 }[name]
      const purposes = { login: { [name]: said } }
      expect(policyOf({}, 'login')[name]).not.toEqual(said)
      expect(policyOf({ purposes }, 'login')[name]).toEqual(said)
      expect(policyOf({}, 'login', { purposes })[name]).toEqual(said)
      expect(policyOf({ purposes }, 'registration')[name]).not.toEqual(said)
      expect(policyOf({}, 'login', { [name]: said } as TenantOptions)[name]).not.toEqual(said)
    },
  )

  test('undefined says nothing, at any level', () => {
    const silent = {
      ttlMs: undefined,
      codeLength: undefined,
      numberTypes: undefined,
      purposes: { login: { ttlMs: undefined } },
      limits: { sendsPerPhone: undefined },
    }
    expect(house({ ...silent }).termsOf({ ...silent, appName: undefined }, 'login')).toEqual(house().termsOf(undefined, 'login'))
  })

  test('the top level speaks for every purpose, built in or declared; a purpose only for itself', () => {
    const over = {
      codeLength: 9,
      ttlMs: 90_000,
      maxAttempts: 2,
      numberTypes: ['MOBILE'],
      purposes: { login: { codeLength: 10 }, pin: {} },
    } as const
    for (const purpose of [...builtInPurposes, 'pin']) {
      expect(policyOf(over, purpose)).toMatchObject({
        codeLength: purpose === 'login' ? 10 : 9,
        ttlMs: 90_000,
        maxAttempts: 2,
        numberTypes: ['MOBILE'],
      })
    }
  })
})

// After the reply, so that a known and an unknown account answer in the same time.
describe('when a password reset leaves', () => {
  const own = { purposes: { password_reset: { delivery: 'deferred' } } } as const
  test.each<[string, Partial<PhoneVerifierOptions>, TenantOptions | undefined, string]>([
    ['by default', {}, undefined, 'background'],
    ['whatever the top says', { delivery: 'await' }, undefined, 'background'],
    ['whatever a tenant says', {}, { delivery: 'await' }, 'background'],
    ['as its own policy says', { delivery: 'await', ...own }, undefined, 'deferred'],
    [
      'as a tenant’s policy for it says',
      { ...own },
      { delivery: 'deferred', purposes: { password_reset: { delivery: 'await' } } },
      'await',
    ],
    ['whatever another purpose says', { purposes: { login: { delivery: 'await' } } }, undefined, 'background'],
  ])('%s', (_, over, tenant, delivery) => expect(policyOf(over, 'password_reset', tenant).delivery).toBe(delivery))
})

describe('beside the policy', () => {
  test('a tenant’s words replace the house’s, one by one', () => {
    const { termsOf } = house({ countries: ['FR', 'BE'], defaultCountry: 'FR' })
    expect(termsOf(undefined, 'login')).toMatchObject({ appName: 'Acme', countries: ['FR', 'BE'], defaultCountry: 'FR' })
    expect(termsOf({ appName: 'Other', countries: '*' }, 'login')).toMatchObject({ appName: 'Other', countries: '*', defaultCountry: 'FR' })
    expect(termsOf({ defaultCountry: 'BE' }, 'login')).toMatchObject({ appName: 'Acme', countries: ['FR', 'BE'], defaultCountry: 'BE' })
  })

  test('limits are replaced list by list', () => {
    const five = [{ max: 5, windowMs: 1_000 }]
    const six = [{ max: 6, windowMs: 1_000 }]
    const { termsOf } = house({ limits: { sendsPerPhone: five, sendsPerTenant: [] } })
    expect(termsOf(undefined, 'login').limits).toEqual({ ...defaultLimits, sendsPerPhone: five, sendsPerTenant: [] })
    expect(termsOf({ limits: { sendsPerPhone: six } }, 'login').limits).toEqual({
      ...defaultLimits,
      sendsPerPhone: six,
      sendsPerTenant: [],
    })
    expect(house().termsOf(undefined, 'login').limits).toEqual(defaultLimits)
  })

  test('one tenant’s words are none of another’s', () => {
    const { termsOf } = house()
    termsOf({ codeLength: 8, limits: { sendsPerPhone: [] } }, 'login')
    expect(termsOf({}, 'login')).toEqual(termsOf(undefined, 'login'))
  })

  test('a notice goes by the top level, whatever an application’s purpose is called', async () => {
    const { verifier, outbox } = createTestVerifier({ appName: 'Acme', purposes: { notice: { numberTypes: ['PAGER'] } } })
    expect(await verifier.notify({ phone: '+33612345678', template: 'password_changed' })).toMatchObject({ ok: true })
    expect(outbox.messages.map(({ text }) => text)).toEqual([expect.stringContaining('Acme')])
  })
})

describe('what a tenant says is judged at the call', () => {
  const failing = (tenant: unknown, over: Partial<PhoneVerifierOptions> = {}) => {
    const { verifier, outbox } = createTestVerifier({ ...over, tenants: () => tenant as TenantOptions })
    const sent = verifier.sendCode({ phone: '+33612345678', purpose: 'login', tenant: 'acme' })
    return sent.then(
      (outcome) => expect.unreachable(JSON.stringify(outcome)),
      (error) => ({ ...error, lines: error.message.split('\n'), sent: outbox.messages.length }),
    )
  }

  test.each<[unknown, readonly string[]]>([
    [{ codeLength: 3 }, ['tenants.codeLength: must be 6 to 10, or 4 or 5 with allowShortCodes']],
    [{ codeLength: 4 }, ['tenants.codeLength: must be 6 to 10, or 4 or 5 with allowShortCodes']],
    [{ codeLength: 4, allowShortCodes: true }, ['tenants.maxAttempts: must be at most 3 with a code of 4 or 5 digits']],
    [{ purposes: { login: { codeLength: 5 } } }, ['tenants.purposes.login.codeLength: must be 6 to 10, or 4 or 5 with allowShortCodes']],
    [
      { ttlMs: 601_000, maxAttempts: 11 },
      ['tenants.ttlMs: must be 60 000 to 600 000 milliseconds', 'tenants.maxAttempts: must be 1 to 10'],
    ],
    [{ purposes: { other: {} } }, ['tenants.purposes.other: was never declared']],
    [{ appName: '' }, ['tenants.appName: must be a string of 1 to 64 characters']],
    [
      { limits: { failuresPerPhone: [{ max: 101, windowMs: 1 }] } },
      ['tenants.limits.failuresPerPhone: must stop at 100 failures or fewer'],
    ],
  ])('%j', async (tenant, lines) => {
    const problems = lines.map((line) => ({ option: line.split(': ')[0], message: line.split(': ').slice(1).join(': ') }))
    expect(await failing(tenant)).toMatchObject({ code: 'ERR_PV_CONFIGURATION', lines, problems, sent: 0 })
  })

  test('together with what the house says', async () => {
    const short = { codeLength: 5, allowShortCodes: true, maxAttempts: 3 }
    expect(await failing({ maxAttempts: 4 }, short)).toMatchObject({
      lines: ['tenants.maxAttempts: must be at most 3 with a code of 4 or 5 digits'],
    })
    expect(await failing({ allowShortCodes: false }, short)).toMatchObject({ code: 'ERR_PV_CONFIGURATION', sent: 0 })
  })
})
