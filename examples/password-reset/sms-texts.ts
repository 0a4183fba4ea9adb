import type { LocalizedTexts } from 'phone-verify/sms/localized'

/**
 * The link leads to a page and carries no secret: who reads it in a log, a history or a `Referer` has nothing. The code stands first, and
 * once more in the last line, which browsers fill in on our site alone.
 */
export const smsTexts: Readonly<Record<'fr' | 'en', LocalizedTexts>> = {
  fr: {
    code: {
      password_reset: '{{code}} : votre code {{app}} de réinitialisation, {{minutes}} min. Ne le donnez à personne. {{link}}',
      password_change: '{{code}} est votre code {{app}} pour changer de mot de passe. Valable {{minutes}} min. Ne le donnez à personne.',
    },
    notice: {
      password_reset: "Votre mot de passe {{app}} a été réinitialisé. Ce n'était pas vous ? Réinitialisez-le ici : {{link}}",
      password_changed: "Votre mot de passe {{app}} a été modifié. Ce n'était pas vous ? Réinitialisez-le ici : {{link}}",
    },
  },
  en: {
    code: {
      password_reset: '{{code}} is your {{app}} code to reset your password, {{minutes}} min. Give it to nobody. {{link}}',
      password_change: '{{code}} is your {{app}} code to change your password. Valid for {{minutes}} min. Give it to nobody.',
    },
    notice: {
      password_reset: 'Your {{app}} password was reset. Was it not you? Reset it here: {{link}}',
      password_changed: 'Your {{app}} password was changed. Was it not you? Reset it here: {{link}}',
    },
  },
}
