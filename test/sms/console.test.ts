import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { SmsMessage } from '../../src/sms/backend.js'
import { consoleBackend } from '../../src/sms/console.js'
import { backendContract } from '../../src/testing/backend-contract.js'

const message = (text: string): SmsMessage => ({ to: '+33612345678' as SmsMessage['to'], text, purpose: 'login', context: {} })

async function drawn(text: string, to = '+33612345678'): Promise<string> {
  const drawings: string[] = []
  await consoleBackend({ write: (drawing) => drawings.push(drawing) }).send({ ...message(text), to: to as SmsMessage['to'] })
  expect(drawings).toHaveLength(1)
  return drawings.join('')
}

/** The rows under the title, without the frame and the filling. */
const textRows = (drawing: string): readonly string[] =>
  drawing
    .split('\n')
    .slice(3, -2)
    .map((row) => row.slice(2, -2).trimEnd())

describe('contract', () => {
  const makeBackend = () => {
    const drawings: string[] = []
    return {
      backend: consoleBackend({ write: (drawing) => drawings.push(drawing) }),
      delivered: () => drawings.map((drawing) => ({ to: /SMS to (\S+)/.exec(drawing)?.[1] ?? '', text: textRows(drawing).join('\n') })),
    }
  }
  // A drawing wraps and escapes, so the text cannot be read back from it character for character; what it shows is tested below.
  const verbatim = 'send MUST deliver text to the number in to, character for character.'
  backendContract({ test: (title, run) => title !== verbatim && test(title, run), makeBackend })
})

