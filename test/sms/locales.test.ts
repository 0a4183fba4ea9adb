import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../src/sms/locales/catalogue.js'
import type { Texts } from '../../src/sms/locales/texts.js'
import { countSegments } from '../../src/sms/segments.js'
import { parseTemplate } from '../../src/sms/template.js'

interface Row {
  readonly tag: string
  readonly group: 'code' | 'notice'
  readonly name: string
  readonly text: string
}

const rowsOf = (tag: string, texts: Texts): readonly Row[] =>
  (['code', 'notice'] as const).flatMap((group) => Object.entries(texts[group]).map(([name, text]) => ({ tag, group, name, text })))

const rows = Object.entries(catalogue).flatMap(([tag, texts]) => rowsOf(tag, texts))
const tags = Object.keys(catalogue)
const english = catalogue['en'] as Texts

/** What one complains about in each row, as one list: all of it shows at once. */
const complaints = (about: (row: Row) => string | false | undefined) =>
  rows.flatMap((row) => {
    const complaint = about(row)
    return complaint ? [`${row.tag} ${row.group}.${row.name}: ${complaint}`] : []
  })

const apps = ['Acme Santé', 'Northwind']
const filled = ({ text }: Row, app: string) =>
  parseTemplate(text).render({ code: '482913', app, minutes: 10, details: '19.90 EUR, Acme Books' })

/** The words, without variables, and without the one word that every language borrows. */
const words = ({ text }: Row) => text.replace(/\{\{\w+\}\}/g, ' ').replace(/SMS/g, ' ')

const scripts: Readonly<Record<string, RegExp>> = {
  am: /\p{Script=Ethiopic}/u,
  ar: /\p{Script=Arabic}/u,
  bg: /\p{Script=Cyrillic}/u,
  bn: /\p{Script=Bengali}/u,
  el: /\p{Script=Greek}/u,
  fa: /\p{Script=Arabic}/u,
  he: /\p{Script=Hebrew}/u,
  hi: /\p{Script=Devanagari}/u,
  ja: /\p{scx=Hiragana}|\p{scx=Katakana}|\p{Script=Han}/u,
  ko: /\p{Script=Hangul}/u,
  mr: /\p{Script=Devanagari}/u,
  ru: /\p{Script=Cyrillic}/u,
  sr: /\p{Script=Cyrillic}/u,
  ta: /\p{Script=Tamil}/u,
  te: /\p{Script=Telugu}/u,
  th: /\p{Script=Thai}/u,
  uk: /\p{Script=Cyrillic}/u,
  ur: /\p{Script=Arabic}/u,
  'zh-Hans': /\p{Script=Han}/u,
  'zh-Hant': /\p{Script=Han}/u,
}

/** Letters of the same script that the language does not have: those of its neighbours. */
const foreign: Readonly<Record<string, RegExp>> = {
  ar: /[پچژگکیے]/,
  bg: /[ыэёіїє]/i,
  ca: /[ñãõ]/i,
  cs: /[ľĺŕôä]/i,
  da: /[äö]/i,
  es: /[çãõàè]/i,
  fa: /[كيے]/,
  nb: /[äö]/i,
  pt: /[ñ]/i,
  ru: /[іїєґђћљњџј]/i,
  sk: /[řěů]/i,
  sr: /[йыэёъщьюя]/i,
  sv: /[æø]/i,
  uk: /[ыэёъ]/i,
  ur: /[كي]/,
  'zh-Hans': /[驗證碼內請註冊錄設變號帳戶簡訊聯絡絕異動]/,
  'zh-Hant': /[验证码内请册录设变号账户简讯联络异动]/,
}

describe('the catalogue', () => {
  test('has the languages it names, one a file, in order', () => {
    expect(tags.length).toBeGreaterThanOrEqual(45)
    expect(tags).toEqual([...tags].sort())
    expect(tags).toEqual(tags.map((tag) => Intl.getCanonicalLocales(tag)[0]))
    const files = readdirSync('src/sms/locales').map((file) => file.replace('.ts', ''))
    const pieces = ['catalogue', 'likely-language', 'text-finder', 'text-problems', 'texts']
    expect(files.sort()).toEqual([...tags.map((tag) => tag.toLowerCase()), ...pieces].sort())
  })

  test('has every key in every language, and no other', () => {
    const keysOf = (texts: Texts) => rowsOf('', texts).map(({ group, name }) => `${group}.${name}`)
    for (const tag of tags) expect(keysOf(catalogue[tag] as Texts), tag).toEqual(keysOf(english))
    expect(rows).toHaveLength(tags.length * 13)
  })
})

