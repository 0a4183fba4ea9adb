import type { LocalizedTexts } from 'phone-verify/sms/localized'

/** What an owner is told: `phone_changed_old` is the catalogue's. */
export type Notice = 'two_factor_on' | 'two_factor_off' | 'backup_codes_new' | 'backup_code_used' | 'phone_changed_old'

/** What the texts say that the catalogue does not know, each in one segment. Those of sign-ins are the catalogue's. */
export const texts: Readonly<Record<'fr' | 'en', LocalizedTexts>> = {
  fr: {
    code: {
      two_factor_setup: '{{code}} : votre code pour recevoir les codes de connexion {{app}} sur ce numéro. Valable {{minutes}} min.',
    },
    notice: {
      two_factor_on: "La double authentification {{app}} est active. Si ce n'était pas vous, changez votre mot de passe.",
      two_factor_off: "La double authentification {{app}} est désactivée. Si ce n'était pas vous, changez votre mot de passe.",
      backup_codes_new: "Vos codes de secours {{app}} ont été remplacés. Si ce n'était pas vous, changez votre mot de passe.",
      backup_code_used: "Un code de secours {{app}} a servi à se connecter. Si ce n'était pas vous, changez votre mot de passe.",
    },
  },
  en: {
    code: { two_factor_setup: '{{code}} is your code to get {{app}} sign-in codes on this number. It expires in {{minutes}} min.' },
    notice: {
      two_factor_on: 'Two-factor sign-in to {{app}} is on. If this was not you, change your password.',
      two_factor_off: 'Two-factor sign-in to {{app}} is off. If this was not you, change your password.',
      backup_codes_new: 'Your {{app}} backup codes were replaced. If this was not you, change your password.',
      backup_code_used: 'A backup code signed in to {{app}}. If this was not you, change your password.',
    },
  },
}
