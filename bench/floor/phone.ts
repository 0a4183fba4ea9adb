import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { app } from '../contestant.js'

const countries: ReadonlySet<string | undefined> = new Set(app.countries)
const types: ReadonlySet<string | undefined> = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'])

/** The canonical number, if this application sends to it. A number that is not valid has no type, so isValid() would ask the same twice. */
export function recipient(input: unknown): { readonly phone: string; readonly country: string } | undefined {
  if (typeof input !== 'string' || input.length > 64) return undefined
  const parsed = parsePhoneNumberFromString(input, { extract: false })
  if (parsed?.country === undefined || !types.has(parsed.getType()) || !countries.has(parsed.country)) return undefined
  return { phone: parsed.number, country: parsed.country }
}
