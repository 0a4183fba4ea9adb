import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database, Transaction } from './database.js'

interface Migration {
  readonly name: string
  readonly sql: string
}

/** What two processes that start at once lock, so that one waits for the other. */
const lock = 7_360_421

/**
 * Runs the SQL files of these `migrations` folders that this database has not seen, in the order given and by name, each in a transaction
 * of its own. A file that ran is never changed: what comes after it is another file.
 */
export async function migrate(database: Database, folders: readonly URL[]): Promise<void> {
  const migrations = (await Promise.all(folders.map(readMigrations))).flat()
  const alone = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    database.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [lock])
      return work(transaction)
    })
  // Even this: IF NOT EXISTS looks first and creates then, and of two that do so at once one fails.
  await alone(({ run }) =>
    run('CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())'),
  )
  for (const { name, sql } of migrations) {
    await alone(async (transaction) => {
      const seen = await transaction.query('SELECT 1 FROM migration WHERE name = $1', [name])
      if (seen.length > 0) return
      await transaction.run(sql)
      await transaction.query('INSERT INTO migration (name) VALUES ($1)', [name])
    })
  }
}

/** `<app>/<file>`: the app's folder is part of the name, so that several apps share a database. */
async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const app = basename(fileURLToPath(new URL('..', `${folder}`)))
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(files.map(async (file) => ({ name: `${app}/${file}`, sql: await readFile(new URL(file, folder), 'utf8') })))
}
