import type { Language, Sentence } from './language.js'
import type { Refusal, Wire } from './refusal.js'
import type { Answer } from './route.js'

/** `{ status, message, data }`, which every reply of some apps is. */
export const success = (status: number, message: string, data: object = {}): Answer => ({
  status,
  body: { status: 'success', message, data },
})

export const failure = (status: number, message: string, data: object = {}, headers: Answer['headers'] = {}): Answer => ({
  status,
  body: { status: 'error', message, data },
  headers,
})

/** A wire whose refusals wear the envelope; the fields of what is invalid are its `data`. */
export const envelopeWire = (sentences: Wire['sentences']): Wire => ({
  sentences,
  refusal: (refusal, language) => ({
    status: 'error',
    message: refusalSentence(refusal, language),
    data: refusal.refused === 'invalid' ? refusal.fields : {},
  }),
})

/** A refusal in words. */
export function refusalSentence(refusal: Refusal, language: Language): string {
  const sentence = refusals[refusal.refused][language]
  return refusal.refused === 'throttled' ? sentence.replace('{seconds}', String(Math.ceil(refusal.retryAfterMs / 1_000))) : sentence
}

const refusals: Readonly<Record<Refusal['refused'], Sentence>> = {
  invalid: { fr: 'Certains champs sont invalides.', en: 'Some fields are invalid.' },
  malformed: { fr: 'La requête est illisible.', en: 'The request cannot be read.' },
  unauthorized: { fr: 'Authentification requise.', en: 'Authentication required.' },
  forbidden: { fr: 'Vous n’avez pas le droit de faire cela.', en: 'You may not do that.' },
  cross_site: { fr: 'Requête d’un autre site refusée.', en: 'Request from another site refused.' },
  not_found: { fr: 'Ressource introuvable.', en: 'Not found.' },
  wrong_method: { fr: 'Méthode non autorisée.', en: 'Method not allowed.' },
  too_large: { fr: 'La requête est trop longue.', en: 'The request is too long.' },
  not_json: { fr: 'Le corps de la requête doit être du JSON.', en: 'The body of the request must be JSON.' },
  throttled: {
    fr: 'Trop de requêtes. Réessayez dans {seconds} secondes.',
    en: 'Request was throttled. Expected available in {seconds} seconds.',
  },
  failed: { fr: 'Une erreur est survenue.', en: 'Something went wrong.' },
  unavailable: { fr: 'Service momentanément indisponible.', en: 'Service unavailable for the moment.' },
}
