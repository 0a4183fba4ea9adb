import type { Language, Sentence } from '../service/language.js'

export const sentences = {
  time_wrong: { fr: 'Donnez une heure comme 22:00.', en: 'Give a time such as 22:00.' },
  time_zone_unknown: { fr: 'Fuseau horaire inconnu. Exemple : Europe/Paris.', en: 'Unknown time zone. An example: Europe/Paris.' },
  quiet_hours_half: { fr: 'Donnez le début et la fin, ou aucun des deux.', en: 'Give start and end, or neither.' },
  quiet_hours_empty: { fr: 'Le début et la fin sont les mêmes.', en: 'Start and end are the same.' },
  preferences: { fr: 'Préférences de notification.', en: 'Notification preferences.' },
  kept: { fr: 'Préférences enregistrées.', en: 'Preferences saved.' },
  no_phone: {
    fr: 'Aucun numéro vérifié : vérifiez votre téléphone avant d’activer les SMS.',
    en: 'No verified phone number: verify your phone before you switch texts on.',
  },
  raised: { fr: 'Alerte créée.', en: 'Alert raised.' },
  raised_before: { fr: 'Cette alerte existait déjà.', en: 'This alert was raised before.' },
  nobody: { fr: 'Ce compte n’existe pas ou est fermé.', en: 'There is no such account, or it is closed.' },
  alerts: { fr: 'Alertes.', en: 'Alerts.' },
  cursor_wrong: { fr: 'after doit être le cursor d’une réponse.', en: 'after must be the cursor of a reply.' },
  alert_unknown: { fr: 'Alerte introuvable.', en: 'There is no such alert.' },
  why: { fr: 'Ce qu’est devenue cette alerte.', en: 'What became of this alert.' },
  log: { fr: 'Journal des envois.', en: 'Delivery log.' },
  costs: { fr: 'SMS du mois.', en: 'Texts of the month.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** Every reason of the log in words, with what to do about it. */
export const reasons: Readonly<Record<string, Sentence>> = {
  passed: { fr: 'Vos préférences la laissent passer.', en: 'Your preferences let it pass.' },
  method_disabled: { fr: 'Ce canal est désactivé : voyez enabled_methods.', en: 'This channel is switched off: see enabled_methods.' },
  no_phone: { fr: 'Aucun numéro vérifié dans votre compte.', en: 'Your account has no verified phone number.' },
  no_email: { fr: 'Aucune adresse e-mail dans votre compte.', en: 'Your account has no e-mail address.' },
  below_minimum: { fr: 'Sévérité trop basse : voyez min_severity.', en: 'Its severity is below your minimum: see min_severity.' },
  kind_too_mild: { fr: 'Trop bénigne pour un SMS, pour une alerte de ce type.', en: 'Too mild for a text, for an alert of this kind.' },
  quiet_hours: { fr: 'Heures silencieuses : voyez quiet_hours.', en: 'Quiet hours: see quiet_hours.' },
  hourly_cap: {
    fr: 'Maximum par heure atteint : voyez max_notifications_per_hour.',
    en: 'Hourly maximum reached: see max_notifications_per_hour.',
  },
  released: { fr: 'Retenue jusque-là, envoyée maintenant.', en: 'Held back until now, and sent.' },
  accepted: { fr: 'Remise à l’opérateur.', en: 'Handed to the carrier.' },
  no_answer: { fr: 'L’opérateur n’a pas répondu : peut-être envoyée.', en: 'The carrier did not answer: perhaps it was sent.' },
  undeliverable: { fr: 'L’opérateur refuse ce numéro.', en: 'The carrier refuses this number.' },
  provider_unavailable: { fr: 'Opérateur indisponible : nouvel essai prévu.', en: 'The carrier is away: it is tried again.' },
  sms_not_configured: {
    fr: 'Envoi de SMS mal configuré : nouvel essai prévu.',
    en: 'Texts are not set up well: it is tried again.',
  },
  credentials_refused: {
    fr: 'L’opérateur refuse nos identifiants, ou le compte est suspendu : nouvel essai prévu.',
    en: 'The carrier refuses our credentials, or the account is suspended: it is tried again.',
  },
  credit_used_up: {
    fr: 'Crédit de l’opérateur épuisé : nouvel essai prévu.',
    en: 'The credit with the carrier is used up: it is tried again.',
  },
  mail_unavailable: { fr: 'Messagerie indisponible : nouvel essai prévu.', en: 'The mail server is away: it is tried again.' },
  email_not_configured: { fr: 'Envoi d’e-mails non configuré.', en: 'E-mail is not set up.' },
  interrupted: { fr: 'Envoi interrompu : nouvel essai prévu.', en: 'Interrupted while it was sent: it is tried again.' },
  account_closed: { fr: 'Compte fermé.', en: 'The account is closed.' },
}

export const reasonIn = (reason: string, language: Language): string => reasons[reason]?.[language] ?? reason
