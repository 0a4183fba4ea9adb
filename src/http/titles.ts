import { createLookUp } from '../domain/language.js'
import type { ProblemCode } from './problem.js'
import { titles } from './titles/catalogue.js'

const lookUp = createLookUp(Object.keys(titles))

/** The title of a problem in the first of these languages that we have, else in English. */
export function titleOf(code: ProblemCode, languages: readonly string[]): { readonly title: string; readonly language: string } {
  const language = languages.flatMap((range) => lookUp(range).slice(0, 1))[0] ?? 'en'
  return { title: titles[language]?.[code] ?? titles['en']?.[code] ?? code, language }
}
