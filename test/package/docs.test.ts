import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix, resolve } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { challengesPerPhone, defaultLimits, type Limit, limitNames } from '../../src/domain/limits.js'
import { builtInPurposes, defaultPolicy } from '../../src/domain/purpose.js'
import { readSettings } from '../../src/settings.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { memoryStore } from '../../src/store/memory.js'
import * as testing from '../../src/testing/index.js'
import { type Compiled, compile } from './compile.js'
import { anchorsOf, type Block, blocksOf, headingsOf, linksOf, readMarkdown } from './markdown.js'
import { parseModule, readTree } from './module.js'

const pages = readMarkdown()
const source = readTree('src', '.ts')
const page = (path: string) => pages.get(path) ?? ''

const isCode = ({ language }: Block) => ['ts', 'js', 'typescript', 'javascript', 'mts', 'mjs'].includes(language)

/** A block that begins with `// verifier.ts` is that module, for every other block to import. */
const nameOf = ({ code, line }: Block, path: string) => /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1] ?? `${path.replaceAll('/', '|')}|${line}.ts`

/** The examples of doc comments, as the blocks of a page of their own. */
function examplesOf(text: string): readonly Block[] {
  const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].filter(([comment]) => comment.includes('@example'))
  return comments.flatMap(({ 0: comment, index }) => {
    const firstLine = text.slice(0, index).split('\n').length
    const plain = comment.replace(/^\s*\* ?/gm, '')
    return blocksOf(plain).map((block) => ({ ...block, line: firstLine + block.line - 1 }))
  })
}

const published = [...pages].filter(([path]) => path === 'README.md' || path.startsWith('docs/'))
const blocks = [
  ...published.flatMap(([path, text]) =>
    blocksOf(text)
      .filter(isCode)
      .map((block) => [nameOf(block, path), block] as const),
  ),
  ...[...source].flatMap(([path, text]) => examplesOf(text).map((block) => [nameOf(block, `src/${path}.ts`), block] as const)),
]

/** Questions to the compiler: what there is to document. */
const probe = `
import type { DeadlineOptions, ErrorCode, PhoneVerifier, PhoneVerifierOptions, PhoneVerifyEvent, Policy, ProofKeyOption, TestNumberOption, Warning } from 'phone-verify'
import type { KeyvStoreOptions } from 'phone-verify/store/keyv'
import type { MemoryStoreOptions } from 'phone-verify/store/memory'
import type { PostgresStoreOptions } from 'phone-verify/store/postgres'
import type { RedisStoreOptions } from 'phone-verify/store/redis'
type Outcome = { [Verb in keyof PhoneVerifier]: Awaited<ReturnType<PhoneVerifier[Verb]>> }[keyof PhoneVerifier]
type Keys<Union> = Union extends unknown ? keyof Union : never
export type Reason = Extract<Outcome, { ok: false }>['reason']
export type Code = ErrorCode
export type Verb = keyof PhoneVerifier
export type Option = keyof PhoneVerifierOptions | keyof Policy | keyof DeadlineOptions | keyof ProofKeyOption | keyof TestNumberOption
export type StoreOption = keyof MemoryStoreOptions | keyof RedisStoreOptions | keyof PostgresStoreOptions | keyof KeyvStoreOptions
export type EventType = PhoneVerifyEvent['type']
export type EventField = Keys<PhoneVerifyEvent>
export type WarningName = Warning['warning']
`
const control =
  "import { createPhoneVerifier } from 'phone-verify'\nexport const verifier = createPhoneVerifier({ store: 1 })\nno().such(thing)\n"

let compiled: Compiled

beforeAll(() => {
  compiled = compile(new Map([...blocks.map(([name, { code }]) => [name, code] as const), ['probe.ts', probe], ['control.ts', control]]))
}, 60_000)

