import { passwordSentences } from '../accounts/password-policy.js'
import { refusalSentence } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import type { Wire } from '../service/refusal.js'
import type { Answer } from '../service/route.js'

const hour = 3_600_000

const sentences = {
  telephone_invalid: {
    fr: 'Format de numéro invalide. Utilisez 8 à 15 chiffres, avec ou sans le préfixe +',
    en: 'Invalid number. Use 8 to 15 digits, with or without the prefix +',
  },
  prenom_invalid: { fr: 'Prénom invalide. Utilisez 30 lettres au plus.', en: 'Invalid first name. Use 30 letters at most.' },
  field_required: { fr: 'Ce champ est obligatoire.', en: 'This field is required.' },
  ...passwordSentences,
} as const satisfies Readonly<Record<string, Sentence>>

const tooManySentence: Sentence = {
  fr: 'Trop de tentatives. Réessayez dans {hours} heure{s}.',
  en: 'Too many attempts. Try again in {hours} hour{s}.',
}

export const succeeded = (message: string, more: object, headers: Answer['headers'] = {}): Answer => ({
  status: 200,
  body: { success: true, message, ...more },
  headers,
})

export const refused = (status: number, message: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  body: { success: false, message },
  headers,
})

/** Fields that are wrong, each with its sentences. */
export const wrongFields = (fields: Readonly<Record<string, readonly string[]>>): Answer => ({ status: 400, body: fields })

/** The sentence counts in hours, as limits do here; `Retry-After` says it to the second. */
export function tooMany(retryAfterMs: number, language: Language): Answer {
  const hours = Math.ceil(retryAfterMs / hour)
  const sentence = tooManySentence[language].replace('{hours}', String(hours)).replace('{s}', hours > 1 ? 's' : '')
  return refused(429, sentence, { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) })
}

/** `{ field: [sentences] }` for what is invalid, `{ success: false, message }` for the rest. */
export const wire: Wire = {
  sentences,
  refusal: (refusal, language) =>
    refusal.refused === 'invalid' ? refusal.fields : { success: false, message: refusalSentence(refusal, language) },
}
