import type { Texts } from './texts.js'

export const sr: Texts = {
  code: {
    registration: '{{code}} је Ваш код за регистрацију на {{app}}. Не делите га.',
    login: '{{code}} је Ваш код за пријаву на {{app}}. Не делите га ни са ким.',
    two_factor: '{{code}} је Ваш безбедносни код за {{app}}. Не делите га.',
    password_reset: '{{code}}: код за нову лозинку на {{app}}. Не делите га ни са ким.',
    phone_change: '{{code}}: код за промену телефона на {{app}}. Не делите га.',
    payment: '{{code}}: код за потврду на {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: код за потврду пријема SMS порука од {{app}}. Важи {{minutes}} мин.',
    other: '{{code}} је Ваш код за {{app}}. Важи {{minutes}} мин. Не делите га.',
  },
  notice: {
    password_changed: 'Лозинка за {{app}} је промењена. Ако то нисте Ви, јавите нам се.',
    password_reset: 'Лозинка за {{app}} је ресетована. Ако то нисте Ви, јавите нам се.',
    phone_changed_old: 'Телефон налога {{app}} је промењен. Ако то нисте Ви, јавите нам се.',
    phone_changed_new: 'Овај број телефона сада припада Вашем налогу на {{app}}.',
    security_alert: 'Неуобичајена активност на {{app}}. Ако то нисте Ви, јавите нам се.',
  },
}
