import { readFileSync } from 'node:fs'
import { type CountryCode, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { createLookUp, languageRanges } from '../../src/domain/language.js'
import { likelyLanguage } from '../../src/sms/locales/likely-language.js'
import { locales, matchLocale } from '../../src/sms/localized.js'

const lookUp = createLookUp(locales)

describe('lookup (RFC 4647 §3.4)', () => {
  test.each([
    ['en-GB', 'en'],
    ['es-MX', 'es'],
    ['fr-u-ca-buddhist', 'fr'],
    ['de-DE-x-a', 'de'],
    ['DE-at', 'de'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['zh-Hant-HK', 'zh-Hant'],
    ['pt', 'pt'],
    ['pt-BR', 'pt'],
    ['pt-PT', 'pt-PT'],
    ['pt-AO', 'pt-PT'],
    ['pt-Latn-MZ', 'pt-PT'],
    ['no', 'nb'],
    ['nn-NO', 'nb'],
    ['iw', 'he'],
    ['in', 'id'],
    ['tl', 'fil'],
    ['sr-Cyrl-ME', 'sr'],
  ])('%s finds %s', (range, found) => {
    expect(lookUp(range)[0]).toBe(found)
    expect(lookUp(range)).toBe(lookUp(range))
  })

  test.each([
    'sr-Latn',
    'sr-ME',
    'yue',
    'eo',
    'az-Cyrl',
    '*',
    '',
    'en_US',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    'en\r\nX: 1',
    'x'.repeat(65_536),
    `en-${'a-'.repeat(20)}a`,
    undefined,
    null,
    7,
    ['en'],
    { toString: () => 'en' },
  ])('%o finds nothing', (range) => expect(lookUp(range)).toEqual([]))

  test('gives the closest first, and after it what else can be read', () => {
    const find = createLookUp(['en', 'es', 'es-419', 'es-MX', 'pt', 'pt-PT', 'pt-AO', 'nb', 'nn', 'zh-Hant', 'zh-Hant-HK', 'fr-FR'])
    expect(find('es-MX')).toEqual(['es-MX', 'es-419', 'es'])
    expect(find('es-AR')).toEqual(['es-419', 'es'])
    expect(find('es-ES')).toEqual(['es'])
    expect(find('pt-AO')).toEqual(['pt-AO', 'pt-PT', 'pt'])
    expect(find('pt-BR')).toEqual(['pt'])
    expect(find('nn')).toEqual(['nn', 'nb'])
    expect(find('no')).toEqual(['nb'])
    expect(find('zh-HK')).toEqual(['zh-Hant-HK', 'zh-Hant'])
    expect(find('zh-CN')).toEqual([])
    // Beyond RFC 4647: Canadian French is nearer to French of France than to English.
    expect(find('fr-CA')).toEqual(['fr-FR'])
  })

  test('leaves out what is available under no tag, and gives tags as they were given', () => {
    const find = createLookUp(['__proto__', 'en_US', 'ZH-tw', '', 'fr'])
    expect(find('zh-Hant')).toEqual(['ZH-tw'])
    expect(find('fr')).toEqual(['fr'])
    expect(find('en')).toEqual([])
  })

  test('remembers answers, but not without end', () => {
    const before = lookUp('fr-CA')
    expect(lookUp('fr-CA')).toBe(before)
    for (let index = 0; index < 500; index += 1) lookUp(`fr-x-${index}`)
    expect(lookUp('fr-CA')).not.toBe(before)
    expect(lookUp('fr-CA')).toEqual(before)
  })
})

describe('the ranges of a header (RFC 9110 §12.5.4)', () => {
  test.each([
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', ['fr-CH', 'fr', 'en', 'de']],
    ['en;q=0.2,de;q=0.9,fr', ['fr', 'de', 'en']],
    ['en;q=0.5,de;q=0.5', ['en', 'de']],
    ['en;q=0,fr', ['fr']],
    ['en;q=0.000,fr;Q=1.000', ['fr']],
    ['  en  ;  q=0.5  ', ['en']],
    ['en;q=NaN, fr;q=Infinity, de;q=-1, it;q=2, es;q=0.1234, pt;q=', []],
    ['en;level=1', ['en']],
    ['*', []],
    ['', []],
    [',,;,;q=1', []],
  ])('%j', (header, ranges) => expect(languageRanges(header)).toEqual(ranges))

  test('are read in the first thousand characters, ten at most', () => {
    expect(languageRanges(`${' '.repeat(998)}en, fr`)).toEqual(['en'])
    expect(languageRanges(Array.from({ length: 30 }, (_, index) => `en-x-${index}`).join())).toHaveLength(10)
  })
})

describe('matchLocale', () => {
  test.each([
    ['fr-CH, fr;q=0.9, en;q=0.8', 'fr'],
    ['eo, zh-TW;q=0.4, de;q=0.3', 'zh-Hant'],
    ['sr-Latn, en;q=0.1', 'en'],
    ['nn-NO', 'nb'],
  ])('%s is %s', (header, found) => expect(matchLocale(header)).toBe(found))

  test('among languages of the application', () => {
    expect(matchLocale('fr-CA, de;q=0.5', ['de', 'it'])).toBe('de')
    expect(matchLocale('gu-IN', ['en', 'gu'])).toBe('gu')
    expect(matchLocale('fr', [])).toBeUndefined()
  })

  const junk = [
    '../../etc/passwd',
    '__proto__',
    'constructor',
    'en\r\nX: 1',
    '\u0000',
    '*',
    'q=NaN',
    ';q=1',
    '%s',
    '{{code}}',
    'a'.repeat(65_536),
  ]

  test.each([...junk, undefined, null, 7, {}, ['en'], Symbol('en')])('of %o is nothing (T-MSG-03)', (header) => {
    expect(matchLocale(header)).toBeUndefined()
    expect(({} as { en?: unknown }).en).toBeUndefined()
  })

  test.each(junk)('of %o beside a language is that language', (header) => {
    if (header.length < 1_000) expect(matchLocale(`${header}, de`)).toBe('de')
    expect(matchLocale(`de, ${header}`)).toBe('de')
  })

  test('takes no longer for 64 KiB of anything (T-MSG-03)', () => {
    const headers = [',', ';', 'en,', 'en;q=1;', 'en-', ' ', 'q=', 'x-', 'en;q=0.1,', '\t ;'].map((piece) =>
      piece.repeat(65_536 / piece.length),
    )
    matchLocale(headers.join())
    for (const header of headers) {
      const start = performance.now()
      matchLocale(header)
      expect(performance.now() - start, header.slice(0, 10)).toBeLessThan(50)
    }
  })
})

describe('the language of a number', () => {
  const readingOf = (tag: string | undefined) => {
    if (tag === undefined) return undefined
    const { language, script } = new Intl.Locale(tag)
    return `${language}-${script}`
  }

  test('is that of its country, for the example of every country', () => {
    const mobile = JSON.parse(readFileSync('node_modules/libphonenumber-js/examples.mobile.json', 'utf8')) as Record<CountryCode, string>
    const examples = Object.entries(mobile).map(([country, number]) => `+${getCountryCallingCode(country as CountryCode)}${number}`)
    expect(examples.length).toBeGreaterThan(230)
    for (const phone of examples) {
      const country = parsePhoneNumberFromString(phone, { extract: false })?.country
      expect(readingOf(likelyLanguage(phone)), phone).toBe(readingOf(new Intl.Locale(`und-${country}`).maximize().baseName))
    }
  })

  test.each([
    ['+33612345678', 'fr'],
    ['+41791234567', 'de'],
    ['+14155552671', 'en'],
    ['+18092345678', 'es'],
    ['+77012345678', 'ru'],
    ['+358412345678', 'fi'],
    ['+244923123456', 'pt-PT'],
    ['+85251234567', 'zh-Hant'],
    ['+4740612345', 'nb'],
  ])('%s reads %s', (phone, found) => expect(lookUp(likelyLanguage(phone))[0]).toBe(found))

  test.each(['+870773111632', '+88216123456', '+999123456789', '', '+', 'x'])('%j belongs to no country', (phone) => {
    expect(likelyLanguage(phone)).toBeUndefined()
  })
})
