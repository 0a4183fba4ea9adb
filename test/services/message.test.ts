import { describe, expect, test } from 'vitest'
import { codeMessage } from '../../src/services/message.js'
import { requireText } from '../../src/sms/must-contain.js'
import { sampleChallenge, samplePhone } from '../fixtures/challenge.js'

const plain = sampleChallenge({ purpose: 'login', payload: undefined, context: undefined, tenant: undefined, locale: undefined })

describe('the text of a code', () => {
  test.each([
    [600_000, '10 minutes'],
    [300_000, '5 minutes'],
    [295_000, '5 minutes'],
    [294_999, '4 minutes'],
    [120_000, '2 minutes'],
    [114_999, '1 minute'],
    [60_000, '1 minute'],
    [1, '1 minute'],
    [0, '1 minute'],
  ])('with %i milliseconds left says %s, at most five seconds more than there are', (expiresInMs, said) => {
    const message = codeMessage(plain, '012345', expiresInMs)
    expect(message.text).toBe(`012345 is your Acme code. It expires in ${said}. Do not share it.`)
    expect(message).toEqual({
      to: samplePhone,
      text: message.text,
      code: '012345',
      purpose: 'login',
      expiresInMs,
      context: { app: 'Acme', minutes: Number(said.split(' ')[0]) },
    })
  })

  test('of the longest app name and code is one segment of GSM-7', () => {
    expect(codeMessage({ ...plain, appName: 'x'.repeat(64) }, '0123456789', 600_000).text.length).toBeLessThanOrEqual(160)
  })

  test('names every value the person approves, and demands that they stay', () => {
    const payload = { amount: 49.9, payee: 'Zoë', urgent: true, empty: '', large: 1e21, zero: -0 }
    const message = codeMessage({ ...plain, purpose: 'payment', payload }, '012345', 300_000)
    expect(message.text).toBe(
      '012345 confirms at Acme: amount 49.9, payee Zoë, urgent true, empty , large 1e+21, zero 0. Do not share this code.',
    )
    expect(message.mustContain).toEqual(['49.9', 'Zoë', 'true', '', '1e+21', '0'])
    expect(message.mustContain).toEqual(Object.values(payload).map(String))
    expect(() => requireText(message, 'leaf')).not.toThrow()
  })

  test('gives wrappers the context, over it the payload, over both the app and the minutes', () => {
    const message = codeMessage(
      sampleChallenge({ context: { city: 'Lyon', amount: 1, app: 'Evil' }, payload: { amount: '2', minutes: 99, yes: false } }),
      '012345',
      300_000,
    )
    expect(message.context).toEqual({ city: 'Lyon', amount: '2', yes: 'false', app: 'Acme', minutes: 5 })
    expect(message).toMatchObject({ tenant: 'acme', locale: 'fr-FR', purpose: 'payment' })
  })

  test('no backend can change it', () => {
    const message = codeMessage(sampleChallenge(), '012345', 300_000)
    for (const part of [message, message.context, message.mustContain]) expect(Object.isFrozen(part)).toBe(true)
  })

  test.each(['{code}', '{{app}}', '\x24{code}', '%s', '$&', '$1', '<b>', '😀', 'A\u202eB'])(
    'an app called %j is said literally',
    (appName) => {
      expect(codeMessage({ ...plain, appName }, '012345', 300_000).text).toContain(` your ${appName} code.`)
    },
  )
})
