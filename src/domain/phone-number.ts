import {
  type CountryCode,
  getCountries,
  type PhoneNumber as Parsed,
  type PhoneNumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { asciiDigit } from './digit.js'

declare const brand: unique symbol

/** A valid phone number in its one canonical form, E.164: `+`, calling code and subscriber number, 7 to 15 ASCII digits. */
export type PhoneNumber = string & { readonly [brand]: 'PhoneNumber' }

/** libphonenumber's names of number types, and `NON_GEOGRAPHIC` for numbers of no country: satellite and global networks (+881, +979). */
export type NumberType = PhoneNumberType | 'NON_GEOGRAPHIC'

/** Which numbers are accepted, and how a national number is read. */
export interface PhoneNumberRules {
  /** The ISO 3166-1 alpha-2 code of the country whose national numbers are understood. None by default: the number begins with `+`. */
  readonly defaultCountry?: string | undefined
  /** Alpha-2 codes, matched with the country of the whole number, and calling codes (`+44`) for all their countries. `'*'` by default. */
  readonly countries?: readonly string[] | '*' | undefined
  /** The types that are accepted; all others are refused. `defaultNumberTypes` by default. */
  readonly numberTypes?: readonly NumberType[] | undefined
}

/** What `parsePhoneNumber` answers. `callingCode` is written with its `+`, as in `countries`. */
export type ParsedPhoneNumber =
  | {
      readonly ok: true
      readonly phone: PhoneNumber
      readonly country: string | undefined
      readonly callingCode: string
      readonly type: NumberType | undefined
    }
  | { readonly ok: false; readonly reason: 'invalid_phone_number' | 'country_not_allowed' | 'number_type_not_allowed' }

/** Types that receive SMS without a surcharge. Some countries do not tell mobile from fixed lines: `FIXED_LINE_OR_MOBILE`. */
export const defaultNumberTypes: readonly NumberType[] = Object.freeze(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'] as const)

const numberTypes: Readonly<Record<NumberType, true>> = {
  MOBILE: true,
  FIXED_LINE: true,
  FIXED_LINE_OR_MOBILE: true,
  VOIP: true,
  PREMIUM_RATE: true,
  TOLL_FREE: true,
  SHARED_COST: true,
  PERSONAL_NUMBER: true,
  PAGER: true,
  UAN: true,
  VOICEMAIL: true,
  NON_GEOGRAPHIC: true,
}
const knownCountries: ReadonlySet<unknown> = new Set(getCountries())

const maxInput = 64
const e164 = /^\+[1-9][0-9]{6,14}$/
const dialled = /^\+?[0-9]+$/
// U+30FC is what a Japanese keyboard types for a hyphen.
const separators = /[\t\p{Zs}\p{Pd}\p{Cf}\u2212\u30fc.()/]/gu

const invalid = Object.freeze({ ok: false, reason: 'invalid_phone_number' })
const countryNotAllowed = Object.freeze({ ok: false, reason: 'country_not_allowed' })
const typeNotAllowed = Object.freeze({ ok: false, reason: 'number_type_not_allowed' })

/**
 * Reads a phone number as people write them, and gives its canonical E.164 form or the reason it is refused.
 *
 * Any value of any type gets an outcome, and only a string can be a number. Spaces, hyphens, dots, slashes and parentheses never change
 * the result; letters, extensions, `tel:` and a second number are refused, never dropped. Standards: ITU-T E.164, UAX #15 (NFKC).
 *
 * @param input at most 64 UTF-16 units
 * @param rules any country, `defaultNumberTypes` and no national numbers by default
 * @returns the number with its country and type, or the first reason against it
 *
 * @example
 * ```ts
 * import { parsePhoneNumber } from 'phone-verify'
 *
 * const parsed = parsePhoneNumber('(415) 555-2671', { defaultCountry: 'US', countries: ['US', 'CA'] })
 * export const said = parsed.ok ? parsed.phone : parsed.reason // +14155552671
 * ```
 */
export function parsePhoneNumber(input: unknown, rules?: PhoneNumberRules): ParsedPhoneNumber {
  if (typeof input !== 'string' || input.length > maxInput) return invalid
  // Most numbers arrive canonical and need none of the work on Unicode.
  const text = e164.test(input) ? input : unformatted(input)
  const { defaultCountry, countries, numberTypes: types = defaultNumberTypes }: PhoneNumberRules = Object.assign(Object.create(null), rules)
  const parsed = text === undefined ? undefined : canonical(text, defaultCountry)
  if (parsed === undefined) return invalid
  const type = typeOf(parsed)
  // isValid() is getType() once more, so it is asked only where the type is unknown.
  if (type === undefined && !parsed.isValid()) return invalid
  const callingCode = `+${parsed.countryCallingCode}`
  if (!admits(countries, parsed.country, callingCode)) return countryNotAllowed
  if (!includes(types, type)) return typeNotAllowed
  return { ok: true, phone: parsed.number as string as PhoneNumber, country: parsed.country, callingCode, type }
}

/** Whether the value is an upper-case ISO 3166-1 alpha-2 code that libphonenumber knows. */
export const isCountry = (value: unknown): boolean => knownCountries.has(value)

/** Whether the value is a calling code that is in use, with its `+`: `+44`, `+881`. */
export const isCallingCode = (value: unknown): boolean =>
  typeof value === 'string' && /^\+[1-9][0-9]{0,2}$/.test(value) && `+${read(`${value}99`)?.countryCallingCode}` === value

/** Whether the value is one of the names of number types. */
export const isNumberType = (value: unknown): value is NumberType => typeof value === 'string' && Object.hasOwn(numberTypes, value)

/** The number without its last four digits: the block that fraudsters walk through. */
export const numberPrefix = (phone: PhoneNumber): string => phone.slice(0, -4)

/** The number an operator names, whatever its country and type; nothing where it is no valid number. */
export function anyNumber(input: unknown, defaultCountry?: string): PhoneNumber | undefined {
  const rules = { ...(defaultCountry !== undefined && { defaultCountry }), numberTypes: Object.keys(numberTypes) as NumberType[] }
  const parsed = parsePhoneNumber(input, rules)
  return parsed.ok ? parsed.phone : undefined
}

/** Whether the visitor typed this very number: as E.164, or as it is dialled in `country`, which is its own unless said. */
export function isSamePhone(input: unknown, phone: PhoneNumber, country: string | undefined = read(phone)?.country): boolean {
  if (input === phone) return true
  if (typeof input !== 'string' || input.length > maxInput) return false
  const text = unformatted(input)
  return text !== undefined && (text === phone || canonical(text, country)?.number === phone)
}

/** The `+` and the digits of an input that has nothing else but separators, or nothing. */
function unformatted(input: string): string | undefined {
  // NFKC makes digits of ², ① and ½, which nobody means as digits.
  if (/\p{No}/u.test(input)) return undefined
  const text = input
    .normalize('NFKC')
    .replace(separators, '')
    .replace(/\p{Nd}/gu, asciiDigit)
  return dialled.test(text) ? text : undefined
}

function canonical(text: string, defaultCountry: string | undefined): Parsed | undefined {
  const parsed = read(text, defaultCountry)
  if (parsed === undefined || !e164.test(parsed.number)) return undefined
  if (parsed.number === text) return parsed
  // A rewritten number (trunk prefix, carrier code, national form) counts only if what came out is read back as itself.
  const again = read(parsed.number)
  return again?.number === parsed.number ? again : undefined
}

function read(text: string, defaultCountry?: string): Parsed | undefined {
  // A country that libphonenumber does not know is taken for none. What is not meant is said too, or a polluted Object.prototype says it.
  const country = (defaultCountry || undefined) as CountryCode
  const rules = { extract: false, defaultCountry: country, defaultCallingCode: undefined as unknown as string }
  return parsePhoneNumberFromString(text, rules)
}

function typeOf(parsed: Parsed): NumberType | undefined {
  const type = parsed.getType()
  return type !== undefined && parsed.country === undefined ? 'NON_GEOGRAPHIC' : type
}

function admits(countries: PhoneNumberRules['countries'], country: string | undefined, callingCode: string): boolean {
  return countries === undefined || countries === '*' || includes(countries, country) || includes(countries, callingCode)
}

// A rule of the wrong type admits nothing: a string's own includes() would find MOBILE in FIXED_LINE_OR_MOBILE, and a list with
// a hole in it would find a country that is not known.
const includes = (list: readonly string[], entry: string | undefined): boolean =>
  entry !== undefined && Array.isArray(list) && list.includes(entry)
