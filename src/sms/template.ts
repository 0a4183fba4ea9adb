/** What a template puts in, by name. */
export type Values = Readonly<Record<string, string | number | undefined>>

/** A text with places for values, parsed once. */
export interface Template {
  /** The names it puts in, each once. */
  readonly names: readonly string[]
  /** Every value as it stands: what looks like a place within a value is text. Each of `names` must be in `values`. */
  render(values: Values): string
}

/** What a template may and must say. */
export interface TemplateRules {
  /** The names that may be put in. */
  readonly known: ReadonlySet<string>
  /** A text that brings a code must hold it; a notice has none. */
  readonly code: 'required' | 'forbidden'
}

/** The name of a place: nothing that could be an expression or lead into a property. */
const name = /^[A-Za-z_]\w{0,63}$/

export const isVariableName = (value: unknown): value is string => typeof value === 'string' && name.test(value)

/**
 * One line of a value. A line break or a control character becomes a space: a value must not begin a line, for the last line of an SMS may
 * name the site that the code is for (`@example.com #123456`), and phones fill it in there.
 */
export const inline = (value: string | number): string => String(value).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** Parses a text whose places are `{{name}}` and nothing else: no spaces, no expressions, no properties. */
export function parseTemplate(text: string): Template {
  // Split by a pattern with one group: texts at even places, names at odd ones.
  const parts = text.split(/\{\{([A-Za-z_]\w{0,63})\}\}/)
  return {
    names: [...new Set(parts.filter((_, index) => index % 2 === 1))],
    render: (values) =>
      parts
        .map((part, index) => (index % 2 === 0 ? part : inline((Object.hasOwn(values, part) ? values[part] : undefined) ?? '')))
        .join(''),
  }
}

/** Everything wrong with a template, so that one start tells all of it. */
export function problemsOfTemplate(text: unknown, { known, code }: TemplateRules): readonly string[] {
  if (typeof text !== 'string' || text.trim() === '') return ['must be a text that is not empty']
  const { names } = parseTemplate(text)
  const unknown = names.filter((one) => one !== 'code' && !known.has(one)).map((one) => `knows no {{${one}}}: declare it in variables`)
  const isThere = names.includes('code')
  return [
    ...(isMalformed(text) ? ['has braces that are not {{name}}'] : []),
    ...unknown,
    ...(code === 'required' && !isThere ? ['must hold {{code}}'] : []),
    ...(code === 'forbidden' && isThere ? ['must not hold {{code}}: a notice has none'] : []),
  ]
}

/** Braces beside the places that somebody meant as one: doubled, or a third around a place. One brace alone is a character. */
function isMalformed(text: string): boolean {
  const around = text.split(/\{\{[A-Za-z_]\w{0,63}\}\}/)
  const last = around.length - 1
  return around.some((part, index) => /\{\{|\}\}/.test(part) || (index < last && part.endsWith('{')) || (index > 0 && part.startsWith('}')))
}
