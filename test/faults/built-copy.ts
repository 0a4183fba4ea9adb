import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

export interface BuiltCopy {
  readonly module: URL
  remove(): Promise<void>
}

/** A module and all of the package that it needs, in one minified file: another build than the one tests run on, and loaded sooner. */
export async function buildCopy(source: URL): Promise<BuiltCopy> {
  // Within the project, where the client libraries are found.
  const folder = fileURLToPath(new URL('./dist/', import.meta.url))
  await mkdir(folder, { recursive: true })
  const outDir = await mkdtemp(join(folder, 'copy-'))
  const entry = [fileURLToPath(source)]
  const common = { config: false, silent: true, format: 'esm', target: 'node20', platform: 'node', minify: true } as const
  await build({ ...common, entry, outDir, noExternal: [/^phone-verify/, /^libphonenumber-js/], external: ['ioredis', 'pg', 'redis'] })
  const name = basename(fileURLToPath(source)).replace(/\.ts$/, '.js')
  return { module: pathToFileURL(join(outDir, name)), remove: () => rm(outDir, { recursive: true, force: true }) }
}
