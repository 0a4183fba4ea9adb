import type { SmsBackend, Store } from 'phone-verify'
import type { Logger } from 'pino'
import { openBackend } from './backend.js'
import { type Database, openEmbedded, openServer } from './database.js'
import { createLog } from './log.js'
import { openSecrets, type Secrets } from './secrets.js'
import type { Settings } from './settings.js'
import { openStore } from './store.js'

/** What every app is built from. A test gives parts of its own. */
export interface Parts {
  readonly database: Database
  readonly store: Store
  /** Whether the store lives in `database`, so that a proof is redeemed in the transaction of what it allows. */
  readonly storeJoins: boolean
  readonly sms: SmsBackend
  readonly secrets: Secrets
  readonly log: Logger
  /** Unix milliseconds. The store has a clock of its own. */
  readonly now: () => number
  readonly publicUrl: URL
  readonly trustedProxies: number
  /** Work of one password hash, as a power of two. scrypt with 2^17 takes 128 MiB and about 0.3 s. */
  readonly passwordCost: number
}

/** The parts that the environment asks for, and how to let go of them. */
export async function openParts(settings: Settings): Promise<{ readonly parts: Parts; close(): Promise<void> }> {
  const secrets = await openSecrets(settings)
  const database = await (settings.databaseUrl === undefined ? openEmbedded(settings.dataDir) : openServer(settings.databaseUrl))
  try {
    const { store, joins, close } = await openStore(database, settings.redisUrl)
    const { publicUrl, trustedProxies } = settings
    const parts: Parts = {
      ...{ database, store, storeJoins: joins, sms: openBackend(settings), secrets, publicUrl, trustedProxies },
      ...{ log: createLog(), now: Date.now, passwordCost: 17 },
    }
    return {
      parts,
      async close() {
        await close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