describe('consoleBackend', () => {
  test('draws the number, the text and that nothing was delivered', async () => {
    expect(await drawn('Your Acme code is 482913. Never share it with anyone.\n\n@example.com #482913')).toBe(
      [
        '╭────────────────────────────────────╮',
        '│ SMS to +33612345678                │',
        '├────────────────────────────────────┤',
        '│ Your Acme code is 482913. Never    │',
        '│ share it with anyone.              │',
        '│                                    │',
        '│ @example.com #482913               │',
        '╰─ printed, not delivered ───────────╯',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['a line that just fits', 'x'.repeat(34), ['x'.repeat(34)]],
    ['a word that is too long', 'x'.repeat(70), ['x'.repeat(34), 'x'.repeat(34), 'xx']],
    ['a long word and what follows', `${'x'.repeat(40)} end`, ['x'.repeat(34), `${'x'.repeat(6)} end`]],
    ['a word that no longer fits', `${'x'.repeat(30)} ${'y'.repeat(4)}`, ['x'.repeat(30), 'yyyy']],
    ['spaces', '  two  spaces', ['  two  spaces']],
    ['CRLF', 'one\r\ntwo', ['one', 'two']],
    ['a last line feed', 'one\n', ['one', '']],
    ['wide characters', '確'.repeat(18), ['確'.repeat(17), '確']],
    ['a wide character over the edge', `x${'確'.repeat(17)}`, [`x${'確'.repeat(16)}`, '確']],
    ['accents that are code points of their own', 'e\u0301'.repeat(35), ['e\u0301'.repeat(34), 'e\u0301']],
    ['emoji made of several', '👩‍👩‍👧'.repeat(18), ['👩‍👩‍👧'.repeat(17), '👩‍👩‍👧']],
    ['flags', '🇫🇷'.repeat(18), ['🇫🇷'.repeat(17), '🇫🇷']],
    ['symbols shown as emoji', '❤️'.repeat(18), ['❤️'.repeat(17), '❤️']],
    ['symbols shown as text', '❤'.repeat(35), ['❤'.repeat(34), '❤']],
    ['halfwidth katakana', 'ｱ'.repeat(35), ['ｱ'.repeat(34), 'ｱ']],
    ['syllables', '한글'.repeat(9), [`${'한글'.repeat(8)}한`, '글']],
    ['one grapheme wider than the frame', 'ᄀ'.repeat(20), ['ᄀ'.repeat(17), 'ᄀ'.repeat(3)]],
  ])('wraps %s', async (_, text, rows) => {
    expect(textRows(await drawn(text))).toEqual(rows)
  })

  test.each([
    ['確認', '│ 確認                               │'],
    ['Zoe\u0308', '│ Zoe\u0308                                │'],
    ['👩‍👩‍👧 🇫🇷 ❤️', '│ 👩‍👩‍👧 🇫🇷 ❤️                           │'],
    ['رمزك', '│ رمزك                               │'],
    ['\u1112\u1161\u11ab', '│ \u1112\u1161\u11ab                                 │'],
  ])('fills the row of %s up to the frame', async (text, row) => {
    expect((await drawn(text)).split('\n')[3]).toBe(row)
  })

  test.each([
    ['ESC', '\u001b[2J', '\\u{1b}[2J'],
    ['NUL', '\0', '\\u{0}'],
    ['tab', 'a\tb', 'a\\u{9}b'],
    ['a lone carriage return', 'one\rtwo', 'one\\u{d}two'],
    ['backspace', 'ab\b', 'ab\\u{8}'],
    ['delete', '\u007f', '\\u{7f}'],
    ['next line', 'a\u0085b', 'a\\u{85}b'],
    ['CSI in one byte', '\u009b31m', '\\u{9b}31m'],
    ['line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['paragraph separator', 'a\u2029b', 'a\\u{2029}b'],
    ['override', '\u202e319284', '\\u{202e}319284'],
    ['isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['marks of direction', '\u200e\u200f\u061c', '\\u{200e}\\u{200f}\\u{61c}'],
    ['zero width', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['tags', '\u{e0041}', '\\u{e0041}'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
  ])('escapes %s', async (_, text, shown) => {
    expect(textRows(await drawn(text))).toEqual([shown])
  })

  test('keeps a text that looks like a frame within the frame', async () => {
    const forged = '╰────╯\n│ SMS to +14155552671 │'
    expect(textRows(await drawn(forged))).toEqual(['╰────╯', '│ SMS to +14155552671 │'])
  })

  test('keeps a number that is none within the frame', async () => {
    const drawing = await drawn('Acme', '+1\n│ 482913')
    expect(drawing.split('\n')[1]).toBe('│ SMS to +1\\u{a}│ 482913             │')
  })

  test('draws any text whatever in closed rows without controls', async () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\ud83d', '\r\n', '\u200d', '\ufe0f', 'ᄀᄀᄀᄀᄀᄀᄀᄀᄀᄀ', '👩', '確', ' '),
    )
    const anyText = fc.array(unit, { maxLength: 60 }).map((parts) => `x${parts.join('')}`)
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const rows = (await drawn(text)).split('\n').slice(0, -1)
        expect(rows[0]).toBe('╭────────────────────────────────────╮')
        expect(rows.at(-1)).toBe('╰─ printed, not delivered ───────────╯')
        for (const row of [rows[1], ...rows.slice(3, -1)]) expect(row).toMatch(/^│ .* │$/su)
        expect(rows.join('')).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
        expect(rows.length - 4).toBeGreaterThanOrEqual(text.split(/\r?\n/).length)
      }),
      { numRuns: 500 },
    )
  })

  test('writes to standard output by default, found when it sends', async () => {
    const backend = consoleBackend()
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    await backend.send(message('Acme: 482913'))
    const [[drawing] = []] = write.mock.calls
    write.mockRestore()
    expect(drawing).toContain('│ Acme: 482913                       │')
  })

  test('gives every message its own id', async () => {
    const backend = consoleBackend({ write: () => undefined })
    expect(await backend.send(message('one'))).toEqual({ backend: 'console', messageId: 'console-1' })
    expect(await backend.send(message('two'))).toEqual({ backend: 'console', messageId: 'console-2' })
  })

  test('cannot know what was shown when write throws', async () => {
    const backend = consoleBackend({
      write: (text) => {
        throw new Error(text)
      },
    })
    const error: unknown = await backend.send(message('Acme: 482913')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', backend: 'console', message: 'console: write failed' })
    expect(error).not.toHaveProperty('cause')
  })

  test('looks at the text before the signal', async () => {
    const sending = consoleBackend({ write: () => undefined }).send(message(' '), AbortSignal.abort())
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'console' })
  })
})
