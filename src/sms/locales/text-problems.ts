import { canonicalTag, type LookUp } from '../../domain/language.js'
import type { Problem } from '../../errors.js'
import { parseTemplate, problemsOfTemplate } from '../template.js'
import { namesIn } from './texts.js'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Everything wrong with the texts of an application, so that one start tells all of it. `lookUp` finds the languages of the catalogue. */
export function textProblems(resources: unknown, lookUp: LookUp): readonly Problem[] {
  if (!isRecord(resources)) return [{ option: 'resources', message: 'must be an object of texts by language' }]
  return Object.entries(resources).flatMap(([locale, texts]) =>
    problemsOfLanguage(locale, texts, lookUp).map(([path, message]) => ({ option: `resources.${locale}${path}`, message })),
  )
}

type Found = readonly (readonly [path: string, message: string])[]

function problemsOfLanguage(locale: string, texts: unknown, lookUp: LookUp): Found {
  const tag = canonicalTag(locale)
  if (tag !== locale) return [['', tag === undefined ? 'is no BCP 47 tag' : `must be written ${tag}`]]
  if (!isRecord(texts)) return [['', 'must be an object of code and notice']]
  const codes = texts['code']
  const isComplete = lookUp(locale).length > 0 || (isRecord(codes) && namesIn(codes).has('other'))
  return [
    ...(isComplete ? [] : ([['.code.other', 'is needed in a language that the catalogue lacks']] as const)),
    ...Object.entries(texts).flatMap(([group, named]): Found => {
      if (group !== 'code' && group !== 'notice') return [[`.${group}`, 'is neither code nor notice']]
      if (!isRecord(named)) return [[`.${group}`, 'must be an object of texts by name']]
      const rule = group === 'code' ? 'required' : 'forbidden'
      return Object.entries(named).flatMap(([name, text]) => problemsOfText(text, rule).map((message) => [`.${group}.${name}`, message]))
    }),
  ]
}

function problemsOfText(text: unknown, code: 'required' | 'forbidden'): readonly string[] {
  // Any name may be put in: only a message shows which there are.
  const known = new Set(typeof text === 'string' ? parseTemplate(text).names : [])
  const nested = typeof text === 'string' && text.includes('$t(')
  return [...problemsOfTemplate(text, { known, code }), ...(nested ? ['refers to another text, which is not supported'] : [])]
}
