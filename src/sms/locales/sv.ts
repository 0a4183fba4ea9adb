import type { Texts } from './texts.js'

export const sv: Texts = {
  code: {
    registration: '{{code}} är din registreringskod för {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    login: '{{code}} är din inloggningskod för {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    two_factor: '{{code}} är din säkerhetskod för {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    password_reset: '{{code}} är din kod för att återställa lösenordet hos {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    phone_change: '{{code}} är din kod för att byta telefonnummer hos {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    payment: '{{code}} är din kod för att bekräfta hos {{app}}: {{details}}. Giltig i {{minutes}} min. Dela den inte med någon.',
    marketing_opt_in: '{{code}} är din kod för att bekräfta att du vill få sms från {{app}}. Giltig i {{minutes}} min.',
    other: '{{code}} är din kod för {{app}}. Giltig i {{minutes}} min. Dela den inte med någon.',
  },
  notice: {
    password_changed: 'Ditt lösenord hos {{app}} har ändrats. Om det inte var du, kontakta {{app}} omedelbart.',
    password_reset: 'Ditt lösenord hos {{app}} har återställts. Om det inte var du, kontakta {{app}} omedelbart.',
    phone_changed_old: 'Telefonnumret för ditt konto hos {{app}} har ändrats. Om det inte var du, kontakta {{app}} omedelbart.',
    phone_changed_new: 'Det här telefonnumret hör nu till ditt konto hos {{app}}.',
    security_alert: 'Ovanlig aktivitet har upptäckts på ditt konto hos {{app}}. Om det inte var du, kontakta {{app}} omedelbart.',
  },
}
