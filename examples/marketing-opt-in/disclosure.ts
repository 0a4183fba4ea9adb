import { createHash } from 'node:crypto'
import { type Language, languages } from '../service/language.js'
import { brand, textsAMonth } from './programs.js'

/** What stands at the consent box, character for character. */
export interface Disclosure {
  readonly language: Language
  readonly text: string
  /** SHA-256 of the text: who agrees to one text has not agreed to another. */
  readonly version: string
}

/** Brand, kind, frequency, costs, how to leave, where the terms are, and that nobody has to (L2). */
const texts: Readonly<Record<Language, (site: string) => string>> = {
  en: (site) =>
    `I agree to receive recurring automated marketing texts from ${brand} (up to ${textsAMonth} a month) at the number above. Consent is not a condition of any purchase. Message and data rates may apply. Reply STOP to unsubscribe, HELP for help. Terms: ${site}/terms Privacy: ${site}/privacy`,
  fr: (site) =>
    `J’accepte de recevoir régulièrement des SMS publicitaires automatisés de ${brand} (${textsAMonth} par mois au plus) au numéro ci-dessus. Cet accord n’est la condition d’aucun achat. Des frais de messagerie et de données peuvent s’appliquer. Répondez STOP pour vous désinscrire, AIDE pour obtenir de l’aide. Conditions : ${site}/terms Confidentialité : ${site}/privacy`,
}

/** The disclosures of a site, by language. */
export function disclosuresOf({ origin }: URL): Readonly<Record<Language, Disclosure>> {
  const made = languages.map((language) => {
    const text = texts[language](origin)
    return [language, { language, text, version: createHash('sha256').update(text).digest('base64url') }] as const
  })
  return Object.fromEntries(made) as Record<Language, Disclosure>
}
