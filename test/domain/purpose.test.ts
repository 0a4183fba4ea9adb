import { describe, expect, test } from 'vitest'
import { builtInPurposes, challengeLifeMs, defaultPolicy, type Policy } from '../../src/domain/purpose.js'

const declared: Policy = {
  codeLength: 6,
  ttlMs: 300_000,
  maxAttempts: 5,
  allowShortCodes: false,
  numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'],
  resend: 'same',
  delivery: 'await',
  subject: 'compare',
  ledger: 'phone',
  payloadRequired: false,
  proofTtlMs: 600_000,
}

const differences: Readonly<Record<string, Partial<Policy>>> = {
  registration: { ttlMs: 600_000 },
  login: {},
  two_factor: { numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE'], ledger: 'subject' },
  password_reset: { ttlMs: 600_000, delivery: 'background', subject: 'return' },
  phone_change: { ttlMs: 600_000, ledger: 'subject' },
  payment: { payloadRequired: true, ledger: 'subject' },
  marketing_opt_in: { ttlMs: 600_000 },
}

describe('the policy of a purpose before anybody changed it', () => {
  test('there are seven that every verifier knows', () => {
    expect([...builtInPurposes].sort()).toEqual(Object.keys(differences).sort())
  })

  test.each(Object.entries(differences))('%s: %j', (purpose, differing) => {
    expect(defaultPolicy(purpose)).toEqual({ ...declared, ...differing })
  })

  test.each(['delivery_pin', 'notice', '', 'Login', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%j, which an application declares',
    (purpose) => {
      expect(defaultPolicy(purpose)).toEqual(declared)
    },
  )

  test('every call gets a policy of its own', () => {
    Object.assign(defaultPolicy('login'), { codeLength: 4 })
    expect(defaultPolicy('login').codeLength).toBe(6)
  })

  test('no code outlives its challenge, nor a challenge ten minutes (NIST SP 800-63B-4 §3.1.3.2)', () => {
    expect(challengeLifeMs).toBe(600_000)
    for (const purpose of builtInPurposes) expect(defaultPolicy(purpose).ttlMs).toBeLessThanOrEqual(challengeLifeMs)
  })
})
