import type { Sentence } from '../service/language.js'

/** What the app says, and what its schemas' messages stand for. */
export const sentences = {
  consent_needed: { fr: 'Cochez la case pour donner votre accord.', en: 'Tick the box to give your consent.' },
  program_unknown: { fr: 'Choisissez parmi les abonnements proposés.', en: 'Choose among the programs on offer.' },
  time_zone_unknown: { fr: 'Ce fuseau horaire est inconnu.', en: 'This time zone is unknown.' },
  disclosure_changed: {
    fr: 'Le texte a changé : relisez-le, puis cochez la case.',
    en: 'The text has changed: read it again, then tick the box.',
  },
  code_sent: { fr: 'Entrez le code que nous venons d’envoyer.', en: 'Enter the code that we have just sent.' },
  code_maybe_sent: { fr: 'Si ce numéro est abonné, un code lui a été envoyé.', en: 'If this number is subscribed, a code was sent to it.' },
  refused_codes: {
    fr: 'L’opérateur refuse nos codes pour ce numéro : il a peut-être répondu STOP. Envoyez START à l’expéditeur du code, ou prenez un autre numéro.',
    en: 'The carrier refuses our codes for this number: it may have answered STOP. Text START to the sender of the codes, or use another number.',
  },
  confirmed: { fr: 'Abonnement confirmé !', en: 'Subscription confirmed!' },
  confirmed_blocked: {
    fr: 'Abonnement confirmé, mais l’opérateur bloque nos SMS : envoyez START au {sender} pour les recevoir.',
    en: 'Subscription confirmed, but the carrier blocks our texts: text START to {sender} to get them.',
  },
  request_gone: { fr: 'Cette demande est inconnue. Recommencez.', en: 'This request is unknown. Start again.' },
  opened: { fr: 'Numéro confirmé.', en: 'Number confirmed.' },
  preferences: { fr: 'Vos préférences.', en: 'Your preferences.' },
  unsubscribed: {
    fr: 'Si ce numéro était abonné, il ne l’est plus. Aucun SMS publicitaire ne partira.',
    en: 'If this number was subscribed, it no longer is. No marketing text will leave.',
  },
  exported: { fr: 'Tout ce que nous savons de vous.', en: 'All that we know of you.' },
  erased: { fr: 'Vos données sont effacées.', en: 'Your data is erased.' },
  campaign: { fr: 'Campagne envoyée autant que possible.', en: 'Campaign sent as far as it could be.' },
  campaign_unknown: { fr: 'Cette campagne est inconnue.', en: 'This campaign is unknown.' },
  inbox: { fr: 'Messages à lire.', en: 'Messages to read.' },
  message_unknown: { fr: 'Ce message est inconnu ou déjà traité.', en: 'This message is unknown or was dealt with.' },
  decided: { fr: 'C’est noté.', en: 'Noted.' },
} as const satisfies Readonly<Record<string, Sentence>>
