import type { ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from 'phone-verify'
import { failure } from './envelope.js'
import type { Language, Sentence } from './language.js'
import type { Answer } from './route.js'

/** What a verifier says no with. */
export type RefusedOutcome = Extract<SendCodeOutcome | ResendCodeOutcome | VerifyCodeOutcome, { readonly ok: false }>

/** An outcome that is no success, in the envelope: 429 where waiting helps, 403 where the app itself said no, else 400. */
export function outcomeAnswer(outcome: RefusedOutcome, language: Language): Answer {
  const sentence = outcomeSentence(outcome, language)
  if (outcome.reason === 'rate_limited' || outcome.reason === 'locked') {
    return failure(429, sentence, { reason: outcome.reason }, { 'retry-after': secondsOf(outcome) })
  }
  if (outcome.reason === 'incorrect_code') {
    return failure(400, sentence, { reason: outcome.reason, attempts_left: outcome.attemptsLeft })
  }
  return failure(outcome.reason === 'blocked' ? 403 : 400, sentence, { reason: outcome.reason })
}

const secondsOf = ({ retryAfterMs }: { readonly retryAfterMs: number }) => String(Math.ceil(retryAfterMs / 1_000))

/** Such an outcome in words, for apps that wear no envelope. */
export function outcomeSentence(outcome: RefusedOutcome, language: Language): string {
  const sentence = sentences[outcome.reason][language]
  return 'retryAfterMs' in outcome ? sentence.replace('{seconds}', secondsOf(outcome)) : sentence
}

const sentences: Readonly<Record<RefusedOutcome['reason'], Sentence>> = {
  invalid_phone_number: { fr: 'Ce numéro de téléphone n’est pas valide.', en: 'This is not a valid phone number.' },
  country_not_allowed: { fr: 'Les numéros de ce pays ne sont pas acceptés.', en: 'Numbers of this country are not accepted.' },
  number_type_not_allowed: { fr: 'Il faut un numéro de téléphone mobile.', en: 'It must be the number of a mobile phone.' },
  undeliverable: { fr: 'Ce numéro ne peut pas recevoir de SMS.', en: 'This number cannot receive texts.' },
  blocked: { fr: 'Ce numéro n’est pas autorisé.', en: 'This number is not allowed.' },
  unknown_tenant: { fr: 'Service inconnu.', en: 'Unknown service.' },
  rate_limited: { fr: 'Trop de demandes. Réessayez dans {seconds} secondes.', en: 'Too many requests. Try again in {seconds} seconds.' },
  locked: {
    fr: 'Trop de codes incorrects. Réessayez dans {seconds} secondes.',
    en: 'Too many wrong codes. Try again in {seconds} seconds.',
  },
  incorrect_code: { fr: 'Code de vérification incorrect.', en: 'Wrong verification code.' },
  malformed_code: { fr: 'Le code doit comporter 6 chiffres.', en: 'The code must have 6 digits.' },
  invalid_session: { fr: 'Cette demande est inconnue. Recommencez.', en: 'This request is unknown. Start again.' },
  expired: { fr: 'Le code a expiré. Demandez-en un nouveau.', en: 'The code has expired. Ask for a new one.' },
  too_many_attempts: { fr: 'Trop d’essais. Demandez un nouveau code.', en: 'Too many attempts. Ask for a new code.' },
  already_used: { fr: 'Ce code a déjà été utilisé.', en: 'This code was used already.' },
}
