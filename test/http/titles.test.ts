import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLanguages } from '../../src/http/languages.js'
import { type ProblemCode, statuses } from '../../src/http/problem.js'
import { titles } from '../../src/http/titles/catalogue.js'
import { titleOf } from '../../src/http/titles.js'

const codes = Object.keys(statuses) as ProblemCode[]
const rows = Object.entries(titles).flatMap(([tag, texts]) => Object.entries(texts).map(([code, text]) => ({ tag, code, text })))

/** What one complains about in each row, as one list: all of it shows at once. */
const complaints = (isWrong: (row: (typeof rows)[number]) => boolean) =>
  rows.filter(isWrong).map(({ tag, code, text }) => `${tag} ${code}: ${text}`)

const han = /\p{Script=Han}/u
const scripts: Readonly<Record<string, RegExp>> = {
  ar: /\p{Script=Arabic}/u,
  he: /\p{Script=Hebrew}/u,
  hi: /\p{Script=Devanagari}/u,
  ja: /\p{Script=Hiragana}/u,
  ko: /\p{Script=Hangul}/u,
  ru: /\p{Script=Cyrillic}/u,
  th: /\p{Script=Thai}/u,
  uk: /\p{Script=Cyrillic}/u,
  'zh-Hans': han,
  'zh-Hant': han,
}

/** How a sentence ends. Thai has no mark for it. */
const ends: Readonly<Record<string, RegExp>> = {
  hi: /[^।]।$/,
  ja: /[^。]。$/,
  th: /[\p{Script=Thai}A-Z]$/u,
  'zh-Hans': /[^。]。$/,
  'zh-Hant': /[^。]。$/,
}

/** Letters of a neighbour, and the familiar form of address. */
const foreign: Readonly<Record<string, RegExp>> = {
  de: /(?<!\p{L})(?:du|dich|dir|dein\p{L}*)(?!\p{L})/iu,
  es: /(?<!\p{L})(?:tú|tu|tus|solicita|inténtalo|empieza)(?!\p{L})/iu,
  fr: /(?<!\p{L})(?:tu|ton|ta|tes|demande|réessaie)(?!\p{L})(?! ne)/iu,
  it: /(?<!\p{L})(?:tu|tuo|tua|richiedi|riprova|ricomincia)(?!\p{L})/iu,
  nl: /(?<!\p{L})(?:je|jij|jouw)(?!\p{L})/iu,
  ru: /[іїєґ]|(?<!\p{L})(?:ты|твой|твоя)(?!\p{L})/iu,
  uk: /[ыэёъ]|(?<!\p{L})(?:ти|твій|твоя)(?!\p{L})/iu,
  'zh-Hans': /[請驗證碼過號無務電話簡訊時間發試誤處簽為與]/u,
  'zh-Hant': /[请验证码过号无务电话简讯时间发试误处签为与]/u,
}

