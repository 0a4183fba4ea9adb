import type { Texts } from './texts.js'

export const de: Texts = {
  code: {
    registration: '{{code}} ist Ihr Registrierungscode für {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    login: '{{code}} ist Ihr Anmeldecode für {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    two_factor: '{{code}} ist Ihr Sicherheitscode für {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    password_reset:
      '{{code}} ist Ihr Code zum Zurücksetzen des Passworts bei {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    phone_change: '{{code}} ist Ihr Code zum Ändern der Telefonnummer bei {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    payment: '{{code}} ist Ihr Code zur Bestätigung bei {{app}}: {{details}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
    marketing_opt_in: '{{code}} ist Ihr Code zur Bestätigung, dass Sie SMS von {{app}} erhalten möchten. Er gilt {{minutes}} Min.',
    other: '{{code}} ist Ihr Code für {{app}}. Er gilt {{minutes}} Min. Geben Sie ihn nicht weiter.',
  },
  notice: {
    password_changed: 'Ihr Passwort bei {{app}} wurde geändert. Falls Sie das nicht waren, wenden Sie sich umgehend an {{app}}.',
    password_reset: 'Ihr Passwort bei {{app}} wurde zurückgesetzt. Falls Sie das nicht waren, wenden Sie sich umgehend an {{app}}.',
    phone_changed_old:
      'Die Telefonnummer Ihres Kontos bei {{app}} wurde geändert. Falls Sie das nicht waren, wenden Sie sich umgehend an {{app}}.',
    phone_changed_new: 'Diese Telefonnummer gehört jetzt zu Ihrem Konto bei {{app}}.',
    security_alert:
      'In Ihrem Konto bei {{app}} gab es ungewöhnliche Aktivitäten. Falls Sie das nicht waren, wenden Sie sich umgehend an {{app}}.',
  },
}
