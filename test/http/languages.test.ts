import { locales } from 'phone-verify/sms/localized'
import { describe, expect, test } from 'vitest'
import { createLanguages, written } from '../../src/http/languages.js'

const { wanted, offered } = createLanguages()

describe('what a visitor reads', () => {
  test.each([
    ['fr', undefined, undefined, ['fr']],
    ['fr', 'it', 'de', ['fr', 'it', 'de']],
    [undefined, 'it', 'de', ['it', 'de']],
    [undefined, undefined, 'de;q=0.2, fr;q=0.9, *;q=0.1', ['fr', 'de']],
    [undefined, undefined, 'da, en-gb;q=0.8, en;q=0.7', ['da', 'en-gb', 'en']],
    [undefined, undefined, 'de;q=0, fr;q=1.1, it;q=abc, es', ['es']],
    ['zh-tw', undefined, undefined, ['zh-TW']],
    ['en_US', '../de', '__proto__, fr', ['fr']],
    [7, undefined, undefined, []],
    [['fr'], undefined, undefined, []],
    [{ toString: () => 'fr' }, undefined, undefined, []],
    ['a'.repeat(1_000), undefined, 'a'.repeat(100_000), []],
    ['', '', '', []],
  ])('body %j, server %j, header %j: %j', (body, server, header, expected) => {
    expect(wanted(body, server, header)).toEqual(expected)
  })
})

describe('the language of the SMS', () => {
  test.each([
    [['de-CH'], 'de-CH'],
    [['xx', 'de'], 'de'],
    [['tlh', 'vo'], 'tlh'],
    [['zh-TW'], 'zh-TW'],
    [[], undefined],
  ])('of %j is %j (RFC 4647 lookup)', (ranges, expected) => expect(offered(ranges)).toBe(expected))

  test('is one that there are texts in', () => {
    const own = createLanguages(['fr', 'zh-Hans'])
    expect(own.offered(['de', 'fr-CA'])).toBe('fr-CA')
    expect(own.offered(['zh-TW', 'zh-SG'])).toBe('zh-SG')
    expect(own.offered(['de', 'it'])).toBe('de')
  })

  test('is by default one that localized has', () => expect(written.split(' ').sort()).toEqual([...locales].sort()))
})
