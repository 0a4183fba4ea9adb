import type { LocalizedOptions } from 'phone-verify/sms/localized'

/**
 * The app's own texts, each in one segment. The code's text says what the code does, so that nobody reads it out to a caller; with a page
 * to type it on, it says where. That link carries no token: whoever opens it must be signed in.
 */
export const textsOf = (hasPage: boolean): LocalizedOptions => ({
  fallbackLocale: 'fr',
  resources: {
    fr: {
      code: {
        phone_change: hasPage
          ? '{{code}} : votre code {{app}} pour changer de numéro, à saisir sur {{page}}. Valable {{minutes}} min. Ne le donnez à personne.'
          : '{{code}} : votre code {{app}} pour changer de numéro. Valable {{minutes}} min. Ne le donnez à personne.',
      },
      notice: {
        phone_changed_old: "Le numéro de votre compte {{app}} a changé. Ce n'était pas vous ? Annulez sous 24 h : {{undo}}",
        phone_changed_new: 'Ce numéro est maintenant celui de votre compte {{app}}. Vos autres sessions sont fermées.',
        phone_change_undone:
          'Ce numéro est de nouveau celui de votre compte {{app}}. Choisissez un nouveau mot de passe pour vous connecter.',
      },
    },
    en: {
      code: {
        phone_change: hasPage
          ? '{{code}} is your {{app}} code to change your number, to be typed at {{page}}. It lasts {{minutes}} min. Do not share it.'
          : '{{code}} is your {{app}} code to change your number. It lasts {{minutes}} min. Do not share it.',
      },
      notice: {
        phone_changed_old: 'The number of your {{app}} account was changed. Was it not you? Undo it within 24 h: {{undo}}',
        phone_changed_new: 'This is now the number of your {{app}} account. Your other sessions are over.',
        phone_change_undone: 'This is the number of your {{app}} account again. Choose a new password to sign in.',
      },
    },
  },
})
