import { misconfigured, type Problem } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { isVariableName, parseTemplate, problemsOfTemplate, type Template, type Values } from './template.js'

/** A text for some of the messages: those whose context says this in every field. */
export interface TemplateVariant {
  readonly when: Readonly<Record<string, string | number>>
  readonly text: string
}

/** One text, or several of which the first that fits is taken; a text without `when` fits always. */
export type TemplateTexts = string | TemplateVariant | readonly (string | TemplateVariant)[]

/** Options of `templated`. */
export interface TemplatedOptions {
  /** Texts of codes, by purpose; `other` for the rest. Each must hold `{{code}}`. */
  readonly code?: Readonly<Record<string, TemplateTexts>>
  /** Texts of notices, by template: `password_changed`; `other` for the rest. */
  readonly notice?: Readonly<Record<string, TemplateTexts>>
  /** What texts may put in beside `code`, `app`, `minutes` and `domain`: fields of the payload and of the caller's context. */
  readonly variables?: readonly string[]
  /** What `{{domain}}` puts in. */
  readonly domain?: string
}

interface Choice {
  readonly when: readonly (readonly [field: string, value: string])[]
  readonly template: Template
}

type Choices = ReadonlyMap<string, readonly Choice[]>

/**
 * Says messages in the application's words, chosen by purpose and by what the context says, and passes them on. A message that no text
 * fits is passed on unchanged.
 *
 * @returns a backend under the name of the one it wraps
 * @throws `ERR_PV_CONFIGURATION`, with every problem of the texts at once; from `send` where the message lacks what its text puts in
 * @example
 * ```ts
 * import { consoleBackend } from 'phone-verify/sms/console'
 * import { templated } from 'phone-verify/sms/templated'
 *
 * const payment = [{ when: { kind: 'refund' }, text: '{{code}} refunds {{amount}}.' }, '{{code}} pays {{amount}}.']
 * export const sms = templated({ code: { payment }, variables: ['amount'] }, consoleBackend())
 * ```
 */
export function templated(options: TemplatedOptions, backend: SmsBackend): SmsBackend {
  const { code = {}, notice = {}, variables = [], domain }: TemplatedOptions = Object.assign(Object.create(null), options)
  const problems: Problem[] = []
  const add = (option: string, message: string) => problems.push({ option, message })
  const names = Array.isArray(variables) ? variables : []
  if (names !== variables || !names.every(isVariableName) || names.some((name) => builtIn.includes(name)))
    add('variables', 'must list names of letters, digits and _, none of them built in')
  if (domain !== undefined && !isLine(domain)) add('domain', 'must be one line')
  const known = new Set([...names, 'app', 'minutes', ...(domain === undefined ? [] : ['domain'])])
  const codes = compile('code', code, { known, code: 'required' }, add)
  const notices = compile('notice', notice, { known, code: 'forbidden' }, add)
  if (problems.length > 0) throw misconfigured(problems)

  return {
    name: backend.name,
    async send(message, signal) {
      const { code, purpose, template: named, context = {} }: SmsMessage = Object.assign(Object.create(null), message)
      const template = code === undefined ? choose(notices, named ?? 'other', context) : choose(codes, purpose, context)
      if (template === undefined) return backend.send(message, signal)
      // What the core says comes last: no field of a payload is taken for the code.
      const values: Values = { ...context, domain, code }
      const missing = template.names.filter((name) => !Object.hasOwn(values, name) || values[name] === undefined)
      if (missing.length > 0) throw misconfigured(missing.map((name) => ({ option: 'text', message: `the message has no {{${name}}}` })))
      return backend.send(Object.freeze({ ...message, text: template.render(values) }), signal)
    },
  }
}

const builtIn = ['code', 'app', 'minutes', 'domain']

const isLine = (value: unknown): boolean => typeof value === 'string' && value !== '' && !/[\s\p{Cc}]/u.test(value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function compile(
  group: string,
  texts: unknown,
  rules: Parameters<typeof problemsOfTemplate>[1],
  add: (option: string, message: string) => void,
): Choices {
  const choices = new Map<string, readonly Choice[]>()
  if (!isRecord(texts)) add(group, 'must be an object of texts by name')
  for (const [key, entry] of Object.entries(isRecord(texts) ? texts : {})) {
    const path = `${group}.${key}`
    const list: readonly unknown[] = Array.isArray(entry) ? entry : [entry]
    if (list.length === 0) add(path, 'must hold a text')
    const compiled = list.map((variant, index): Choice => {
      const at = Array.isArray(entry) ? `${path}.${index}` : path
      const { when = undefined, text } = isRecord(variant) ? { when: variant['when'], text: variant['text'] } : { text: variant }
      if (isRecord(variant) && !isCondition(when)) add(`${at}.when`, 'must name fields and the string or number that each must be')
      if (!isRecord(variant) && index < list.length - 1) add(at, 'fits always, so that no text after it is ever taken')
      for (const message of problemsOfTemplate(text, rules)) add(at, message)
      const fields = isCondition(when) ? Object.entries(when) : []
      return { when: fields.map(([field, value]) => [field, String(value)]), template: parseTemplate(String(text)) }
    })
    choices.set(key, compiled)
  }
  return choices
}

/** An empty condition would fit always and look as if it did not. */
const isCondition = (when: unknown): when is TemplateVariant['when'] =>
  isRecord(when) &&
  Object.keys(when).length > 0 &&
  Object.values(when).every((value) => typeof value === 'string' || Number.isFinite(value))

/** The first text that fits: of the name, else of `other`. */
function choose(choices: Choices, name: string, context: SmsMessage['context']): Template | undefined {
  const says = ([field, value]: readonly [string, string]) => Object.hasOwn(context, field) && String(context[field]) === value
  const listed = [...(choices.get(name) ?? []), ...(choices.get('other') ?? [])]
  return listed.find(({ when }) => when.every(says))?.template
}
