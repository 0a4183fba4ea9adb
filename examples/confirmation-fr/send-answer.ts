import type { SendCodeOutcome } from 'phone-verify'
import type { Language, Sentence } from '../service/language.js'
import { outcomeSentence } from '../service/outcome-answer.js'
import type { Answer } from '../service/route.js'
import type { Telephone } from './phone-field.js'
import type { SessionCookie } from './session-cookie.js'
import { refused, succeeded, tooMany, wrongFields } from './wire.js'

export interface Said {
  readonly telephone: Telephone
  readonly message: string
  readonly language: Language
  readonly cookie: SessionCookie
}

/** What a send answers: never the code, which only the phone may know. */
export function sendAnswer(sent: SendCodeOutcome, { telephone, message, language, cookie }: Said): Answer {
  if (sent.ok) return succeeded(message, { telephone: telephone.typed }, cookie.keep(sent.sessionToken))
  if (sent.reason === 'rate_limited') return tooMany(sent.retryAfterMs, language)
  return wrongFields({ telephone: [outcomeSentence(sent, language)] })
}

const unavailable: Sentence = {
  fr: 'Service SMS indisponible. Réessayez plus tard.',
  en: 'The SMS service is unavailable. Try again later.',
}

/**
 * The provider is away, and everything was given back. What it said stays in the log: it may name the network, or hold the number.
 *
 * @throws what is anything else
 */
export function smsUnavailable(error: unknown, language: Language): Answer {
  if (Object(error).code !== 'ERR_PV_SMS_UNAVAILABLE') throw error
  return refused(503, unavailable[language], { 'retry-after': '5' })
}
