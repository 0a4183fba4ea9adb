import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

const require = createRequire(import.meta.url)
const { version } = require(join(dirname(require.resolve('@electric-sql/pglite')), '../package.json')) as { readonly version: string }

/** An empty database as a file, which opens in a quarter of the time that making one takes. One for each user, version and build of node. */
const file = join(tmpdir(), `phone-verify-pglite-${version}-${process.version}-${process.getuid?.() ?? 0}.tar`)

async function emptyDatabase(): Promise<Blob> {
  const kept = await readFile(file).catch(() => undefined)
  if (kept !== undefined) return new Blob([kept])
  const made = await PGlite.create('memory://')
  const dump = await made.dumpDataDir('none')
  await made.close()
  // Under another name until it is whole: tests of several processes look for it at once.
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 })
  await rename(draft, file)
  return dump
}

/** A PGlite in memory that nobody has used. */
export const freshPglite = async (): Promise<PGlite> => PGlite.create({ loadDataDir: await emptyDatabase() })
