import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { hasSiblings } from '../../src/services/siblings.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const file = fileURLToPath(new URL('../../src/services/siblings.ts', import.meta.url))

/** The primary of a cluster, which says what it and its worker found: the same file run twice. */
const program = `
  import cluster from 'node:cluster'
  import { hasSiblings } from ${JSON.stringify(file)}
  if (cluster.isPrimary) {
    cluster.setupPrimary({ execArgv: ['--import', 'tsx'] })
    const worker = cluster.fork()
    worker.on('message', (found) => { console.log(JSON.stringify([hasSiblings(), found])); worker.kill() })
  } else process.send?.(hasSiblings())`

describe('a process', () => {
  test('that says nothing of others is alone', () => {
    vi.stubEnv('pm_id', undefined)
    expect(hasSiblings()).toBe(false)
  })

  test('under PM2 is one of several', () => {
    vi.stubEnv('pm_id', '0')
    expect(hasSiblings()).toBe(true)
  })

  test('of a cluster is one of several, its primary is not', { timeout: 30_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'siblings-'))
    const main = join(folder, 'main.mts')
    writeFileSync(main, program)
    const { pm_id: _, ...env } = process.env
    try {
      const written = execFileSync(process.execPath, ['--import', 'tsx', main], { encoding: 'utf8', env })
      expect(JSON.parse(written)).toEqual([false, true])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
