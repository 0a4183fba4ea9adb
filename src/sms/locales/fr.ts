import type { Texts } from './texts.js'

export const fr: Texts = {
  code: {
    registration: "{{code}} est votre code d'inscription {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.",
    login: '{{code}} est votre code de connexion {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.',
    two_factor: '{{code}} est votre code de sécurité {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.',
    password_reset:
      '{{code}} est le code pour réinitialiser votre mot de passe {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.',
    phone_change:
      '{{code}} est le code pour changer votre numéro de téléphone {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.',
    payment: '{{code}} est votre code pour valider sur {{app}} : {{details}}. Valable {{minutes}} min. Ne le communiquez à personne.',
    marketing_opt_in: '{{code}} est le code pour confirmer votre abonnement aux SMS {{app}}. Valable {{minutes}} min.',
    other: '{{code}} est votre code {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.',
  },
  notice: {
    password_changed: "Votre mot de passe {{app}} a été modifié. Si ce n'était pas vous, contactez {{app}} immédiatement.",
    password_reset: "Votre mot de passe {{app}} a été réinitialisé. Si ce n'était pas vous, contactez {{app}} immédiatement.",
    phone_changed_old:
      "Le numéro de téléphone de votre compte {{app}} a été modifié. Si ce n'était pas vous, contactez {{app}} immédiatement.",
    phone_changed_new: 'Ce numéro de téléphone est désormais associé à votre compte {{app}}.',
    security_alert:
      "Une activité inhabituelle a été détectée sur votre compte {{app}}. Si ce n'était pas vous, contactez {{app}} immédiatement.",
  },
}
