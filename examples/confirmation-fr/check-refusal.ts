import type { Language } from '../service/language.js'
import type { Answer } from '../service/route.js'
import type { Checked } from './codes.js'
import { refused, tooMany } from './wire.js'

/** A code that opened nothing. Why is not said: wrong, expired, used, another's and none at all are one answer. */
export const checkRefusal = (checked: Extract<Checked<unknown>, { readonly ok: false }>, message: string, language: Language): Answer =>
  checked.reason === 'rate_limited' || checked.reason === 'locked' ? tooMany(checked.retryAfterMs, language) : refused(400, message)
