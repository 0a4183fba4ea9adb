import type { ResendCodeOutcome, SendCodeOutcome, VerifyCodeOutcome } from 'phone-verify'
import { failure } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Answer } from '../service/route.js'
import { fieldSentences, sentences } from './sentences.js'

/** Why this number does not get an account. */
export function phoneRefusal(language: Language, reason: keyof typeof fieldSentences, advice?: keyof typeof fieldSentences): Answer {
  const said = fieldSentences[reason][language]
  return failure(400, `${sentences.registrationFailed[language]}: ${said}`, {
    phone: advice === undefined ? [said] : [said, fieldSentences[advice][language]],
  })
}

/** What the verifier says no with, in the words of a registration. */
export function registrationRefusal(
  outcome: Extract<SendCodeOutcome | ResendCodeOutcome | VerifyCodeOutcome, { readonly ok: false }>,
  language: Language,
): Answer {
  switch (outcome.reason) {
    case 'blocked':
      return phoneRefusal(language, 'not_allowed')
    case 'invalid_phone_number':
    case 'country_not_allowed':
    case 'number_type_not_allowed':
    case 'undeliverable':
      return phoneRefusal(language, outcome.reason)
    // Which of these it is helps whoever guesses, and nobody else.
    case 'incorrect_code':
    case 'malformed_code':
    case 'invalid_session':
      return failure(400, sentences.wrongCode[language])
    default:
      return outcomeAnswer(outcome, language)
  }
}
