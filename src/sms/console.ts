import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend } from './backend.js'
import { requireText } from './must-contain.js'

/** Where the console backend draws. */
export interface ConsoleOptions {
  /** Takes each drawing, newline included. Default: standard output. */
  readonly write?: (text: string) => void
}

/**
 * Draws each message as a phone would show it, for development. It prints codes and full numbers and delivers nothing, as the frame
 * says: not for production.
 *
 * @returns a backend named `console`; it rejects with `ERR_PV_CONFIGURATION` for a text that is empty or lacks one of `mustContain`, with
 * `ERR_PV_SMS_UNAVAILABLE` for a signal that was aborted before the call, and with `ERR_PV_SMS_UNKNOWN` when `write` throws.
 *
 * @example
 * ```ts
 * import { consoleBackend } from 'phone-verify/sms/console'
 *
 * export const sms = consoleBackend({ write: (text) => process.stderr.write(text) })
 * ```
 */
export function consoleBackend({ write = (text) => process.stdout.write(text) }: ConsoleOptions = {}): SmsBackend {
  const name = 'console'
  let sent = 0

  return {
    name,
    async send(message, signal) {
      requireText(message, name)
      if (signal?.aborted) throw new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', `${name}: aborted before the send`, { backend: name })
      const drawing = frame(`SMS to ${message.to}`, message.text)
      try {
        write(drawing)
      } catch {
        throw new PhoneVerifyError('ERR_PV_SMS_UNKNOWN', `${name}: write failed`, { backend: name })
      }
      sent += 1
      return { backend: name, messageId: `${name}-${sent}` }
    },
  }
}

/** Columns within the frame: about what a phone shows. */
const WIDTH = 34

function frame(title: string, text: string): string {
  const row = (line: string) => `│ ${line}${' '.repeat(WIDTH - columns(line))} │`
  const note = '─ printed, not delivered '
  return [
    `╭${'─'.repeat(WIDTH + 2)}╮`,
    ...wrap(visible(title)).map(row),
    `├${'─'.repeat(WIDTH + 2)}┤`,
    ...text.split(/\r?\n/).flatMap((line) => wrap(visible(line)).map(row)),
    `╰${note.padEnd(WIDTH + 2, '─')}╯`,
    '',
  ].join('\n')
}

/**
 * Whatever could move the cursor, colour the terminal or turn the reading direction becomes its escape: controls (ESC among them), line
 * and paragraph separators, format characters such as the bidi controls, lone surrogates. Joiners stay, emoji and Persian need them.
 */
const visible = (line: string): string =>
  line.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** Breaks at spaces, and within words that are wider than the frame: a script without spaces is one such word. */
function wrap(line: string): readonly string[] {
  const rows: string[] = []
  for (const piece of line.split(' ').flatMap(chop)) {
    const row = rows.at(-1)
    const joined = row === undefined ? piece : `${row} ${piece}`
    if (row !== undefined && columns(joined) <= WIDTH) rows[rows.length - 1] = joined
    else rows.push(piece)
  }
  return rows
}

/** Every piece but the last is too full for a space and another character, so `wrap` never joins what was one word. */
function chop(word: string): readonly string[] {
  const pieces = ['']
  let used = 0
  for (const part of graphemesOf(word).flatMap(divide)) {
    const width = columnsOf(part)
    if (used + width > WIDTH) {
      pieces.push('')
      used = 0
    }
    pieces[pieces.length - 1] += part
    used += width
  }
  return pieces
}

/** Conjoining letters may make one grapheme wider than the frame. */
const divide = (grapheme: string): readonly string[] => (columnsOf(grapheme) > WIDTH ? Array.from(grapheme) : [grapheme])

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

const graphemesOf = (line: string): readonly string[] => Array.from(segmenter.segment(line), ({ segment }) => segment)

const columns = (line: string): number => graphemesOf(line).reduce((sum, grapheme) => sum + columnsOf(grapheme), 0)

/** Columns of one grapheme in a terminal: an emoji takes two, however many code points it joins. */
function columnsOf(grapheme: string): number {
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2
  return Array.from(grapheme).reduce((sum, character) => sum + columnsOfOne(character), 0)
}

function columnsOfOne(character: string): number {
  if (/\p{Mn}|\p{Me}|\p{Cf}|[\u1160-\u11ff]/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** East Asian wide and fullwidth, by block (UAX #11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u
