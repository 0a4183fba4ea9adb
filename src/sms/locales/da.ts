import type { Texts } from './texts.js'

export const da: Texts = {
  code: {
    registration: '{{code}} er din registreringskode til {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    login: '{{code}} er din loginkode til {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    two_factor: '{{code}} er din sikkerhedskode til {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    password_reset: '{{code}} er din kode til at nulstille din adgangskode hos {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    phone_change: '{{code}} er din kode til at ændre dit telefonnummer hos {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    payment: '{{code}} er din kode til at bekræfte hos {{app}}: {{details}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
    marketing_opt_in: "{{code}} er din kode til at bekræfte, at du vil modtage sms'er fra {{app}}. Gyldig i {{minutes}} min.",
    other: '{{code}} er din kode til {{app}}. Gyldig i {{minutes}} min. Del den ikke med nogen.',
  },
  notice: {
    password_changed: 'Din adgangskode hos {{app}} er blevet ændret. Hvis det ikke var dig, skal du straks kontakte {{app}}.',
    password_reset: 'Din adgangskode hos {{app}} er blevet nulstillet. Hvis det ikke var dig, skal du straks kontakte {{app}}.',
    phone_changed_old: 'Telefonnummeret på din konto hos {{app}} er blevet ændret. Hvis det ikke var dig, skal du straks kontakte {{app}}.',
    phone_changed_new: 'Dette telefonnummer hører nu til din konto hos {{app}}.',
    security_alert:
      'Der er registreret usædvanlig aktivitet på din konto hos {{app}}. Hvis det ikke var dig, skal du straks kontakte {{app}}.',
  },
}
