import type { Context } from '../domain/field.js'
import type { PhoneNumber } from '../domain/phone-number.js'
import type { SmsMessage } from '../sms/backend.js'

/** A text without a code. */
export interface Notice {
  readonly to: PhoneNumber
  readonly template: string
  readonly appName: string
  readonly tenant: string | undefined
  readonly context: Context | undefined
  readonly locale: string | undefined
}

const texts: Readonly<Record<string, (appName: string) => string>> = {
  password_changed: (app) => `Your ${app} password was changed. If this was not you, contact ${app} now.`,
  password_reset: (app) => `Your ${app} password was reset. If this was not you, contact ${app} now.`,
  phone_changed_old: (app) => `The phone number of your ${app} account was changed. If this was not you, contact ${app} now.`,
  phone_changed_new: (app) => `This phone number now belongs to your ${app} account.`,
  security_alert: (app) => `There was unusual activity in your ${app} account. If this was not you, contact ${app} now.`,
}

/**
 * The plain English text of a notice; `templated` and `localized` rewrite it. A template of the application's own has no text here: a
 * wrapper supplies it, or the leaf refuses the empty message.
 */
export function noticeMessage({ to, template, appName, tenant, context, locale }: Notice): SmsMessage {
  const text = Object.hasOwn(texts, template) ? texts[template]?.(appName) : undefined
  return Object.freeze({
    ...{ to, text: text ?? '', purpose: 'notice', template },
    ...(locale !== undefined && { locale }),
    ...(tenant !== undefined && { tenant }),
    context: Object.freeze({ ...context, app: appName }),
  })
}
