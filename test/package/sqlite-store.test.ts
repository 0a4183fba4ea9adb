import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from 'phone-verify/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorkerPool, type WorkerPool } from '../fixtures/worker-pool.js'
import { exampleText, loadExample, naiveText, openDatabase } from './sqlite-example.js'

const folder = mkdtempSync(join(tmpdir(), 'phone-verify-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const freshFile = () => join(folder, `${++files}.db`)

const sqliteStore = loadExample()
const record = { codeDigest: 'digest', attempts: 5, ttlMs: 600_000, lifeMs: 600_000 }

describe('the store over SQLite in docs/extending/store.md', () => {
  const makeStore = () => {
    let nowMs = 0
    const file = freshFile()
    const databases: { close(): void }[] = []
    const open = () => {
      const database = openDatabase(file)
      databases.push(database)
      return sqliteStore(database, { now: () => nowMs })
    }
    const advance = (ms: number) => {
      nowMs += ms
    }
    const dispose = () => {
      for (const database of databases) database.close()
    }
    return { store: open(), advance, reopen: open, dispose }
  }
  const unavailable = () => {
    const database = openDatabase(freshFile())
    const store = sqliteStore(database)
    database.close()
    return store
  }
  storeContract({ test, makeStore, unavailable })

  test('has under 120 lines of code', () => {
    const lines = exampleText()
      .split('\n')
      .filter((line) => !/^\s*(\/\/|\/\*\*|$)/.test(line))
    expect(lines.length).toBeLessThan(120)
  })

  test('is fit to be used when it is a file that can be written', async () => {
    const file = freshFile()
    const [database, readOnly, inMemory] = [openDatabase(file), openDatabase(freshFile()), openDatabase(':memory:')]
    await expect(sqliteStore(database).check?.()).resolves.toBeUndefined()
    await expect(sqliteStore(inMemory).check?.()).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
    readOnly.close()
    const again = openDatabase(file, true)
    await expect(sqliteStore(again).check?.()).rejects.toThrow(/readonly|read-only/)
    for (const one of [database, inMemory, again]) one.close()
  })
})

describe('two processes over one file', () => {
  const job = new URL('./sqlite-example.ts', import.meta.url)
  let pool: WorkerPool
  beforeAll(async () => {
    pool = await startWorkerPool(2)
  }, 30_000)
  afterAll(() => pool.stop())

  const names = Array.from({ length: 20 }, (_, index) => `{r}${index}`)

  /** How many guesses or opens both processes together got through, for every name. */
  const totals = async (text: string, verb: 'attempt' | 'open') => {
    const file = freshFile()
    const database = openDatabase(file)
    const store = loadExample(text)(database)
    if (verb === 'attempt') for (const id of names) await store.open({ id, ...record }, [])
    database.close()
    const args = Array.from({ length: 2 }, () => [file, text, verb, names, 10])
    const [one = [], two = []] = await pool.run<readonly number[]>(job, 'race', args)
    return one.map((count, index) => count + (two[index] ?? 0))
  }

  test.each(['attempt', 'open'] as const)(
    '%s: five are let through, whoever asks',
    async (verb) => {
      expect(await totals(exampleText(), verb)).toEqual(names.map(() => 5))
    },
    60_000,
  )

  test.each(['attempt', 'open'] as const)(
    '%s: more than five without the transaction',
    async (verb) => {
      expect(Math.max(...(await totals(naiveText(), verb)))).toBeGreaterThan(5)
    },
    60_000,
  )
})
