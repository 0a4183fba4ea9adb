import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { bundleClient } from '../fixtures/browser.js'
import { parseModule, readTree } from '../package/module.js'

const entry = resolve('src/client.ts')

describe('the bundle of phone-verify/client', { timeout: 60_000 }, () => {
  test('is at most 3 KiB, minified and compressed', async () => {
    const { text } = await bundleClient()
    const bytes = gzipSync(text).length
    expect(bytes).toBeGreaterThan(500)
    expect(bytes).toBeLessThanOrEqual(3 * 1_024)
  })

  test('holds nothing but its own pieces, which import nothing else', async () => {
    const { inputs } = await bundleClient()
    expect(inputs.filter((path) => !/^src\/client(\.ts$|\/)/.test(path))).toEqual([])
    const pieces = [...readTree('src', '.ts')].filter(([path]) => /^client(\/|$)/.test(path))
    const imports = pieces.flatMap(([path, text]) => parseModule(path, text).imports.map(({ specifier }) => specifier))
    expect(pieces.length).toBeGreaterThan(3)
    expect(imports.filter((specifier) => !/^\.\/(client\/)?[\w-]+\.js$/.test(specifier))).toEqual([])
  })

  test('has the syntax of ES2020: nothing of it would have to be written in another way', async () => {
    const [old, recent] = await Promise.all(['es2020', 'esnext'].map((target) => bundleClient({ target })))
    expect(old?.text).toBe(recent?.text)
    // Known to tell them apart.
    const [control, other] = await Promise.all(['es2020', 'esnext'].map((target) => bundle('export let a; a ??= 1', target)))
    expect(control).not.toBe(other)
  })

  test('does nothing when it is loaded', async () => {
    expect(await bundle(`import '${entry}'`, 'es2020')).toBe('')
    expect(await bundle("globalThis.loaded = 1; import './src/client.ts'", 'es2020')).not.toBe('')
  })
})

async function bundle(contents: string, target: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: resolve('.') },
    ...{ bundle: true, write: false, minify: true, format: 'esm', platform: 'browser', target, logLevel: 'silent' },
    // What package.json promises must hold without the promise.
    ignoreAnnotations: true,
  })
  return outputFiles[0]?.text.trim() ?? ''
}

describe('the types of phone-verify/client', () => {
  /** Compiles as a page's own project would: ES2020 and the DOM, nothing of Node. */
  function complaintsOf(file: string, lib: readonly string[]): readonly string[] {
    const program = ts.createProgram([file], {
      ...{ target: ts.ScriptTarget.ES2020, lib: lib.map((name) => `lib.${name}.d.ts`), types: [], noEmit: true, strict: true },
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, exactOptionalPropertyTypes: true },
    })
    return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  }

  test('ask for nothing but ES2020 and what browsers have', () => {
    expect(complaintsOf(entry, ['es2020', 'dom'])).toEqual([])
  }, 60_000)

  test('would be found out if they did', () => {
    expect(complaintsOf(resolve('src/errors.ts'), ['es5']).length).toBeGreaterThan(0)
  }, 60_000)
})
