import { createInstance, type TOptions } from 'i18next'
import { parseTemplate, type Template } from '../template.js'
import { catalogue } from './catalogue.js'
import { type LocalizedTexts, namesIn } from './texts.js'

/** Finds texts of the catalogue and, over them, of the application. */
export interface TextFinder {
  /** The text in this very language, in the form that the number of minutes asks for. */
  find(language: string, group: 'code' | 'notice', name: string, minutes: unknown): Template | undefined
  /** Whether the text that one of these languages has for the purpose is the application's. */
  isOwn(languages: readonly string[], purpose: string): boolean
}

/** i18next reads its options with whatever they inherit, so that those that would change what is found are said. */
const unsaid: object = Object.freeze({
  ...{ lngs: undefined, context: undefined, postProcess: [], skipInterpolation: true },
  ...({ ordinal: false, returnDetails: false, returnObjects: false, keySeparator: false, nsSeparator: false } as const),
})

/** Far more than there are languages and purposes in use. */
const mostKept = 5_000

/**
 * i18next holds the texts and chooses plural forms, in an instance of our own: the application's stays as it is. It never sees a value. What
 * it found is parsed once and kept, for its own way from a key to a text takes longer than all the rest of a send.
 */
export function createTextFinder(resources: Readonly<Record<string, LocalizedTexts>>): TextFinder {
  const tags = [...new Set([...Object.keys(catalogue), ...Object.keys(resources)])]
  const bundles = tags.map((tag) => {
    const ours: LocalizedTexts | undefined = Object.hasOwn(catalogue, tag) ? catalogue[tag] : undefined
    const { code, notice } = ownTexts(resources, tag)
    return [tag, { code: { ...ours?.code, ...code }, notice: { ...ours?.notice, ...notice } }] as const
  })
  const texts = createInstance()
  // A name may hold dots and colons: it is no path and names no namespace.
  const names = { keySeparator: false, nsSeparator: false, ns: ['code', 'notice'], defaultNS: 'code' } as const
  const languages = { supportedLngs: tags, fallbackLng: false, load: 'currentOnly' } as const
  void texts.init({ initAsync: false, ...names, ...languages, resources: Object.fromEntries(bundles) })

  const own = new Map(Object.keys(resources).map((tag) => [tag, namesIn(ownTexts(resources, tag).code)]))
  const kept = new Map<string, Template | undefined>()
  return {
    find(lng, ns, name, minutes) {
      const count = typeof minutes === 'number' ? minutes : undefined
      const key = `${lng} ${ns} ${count} ${name}`
      if (kept.has(key)) return kept.get(key)
      const wanted = { ...unsaid, lng, ns, count } as TOptions
      const found = texts.exists(name, wanted) ? parseTemplate(String(texts.t(name, wanted))) : undefined
      if (kept.size >= mostKept) kept.clear()
      kept.set(key, found)
      return found
    },
    isOwn: (languages, purpose) => languages.some((language) => own.get(language)?.has(purpose) === true),
  }
}

/** Nothing that an object inherits. */
const ownTexts = (resources: Readonly<Record<string, LocalizedTexts>>, tag: string): LocalizedTexts =>
  Object.assign(Object.create(null), Object.hasOwn(resources, tag) && resources[tag])
