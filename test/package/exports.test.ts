import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorsOf, readMarkdown } from './markdown.js'
import { parseModule, readTree } from './module.js'
import { loadedWith } from './rooms.js'

interface Target {
  readonly types: string
  readonly default: string
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: Target; readonly require: Target }>>
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly sideEffects: boolean
  readonly files: readonly string[]
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const source = readTree('src', '.ts')
const pages = readMarkdown()

/** `./store/memory` is made from `store/memory`, `.` from `index`, `./testing` from the index of its folder. */
const stems = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [[subpath, target.import.default.replace(/^\.\/dist\/|\.js$/g, '')]],
  ),
)
const adapters = [...stems].filter(([subpath]) => /^\.\/(store|sms)\//.test(subpath))

/** `memory` of the folder `store` makes `memoryStore`, `by-tenant` would make `byTenant`. */
const namesOf = (stem: string) => {
  const [folder, file = ''] = stem.split('/')
  const name = file.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return folder === 'store' ? [`${name}Store`] : [`${name}Backend`, name, `count${name.charAt(0).toUpperCase()}${name.slice(1)}`]
}

const load = (stem: string): Promise<object> => import(/* @vite-ignore */ resolve(`src/${stem}.ts`))

describe.each([...stems])('%s', (subpath, stem) => {
  test('names what dist is built from', () => {
    const { import: esm, require: cjs } = manifest.exports[subpath] as { readonly import: Target; readonly require: Target }
    const at = `./dist/${stem}`
    expect([esm.types, esm.default, cjs.types, cjs.default]).toEqual([`${at}.d.ts`, `${at}.js`, `${at}.d.cts`, `${at}.cjs`])
    expect(source.has(stem)).toBe(true)
  })

  test('is imported somewhere in the documentation', () => {
    const name = `'phone-verify${subpath.slice(1)}'`
    expect([...pages.values()].some((text) => text.includes(name))).toBe(true)
  })

  test('everything it exports at run time is in the documentation', async () => {
    const all = [...pages.values()].join('\n')
    expect(Object.keys(await load(stem)).filter((name) => !new RegExp(`\\b${name}\\b`).test(all))).toEqual([])
  })
})

describe.each(adapters)('%s', (_, stem) => {
  test('exports what its file is named after', async () => {
    const names = Object.keys(await load(stem))
    expect(namesOf(stem).filter((name) => names.includes(name))).toHaveLength(1)
  })

  test('has a heading in the page of its folder, and a test file', () => {
    const [folder, file = ''] = stem.split('/')
    const page = folder === 'store' ? 'docs/stores.md' : 'docs/sms.md'
    expect(anchorsOf(pages.get(page) ?? '')).toContain(file)
    expect(existsSync(`test/${stem}.test.ts`)).toBe(true)
  })
})

test('every store and every SMS backend of src has its subpath', () => {
  const parts = ['store/store', 'store/guarded', 'sms/backend', 'sms/must-contain', 'sms/provider-url']
  const found = [...source].filter(([path, text]) => /^(store|sms)\//.test(path) && !parts.includes(path) && makesOne(path, text))
  expect(found.map(([path]) => path)).toEqual(adapters.map(([, stem]) => stem).sort())
})

const makesOne = (path: string, text: string) =>
  namesOf(path).some((name) => new RegExp(`^export (const|function) ${name}\\b`, 'm').test(text))

test('the entry exports what the contract fixes', async () => {
  expect(Object.keys(await load('index')).sort()).toEqual(['PhoneVerifyError', 'createPhoneVerifier', 'parsePhoneNumber'])
})

test('the testing kit exports what the contract fixes', async () => {
  expect(Object.keys(await load('testing/index'))).toEqual(
    expect.arrayContaining(['backendContract', 'createTestVerifier', 'storeContract']),
  )
})

describe('importing phone-verify', () => {
  // None of them reads a file, opens a connection or starts a process.
  const builtins = ['node:crypto', 'node:diagnostics_channel', 'node:events']
  const outside = (paths: Iterable<string>) => [...paths].filter((path) => !source.has(path)).sort()

  test('reaches nothing outside but these, as the sources say', () => {
    expect(outside(loadedWith('index', source))).toEqual(['libphonenumber-js/max', ...builtins])
  })

  test('loads nothing else, as the loader sees it, writes nothing and lets the process end', () => {
    // The hook writes the address of every module that is resolved while the entry loads.
    const hook = `import { writeSync } from 'node:fs'
      export async function resolve(specifier, context, next) {
        const found = await next(specifier, context)
        writeSync(1, found.url + '\\n')
        return found
      }`
    const script = `import { register } from 'node:module'
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
      await import('./src/index.ts')`
    const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    const addresses = output
      .trim()
      .split('\n')
      .map((line) => line.replace(/\?.*$/, ''))
    expect(addresses.filter((address) => !/^(node:|file:)/.test(address))).toEqual([])
    expect(addresses.some((address) => address.endsWith('/src/verifier.ts'))).toBe(true)
    const packages = addresses.flatMap((address) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(address)?.[1] ?? [])
    expect([...new Set(packages)]).toEqual(['libphonenumber-js'])
    expect([...new Set(addresses.filter((address) => address.startsWith('node:')))].sort()).toEqual(builtins)
  }, 40_000)
})

describe('package.json', () => {
  const { dependencies, peerDependencies = {}, peerDependenciesMeta = {}, scripts, files } = manifest

  test('has at most three dependencies, and every peer is optional', () => {
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(3)
    expect(Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)).toEqual([])
  })

  test('runs nothing when it is installed', () => {
    const hooks = [
      'preinstall',
      'install',
      'postinstall',
      'preprepare',
      'prepare',
      'postprepare',
      'preuninstall',
      'uninstall',
      'postuninstall',
    ]
    expect(Object.keys(scripts).filter((name) => hooks.includes(name))).toEqual([])
    // npm runs node-gyp for a package that has this file, script or none.
    expect(existsSync('binding.gyp')).toBe(false)
  })

  test('says that importing has no side effects, and ships only what is needed', () => {
    expect(manifest.sideEffects).toBe(false)
    expect([...files].sort()).toEqual(['CHANGELOG.md', 'SECURITY.md', 'dist'])
    expect(files.filter((file) => file.endsWith('.md') && !readdirSync('.').includes(file))).toEqual([])
  })

  test('names every package that src imports', () => {
    const named = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const imports = [...source].flatMap(([path, text]) => parseModule(path, text).imports)
    const packages = imports.map(({ specifier }) => specifier).filter((specifier) => !/^(\.|node:)/.test(specifier))
    expect(packages.length).toBeGreaterThan(0)
    expect(packages.filter((name) => !named.has(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? ''))).toEqual([])
  })
})
