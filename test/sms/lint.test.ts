import { describe, expect, test } from 'vitest'
import { type LintedText, type LintOptions, lintMessages } from '../../src/sms/lint.js'

const problems = (text: string, rules: Omit<LintOptions, 'texts'> = {}, over: Partial<LintedText> = {}) =>
  lintMessages({ texts: [{ purpose: 'login', text, code: '482913', ...over }], ...rules })[0]?.problems

const good = '482913 is your Acme code.'
const domain = 'example.com'
const androidHash = 'FA+9qCX9VSu'

test('a row for each text, in order', () => {
  const texts = [
    { locale: 'en', purpose: 'login', text: good, code: '482913' },
    { locale: 'ru', purpose: 'login', text: '482913 — ваш код', code: '482913' },
    { purpose: 'notice', template: 'password_changed', text: '' },
  ]
  expect(lintMessages({ texts })).toEqual([
    { locale: 'en', purpose: 'login', encoding: 'GSM-7', segments: 1, units: 25, perSegment: 160, problems: [] },
    { locale: 'ru', purpose: 'login', encoding: 'UCS-2', segments: 1, units: 16, perSegment: 70, problems: [] },
    { purpose: 'notice', template: 'password_changed', encoding: 'GSM-7', segments: 1, units: 0, perSegment: 160, problems: ['is empty'] },
  ])
})

describe('problems', () => {
  test.each<readonly [string, string, Omit<LintOptions, 'texts'>, Partial<LintedText>, string]>([
    ['blank', ' \n', {}, {}, 'is empty'],
    ['long', `${good}${'x'.repeat(136)}`, {}, {}, 'takes 2 segments, more than 1'],
    ['longer', `${good}${'x'.repeat(300)}`, { maxSegments: 2 }, {}, 'takes 3 segments, more than 2'],
    ['a typographic apostrophe', `${good} Don’t share it.`, {}, {}, 'is UCS-2 only because of ’'],
    ['a space nobody sees', `${good}\u00a0Keep it – …`, {}, {}, 'is UCS-2 only because of U+00A0 – …'],
    ['no code', 'Your Acme code.', {}, {}, 'lacks the code'],
    ['the code on a border', `${'x'.repeat(150)}482913${'x'.repeat(50)}`, { maxSegments: 2 }, {}, 'has its code cut in two'],
    ['a value missing', good, {}, { mustContain: ['482913', 'Bob'] }, 'lacks a value that the person must be able to read'],
    ['a place left', `${good} {{minutes}}`, {}, {}, 'holds {{ or }}: a place that nothing filled'],
    ['a tab', `${good}\tx`, {}, {}, 'holds a control character'],
    ['a link', `${good} https://evil.example/x`, {}, {}, 'holds a link to another site'],
    ['a link without a scheme', `${good} www.evil.example`, { domain: 'evil.example' }, { code: '4829' }, 'holds a link to another site'],
    ['no last line', good, { domain }, {}, 'does not end with the line @domain #code'],
    ['a line after it', `${good}\n@example.com #482913\n`, { domain }, {}, 'does not end with the line @domain #code'],
    ['another host', `${good}\n@a.example #482913`, { domain }, {}, 'does not end with the line @domain #code'],
    ['two', `@a.example #1\n${good}\n@example.com #482913`, { domain }, {}, 'holds more than one line @domain #code'],
    ['one that was not asked for', `${good}\n@a.example #482913`, {}, {}, 'holds a line @domain #code'],
    ['no hash', good, { androidHash }, {}, 'lacks the hash of the SMS Retriever'],
    ['141 bytes', `${good}${'é'.repeat(52)}${androidHash}x`, { androidHash }, {}, 'has more than the 140 bytes of the SMS Retriever'],
  ])('%s', (_, text, rules, over, problem) => {
    expect(problems(text, rules, over)).toContain(problem)
  })

  test('all of them', () => {
    expect(problems(`{{ ${'x'.repeat(160)}`, { domain, androidHash })).toHaveLength(6)
  })
})

describe('no problem', () => {
  test.each<readonly [string, string, Omit<LintOptions, 'texts'>, Partial<LintedText>]>([
    ['a full SMS', `${good}${'x'.repeat(135)}`, {}, {}],
    ['two, where two may be', `${good}${'x'.repeat(200)}`, { maxSegments: 2 }, {}],
    ['the code at the end of a part', `${'x'.repeat(147)}482913${'x'.repeat(50)}`, { maxSegments: 2 }, {}],
    ['a language that needs UCS-2', 'Код 482913 – ваш.', {}, {}],
    ['its last line', `${good}\n\n@example.com #482913`, { domain }, {}],
    ['both', `${good}\n\n${androidHash}\n@example.com #482913`, { domain, androidHash }, {}],
    ['a link home', `See https://example.com/why. ${good}\n@example.com #482913`, { domain }, {}],
    ['values that stand there', `${good} 5 EUR to Bob`, {}, { mustContain: ['482913', '5 EUR', 'Bob'] }],
    ['140 bytes', `${good}${'é'.repeat(52)}${androidHash}`, { androidHash }, {}],
  ])('%s', (_, text, rules, over) => {
    expect(problems(text, rules, over)).toEqual([])
  })

  test('a notice needs neither code nor line nor hash', () => {
    const texts = [{ purpose: 'notice', template: 'password_changed', text: 'Your Acme password was changed.' }]
    expect(lintMessages({ texts, domain, androidHash })[0]?.problems).toEqual([])
  })
})