describe('the catalogue', () => {
  test('lists every file of its folder', () => {
    const files = readdirSync('src/http/titles').flatMap((name) => (name === 'catalogue.ts' ? [] : [name.replace('.ts', '')]))
    expect(Object.keys(titles).map((tag) => tag.toLowerCase())).toEqual(files.sort())
    expect(files).toHaveLength(26)
  })

  test.each(Object.keys(titles))('%s is a tag in its canonical form, and says something of every code', (tag) => {
    expect(Intl.getCanonicalLocales(tag)).toEqual([tag])
    expect(Object.keys(titles[tag] ?? {})).toEqual(codes)
  })

  test('every title is short, trimmed and nothing but text', () => {
    expect(complaints(({ text }) => text.length < 4 || text.length > 80)).toEqual([])
    expect(
      complaints(({ text }) => text !== text.trim() || text !== text.normalize('NFC') || /\s{2}|\s\p{P}(?!\p{L})/u.test(text)),
    ).toEqual([])
    expect(complaints(({ text }) => /[<>{}&"\\]|\p{Cc}|\p{Cf}/u.test(text))).toEqual([])
  })

  test('none has a digit: what counts is a member of its own', () => {
    expect(complaints(({ text }) => /\p{N}/u.test(text))).toEqual([])
  })

  test('each ends as a sentence of its script does', () => {
    expect(complaints(({ tag, text }) => !(ends[tag] ?? /[^.]\.$/).test(text))).toEqual([])
  })

  test('each begins as a sentence does', () => {
    expect(complaints(({ text }) => /^\p{Ll}/u.test(text))).toEqual([])
  })

  test('each is written in its script', () => {
    expect(complaints(({ tag, text }) => !(scripts[tag] ?? /\p{Script=Latin}/u).test(text))).toEqual([])
    const borrowed = /POST|JSON/g
    const isMixed = ({ tag, text }: (typeof rows)[number]) =>
      scripts[tag] !== undefined && /\p{Script=Latin}/u.test(text.replace(borrowed, ''))
    expect(complaints(isMixed)).toEqual([])
  })

  test('none has letters of a neighbour, or is familiar with the reader', () => {
    expect(complaints(({ tag, text }) => foreign[tag]?.test(text) ?? false)).toEqual([])
  })

  test('no two codes share a text', () => {
    const keys = rows.map(({ tag, text }) => `${tag}: ${text}`)
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
  })

  test('none was left in English, or in another language', () => {
    expect(complaints(({ tag, code, text }) => tag !== 'en' && text === titles['en']?.[code as ProblemCode])).toEqual([])
    const tags = Object.keys(titles)
    const shared = tags.flatMap((one, index) =>
      tags.slice(index + 1).filter((other) => codes.filter((code) => titles[one]?.[code] === titles[other]?.[code]).length > 3),
    )
    expect(shared).toEqual([])
  })

  test('what is the same is said in the same words', () => {
    const parts = (text = '') => text.split(/[.。।，]\s*| (?=โปรด)/).filter((part) => part !== '')
    for (const { too_many_attempts, rate_limited, locked } of Object.values(titles)) {
      expect(parts(locked)).toHaveLength(2)
      expect(parts(too_many_attempts)[0]).toBe(parts(locked)[0])
      expect(parts(rate_limited)[1]).toBe(parts(locked)[1])
    }
  })
})

describe('titleOf', () => {
  test.each<readonly [string, string]>([
    ['de-CH', 'de'],
    ['DE', 'de'],
    ['fr-CA', 'fr'],
    ['es-419', 'es'],
    ['es-MX', 'es'],
    ['pt-BR', 'pt'],
    ['pt-PT', 'pt'],
    ['pt-AO', 'pt'],
    ['en-GB', 'en'],
    ['no', 'nb'],
    ['nn-NO', 'nb'],
    ['iw', 'he'],
    ['in', 'id'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['zh-Hant-CN', 'zh-Hant'],
    ['zh-Hans-TW', 'zh-Hans'],
    ['ja-JP-u-ca-japanese', 'ja'],
  ])('%s reads %s', (range, tag) => {
    expect(titleOf('expired', [range])).toEqual({ title: titles[tag]?.expired, language: tag })
  })

  test.each([
    ...['', '*', 'x', 'tlh', 'sw', 'qaa', 'sr-Latn', 'de_CH', 'de CH', 'de;q=1', '-', 'de-', '--'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '../en', 'en\0', 'zh-Hans\n', '%00', '𝖉𝖊', 'ԁе'],
    ...['d'.repeat(1_000_000), `de${'-a'.repeat(10_000)}`],
  ])('%.20j reads English', (range) => {
    expect(titleOf('expired', [range])).toEqual({ title: titles['en']?.expired, language: 'en' })
  })

  test('what is no text reads English', () => {
    for (const range of [null, undefined, 7, {}, ['de'], Symbol('de')])
      expect(titleOf('expired', [range as unknown as string]).language).toBe('en')
  })

  test('nobody who reads nothing that we have is left without', () => {
    expect(titleOf('expired', []).language).toBe('en')
    expect(titleOf('expired', ['tlh', 'qaa']).language).toBe('en')
  })

  test('the first that there is counts', () => {
    expect(titleOf('locked', ['tlh', 'uk-UA', 'de']).language).toBe('uk')
  })

  test.each<readonly [string | undefined, string]>([
    ['fr;q=0.5, de;q=0.9, en;q=0.1', 'de'],
    ['fr, de', 'fr'],
    ['tlh, it-CH;q=0.9, de;q=0.8', 'it'],
    ['de;q=0, ko', 'ko'],
    ['de;q=0', 'en'],
    ['*', 'en'],
    ['pt-BR,pt;q=0.9,en-US;q=0.8', 'pt'],
    ['de;q=2, fr;q=x, vi;q=0.001', 'vi'],
    ['garbage;;;,,,=;q', 'en'],
    [undefined, 'en'],
  ])('Accept-Language: %s reads %s', (header, tag) => {
    const { wanted } = createLanguages()
    expect(titleOf('unavailable', wanted(undefined, undefined, header))).toEqual({ title: titles[tag]?.unavailable, language: tag })
  })

  test('the body comes before the server, and that before the header', () => {
    const { wanted } = createLanguages()
    expect(titleOf('locked', wanted('ja', 'ko', 'th')).language).toBe('ja')
    expect(titleOf('locked', wanted('__proto__', 'ko', 'th')).language).toBe('ko')
    expect(titleOf('locked', wanted(7, undefined, 'th')).language).toBe('th')
  })
})
