import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openEmbedded } from '../../../examples/service/database.js'
import { migrate } from '../../../examples/service/migrate.js'
import { describeWith } from '../../fixtures/services.js'
import { ownSchema } from '../service-own-schema.js'
import { migrationsOf } from '../service-probe.js'

/** What both kinds of database promise. */
function promises(open: () => Promise<readonly [Database, Database]>, close: () => Promise<unknown>): void {
  let database: Database
  let other: Database
  let folder: string

  /** A `migrations` folder of an app, with these files. */
  async function migrations(app: string, files: Readonly<Record<string, string>>): Promise<URL> {
    const at = join(folder, app, 'migrations')
    await mkdir(at, { recursive: true })
    for (const [name, sql] of Object.entries(files)) await writeFile(join(at, name), sql)
    return new URL(`${pathToFileURL(at)}/`)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phone-verify-service-'))
    const opened = await open()
    database = opened[0]
    other = opened[1]
    await database.run('CREATE TABLE note (text text PRIMARY KEY); CREATE TABLE another (text text)')
  }, 60_000)
  afterAll(async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => database.run('DELETE FROM note'))

  const notes = async () => (await other.query<{ text: string }>('SELECT text FROM note ORDER BY text')).map(({ text }) => text)

  test('commits together what resolves', async () => {
    const result = await database.transaction(async ({ query }) => {
      await query('INSERT INTO note VALUES ($1)', ['a'])
      await query('INSERT INTO note VALUES ($1)', ['b'])
      return 'done'
    })
    expect([result, await notes()]).toEqual(['done', ['a', 'b']])
  })

  test('undoes what throws, and throws the same', async () => {
    const fault = new Error('of the app')
    const work = database.transaction(async ({ query }) => {
      await query('INSERT INTO note VALUES ($1)', ['a'])
      throw fault
    })
    await expect(work).rejects.toBe(fault)
    expect(await notes()).toEqual([])
  })

  test('resolves for nothing that was not kept, though the app overlooked a statement that failed', async () => {
    const work = database.transaction(async ({ query }) => {
      await query('INSERT INTO note VALUES ($1)', ['a'])
      await query('INSERT INTO note VALUES ($1)', ['a']).catch(() => {})
      return 'done'
    })
    await expect(work).rejects.toThrow(/rolled back instead of committed/)
    expect(await notes()).toEqual([])
  })

  test('gives the connection back after each of them', async () => {
    for (let time = 0; time < 30; time += 1)
      await database.transaction(({ query }) => query(time % 2 ? 'nonsense' : 'SELECT 1')).catch(() => {})
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('runs what it has not seen, in order and once', async () => {
    const app = await migrations('ordered', {
      '002_second.sql': 'ALTER TABLE ordered ADD b int; INSERT INTO ordered VALUES (1, 2);',
      '001_first.sql': 'CREATE TABLE ordered (a int);',
      'README.md': 'no SQL',
    })
    await migrate(database, [app])
    await migrate(other, [app])
    expect(await database.query('SELECT * FROM ordered')).toEqual([{ a: 1, b: 2 }])
    await migrations('ordered', { '003_third.sql': 'DELETE FROM ordered' })
    await migrate(database, [app])
    expect(await database.query('SELECT * FROM ordered')).toEqual([])
  })

  test('a file that fails leaves nothing of itself, and what came before it', async () => {
    const app = await migrations('failing', {
      '001_well.sql': 'CREATE TABLE well (a int)',
      '002_ill.sql': 'CREATE TABLE ill (a int); SELECT 1 / 0',
    })
    await expect(migrate(database, [app])).rejects.toMatchObject({ code: '22012' })
    const there = (name: string) => database.query('SELECT 1 FROM pg_class WHERE relname = $1 AND relkind = $2', [name, 'r'])
    expect([(await there('well')).length, (await there('ill')).length]).toEqual([1, 0])
    await migrations('failing', { '002_ill.sql': 'CREATE TABLE ill (a int)' })
    await migrate(database, [app])
    expect((await there('ill')).length).toBe(1)
  })

  test('two that start at once do it once, even the first time', async () => {
    await database.run('DROP TABLE IF EXISTS migration')
    const app = await migrations('racing', { '001_once.sql': 'CREATE TABLE racing (a int); INSERT INTO racing VALUES (1)' })
    await Promise.all(Array.from({ length: 6 }, (_, n) => migrate(n % 2 ? database : other, [app])))
    expect(await database.query('SELECT * FROM racing')).toEqual([{ a: 1 }])
  })

  test('several apps share a database, and what they have in common', async () => {
    const [one, two] = [
      await migrations('one', { '001_a.sql': 'CREATE TABLE one (a int)' }),
      await migrations('two', { '001_a.sql': 'CREATE TABLE two (a int)' }),
    ]
    const common = [migrationsOf('service'), migrationsOf('accounts')]
    await migrate(database, [...common, one])
    await migrate(database, [...common, two])
    const names = await database.query<{ name: string }>(
      "SELECT name FROM migration WHERE name ~ '^(one|two|service|accounts)/' ORDER BY name",
    )
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['accounts/001_accounts.sql', 'one/001_a.sql', 'service/001_throttle.sql', 'two/001_a.sql']),
    )
  })
}

describe('an embedded database', () => {
  let database: Database | undefined
  promises(
    async () => {
      database = await openEmbedded()
      return [database, database]
    },
    async () => database?.close(),
  )
})

describeWith('a Postgres server', 'postgres', ({ postgres }) => {
  let schema: Awaited<ReturnType<typeof ownSchema>> | undefined
  promises(
    async () => {
      schema = await ownSchema(postgres)
      return [await schema.open(), await schema.open()]
    },
    async () => schema?.close(),
  )
})
