import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
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
    return keptSecret(join(dataDir, file))
  }
  await mkdir(dataDir, { recursive: true })
  return {
    verification: await secret(secrets.verification, 'PHONE_VERIFY_SECRET', 'verification-secret'),
    tokens: await secret(secrets.tokens, 'TOKEN_SECRET', 'token-secret'),
  }
}

async function keptSecret(file: string): Promise<string> {
  // Only the first of two processes writes; both then read the same.
  await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return readFile(file, 'utf8')
}