describe('every text', () => {
  test('begins with the code, once; a notice has none', () => {
    const wrong = ({ group, text }: Row) => text.split('{{code}}').length - 1 !== (group === 'code' ? 1 : 0)
    expect(complaints((row) => wrong(row) && 'code')).toEqual([])
    expect(complaints(({ group, text }) => group === 'code' && !/^\{\{code\}\}[ :,]/.test(text) && text)).toEqual([])
  })

  test('names the app, and what is approved where there is something to approve', () => {
    expect(complaints(({ text }) => !text.includes('{{app}}') && text)).toEqual([])
    expect(complaints(({ name, text }) => text.split('{{details}}').length - 1 !== (name === 'payment' ? 1 : 0) && text)).toEqual([])
  })

  test('has no other variable, and no brace besides', () => {
    const allowed = { code: ['code', 'app', 'minutes', 'details'], notice: ['app'] }
    expect(complaints(({ group, text }) => !parseTemplate(text).names.every((name) => allowed[group].includes(name)) && text)).toEqual([])
    expect(complaints((row) => /[{}]/.test(words(row)) && row.text)).toEqual([])
  })

  test.each(apps)('is one segment for %s (T-MSG-04)', (app) => {
    const cost = (row: Row) => countSegments(filled(row, app))
    expect(complaints((row) => cost(row).segments > 1 && `${cost(row).encoding} ${cost(row).units}: ${filled(row, app)}`)).toEqual([])
    // Not because nothing is ever written beyond GSM-7.
    expect(new Set(rows.map((row) => cost(row).encoding))).toEqual(new Set(['GSM-7', 'UCS-2']))
  })

  test('is written in the script of its language', () => {
    const script = (tag: string) => scripts[tag] ?? /\p{Script=Latin}/u
    const strange = (row: Row) => [...words(row)].filter((letter) => /\p{L}/u.test(letter) && !script(row.tag).test(letter)).join('')
    expect(complaints(strange)).toEqual([])
    expect(complaints((row) => !script(row.tag).test(words(row)) && 'no letter of it')).toEqual([])
  })

  test('has no letter that only a neighbouring language has', () => {
    expect(complaints((row) => foreign[row.tag]?.exec(words(row))?.[0])).toEqual([])
  })

  test('is translated, and like no other of its language', () => {
    expect(
      complaints(({ tag, group, name, text }) => tag !== 'en' && (english[group] as Record<string, string>)[name] === text && text),
    ).toEqual([])
    for (const tag of tags) expect(new Set(rows.filter((row) => row.tag === tag).map(({ text }) => text)).size, tag).toBe(13)
  })

  test('is clean: NFC, no control, format or bidi character, no stray space, straight quotes', () => {
    expect(complaints(({ text }) => text !== text.normalize('NFC') && 'not NFC')).toEqual([])
    expect(complaints(({ text }) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[^\P{Zs} ]/u.test(text) && JSON.stringify(text))).toEqual([])
    expect(complaints(({ text }) => /^ | $| {2}| [.,]|[‘’“”]/.test(text) && text)).toEqual([])
    // Thai ends a sentence with a space.
    expect(complaints(({ tag, text }) => tag !== 'th' && !/[.。।۔።]$/u.test(text) && text)).toEqual([])
    // No link, nothing that a phone would make one.
    expect(complaints((row) => /[/@#]|\.\p{L}/u.test(words(row)) && row.text)).toEqual([])
  })
})

describe('right-to-left texts', () => {
  const rightToLeft = /\p{Script=Hebrew}|\p{Script=Arabic}/u

  /** By the first letter a phone decides where a paragraph begins (UAX #9, P2). Digits do not count. */
  const isRightToLeft = (text: string) => rightToLeft.test(/\p{L}/u.exec(text)?.[0] ?? '')

  test('begin at the right, though their app is written in Latin', () => {
    const mixed = rows.filter(({ tag }) => ['ar', 'fa', 'he', 'ur'].includes(tag))
    expect(mixed).toHaveLength(4 * 13)
    for (const row of mixed) expect(isRightToLeft(filled(row, 'Acme')), row.text).toBe(true)
    expect(isRightToLeft('482913 Acme رمزك')).toBe(false)
  })

  test('have a letter of theirs right after the code, so that it is read first', () => {
    for (const row of rows.filter(({ tag, group }) => ['ar', 'fa', 'he', 'ur'].includes(tag) && group === 'code'))
      expect(row.text).toMatch(/^\{\{code\}\} [\p{Script=Hebrew}\p{Script=Arabic}]/u)
  })
})
