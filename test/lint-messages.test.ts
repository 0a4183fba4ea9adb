import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { locales } from '../src/sms/localized.js'

const folder = mkdtempSync(join(tmpdir(), 'lint-messages-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = (...args: string[]) =>
  new Promise<Ended>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'src/lint-messages.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })

let files = 0
const file = (source: string) => {
  files += 1
  const path = join(folder, `messages-${files}.mjs`)
  writeFileSync(path, source)
  return path
}

const lint = (messages: object, ...args: string[]) =>
  run('lint-messages', '--config', file(`export const messages = ${JSON.stringify(messages)}`), ...args)

const linted = async (messages: object) => {
  const { code, stdout } = await lint(messages, '--json')
  return { code, ...(JSON.parse(stdout) as { ok: boolean; messages: Record<string, unknown>[]; problems: string[] }) }
}

const notices = ['password_changed', 'password_reset', 'phone_changed_old', 'phone_changed_new', 'security_alert']

describe('what it prints', () => {
  test('every text of a configuration, as JSON', async () => {
    const templates = { code: { login: '{{code}} is for {{app}}, {{minutes}} min.' }, notice: { other: '{{app}} says' } }
    const { code, ok, messages, problems } = await linted({ appName: 'Acme', purposes: ['login'], codeLength: 8, minutes: 3, templates })
    expect({ code, ok, problems }).toEqual({ code: 0, ok: true, problems: [] })
    const cost = { encoding: 'GSM-7', segments: 1, perSegment: 160, problems: [] }
    expect(messages).toEqual([
      { purpose: 'login', units: '48291375 is for Acme, 3 min.'.length, ...cost },
      ...[...notices, 'other'].map((template) => ({ purpose: 'notice', template, units: 'Acme says'.length, ...cost })),
    ])
  })

  test('every language and purpose of the catalogue, without a configuration', async () => {
    const { code, stdout } = await run('lint-messages', '--json')
    const { ok, messages, problems } = JSON.parse(stdout)
    expect([ok, problems]).toEqual([code === 0, []])
    const seen = new Set(
      messages.map(({ locale, purpose, template }: Record<string, string>) => [locale, purpose, template].join(' ').trim()),
    )
    const purposes = ['registration', 'login', 'two_factor', 'password_reset', 'phone_change', 'payment', 'marketing_opt_in', 'other']
    const expected = locales.flatMap((locale) => [
      ...purposes.map((purpose) => `${locale} ${purpose}`),
      ...notices.map((template) => `${locale} notice ${template}`),
    ])
    expect([...seen].sort()).toEqual(expected.sort())
    expect(messages.filter((row: { segments: number }) => !(row.segments >= 1))).toEqual([])
  })

  test('lines to read', async () => {
    const templates = { code: { login: `{{code}} ${'x'.repeat(200)}`, other: '{{code}} – now' } }
    const { code, stdout, stderr } = await lint({ appName: 'Acme', purposes: ['login', 'pin'], locales: ['fr'], templates })
    expect([code, stderr]).toEqual([1, ''])
    const [first, second, third, fourth] = stdout.split('\n')
    expect(first).toMatch(/^fr +login +GSM-7 {2}2 × 153 {2}207 units$/)
    expect(second).toBe('  ! takes 2 segments, more than 1')
    expect(third).toMatch(/^fr +pin +UCS-2 {2}1 × 70 {2}12 units$/)
    expect(fourth).toBe('  ! is UCS-2 only because of –')
    expect(stdout.endsWith('7 texts, 2 of them with problems\n')).toBe(true)
  })
})

describe('what it finds', () => {
  test('a variable that the message lacks, and a value that the text lacks', async () => {
    const templates = { code: { login: '{{code}} {{brand}}', payment: '{{code}} pays {{amount}}' }, variables: ['brand', 'amount'] }
    const config = { appName: 'Acme', purposes: ['login', 'payment'], templates }
    const { code, messages } = await linted(config)
    expect(code).toBe(1)
    expect(messages.slice(0, 2)).toEqual([
      { purpose: 'login', problems: ['text: the message has no {{brand}}'] },
      expect.objectContaining({ purpose: 'payment', problems: ['text: lacks the field payee'] }),
    ])
    const better = await linted({ ...config, context: { brand: 'Shop' }, payload: { amount: 5 } })
    expect([better.code, better.messages.flatMap(({ problems }) => problems)]).toEqual([0, []])
  })

  test('what is wrong with the options', async () => {
    const { code, ok, messages, problems } = await linted({ appName: 'Acme', templates: { code: { login: 'no code, {{a.b}}' } } })
    expect([code, ok, messages]).toEqual([1, false, []])
    expect(problems).toEqual(['code.login: has braces that are not {{name}}', 'code.login: must hold {{code}}'])
  })

  test('the bytes that a hash leaves', async () => {
    const templates = { code: { login: `{{code}} ${'x'.repeat(110)}`, other: '{{code}}' } }
    const autofill = { domain: 'example.com', androidHash: 'FA+9qCX9VSu' }
    const { code, messages } = await linted({ appName: 'Acme', purposes: ['login', 'pin'], templates, autofill })
    expect(code).toBe(1)
    expect(messages[0]?.['problems']).toEqual([expect.stringMatching(/^text: has \d+ bytes/)])
    expect(messages[1]).toMatchObject({ purpose: 'pin', units: '482913\n\nFA+9qCX9VSu\n@example.com #482913'.length, problems: [] })
  })

  test('a text that only one language has', async () => {
    const resources = {
      en: { notice: { shipped: 'Sent by {{app}}.' } },
      fr: { code: { login: '{{code}} {{app}} {{code}}', other: '{{code}}' } },
    }
    const { messages } = await linted({ appName: 'Acme', purposes: ['login'], locales: ['en', 'fr'], resources })
    const one = (locale: string, name: string) =>
      messages.find((row) => row['locale'] === locale && [row['purpose'], row['template']].includes(name))
    expect(one('fr', 'login')).toMatchObject({ units: '482913 Acme 482913'.length })
    expect(one('en', 'shipped')).toMatchObject({ units: 'Sent by Acme.'.length, problems: [] })
  })
})

describe('what it cannot use ends with 2', () => {
  test.each<readonly [string, () => string[], string]>([
    ['no command', () => [], 'the command is lint-messages'],
    ['another command', () => ['lint'], 'the command is lint-messages'],
    ['an argument too many', () => ['lint-messages', 'x'], 'the command is lint-messages'],
    ['an unknown flag', () => ['lint-messages', '--fix'], '--fix'],
    ['a flag without its file', () => ['lint-messages', '--config'], '--config'],
    ['a file that is not there', () => ['lint-messages', '--config', join(folder, 'none.mjs')], 'none.mjs'],
    ['a file that fails', () => ['lint-messages', '--config', file("throw new Error('broken inside')")], 'broken inside'],
    ['no export', () => ['lint-messages', '--config', file('export const other = 1')], 'must export messages'],
    ['no appName', () => ['lint-messages', '--config', file('export const messages = {}')], 'appName'],
    [
      'a code of 99 digits',
      () => ['lint-messages', '--config', file("export const messages = { appName: 'A', codeLength: 99 }")],
      'codeLength',
    ],
  ])('%s', async (_, args, what) => {
    const { code, stdout, stderr } = await run(...args())
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(what)
    expect(stderr).toContain('usage: phone-verify lint-messages')
  })
})

test('a default export does as well', async () => {
  const path = file("export default { appName: 'Acme', templates: { notice: { other: '{{app}}' } }, purposes: ['login'] }")
  const { code, stdout } = await run('lint-messages', '--config', path)
  expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 8])
})
