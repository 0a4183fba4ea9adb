import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'tsup'

const newest = (path: string): number =>
  statSync(path).isDirectory() ? Math.max(...readdirSync(path).map((name) => newest(join(path, name)))) : statSync(path).mtimeMs

/** What is measured is what is shipped: dist is built first when a source is newer. */
export function buildPackage(): void {
  const built = 'dist/index.js'
  const sources = Math.max(...['src', 'package.json', 'tsup.config.ts'].map(newest))
  if (existsSync(built) && statSync(built).mtimeMs > sources) return
  console.log('Building the package …')
  const { status, stderr } = spawnSync('npx', ['tsup', '--silent'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tsup ended with ${status}\n${stderr}`)
}

/**
 * The scenarios as plain JavaScript, the package left to its own exports. Run from their sources they would pay for the `name` that a
 * loader gives every closure each time it is made.
 */
export async function buildScenarios(names: readonly string[]): Promise<(name: string) => string> {
  const outDir = 'bench/dist'
  const entry = Object.fromEntries(names.map((name) => [name, `bench/scenarios/${name}.ts`]))
  await build({ config: false, entry, outDir, format: 'esm', target: 'node20', sourcemap: true, clean: true, silent: true, external: [/^phone-verify/] })
  return (name) => join(outDir, `${name}.js`)
}
