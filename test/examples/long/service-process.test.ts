import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockFolder } from '../../../examples/service/folder-lock.js'
import { freePort } from '../../fixtures/free-port.js'
import { describeWith } from '../../fixtures/services.js'
import { ownSchema } from '../service-own-schema.js'

const patience = 60_000
let folder: string
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phone-verify-process-'))
})
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** A process of ours, what it said so far, and its end. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { env: { PATH, HOME, DATA_DIR: join(folder, 'data'), ...env } })
  children.push(child)
  const said = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      said[stream] += chunk
      for (const listener of listeners) listener()
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }))
  return {
    child,
    said,
    ended,
    says: (words: string) =>
      Promise.race([
        new Promise<void>((resolve) => {
          const listener = () => said.stdout.includes(words) && resolve()
          listeners.add(listener)
          listener()
        }),
        ended.then(({ stderr }) => Promise.reject(new Error(`it ended before it said ${words}: ${stderr}`))),
      ]),
  }
}

const probe = (env: Readonly<Record<string, string>>) => start(['test/examples/service-main.ts'], env)

describe('a service as a process', () => {
  test('a wrong environment: one line that names what is wrong, and 2', { timeout: patience }, async () => {
    const { code, stderr, stdout } = await probe({ PORT: '70000', TOKEN_SECRET: 'hunter2', TWILIO_FROM: '+15005550006' }).ended
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe('these variables are wrong or missing: PORT, TOKEN_SECRET, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN\n')
  })

  test('a database that is away: one line, and 2', { timeout: patience }, async () => {
    const { code, stderr } = await probe({ DATABASE_URL: `postgres://someone:hunter2@localhost:${await freePort()}/none` }).ended
    expect([code, stderr.split('\n').length]).toEqual([2, 2])
    expect(stderr).toMatch(/^(connect )?ECONNREFUSED/)
    expect(stderr).not.toContain('hunter2')
  })

  test('embedded: keeps its data from others, lets go of it at SIGTERM, and ends with 0', { timeout: 5 * patience }, async () => {
    const [first, port] = [probe({ PORT: '0' }), await freePort()]
    await first.says('"listening"')
    expect((await probe({ PORT: `${port}` }).ended).stderr).toBe(
      `${join(folder, 'data')} is in use by another process: stop it, or set DATABASE_URL to share a Postgres server\n`,
    )
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    const again = probe({ PORT: '0' })
    await again.says('"listening"')
    // The hard way: nobody lets go of anything.
    again.child.kill('SIGKILL')
    await again.ended
    await (await lockFolder(join(folder, 'data')))()
    expect(existsSync(join(folder, 'data', 'postgres'))).toBe(true)
  })
})

describeWith('a service beside a Postgres server', 'postgres', ({ postgres }) => {
  let schema: Awaited<ReturnType<typeof ownSchema>>
  beforeAll(async () => {
    schema = await ownSchema(postgres)
  })
  afterAll(() => schema?.close())

  test('SIGTERM: answers what is under way, takes nothing new, and ends with 0', { timeout: patience }, async () => {
    const port = await freePort()
    const { child, says, ended } = probe({ PORT: `${port}`, DATABASE_URL: schema.url })
    await says('"listening"')
    const agent = new Agent({ keepAlive: true })
    const slow = new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) => {
      get(`http://127.0.0.1:${port}/slow/?ms=1500`, { agent }, async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode, body })
      }).once('error', reject)
    })
    await says('"begun"')
    child.kill('SIGTERM')
    const refused = async () => {
      for (;;) {
        const reply = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } }).catch(
          (error) => error.cause.code,
        )
        if (typeof reply === 'string') return reply
      }
    }
    expect(await refused()).toBe('ECONNREFUSED')
    expect(await slow).toMatchObject({ status: 200, body: expect.stringContaining('well') })
    const answeredAt = performance.now()
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    // A client that keeps its connection does not keep the process: that would take ten seconds.
    expect(performance.now() - answeredAt).toBeLessThan(5_000)
    agent.destroy()
  })

  test('a port that is taken: one line, and 2', { timeout: patience }, async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await probe({ PORT: `${port}`, DATABASE_URL: schema.url }).ended
    taken.close()
    expect([code, stderr]).toEqual([2, `listen EADDRINUSE: address already in use :::${port}\n`])
  })
})

describe('the lock of a folder', () => {
  const holder = (at: string) =>
    start([
      '-e',
      `import('./examples/service/folder-lock.ts').then(({ lockFolder }) => lockFolder(${JSON.stringify(at)})).then(
      () => { console.log('held'); setInterval(() => {}, 1000) }, (error) => { console.log(error.message); process.exitCode = 3 })`,
    ])

  test('is of one process at a time, and ends with it however it ends', { timeout: patience }, async () => {
    const first = holder(folder)
    await first.says('held')
    await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by another process`)
    expect((await holder(folder).ended).code).toBe(3)
    first.child.kill('SIGKILL')
    await first.ended
    const unlock = await lockFolder(folder)
    await expect(lockFolder(join(folder, '.'))).rejects.toThrow(/in use/)
    await unlock()
    await (await lockFolder(folder))()
  })
})

describe('npm run example', () => {
  test('without a name that it knows: the list, and 2', { timeout: patience }, async () => {
    for (const args of [[], ['nothing'], ['service'], ['../examples/terminal']]) {
      const { code, stderr } = await start(['examples/run.ts', ...args]).ended
      expect(code).toBe(2)
      expect(stderr).toMatch(/^Usage: npm run example -- <name> \[options\]\n\nExamples: .*queued-sending.*terminal.*\n$/)
      expect(stderr).not.toMatch(/service|accounts/)
    }
  })

  test('with a name: as if it had been called itself, with its options', { timeout: patience }, async () => {
    const { code, stdout } = await start(['examples/run.ts', 'terminal', '--help']).ended
    expect(code).toBe(0)
    expect(stdout).toContain('--country')
  })
})
