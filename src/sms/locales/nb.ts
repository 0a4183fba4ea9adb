import type { Texts } from './texts.js'

export const nb: Texts = {
  code: {
    registration: '{{code}} er registreringskoden din for {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    login: '{{code}} er innloggingskoden din for {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    two_factor: '{{code}} er sikkerhetskoden din for {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    password_reset: '{{code}} er koden for å tilbakestille passordet ditt hos {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    phone_change: '{{code}} er koden for å endre telefonnummeret ditt hos {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    payment: '{{code}} er koden for å bekrefte hos {{app}}: {{details}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
    marketing_opt_in: '{{code}} er koden for å bekrefte at du vil motta SMS fra {{app}}. Gyldig i {{minutes}} min.',
    other: '{{code}} er koden din for {{app}}. Gyldig i {{minutes}} min. Ikke del den med noen.',
  },
  notice: {
    password_changed: 'Passordet ditt hos {{app}} er endret. Hvis det ikke var deg, må du kontakte {{app}} umiddelbart.',
    password_reset: 'Passordet ditt hos {{app}} er tilbakestilt. Hvis det ikke var deg, må du kontakte {{app}} umiddelbart.',
    phone_changed_old: 'Telefonnummeret til kontoen din hos {{app}} er endret. Hvis det ikke var deg, må du kontakte {{app}} umiddelbart.',
    phone_changed_new: 'Dette telefonnummeret hører nå til kontoen din hos {{app}}.',
    security_alert:
      'Det er registrert uvanlig aktivitet på kontoen din hos {{app}}. Hvis det ikke var deg, må du kontakte {{app}} umiddelbart.',
  },
}