describe('every block of code', () => {
  test('has a name of its own', () => {
    const names = blocks.map(([name]) => name)
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('compiles as a module of its own', () => {
    const starts = new Map(blocks.map(([name, { line }]) => [name, line]))
    const complaints = compiled.complaints.filter(({ file }) => file !== 'control.ts')
    const said = complaints.map(({ file, line, message }) => `${file} at line ${(starts.get(file) ?? 1) + line - 1}: ${message}`)
    expect(said).toEqual([])
  })

  test('would be found out if it did not', () => {
    const codes = compiled.complaints.filter(({ file }) => file === 'control.ts').map(({ code, line }) => [line, code])
    // 2322: a store is no number. 2304: no such name.
    expect(codes).toEqual([
      [2, 2322],
      [3, 2304],
      [3, 2304],
    ])
  })

  test('imports nothing of ours by another way than the package does', () => {
    const imports = blocks.flatMap(([name, { code }]) => parseModule(name, code).imports.map(({ specifier }) => specifier))
    expect(
      imports.filter(
        (specifier) => specifier.startsWith('.') && !blocks.some(([name]) => specifier === `./${name.replace(/\.ts$/, '.js')}`),
      ),
    ).toEqual([])
  })
})

describe('every public function', () => {
  const factories = [
    'verifier',
    'domain/phone-number',
    'errors',
    'store/memory',
    'sms/console',
    'sms/outbox',
    'testing/carrier',
    'testing/clock',
    'testing/test-verifier',
  ]

  test.each(factories)('of src/%s.ts has an example', (path) => {
    expect(examplesOf(source.get(path) ?? '').length).toBeGreaterThan(0)
  })
})

describe('the first block of README.md', () => {
  const [first] = blocksOf(page('README.md')).filter(({ language }) => language === 'ts')
  const program = first?.code ?? ''
  const file = ts.createSourceFile('example.ts', program, ts.ScriptTarget.ES2023, true)

  test('is a program of what is installed with the package, and imports come first', () => {
    const allowed = ['phone-verify', 'phone-verify/store/memory', 'phone-verify/sms/outbox', 'node:crypto']
    const imports = parseModule('example', program).imports.map(({ specifier }) => specifier)
    expect(imports).toContain('phone-verify')
    expect(imports.filter((specifier) => !allowed.includes(specifier))).toEqual([])
    const kinds = file.statements.map((statement) => ts.isImportDeclaration(statement))
    expect(kinds.lastIndexOf(true)).toBe(kinds.indexOf(false) - 1)
  })

  test('is plain JavaScript, types aside, in either module format', () => {
    const imports = file.statements.filter((statement) => ts.isImportDeclaration(statement)).map((statement) => statement.getFullText(file))
    const rest = file.statements.filter((statement) => !ts.isImportDeclaration(statement)).map((statement) => statement.getFullText(file))
    // CommonJS has no top-level await: there the program is the body of a function.
    const wrapped = `${imports.join('')}\nasync function main() {${rest.join('')}\n}\nmain()\n`
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, allowJs: true }
    for (const text of [program, wrapped]) {
      const { diagnostics = [] } = ts.transpileModule(text, { compilerOptions, reportDiagnostics: true, fileName: 'example.js' })
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([])
    }
  })

  test('runs, and ends by saying what it verified', () => {
    const folder = mkdtempSync(join(tmpdir(), 'phone-verify-readme-'))
    try {
      writeFileSync(join(folder, 'example.mts'), program)
      const environment = { ...process.env, TSX_TSCONFIG_PATH: resolve('tsconfig.json') }
      const output = execFileSync(process.execPath, ['--import', 'tsx', join(folder, 'example.mts')], {
        encoding: 'utf8',
        timeout: 30_000,
        env: environment,
      })
      expect(output.trimEnd().split('\n').at(-1)).toBe('verified +14155552671')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 40_000)
})

describe('the tests that docs/testing.md shows', () => {
  const shown = blocksOf(page('docs/testing.md')).filter(({ language, code }) => language === 'ts' && code.includes("from 'vitest'"))
  const modules = new Map<string, unknown>([
    ['phone-verify/testing', testing],
    ['phone-verify/store/memory', { memoryStore }],
    ['phone-verify/sms/outbox', { outboxBackend }],
    ['vitest', { describe, expect, test }],
  ])

  test('are there', () => {
    expect(shown.length).toBeGreaterThan(1)
  })

  // Each block runs as a module of its own, here, and registers its tests under this heading.
  for (const { code } of shown) {
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 }
    const { outputText } = ts.transpileModule(code, { compilerOptions })
    new Function('require', 'exports', outputText)((name: string) => modules.get(name), {})
  }
})

describe('links', () => {
  const links = [...pages].flatMap(([path, text]) => linksOf(text).map((target) => ({ path, target })))
  const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target))

  test('there are some', () => {
    expect(inside.length).toBeGreaterThan(30)
  })

  test('lead to files and headings that are there', () => {
    const broken = inside.filter(({ path, target }) => {
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? path : posix.join(posix.dirname(path), file)
      if (!existsSync(to)) return true
      return anchor !== undefined && pages.has(to) && !anchorsOf(page(to)).includes(anchor)
    })
    expect(broken.map(({ path, target }) => `${path}: ${target}`)).toEqual([])
  })

  test('every page of docs can be reached from README.md', () => {
    const reached = new Set<string>()
    const follow = (path: string): void => {
      if (reached.has(path) || !pages.has(path)) return
      reached.add(path)
      for (const target of linksOf(page(path)))
        if (!/^[a-z]+:/.test(target)) follow(posix.join(posix.dirname(path), target.split('#')[0] || posix.basename(path)))
    }
    follow('README.md')
    expect([...pages.keys()].filter((path) => !reached.has(path))).toEqual([])
  })

  test('to the web are https', () => {
    expect(links.filter(({ target }) => /^[a-z]+:/.test(target) && !/^(https|mailto):/.test(target))).toEqual([])
  })
})

