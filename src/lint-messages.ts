#!/usr/bin/env node
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { builtInPurposes, defaultPolicy } from './domain/purpose.js'
import { ownWords } from './errors.js'
import type { Challenge } from './services/challenge.js'
import { codeMessage } from './services/message.js'
import { noticeMessage } from './services/notice.js'
import { type AutofillOptions, autofill } from './sms/autofill.js'
import type { SmsBackend, SmsMessage } from './sms/backend.js'
import { type LintedMessage, type LintOptions, lintMessages } from './sms/lint.js'
import { catalogue } from './sms/locales/catalogue.js'
import { locales as catalogueLocales, type LocalizedOptions, localized } from './sms/localized.js'
import { type TemplatedOptions, templated } from './sms/templated.js'

/** What a configuration exports as `messages`, or as its default: the options of the wrappers, and values as long as they get. */
export interface MessagesConfig {
  readonly appName: string
  /** Options of `templated`. */
  readonly templates?: TemplatedOptions
  /** Texts for `localized`. Without these and without `templates`: the catalogue. */
  readonly resources?: NonNullable<LocalizedOptions['resources']>
  readonly autofill?: AutofillOptions
  /** Default: the built-in purposes, those that have texts, and `other`. */
  readonly purposes?: readonly string[]
  /** Default: every language there are texts in. */
  readonly locales?: readonly string[]
  readonly codeLength?: number
  /** What `{{minutes}}` says. Default: what the purpose lets a code live. */
  readonly minutes?: number
  readonly context?: Readonly<Record<string, string | number>>
  /** What is approved where a purpose asks for a payload. */
  readonly payload?: Readonly<Record<string, string | number>>
  /** Default: 1. */
  readonly maxSegments?: number
}

/** What became of one message: its cost, or why it would not be sent. */
type Row = LintedMessage | Pick<LintedMessage, 'locale' | 'purpose' | 'template' | 'problems'>

interface Report {
  readonly messages: readonly Row[]
  /** What is wrong with the options themselves; then there are no messages. */
  readonly problems: readonly string[]
}

/** Sends every message through the wrappers of the application to nobody, and looks at what came out. */
async function inspect(config: MessagesConfig): Promise<Report> {
  const { templates, resources, autofill: fill = {}, context = {}, codeLength = 6, maxSegments } = config
  const isLocalized = resources !== undefined || templates === undefined
  const out: SmsMessage[] = []
  const leaf: SmsBackend = {
    name: 'lint-messages',
    async send(message) {
      out.push(message)
      return { backend: 'lint-messages', messageId: null }
    },
  }
  let sms: SmsBackend
  try {
    sms = autofill(fill, leaf)
    if (templates !== undefined) sms = templated(templates, sms)
    if (isLocalized) sms = localized({ ...(resources && { resources }) }, sms)
  } catch (error) {
    return { messages: [], problems: said(error) }
  }

  const keys = (group: 'code' | 'notice') =>
    [templates, ...Object.values(resources ?? {})].flatMap((texts) => Object.keys(texts?.[group] ?? {}))
  const purposes = config.purposes ?? [...builtInPurposes, ...keys('code'), 'other']
  const notices = [...Object.keys(catalogue['en']?.notice ?? {}), ...keys('notice')]
  const spoken = isLocalized ? [...catalogueLocales, ...Object.keys(resources ?? {})] : [undefined]
  const phone = '+14155552671' as SmsMessage['to']
  const code = '4829137560'.slice(0, codeLength)
  const rules: Omit<LintOptions, 'texts'> = {
    ...(maxSegments !== undefined && { maxSegments }),
    ...(fill.domain !== undefined && { domain: fill.domain }),
    ...(fill.androidHash !== undefined && { androidHash: fill.androidHash }),
  }
  const terms = { phone, to: phone, appName: config.appName, tenant: undefined, context }
  const messages: Row[] = []
  for (const locale of new Set<string | undefined>(config.locales ?? spoken)) {
    const codes = [...new Set(purposes)].map((purpose) => {
      const { payloadRequired, ttlMs } = defaultPolicy(purpose)
      const payload = payloadRequired ? (config.payload ?? { amount: '49 EUR', payee: 'Acme' }) : undefined
      const challenge: Partial<Challenge> = { ...terms, purpose, locale, payload }
      return codeMessage(challenge as Challenge, code, config.minutes === undefined ? ttlMs : config.minutes * 60_000)
    })
    const others = [...new Set(notices)].map((template) => noticeMessage({ ...terms, template, locale }))
    for (const message of [...codes, ...others]) {
      const { purpose, template } = message
      const about = { ...(locale !== undefined && { locale }), purpose, ...(template !== undefined && { template }) }
      try {
        await sms.send(message)
        const { text = '', mustContain = [] } = out.pop() ?? {}
        const linted = { ...about, text, mustContain, ...(message.code !== undefined && { code: message.code }) }
        messages.push(...lintMessages({ texts: [linted], ...rules }))
      } catch (error) {
        messages.push({ ...about, problems: said(error) })
      }
    }
  }
  return { messages, problems: [] }
}

