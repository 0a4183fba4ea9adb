import type { Texts } from './texts.js'

export const pl: Texts = {
  code: {
    registration: '{{code}}: kod rejestracji w {{app}}. Wygasa za {{minutes}} min. Nie podawaj go nikomu.',
    login: '{{code}}: kod logowania do {{app}}. Wygasa za {{minutes}} min. Nie podawaj go nikomu.',
    two_factor: '{{code}}: kod bezpieczeństwa {{app}}. Nie podawaj go nikomu.',
    password_reset: '{{code}}: kod do zmiany hasła w {{app}}. Nie podawaj go nikomu.',
    phone_change: '{{code}}: kod do zmiany numeru telefonu w {{app}}. Wygasa za {{minutes}} min. Nie podawaj go nikomu.',
    payment: '{{code}}: kod do potwierdzenia w {{app}}: {{details}}. Wygasa za {{minutes}} min. Nie podawaj go nikomu.',
    marketing_opt_in: '{{code}}: kod potwierdzenia zgody na SMS-y od {{app}}. Wygasa za {{minutes}} min.',
    other: '{{code}}: kod do {{app}}. Wygasa za {{minutes}} min. Nie podawaj go nikomu.',
  },
  notice: {
    password_changed: 'Zmieniono hasło w {{app}}. To nie Ty? Skontaktuj się z nami.',
    password_reset: 'Zresetowano hasło w {{app}}. To nie Ty? Skontaktuj się z nami.',
    phone_changed_old: 'Zmieniono nr telefonu w {{app}}. To nie Ty? Skontaktuj się z nami.',
    phone_changed_new: 'Ten numer telefonu należy teraz do Twojego konta w {{app}}.',
    security_alert: 'Nietypowa aktywność w {{app}}. To nie Ty? Skontaktuj się z nami.',
  },
}
