import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
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
 * The scenarios as plain JavaScript. Run from their sources they would pay for the `name` that a loader gives every closure each time it
 * is made. The package is left to its own exports, but for the profile, which needs a map to the sources and so has them built in.
 */
export async function buildScenarios(names: readonly string[]): Promise<(name: string) => string> {
  const outDir = 'bench/dist'
  rmSync(outDir, { recursive: true, force: true })
  const common = { config: false, outDir, format: 'esm', target: 'node20', sourcemap: true, silent: true } as const
  const entriesOf = (wanted: readonly string[]) => Object.fromEntries(wanted.map((name) => [name, `bench/scenarios/${name}.ts`]))
  const [apart, within] = [names.filter((name) => name !== 'breakdown'), names.filter((name) => name === 'breakdown')]
  if (apart.length > 0)
    await build({
      ...common,
      entry: entriesOf(apart),
      external: [/^phone-verify/, 'ioredis', 'pg', 'redis', 'twilio', '@vonage/server-sdk'],
    })
  if (within.length > 0) await build({ ...common, entry: entriesOf(within), noExternal: [/^phone-verify/] })
  return (name) => join(outDir, `${name}.js`)
}
