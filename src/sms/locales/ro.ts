import type { Texts } from './texts.js'

export const ro: Texts = {
  code: {
    registration: '{{code}} este codul dvs. de înregistrare {{app}}. Nu îl divulgați.',
    login: '{{code}} este codul dvs. de autentificare {{app}}. Nu îl divulgați.',
    two_factor: '{{code}} este codul dvs. de securitate {{app}}. Nu îl divulgați.',
    password_reset: '{{code}}: cod pentru resetarea parolei {{app}}. Nu îl divulgați.',
    phone_change: '{{code}}: cod pentru schimbarea telefonului {{app}}. Nu îl divulgați.',
    payment: '{{code}}: cod de confirmare la {{app}}: {{details}}. Valabil {{minutes}} min.',
    marketing_opt_in: '{{code}}: cod pentru confirmarea abonării la SMS-uri {{app}}.',
    other: '{{code}} este codul dvs. {{app}}. Valabil {{minutes}} min. Nu îl divulgați.',
  },
  notice: {
    password_changed: 'Parola {{app}} a fost schimbată. Nu ați fost dvs.? Contactați-ne.',
    password_reset: 'Parola {{app}} a fost resetată. Nu ați fost dvs.? Contactați-ne.',
    phone_changed_old: 'Telefon nou în contul {{app}}. Nu ați fost dvs.? Contactați-ne.',
    phone_changed_new: 'Acest număr de telefon aparține acum contului dvs. {{app}}.',
    security_alert: 'Activitate neobișnuită la {{app}}. Nu ați fost dvs.? Contactați-ne.',
  },
}
