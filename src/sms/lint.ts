import { countSegments, type Segments, splitSegments } from './segments.js'

/** One text as a phone would show it, with values as long as they get. */
export interface LintedText {
  readonly locale?: string
  /** The purpose, or `notice`. */
  readonly purpose: string
  /** The template of a notice. */
  readonly template?: string
  readonly text: string
  /** The code within it; absent from notices. */
  readonly code?: string
  /** What must stand in it besides. */
  readonly mustContain?: readonly string[]
}

/** What texts are held to. */
export interface LintOptions {
  readonly texts: readonly LintedText[]
  /** Default: 1. */
  readonly maxSegments?: number
  /** The host of the last line `@example.com #482913`, and the only one that a link may lead to. */
  readonly domain?: string
  /** The hash of the SMS Retriever, which reads 140 bytes. */
  readonly androidHash?: string
}

/** What a text costs, and everything wrong with it. */
export interface LintedMessage extends Omit<Segments, 'problems'> {
  readonly locale?: string
  readonly purpose: string
  readonly template?: string
  readonly problems: readonly string[]
}

/** Looks at texts one by one. Nothing is sent. */
export function lintMessages(options: LintOptions): readonly LintedMessage[] {
  return options.texts.map((linted) => {
    const { locale, purpose, template, text } = linted
    const { problems: _, ...cost } = countSegments(text)
    const about = { ...(locale !== undefined && { locale }), purpose, ...(template !== undefined && { template }) }
    return { ...about, ...cost, problems: problemsOf(linted, options) }
  })
}

function problemsOf(
  { text, code, mustContain = [] }: LintedText,
  { maxSegments = 1, domain, androidHash }: LintOptions,
): readonly string[] {
  if (text.trim() === '') return ['is empty']
  const { segments, problems: lacking = [] } = countSegments(text)
  const lines = text.split(/\r\n|\r|\n/)
  const bound = lines.filter((line) => /^@\S+ #\S/.test(line))
  const isBound = domain !== undefined && code !== undefined
  const found: readonly (readonly [boolean, string])[] = [
    [segments > maxSegments, `takes ${segments} segments, more than ${maxSegments}`],
    // Only what has a plain form: a language that needs UCS-2 is no mistake.
    [lacking.length > 0 && lacking.every((one) => plain.has(one)), `is UCS-2 only because of ${lacking.map(shown).join(' ')}`],
    [code !== undefined && !text.includes(code), 'lacks the code'],
    [code !== undefined && text.includes(code) && !splitSegments(text).some((part) => part.includes(code)), 'has its code cut in two'],
    [mustContain.some((part) => part !== code && !text.includes(part)), 'lacks a value that the person must be able to read'],
    [/\{\{|\}\}/.test(text), 'holds {{ or }}: a place that nothing filled'],
    [/(?!\n)\p{Cc}|[\p{Zl}\p{Zp}]/u.test(text), 'holds a control character'],
    [linksOf(text).some((host) => host !== domain), 'holds a link to another site'],
    [isBound && lines.at(-1) !== `@${domain} #${code}`, 'does not end with the line @domain #code'],
    [bound.length > (isBound ? 1 : 0), isBound ? 'holds more than one line @domain #code' : 'holds a line @domain #code'],
    [code !== undefined && androidHash !== undefined && !text.includes(androidHash), 'lacks the hash of the SMS Retriever'],
    [code !== undefined && androidHash !== undefined && Buffer.byteLength(text) > 140, 'has more than the 140 bytes of the SMS Retriever'],
  ]
  return found.filter(([isThere]) => isThere).map(([, problem]) => problem)
}

/** What word processors write where GSM-7 has a character of its own: quotes, dashes, the ellipsis, special spaces, the accent grave. */
const plain: ReadonlySet<string> = new Set('‘’‚“”„‹›«»‐‑‒–—―…\u00a0\u2009\u200a\u200b\u202f\ufeff`´•')

const shown = (character: string): string =>
  /[\p{Z}\p{C}]/u.test(character) ? `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : character

/** The hosts that a phone would make links of: addresses with a scheme, and those that begin with www. */
const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:\bhttps?:\/\/|\b(?=www\.))([^\s/?#:]+)/giu)].map(([, host = '']) => host.toLowerCase().replace(/[.,;!]+$/, ''))
