import type { Sentence } from '../../service/language.js'

export const sentences = {
  listed: { fr: 'Liste blanche récupérée avec succès', en: 'Allow-list retrieved' },
  added: { fr: 'Numéro ajouté à la liste blanche avec succès', en: 'Number added to the allow-list' },
  changed: { fr: 'Numéro mis à jour dans la liste blanche', en: 'Number updated in the allow-list' },
  allowed: { fr: 'Numéro autorisé', en: 'Number allowed' },
  notAllowed: { fr: 'Numéro non autorisé', en: 'Number not allowed' },
  removed: { fr: 'Numéro supprimé de la liste blanche avec succès', en: 'Number removed from the allow-list' },
  unknown: { fr: "Ce numéro n'est pas dans la liste blanche", en: 'This number is not in the allow-list' },
} as const satisfies Readonly<Record<string, Sentence>>
