import { type ErrorCode, PhoneVerifyError } from 'phone-verify'
import { expect, test } from 'vitest'
import { isOutage } from '../../src/http/outage.js'

/** Every code there is: a new one must say here whether it is an outage. */
const codes: Readonly<Record<ErrorCode, boolean>> = {
  ERR_PV_CONFIGURATION: false,
  ERR_PV_ARGUMENT: false,
  ERR_PV_STORE: true,
  ERR_PV_TENANTS: true,
  ERR_PV_SMS_REFUSED: false,
  ERR_PV_SMS_UNAVAILABLE: true,
  ERR_PV_SMS_UNKNOWN: false,
  ERR_PV_TIMEOUT: true,
  ERR_PV_ABORTED: true,
  ERR_PV_CLOSED: true,
}

test.each(Object.entries(codes) as [ErrorCode, boolean][])('%s: %s', (code, expected) => {
  expect(isOutage(new PhoneVerifyError(code, 'no'))).toBe(expected)
})

test.each([undefined, null, 'ERR_PV_STORE', 5, {}, { code: 'ECONNREFUSED' }, { code: ['ERR_PV_STORE'] }, new Error('ERR_PV_STORE')])(
  '%o is none',
  (error) => {
    expect(isOutage(error)).toBe(false)
  },
)
