import { countSegments } from 'phone-verify/sms/segments'
import { z } from 'zod'

/**
 * A first name that a stranger may put into a text to somebody else's phone: letters, and what joins them. No digit, dot, slash or line
 * break, so that no link, number or sentence of theirs is sent in our name.
 */
export const firstName = z
  .string('prenom_invalid')
  .trim()
  .max(30, 'prenom_invalid')
  .regex(/^\p{L}[\p{L}\p{M}]*(?:[ '’-]\p{L}[\p{L}\p{M}]*){0,3}$/u, 'prenom_invalid')
  .transform(plain)

/** One accent that GSM-7 lacks would make the whole text twice as dear: such a name goes without accents. */
function plain(name: string): string {
  if (countSegments(name).encoding === 'GSM-7') return name
  const folded = name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'")
  return countSegments(folded).encoding === 'GSM-7' ? folded : name
}
