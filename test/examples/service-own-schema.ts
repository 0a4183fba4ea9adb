import { type Database, openServer } from '../../examples/service/database.js'
import { freshSchema } from '../fixtures/clocked-postgres.js'

/** A schema of a test's own on a Postgres server, in which as many pools as it likes are opened. */
export async function ownSchema(server: string): Promise<{ readonly url: string; open(): Promise<Database>; close(): Promise<void> }> {
  const schema = freshSchema()
  const url = new URL(server)
  url.searchParams.set('options', `-c search_path=${schema}`)
  const opened: Database[] = []
  const open = async () => {
    const database = await openServer(url.href)
    opened.push(database)
    return database
  }
  await (await open()).run(`CREATE SCHEMA ${schema}`)
  return {
    url: url.href,
    open,
    async close() {
      await opened[0]?.run(`DROP SCHEMA ${schema} CASCADE`)
      await Promise.all(opened.map((database) => database.close()))
    },
  }
}
