import type { Texts } from './texts.js'

export const fa: Texts = {
  code: {
    registration: '{{code}} کد ثبت نام شما در {{app}} است. آن را به کسی ندهید.',
    login: '{{code}} کد ورود شما به {{app}} است. آن را به کسی ندهید.',
    two_factor: '{{code}} کد امنیتی شما در {{app}} است. آن را به کسی ندهید.',
    password_reset: '{{code}} کد بازیابی گذرواژه شما در {{app}} است. آن را به کسی ندهید.',
    phone_change: '{{code}} کد تغییر شماره تلفن در {{app}} است. آن را به کسی ندهید.',
    payment: '{{code}} کد تأیید در {{app}}: {{details}}. به کسی ندهید.',
    marketing_opt_in: '{{code}} کد تأیید دریافت پیامک از {{app}} است. اعتبار: {{minutes}} دقیقه.',
    other: '{{code}} کد شما در {{app}} است. اعتبار: {{minutes}} دقیقه. آن را به کسی ندهید.',
  },
  notice: {
    password_changed: 'گذرواژه شما در {{app}} تغییر کرد. اگر کار شما نبود، اطلاع دهید.',
    password_reset: 'گذرواژه شما در {{app}} بازیابی شد. اگر کار شما نبود، اطلاع دهید.',
    phone_changed_old: 'شماره تلفن شما در {{app}} تغییر کرد. اگر کار شما نبود، اطلاع دهید.',
    phone_changed_new: 'این شماره تلفن اکنون به حساب شما در {{app}} تعلق دارد.',
    security_alert: 'فعالیت غیرعادی در حساب {{app}}. اگر کار شما نبود، اطلاع دهید.',
  },
}
