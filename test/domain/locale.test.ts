import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalLocale } from '../../src/domain/locale.js'

test.each([
  ['fr', 'fr'],
  ['FR', 'fr'],
  ['fr-ca', 'fr-CA'],
  ['pt-BR', 'pt-BR'],
  ['zh-hant-tw', 'zh-Hant-TW'],
  ['es-419', 'es-419'],
  ['sr-latn-rs', 'sr-Latn-RS'],
  ['iw', 'he'],
  ['de-1996', 'de-1996'],
  ['en-u-nu-latn', 'en-u-nu-latn'],
])('%s is %s', (given, canonical) => expect(canonicalLocale(given)).toBe(canonical))

const strings = [
  ...[
    '',
    ' ',
    'f',
    '*',
    'fr;q=0.9',
    'fr,en',
    'fr-CA, en',
    'fr_CA',
    'fr.UTF-8',
    'fr-',
    '-fr',
    'fr--CA',
    'fr CA',
    ' fr',
    'fr\n',
    'fr\0',
    'français',
  ],
  ...['../../etc/passwd', '..', '/', 'C:\\', '__proto__', 'constructor', 'prototype', 'en\r\nX: 1', '\u202een', 'ｅｎ', 'e\u0301n'],
  ...[
    'i-klingon',
    'x-private',
    '12',
    'en-a-b-c-d-e',
    'en-123456789',
    'abcdefghi',
    'en'.repeat(32_768),
    '-'.repeat(65_536),
    `en${'-ab'.repeat(20_000)}`,
  ],
]
const others = [
  undefined,
  null,
  true,
  0,
  Number.NaN,
  1n,
  Symbol('fr'),
  () => 'fr',
  [],
  ['fr'],
  {},
  { toString: () => 'fr' },
  new String('fr'),
  new Intl.Locale('fr'),
]

// T-MSG-03. A property's name that is short enough to be a language (`at`, `valueOf`) is one that nobody has texts for.
test.each([...strings, ...others].map((value) => [inspect(value).slice(0, 40), value]))('%s is ignored', (_, value) => {
  expect(canonicalLocale(value)).toBeUndefined()
})

test('whatever comes out is a short tag of letters, digits and hyphens, and stays what it is', () => {
  const tag = fc.string({ unit: fc.constantFrom('e', 'n', 'F', '1', '-', 'u', 'x', '_', '/', '.'), maxLength: 24 })
  fc.assert(
    fc.property(fc.oneof(tag, fc.anything()), (value) => {
      const locale = canonicalLocale(value)
      if (locale === undefined) return
      expect(locale).toMatch(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/)
      expect(canonicalLocale(locale)).toBe(locale)
    }),
    { numRuns: 20_000 },
  )
})
