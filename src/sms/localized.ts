import { createLookUp, languageRanges } from '../domain/language.js'
import { misconfigured, type Problem } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { catalogue } from './locales/catalogue.js'
import { likelyLanguage } from './locales/likely-language.js'
import { createTextFinder } from './locales/text-finder.js'
import { textProblems } from './locales/text-problems.js'
import type { LocalizedTexts } from './locales/texts.js'
import type { Values } from './template.js'

export type { LocalizedTexts } from './locales/texts.js'

/** Options of `localized`. */
export interface LocalizedOptions {
  /** Texts by BCP 47 tag, over those of the catalogue, key by key. A language that the catalogue lacks needs `code.other` at least. */
  readonly resources?: Readonly<Record<string, LocalizedTexts>>
  /** The language of those of whom nothing is known. Default: `en`. */
  readonly fallbackLocale?: string
  /** What a message's own `locale` does not say: a tag, by tenant perhaps. */
  readonly locale?: (message: SmsMessage) => string | undefined
}

/** The languages of the catalogue, as BCP 47 tags. */
export const locales: readonly string[] = Object.freeze(Object.keys(catalogue))

const lookUpOurs = createLookUp(locales)

/**
 * The language that an `Accept-Language` header asks for (RFC 9110 §12.5.4), by lookup (RFC 4647 §3.4) among those that are available.
 *
 * @returns a tag of `available`, or undefined
 */
export function matchLocale(acceptLanguage: unknown, available: readonly string[] = locales): string | undefined {
  const lookUp = available === locales ? lookUpOurs : createLookUp(available)
  return languageRanges(acceptLanguage).flatMap(lookUp)[0]
}

/**
 * Says each message in the language of its reader, and passes it on. The language is the message's `locale`, else what `locale` answers, else
 * the one most spoken in the country of the number, else `fallbackLocale`: the first of them that there is a text in. Over forty languages
 * are there for every built-in purpose and template, each of one segment; `resources` replaces them key by key. A text may use every
 * variable that the message has, and i18next's plural forms by `minutes`: `login_one`, `login_other`.
 *
 * @returns a backend under the name of the one it wraps
 * @throws `ERR_PV_CONFIGURATION`, with every problem of the texts at once; from `send` where a text names what the message does not hold
 * @example
 * ```ts
 * import { consoleBackend } from 'phone-verify/sms/console'
 * import { localized } from 'phone-verify/sms/localized'
 *
 * export const sms = localized({ resources: { fr: { code: { login: '{{code}} : votre code {{app}}.' } } } }, consoleBackend())
 * ```
 */
export function localized(options: LocalizedOptions, backend: SmsBackend): SmsBackend {
  const { resources = {}, fallbackLocale = 'en', locale: ask }: LocalizedOptions = Object.assign(Object.create(null), options)
  const lookUp = createLookUp([...locales, ...Object.keys(Object(resources))])
  const fallbacks = lookUp(fallbackLocale)
  const problems = [
    ...textProblems(resources, lookUpOurs),
    ...(fallbacks.length > 0 ? [] : [{ option: 'fallbackLocale', message: 'must be a language that there are texts in' }]),
    ...(ask === undefined || typeof ask === 'function' ? [] : [{ option: 'locale', message: 'must be a function' }]),
    ...(typeof backend?.send === 'function' ? [] : [{ option: 'backend', message: 'must be an SMS backend' }]),
  ]
  if (problems.length > 0) throw misconfigured(problems)
  const { find, isOwn } = createTextFinder(resources)

  /** Each wish is asked for only where those before it have no text. */
  const wishes: readonly ((message: SmsMessage) => readonly string[])[] = [
    ({ locale }) => lookUp(locale),
    (message) => (ask === undefined ? [] : lookUp(answerOf(ask, message))),
    ({ to }) => lookUp(likelyLanguage(to)),
    () => fallbacks,
  ]

  /** The message in its reader's language, or as it is where a template of the application's own has no text in any. */
  const said = (given: SmsMessage): SmsMessage => {
    const message: SmsMessage = Object.assign(Object.create(null), given)
    const { purpose, template, code, context, mustContain = [] } = message
    const group = code === undefined ? 'notice' : 'code'
    const details = mustContain.filter((part) => part !== '').join(', ')
    // What the core says comes last: no field of a payload is taken for the code.
    const values: Values = Object.assign(Object.create(null), context, details !== '' && { details }, { code })
    for (const wish of wishes) {
      const languages = wish(message)
      const names = group === 'notice' ? [template ?? ''] : codeNames(purpose, details !== '', isOwn(languages, purpose))
      for (const [name, language] of names.flatMap((one) => languages.map((tag) => [one, tag] as const))) {
        const found = find(language, group, name, values['minutes'])
        if (found === undefined) continue
        const missing = found.names.filter((variable) => values[variable] === undefined)
        if (missing.length > 0) throw misconfigured(missing.map((variable) => lacking(`${language}.${group}.${name}`, variable)))
        return Object.freeze({ ...given, text: found.render(values), locale: language })
      }
    }
    return given
  }

  return { name: backend.name, send: async (message, signal) => backend.send(said(message), signal) }
}

/** What the person approves stands in the text of a payment, whatever the purpose; other texts of the catalogue have no place for it. */
function codeNames(purpose: string, approves: boolean, isOwn: boolean): readonly string[] {
  if (approves) return [isOwn ? purpose : 'payment']
  return purpose === 'payment' && !isOwn ? ['other'] : [purpose, 'other']
}

function answerOf(ask: NonNullable<LocalizedOptions['locale']>, message: SmsMessage): string | undefined {
  const wrong = (what: string) => misconfigured([{ option: 'locale', message: what }])
  let answer: unknown
  try {
    answer = ask(message)
  } catch {
    // What the function threw is the application's, and may hold the message.
    throw wrong('threw an error')
  }
  if (answer !== undefined && typeof answer !== 'string') throw wrong('must answer a tag or undefined, at once')
  return answer
}

const lacking = (path: string, variable: string): Problem => ({
  option: `resources.${path}`,
  message: `{{${variable}}} is not in the message`,
})
