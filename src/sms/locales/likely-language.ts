import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** The language most spoken in a country, by CLDR's likely subtags. */
const languageOf = (country: string): string => {
  const { language, script, region } = new Intl.Locale(`und-${country}`).maximize()
  return `${language}-${script}-${region}`
}

/** Language and script, which decide what can be read. */
const readingOf = (tag: string): string => tag.slice(0, tag.lastIndexOf('-'))

/** By calling code; none where its countries do not read the same. Made at first use: few need it before the first send. */
let languages: ReadonlyMap<string, string | undefined> | undefined

function languagesByCallingCode(): ReadonlyMap<string, string | undefined> {
  const byCode = new Map<string, string | undefined>()
  for (const country of getCountries()) {
    const code = `+${getCountryCallingCode(country)}`
    const language = languageOf(country)
    const other = byCode.get(code) ?? language
    byCode.set(code, readingOf(other) === readingOf(language) && (!byCode.has(code) || byCode.get(code) !== undefined) ? other : undefined)
  }
  return byCode
}

/** By area code of the North American plan, which belongs to one country. There are fewer than a thousand. */
const northAmerican = new Map<string, string | undefined>()

/**
 * The language that the owner of a number most likely reads: that of its country. Reading a number takes longer than the rest of a send, so
 * the calling code decides wherever it can.
 */
export function likelyLanguage(phone: string): string | undefined {
  languages ??= languagesByCallingCode()
  for (const length of [4, 3, 2]) {
    const code = phone.slice(0, length)
    if (languages.has(code)) return languages.get(code) ?? (code === '+1' ? byAreaCode(phone) : byWholeNumber(phone))
  }
  return undefined
}

function byAreaCode(phone: string): string | undefined {
  const area = phone.slice(0, 5)
  if (!northAmerican.has(area)) northAmerican.set(area, byWholeNumber(phone))
  return northAmerican.get(area)
}

function byWholeNumber(phone: string): string | undefined {
  const rules = { extract: false, defaultCountry: undefined as never, defaultCallingCode: undefined as never }
  const country = parsePhoneNumberFromString(phone, rules)?.country
  return country === undefined ? undefined : languageOf(country)
}
