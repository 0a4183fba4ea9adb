import { refusalSentence } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import { outcomeSentence, type RefusedOutcome } from '../service/outcome-answer.js'
import type { Wire } from '../service/refusal.js'
import type { Answer } from '../service/route.js'

type Fields = Readonly<Record<string, readonly string[]>>

const sentences = {
  name_missing: { fr: 'Ce champ est obligatoire.', en: 'This field is required.' },
  email_invalid: { fr: 'Saisissez une adresse e-mail valide.', en: 'Enter a valid e-mail address.' },
  timezone_unknown: { fr: 'Ce fuseau horaire est inconnu.', en: 'This time zone is unknown.' },
  phone_invalid: { fr: 'Ce numéro de téléphone n’est pas valide.', en: 'This is not a valid phone number.' },
} as const satisfies Readonly<Record<string, Sentence>>

const signInAgain: Sentence = {
  fr: 'Reconnectez-vous, avec votre second facteur si vous en avez un : cette action demande une connexion récente.',
  en: 'Sign in again, with your second factor where you have one: this takes a recent sign-in.',
}

const locked: Sentence = {
  fr: 'Votre compte est temporairement verrouillé. Veuillez réessayer plus tard.',
  en: 'Your account is locked for a while. Please try again later.',
}

/** Fields that are wrong, each with its sentences. */
export const wrongFields = (fields: Fields): Answer => ({ status: 400, body: fields })

/** A request that is right and still refused. */
export const refused = (status: number, error: string, headers: Answer['headers'] = {}): Answer => ({ status, body: { error }, headers })

export const accountLocked = (retryAfterMs: number, language: Language): Answer =>
  refused(429, locked[language], { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) })

const tokenNotValidBody = (type: 'access' | 'refresh') => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: type === 'access' ? 'AccessToken' : 'RefreshToken', token_type: type, message: 'Token is invalid or expired' }],
})

export const tokenNotValid = (type: 'access' | 'refresh'): Answer => ({ status: 401, body: tokenNotValidBody(type) })

/** An outcome of the verifier, under the field that it speaks of. */
export function outcomeReply(outcome: RefusedOutcome, language: Language): Answer {
  if (outcome.reason === 'locked') return accountLocked(outcome.retryAfterMs, language)
  const sentence = outcomeSentence(outcome, language)
  switch (outcome.reason) {
    case 'rate_limited':
      return refused(429, sentence, { 'retry-after': String(Math.ceil(outcome.retryAfterMs / 1_000)) })
    case 'blocked':
    case 'unknown_tenant':
      return refused(403, sentence)
    case 'incorrect_code':
    case 'malformed_code':
      return wrongFields({ code: [sentence] })
    case 'invalid_session':
    case 'expired':
    case 'too_many_attempts':
    case 'already_used':
      return wrongFields({ session_token: [sentence] })
    default:
      return wrongFields({ phone: [sentence] })
  }
}

/** `{ field: [sentences] }` for what is invalid, `{ detail, code, messages }` for tokens, `{ error }` for the rest. */
export const wire: Wire = {
  sentences,
  refusal(refusal, language) {
    if (refusal.refused === 'unauthorized') return tokenNotValidBody('access')
    if (refusal.refused === 'forbidden') return { error: signInAgain[language] }
    if (refusal.refused !== 'invalid') return { error: refusalSentence(refusal, language) }
    const { '': whole, ...fields } = refusal.fields
    return whole ? { ...fields, non_field_errors: whole } : fields
  },
}
