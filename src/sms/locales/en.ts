import type { Texts } from './texts.js'

export const en: Texts = {
  code: {
    registration: '{{code}} is your {{app}} registration code. It expires in {{minutes}} min. Do not share it.',
    login: '{{code}} is your {{app}} sign-in code. It expires in {{minutes}} min. Do not share it.',
    two_factor: '{{code}} is your {{app}} security code. It expires in {{minutes}} min. Do not share it.',
    password_reset: '{{code}} is your {{app}} code to reset your password. It expires in {{minutes}} min. Do not share it.',
    phone_change: '{{code}} is your {{app}} code to change your phone number. It expires in {{minutes}} min. Do not share it.',
    payment: '{{code}} is your code to confirm at {{app}}: {{details}}. It expires in {{minutes}} min. Do not share it.',
    marketing_opt_in: '{{code}} is your code to confirm that you want texts from {{app}}. It expires in {{minutes}} min.',
    other: '{{code}} is your {{app}} code. It expires in {{minutes}} min. Do not share it.',
  },
  notice: {
    password_changed: 'Your {{app}} password was changed. If this was not you, contact {{app}} now.',
    password_reset: 'Your {{app}} password was reset. If this was not you, contact {{app}} now.',
    phone_changed_old: 'The phone number of your {{app}} account was changed. If this was not you, contact {{app}} now.',
    phone_changed_new: 'This phone number now belongs to your {{app}} account.',
    security_alert: 'There was unusual activity in your {{app}} account. If this was not you, contact {{app}} now.',
  },
}
