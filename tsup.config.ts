import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

interface Target {
  readonly types: string
  readonly default: string
}

interface Manifest {
  readonly exports: Exports
  readonly bin: Readonly<Record<string, string>>
}

type Exports = Readonly<Record<string, string | { readonly import: Target; readonly require: Target }>>

/** package.json is the one list of entries: dist mirrors src, so each dist path names its source. */
function entriesOf({ exports, bin }: Manifest): Record<string, string> {
  const entries: Record<string, string> = {}
  for (const path of Object.values(bin)) {
    const name = path.replace(/^\.\/dist\/|\.js$/g, '')
    entries[name] = `src/${name}.ts`
  }
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue
    const name = target.import.default.replace(/^\.\/dist\/|\.js$/g, '')
    const stem = `./dist/${name}`
    const listed = [target.import.types, target.import.default, target.require.types, target.require.default]
    const expected = [`${stem}.d.ts`, `${stem}.js`, `${stem}.d.cts`, `${stem}.cjs`]
    if (listed.join() !== expected.join()) {
      throw new Error(`package.json exports "${subpath}": expected ${expected.join(', ')}, found ${listed.join(', ')}`)
    }
    const source = `src/${name}.ts`
    if (!existsSync(source)) throw new Error(`package.json exports "${subpath}" as ${stem}.js, but ${source} does not exist`)
    entries[name] = source
  }
  return entries
}

export default defineConfig({
  entry: entriesOf(JSON.parse(readFileSync('package.json', 'utf8'))),
  format: ['esm', 'cjs'],
  // tsup passes baseUrl to its declaration build, which TypeScript 6 refuses without this.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: false,
  clean: true,
  target: 'node20',
  platform: 'node',
  splitting: true,
  treeshake: true,
})
