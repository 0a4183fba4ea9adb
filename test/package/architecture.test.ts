import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseModule, readTree, type Tree } from './module.js'
import { inspectTree, median } from './rooms.js'

const source = readTree('src', '.ts')

/** Files that a decision record allows to be longer, by the sentence "`src/x.ts` may be longer". */
const excused = () => {
  const records = readdirSync('docs/decisions').map((name) => readFileSync(`docs/decisions/${name}`, 'utf8'))
  return new Set(records.flatMap((text) => [...text.matchAll(/`src\/([\w/-]+)\.ts` may be longer/g)].map(([, path]) => path as string)))
}

test('src keeps every rule of the house', () => {
  expect(source.size).toBeGreaterThan(40)
  expect(inspectTree(source, excused())).toEqual([])
})

test('the median file of src has at most 80 lines', () => {
  expect(median([...source].map(([path, text]) => parseModule(path, text).lines))).toBeLessThanOrEqual(80)
})

/** A small house in order; a case puts one file in, or another in its place. */
const house: Tree = new Map([
  ['errors', 'export class PhoneVerifyError extends Error {}'],
  ['domain/digit', 'export const asciiDigit = 1'],
  ['domain/phone-number', "import { asciiDigit } from './digit.js'\nexport const phone = asciiDigit"],
  ['domain/purpose', "import type { phone } from './phone-number.js'\nexport type Purpose = typeof phone"],
  ['store/store', "import type { Purpose } from '../domain/purpose.js'\nexport type Store = Purpose"],
  [
    'store/memory',
    "import { PhoneVerifyError } from '../errors.js'\nimport type { Store } from './store.js'\nexport const memoryStore = (s: Store) => [s, PhoneVerifyError]",
  ],
  ['sms/backend', 'export type SmsBackend = string'],
  ['sms/must-contain', 'export const requireText = 1'],
  [
    'sms/outbox',
    "import type { SmsBackend } from './backend.js'\nimport { requireText } from './must-contain.js'\nexport const outbox = (b: SmsBackend) => [b, requireText]",
  ],
  ['services/challenge', "import type { Store } from '../store/store.js'\nexport type Challenge = Store"],
  [
    'services/proof',
    "import type { Challenge } from './challenge.js'\nexport const proof = async (c: Challenge) => [c, await import('jose/jwt/sign')]",
  ],
  ['verifier', "import { proof } from './services/proof.js'\nexport const verifier = proof"],
  ['index', "export { verifier } from './verifier.js'"],
])

const inspectWith = (path: string, text: string) => inspectTree(new Map([...house, [path, text]]))

