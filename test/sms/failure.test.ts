import { expect, test } from 'vitest'
import { createFailures } from '../../src/sms/failure.js'

test('three meanings, each in the name of the backend', () => {
  const { refused, unavailable, unknown } = createFailures('acme')
  const told = [refused('no mobile', '21614'), unavailable('queue full'), unknown('no answer')].map((error) => ({
    ...error,
    message: error.message,
  }))
  expect(told).toEqual([
    { name: 'PhoneVerifyError', code: 'ERR_PV_SMS_REFUSED', message: 'acme: no mobile', backend: 'acme', providerCode: '21614' },
    { name: 'PhoneVerifyError', code: 'ERR_PV_SMS_UNAVAILABLE', message: 'acme: queue full', backend: 'acme' },
    { name: 'PhoneVerifyError', code: 'ERR_PV_SMS_UNKNOWN', message: 'acme: no answer', backend: 'acme' },
  ])
})