/** An error of ours names problems; of anything else its own words are all there is. */
const said = (error: unknown): readonly string[] => {
  const problems = (error as { readonly problems?: readonly { readonly option: string; readonly message: string }[] }).problems
  return problems?.map(({ option, message }) => `${option}: ${message}`) ?? [String(ownWords(error).message)]
}

function lines({ messages, problems }: Report): readonly string[] {
  const rows = messages.flatMap((row) => {
    const cost = 'encoding' in row ? `${row.encoding}  ${row.segments} × ${row.perSegment}  ${row.units} units` : 'not sent'
    return [
      `${(row.locale ?? '').padEnd(8)} ${[row.purpose, row.template].filter(Boolean).join(' ').padEnd(26)} ${cost}`,
      ...row.problems.map((problem) => `  ! ${problem}`),
    ]
  })
  const wrong = messages.filter((row) => row.problems.length > 0).length
  return [...problems.map((problem) => `! ${problem}`), ...rows, `${messages.length} texts, ${wrong} of them with problems`]
}

const usage = `usage: phone-verify lint-messages [--config <file>] [--json]

Prints what every text costs in every language, and what is wrong with it. The file is an ES module that exports \`messages\`:
{ appName, templates?, resources?, autofill?, purposes?, locales?, codeLength?, minutes?, context?, payload?, maxSegments? }
Ends with 1 where there are problems, with 2 where it cannot tell.
`

async function configured(file: string | undefined): Promise<MessagesConfig> {
  if (file === undefined) return { appName: 'Acme' }
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(file)).href)
  const config = (module['messages'] ?? module['default']) as MessagesConfig | undefined
  if (typeof config !== 'object' || config === null || typeof config.appName !== 'string' || config.appName === '')
    throw new TypeError('the file must export messages, an object with appName')
  const { codeLength = 6 } = config
  if (!Number.isInteger(codeLength) || codeLength < 4 || codeLength > 10) throw new TypeError('codeLength must be 4 to 10')
  return config
}

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  let json = false
  let config: MessagesConfig
  try {
    const options = { config: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (positionals.join() !== 'lint-messages') throw new TypeError('the command is lint-messages')
    json = values.json ?? false
    config = await configured(values.config)
  } catch (error) {
    process.stderr.write(`${ownWords(error).message ?? String(error)}\n\n${usage}`)
    return 2
  }
  const report = await inspect(config)
  const isClean = report.problems.length === 0 && report.messages.every(({ problems }) => problems.length === 0)
  process.stdout.write(json ? `${JSON.stringify({ ok: isClean, ...report }, undefined, 2)}\n` : `${lines(report).join('\n')}\n`)
  return isClean ? 0 : 1
}

// No await at the top level: the CommonJS build has none.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
