import { describe, expect, test } from 'vitest'
import { type Notice, noticeMessage } from '../../src/services/notice.js'
import { samplePhone } from '../fixtures/challenge.js'

const notice = (over: Partial<Notice> = {}): Notice => ({
  ...{ to: samplePhone, template: 'password_changed', appName: 'Acme', tenant: undefined, context: undefined, locale: undefined },
  ...over,
})

describe('the text of a notice', () => {
  test.each([
    ['password_changed', 'Your Acme password was changed. If this was not you, contact Acme now.'],
    ['password_reset', 'Your Acme password was reset. If this was not you, contact Acme now.'],
    ['phone_changed_old', 'The phone number of your Acme account was changed. If this was not you, contact Acme now.'],
    ['phone_changed_new', 'This phone number now belongs to your Acme account.'],
    ['security_alert', 'There was unusual activity in your Acme account. If this was not you, contact Acme now.'],
  ])('%s', (template, text) => {
    expect(noticeMessage(notice({ template }))).toEqual({ to: samplePhone, text, purpose: 'notice', template, context: { app: 'Acme' } })
    expect(noticeMessage(notice({ template, appName: 'x'.repeat(20) })).text.length).toBeLessThanOrEqual(160)
  })

  // A wrapper supplies the text of an application's own template; without one every leaf refuses the empty message.
  test.each(['order_shipped', 'toString', 'constructor', '__proto__', 'hasOwnProperty'])('%s is no template of ours', (template) => {
    expect(noticeMessage(notice({ template }))).toMatchObject({ text: '', template })
  })

  test('says tenant and locale where they are, the context, and over it the app', () => {
    const message = noticeMessage(notice({ tenant: 'acme', locale: 'fr', context: { city: 'Lyon', app: 'Evil' } }))
    expect(message).toMatchObject({ tenant: 'acme', locale: 'fr', context: { city: 'Lyon', app: 'Acme' } })
    expect([message, message.context].map(Object.isFrozen)).toEqual([true, true])
  })

  test('carries no code', () => expect(Object.keys(noticeMessage(notice()))).not.toContain('code'))
})
