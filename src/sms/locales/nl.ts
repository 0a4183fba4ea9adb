import type { Texts } from './texts.js'

export const nl: Texts = {
  code: {
    registration: '{{code}} is uw registratiecode voor {{app}}. Geldig: {{minutes}} min. Deel deze code met niemand.',
    login: '{{code}} is uw inlogcode voor {{app}}. Geldig: {{minutes}} min. Deel deze code met niemand.',
    two_factor: '{{code}} is uw beveiligingscode voor {{app}}. Geldig: {{minutes}} min. Deel deze code met niemand.',
    password_reset:
      '{{code}} is de code om uw wachtwoord bij {{app}} opnieuw in te stellen. Geldig: {{minutes}} min. Deel deze code met niemand.',
    phone_change: '{{code}} is de code om uw telefoonnummer bij {{app}} te wijzigen. Geldig: {{minutes}} min. Deel deze code met niemand.',
    payment: '{{code}} is de code om bij {{app}} te bevestigen: {{details}}. Geldig: {{minutes}} min. Deel deze code met niemand.',
    marketing_opt_in: '{{code}} is de code om te bevestigen dat u sms-berichten van {{app}} wilt ontvangen. Geldig: {{minutes}} min.',
    other: '{{code}} is uw code voor {{app}}. Geldig: {{minutes}} min. Deel deze code met niemand.',
  },
  notice: {
    password_changed: 'Uw wachtwoord bij {{app}} is gewijzigd. Hebt u dit niet zelf gedaan? Neem dan direct contact op met {{app}}.',
    password_reset: 'Uw wachtwoord bij {{app}} is opnieuw ingesteld. Hebt u dit niet zelf gedaan? Neem dan direct contact op met {{app}}.',
    phone_changed_old:
      'Het telefoonnummer van uw account bij {{app}} is gewijzigd. Hebt u dit niet zelf gedaan? Neem dan direct contact op met {{app}}.',
    phone_changed_new: 'Dit telefoonnummer hoort nu bij uw account bij {{app}}.',
    security_alert: 'Er is ongebruikelijke activiteit in uw account bij {{app}}. Was u dit niet? Neem dan direct contact op met {{app}}.',
  },
}
