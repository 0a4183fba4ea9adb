import { createRequire } from 'node:module'
import type { Store } from 'phone-verify'
import * as phoneVerify from 'phone-verify'
import ts from 'typescript'
import type { Job } from '../fixtures/worker-pool.js'
import { blocksOf, readMarkdown } from './markdown.js'

interface Database {
  exec(sql: string): unknown
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown }
  close(): void
}

type SqliteStore = (database: Database, options?: { readonly now?: () => number }) => Store

const require = createRequire(import.meta.url)

/** The store that docs/extending/store.md shows, as text. */
export const exampleText = (): string => {
  const blocks = blocksOf(readMarkdown().get('docs/extending/store.md') ?? '')
  const found = blocks.find(({ code }) => code.startsWith('// sqlite-store.ts\n'))
  if (!found) throw new Error('docs/extending/store.md has no block that begins with // sqlite-store.ts')
  return found.code
}

/** The same, to be called. */
export const loadExample = (text = exampleText()): SqliteStore => {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 }
  const { outputText } = ts.transpileModule(text, { compilerOptions })
  const exported: { sqliteStore?: SqliteStore } = {}
  const load = (name: string) => (name === 'phone-verify' ? phoneVerify : require(name))
  new Function('require', 'exports', outputText)(load, exported)
  if (!exported.sqliteStore) throw new Error('the example exports no sqliteStore')
  return exported.sqliteStore
}

/** Without its transaction every statement stands alone: reads, and writes a moment later. */
export const naiveText = (): string => {
  const [first, ...parts] = exampleText().split(/^ *database\.exec\('(?:BEGIN IMMEDIATE|COMMIT|ROLLBACK)'\)\n/m)
  if (parts.length !== 3) throw new Error('the example has no transaction to take away')
  return [first, ...parts].join('')
}

type Open = (path: string, options: { readonly readOnly: boolean }) => Database

const openByNode = (database: Database): Database => ({
  exec: (sql) => database.exec(sql),
  prepare(sql) {
    const statement = database.prepare(sql)
    return { run: (...values) => statement.run(...values), get: (...values) => statement.get(...values) }
  },
  close: () => database.close(),
})

/** Node's own SQLite from 22.5 on; before that SQLite as WebAssembly, whose statements hold their locks until they are freed: it frees those of its own. */
function openByWasm(path: string, readOnly: boolean): Database {
  const { Database: WasmDatabase } = require('node-sqlite3-wasm')
  const database = new WasmDatabase(path, { readOnly })
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => ({ run: (...values) => database.run(sql, values), get: (...values) => database.get(sql, values) ?? undefined }),
    close: () => database.close(),
  }
}

export const openDatabase = (path: string, readOnly = false): Database => {
  const own = process.getBuiltinModule?.('node:sqlite') as
    | { readonly DatabaseSync: new (...given: Parameters<Open>) => Database }
    | undefined
  return own ? openByNode(new own.DatabaseSync(path, { readOnly })) : openByWasm(path, readOnly)
}

/** On a slow disk: between what is read and what is written there is time for another process. */
const slowly = (database: Database): Database => ({
  ...database,
  prepare(sql) {
    const { run, get } = database.prepare(sql)
    const write = (...values: unknown[]) => {
      if (/^(UPDATE|REPLACE)/.test(sql)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
      return run(...values)
    }
    return { run: write, get }
  },
})

/** In a process of its own: guesses at every challenge in turn, or opens challenges under one quota, and says how many were let through. */
export function race(
  path: string,
  text: string,
  verb: 'attempt' | 'open',
  names: readonly string[],
  tries: number,
): Job<readonly number[]> {
  const database = openDatabase(path)
  const store = loadExample(text)(slowly(database))
  const record = { codeDigest: 'digest', attempts: 5, ttlMs: 600_000, lifeMs: 600_000 }
  const once = (name: string, turn: number) =>
    verb === 'attempt'
      ? store.attempt(name, [])
      : store.open({ id: `${name} ${process.pid} ${turn}`, ...record }, [{ key: name, max: 5, windowMs: 600_000 }])
  return {
    async go() {
      const counts: number[] = []
      for (const name of names) {
        let granted = 0
        // Who waited too long for the lock is refused, and has spent nothing.
        for (let turn = 0; turn < tries; turn++) {
          const { status } = await once(name, turn).catch(() => ({ status: 'failed' }))
          if (status === 'granted' || status === 'opened') granted += 1
        }
        counts.push(granted)
      }
      return counts
    },
    end: () => database.close(),
  }
}