describe('the rules bite', () => {
  test('a house in order has no complaint', () => {
    expect(inspectTree(house)).toEqual([])
  })

  const lines = (count: number) => 'export {}\n'.repeat(count)

  test.each<readonly [rule: string, path: string, text: string, fault: string]>([
    ['errors import nothing', 'errors', "import '../node_modules/x.js'", 'imports ../node_modules/x.js, which is not there'],
    ['errors import nothing of ours', 'errors', "import type { Purpose } from './domain/purpose.js'", 'imports the type of domain/purpose'],
    [
      'domain does not know services',
      'domain/code',
      "import type { Challenge } from '../services/challenge.js'",
      'imports the type of services/challenge',
    ],
    ['domain takes no value of a sibling', 'domain/code', "import { phone } from './phone-number.js'", 'imports domain/phone-number'],
    ['domain does no input or output', 'domain/code', "import { get } from 'node:https'", 'imports node:https'],
    ['a contract imports types only', 'store/store', "import { asciiDigit } from '../domain/digit.js'", 'imports domain/digit'],
    ['a store does not know another store', 'store/redis', "import { memoryStore } from './memory.js'", 'imports store/memory'],
    ['not even its types', 'store/redis', "import type { memoryStore } from './memory.js'", 'imports the type of store/memory'],
    ['a store loads no client library', 'store/redis', "import { createClient } from 'redis'", 'imports redis'],
    ['nor later', 'store/redis', "export const load = () => import('redis')", 'loads redis'],
    ['a leaf does not know another leaf', 'sms/console', "import { outbox } from './outbox.js'", 'imports sms/outbox'],
    ['a service takes no value of a sibling', 'services/forget', "export { proof } from './proof.js'", 'imports services/proof'],
    ['a service does not know a store', 'services/forget', "import { memoryStore } from '../store/memory.js'", 'imports store/memory'],
    ['a service takes no crypto of its own', 'services/forget', "import { randomBytes } from 'node:crypto'", 'imports node:crypto'],
    ['jose is loaded when it is needed', 'services/forget', "import { jwtVerify } from 'jose/jwt/verify'", 'imports jose/jwt/verify'],
    ['the verifier knows no implementation', 'verifier', "import { memoryStore } from './store/memory.js'", 'imports store/memory'],
    ['nobody imports the index', 'testing/clock', "import { verifier } from '../index.js'", 'imports index'],
    [
      'an import type is an import',
      'domain/code',
      "export type C = import('../services/challenge.js').Challenge",
      'imports the type of services/challenge',
    ],
    [
      'a type in a value import is loaded all the same',
      'services/forget',
      "import { type proof } from './proof.js'",
      'imports services/proof',
    ],
    ['a file belongs to a room', 'attic/chest', "import '../errors.js'", 'is in no room'],
    ['an import ends in .js', 'domain/code', "import '../errors'", 'imports ../errors, which does not end in .js'],
    ['no default export', 'domain/code', 'export default 1', 'exports a default'],
    ['no default function', 'domain/code', 'export default function code() {}', 'exports a default'],
    ['no default under another name', 'domain/code', 'const code = 1\nexport { code as default }', 'exports a default'],
    ['no class', 'domain/code', 'export class Code {}', 'has a class that is no error of errors.ts'],
    ['no class, be it an error', 'domain/code', 'export class CodeError extends Error {}', 'has a class that is no error of errors.ts'],
    ['no class but errors', 'errors', 'export class PhoneVerifyError {}', 'has a class that is no error of errors.ts'],
    ['no enum', 'domain/code', 'export enum Code { A }', 'has an enum'],
    ['no namespace', 'domain/code', 'export namespace Code {}', 'has a namespace'],
    ['no console', 'domain/code', "console.log('x')", 'uses console'],
    ['no console by another way', 'domain/code', "globalThis.console.log('x')", 'uses console'],
    ['no console by another name', 'domain/code', 'const { log } = console', 'uses console'],
    ['no Math.random', 'domain/code', 'export const n = Math.random()', 'uses Math.random'],
    ['no eval', 'domain/code', "eval('1')", 'uses eval'],
    ['no Function', 'domain/code', "new Function('return 1')", 'uses Function'],
    ['no require', 'domain/code', "require('redis')", 'calls require'],
    [
      'no import by a name that is reckoned',
      'domain/code',
      "export const load = (name: string) => import('x' + name)",
      'imports what cannot be read from the source',
    ],
    ['no environment', 'domain/code', "export const secret = process.env['SECRET']", 'reads the environment'],
    ['no drawer', 'domain/utils', '', 'is named after nothing it makes'],
    ['no drawer with a prefix', 'store/redis-helpers', '', 'is named after nothing it makes'],
    ['no file over 200 lines', 'domain/code', lines(201), 'has 201 lines'],
  ])('%s', (_, path, text, fault) => {
    expect(inspectWith(path, text)).toContain(`${path} ${fault}`)
  })

  test('a file that imports itself', () => {
    expect(inspectWith('domain/digit', "import './digit.js'")).toContain('cycle: domain/digit → domain/digit')
  })

  test('a long median', () => {
    expect(inspectTree(new Map([['domain/code', lines(90)]]))).toEqual(['the median file has 90 lines'])
  })

  test('a cycle of several files is found, and named once', () => {
    const tree = new Map([
      ...house,
      ['verifier', "import './settings.js'"],
      ['settings', "import './proof-keys.js'"],
      ['proof-keys', "import './verifier.js'"],
    ])
    expect(inspectTree(tree).filter((complaint) => complaint.startsWith('cycle'))).toEqual([
      'cycle: verifier → settings → proof-keys → verifier',
    ])
  })

  test('a decision record excuses the length of one file, and nothing else', () => {
    const tree = new Map([...house, ['domain/code', `${lines(201)}console.log()`]])
    expect(inspectTree(tree, new Set(['domain/code']))).toEqual(['domain/code uses console'])
  })

  test('what only looks like a fault is none', () => {
    const text =
      "// import { get } from 'node:https'; eval('')\nexport const says = \"import 'node:https'; console.log(Math.random())\"\nexport const names = { console: true, eval: 1 }; export interface Client { eval(): void }; export const run = ({ eval: evaluate }: Client) => evaluate()"
    expect(inspectWith('domain/code', text)).toEqual([])
  })
})