describe('docs/errors.md', () => {
  const headings = () => headingsOf(page('docs/errors.md')).flatMap((heading) => /^`(\w+)`$/.exec(heading)?.[1] ?? [])

  test('has a heading for every code and every reason, and for nothing else', () => {
    expect([...headings()].sort()).toEqual([...compiled.members('probe.ts', 'Code'), ...compiled.members('probe.ts', 'Reason')].sort())
  })

  test('says of each its cause and what to do', () => {
    const sections = page('docs/errors.md')
      .split(/^#{2,4} /m)
      .filter((section) => /^`\w+`\n/.test(section))
    expect(sections).toHaveLength(headings().length)
    expect(
      sections.filter((section) => !/^Cause: /m.test(section) || !/^Do: /m.test(section)).map((section) => section.split('\n')[0]),
    ).toEqual([])
  })
})

describe('what there is, is in the documentation', () => {
  const spans = (path: string) => [...page(path).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span as string)
  const named = (path: string, name: string) => spans(path).some((span) => new RegExp(`\\b${name}\\b`).test(span))

  test('every option', () => {
    const options = compiled.members('probe.ts', 'Option')
    expect(options.length).toBeGreaterThan(40)
    expect(options.filter((name) => !named('docs/options.md', name))).toEqual([])
    expect(compiled.members('probe.ts', 'StoreOption').filter((name) => !named('docs/stores.md', name))).toEqual([])
  })

  test('every limit, with its default', () => {
    const rows = limitNames.map((name) => `| \`${name}\` | ${spell(defaultLimits[name])} |`)
    expect(
      [...rows, `| \`challengesPerPhone\` | ${spell(challengesPerPhone)} |`].filter((row) => !page('docs/options.md').includes(row)),
    ).toEqual([])
  })

  test('every purpose, with its policy', () => {
    const rows = [...builtInPurposes, 'your own'].map((purpose) => {
      const { ttlMs, codeLength, maxAttempts, delivery, subject, ledger, payloadRequired } = defaultPolicy(purpose)
      const name = purpose === 'your own' ? purpose : `\`${purpose}\``
      return `| ${name} | ${ttlMs / 1_000} s | ${codeLength} | ${maxAttempts} | \`${delivery}\` | \`${subject}\` | \`${ledger}\` | ${payloadRequired ? 'yes' : 'no'} |`
    })
    expect(rows.filter((row) => !page('docs/options.md').includes(row))).toEqual([])
  })

  test('every deadline, with its default', () => {
    const options = {
      store: memoryStore(),
      sms: outboxBackend(),
      secret: 'a secret of thirty-two bytes or more',
      appName: 'Acme',
      countries: '*',
    } as const
    const rows = Object.entries(readSettings(options).deadlines).map(([name, ms]) => `| \`${name}\` | ${grouped(ms)} |`)
    expect(rows.filter((row) => !page('docs/options.md').includes(row))).toEqual([])
  })

  test('every verb', () => {
    expect(compiled.members('probe.ts', 'Verb').filter((name) => !named('docs/flow.md', name))).toEqual([])
  })

  test('every event, with its fields and warnings', () => {
    const names = ['EventType', 'EventField', 'WarningName'].flatMap((type) => compiled.members('probe.ts', type))
    expect(names.length).toBeGreaterThan(25)
    expect(names.filter((name) => !named('docs/events.md', name))).toEqual([])
  })
})

/** `{ max: 10, windowMs: 3_600_000 }` as the documentation writes it: 10/h. */
const spell = (limits: readonly Limit[]) => limits.map(({ max, windowMs }) => `${grouped(max)}/${duration(windowMs)}`).join(', ')

function duration(ms: number): string {
  if (ms === 3_600_000) return 'h'
  if (ms > 2 * 86_400_000) return `${ms / 86_400_000} d`
  if (ms >= 3_600_000) return `${ms / 3_600_000} h`
  return ms >= 300_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`
}

const grouped = (number: number) => String(number).replace(/\B(?=(\d{3})+$)/g, ' ')

test('nothing says that it is not finished', () => {
  const texts = [...pages, ...source]
  expect(texts.filter(([, text]) => /\b(TODO|FIXME|TBD|XXX)\b/.test(text)).map(([path]) => path)).toEqual([])
})
