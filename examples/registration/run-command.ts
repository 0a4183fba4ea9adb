import { type Database, openEmbedded, openServer } from '../service/database.js'
import { migrate } from '../service/migrate.js'
import { readSettings } from '../service/settings.js'
import { migrations } from './migrations.js'

/** What a command works with. */
export interface CommandParts {
  readonly database: Database
  readonly now: () => number
  readonly isProduction: boolean
}

export interface CommandResult {
  readonly text: string
  /** 1 where the answer is no. Default: 0. */
  readonly exitCode?: number
}

export type Command = (parts: CommandParts, args: readonly string[]) => Promise<CommandResult>

/** Runs a command of an administrator on the database that the environment names, and says what came of it. */
export async function runCommand(command: Command): Promise<void> {
  try {
    const { databaseUrl, dataDir, isProduction } = readSettings('registration', process.env)
    const database = await (databaseUrl === undefined ? openEmbedded(dataDir) : openServer(databaseUrl))
    try {
      await migrate(database, migrations)
      const { text, exitCode = 0 } = await command({ database, now: Date.now, isProduction }, process.argv.slice(2))
      process.stdout.write(`${text}\n`)
      process.exitCode = exitCode
    } finally {
      await database.close()
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`)
    process.exitCode = 2
  }
}
