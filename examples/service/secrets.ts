import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from './settings.js'

/** Keys of at least 32 bytes, one for each use. */
export interface Secrets {
  /** What codes and session tokens are made from. */
  readonly verification: string
  /** What signs access tokens and hides what is kept of visitors. */
  readonly tokens: string
}

/**
 * The secrets of the environment. Without them, a laptop draws its own once and keeps them beside its data.
 *
 * @throws an error that says which is missing, in production: there every process needs the same, and nobody must lose them with a disk
 */
export async function openSecrets({
  secrets,
  dataDir,
  isProduction,
}: Pick<Settings, 'secrets' | 'dataDir' | 'isProduction'>): Promise<Secrets> {
  const secret = async (said: string | undefined, variable: string, file: string) => {
    if (said !== undefined) return said
    if (isProduction) throw new Error(`set ${variable} to a random text of 32 characters or more`)
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    return keptSecret(join(dataDir, file))
  }
  return {
    verification: await secret(secrets.verification, 'PHONE_VERIFY_SECRET', 'verification-secret'),
    tokens: await secret(secrets.tokens, 'TOKEN_SECRET', 'token-secret'),
  }
}

async function keptSecret(file: string): Promise<string> {
  // Written aside and then linked, so that it is there whole or not at all; of two processes the first one's link stays, and both read it.
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  const kept = await readFile(file, 'utf8')
  if (kept.length < 32) throw new Error(`${file} is too short for a secret: remove it, and another is drawn`)
  return kept
}
