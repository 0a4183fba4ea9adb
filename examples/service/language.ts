import { matchLocale } from 'phone-verify/sms/localized'

/** The languages that the apps speak, the first by default. */
export const languages = ['fr', 'en'] as const

export type Language = (typeof languages)[number]

/** A sentence in each of them. */
export type Sentence = Readonly<Record<Language, string>>

/** The language that `Accept-Language` asks for, French where it asks for none of ours. */
export const pickLanguage = (header: string | undefined): Language => (matchLocale(header, languages) === 'en' ? 'en' : 'fr')
