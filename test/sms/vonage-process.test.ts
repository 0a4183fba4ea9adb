import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSearch } from '../fixtures/canary.js'
import { type Carrier, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { apiKey, apiSecret, applicationId, message, privateKey, secrets } from './vonage-ways.js'

/** The backend as JavaScript, in a folder from which nothing of ours can be found: what is installed there is all that there is. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pv-vonage-'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  mkdirSync(join(folder, 'src/sms'), { recursive: true })
  const names = readdirSync('src/sms').filter((name) => /^(vonage|must-contain|failure|exchange|provider-url|segments)/.test(name))
  for (const name of ['errors.ts', ...names.map((each) => `sms/${each}`)]) {
    const { outputText } = ts.transpileModule(readFileSync(`src/${name}`, 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    })
    writeFileSync(join(folder, 'src', name.replace(/ts$/, 'js')), outputText)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let carrier: Carrier
beforeEach(async () => {
  carrier = await startCarrier()
})
afterEach(() => carrier.close())

const installed = () => join(folder, 'node_modules')

/** A package of that name, of one file. */
function install(content: string) {
  const at = join(installed(), '@vonage/server-sdk')
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'package.json'), '{"name":"@vonage/server-sdk","type":"module","exports":"./index.js"}')
  writeFileSync(join(at, 'index.js'), content)
}
const installReal = () => symlinkSync(join(process.cwd(), 'node_modules'), installed())
afterEach(() => rmSync(installed(), { recursive: true, force: true }))

const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Sends in a process of its own, which must end by itself. */
async function run(body: string, env: Readonly<Record<string, string>> = {}) {
  const script = `
    import { vonageBackend } from ${JSON.stringify(pathToFileURL(join(folder, 'src/sms/vonage.js')))}
    const given = ${JSON.stringify({ message: message(), url: carrier.url, apiKey, apiSecret, applicationId, privateKey })}
    const { message, url: baseUrl, apiKey, apiSecret, applicationId, privateKey } = given
    const byKey = { apiKey, apiSecret, from: 'Acme', baseUrl }
    const byApplication = { applicationId, privateKey, from: 'Acme', baseUrl }
    const say = (value) => console.log(JSON.stringify(value))
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '--expose-gc'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  running.add(child)
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk) => out.push(String(chunk)))
  child.stderr.on('data', (chunk) => err.push(String(chunk)))
  child.stdin.end(script)
  const [code] = await once(child, 'close')
  running.delete(child)
  return {
    code,
    said: out
      .join('')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    stderr: err.join(''),
  }
}

const send = (options = 'byKey') =>
  `await vonageBackend(${options}).send(message).then(say, ({ code, message, problems }) => say({ code, message, problems }))`

describe('the package', () => {
  test('missing: says what to install, at the first send', async () => {
    const { said } = await run(`say('constructed'); ${send()}`)
    expect(said).toEqual([
      'constructed',
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: 'vonage: the package @vonage/server-sdk is not installed' }),
    ])
    expect(carrier.requests).toEqual([])
  })

  test('installed later: the next send finds it', async () => {
    const later = `
      import { symlinkSync } from 'node:fs'
      const backend = vonageBackend(byKey)
      await backend.send(message).catch(({ code }) => say(code))
      symlinkSync(${JSON.stringify(join(process.cwd(), 'node_modules'))}, 'node_modules')
      await backend.send(message).then(({ backend }) => say(backend), ({ code }) => say(code))`
    const { said } = await run(later)
    expect(said[0]).toBe('ERR_PV_CONFIGURATION')
    expect(said[1]).toBe('vonage')
  })

  test.each([
    ['without Vonage', 'export const Other = 1'],
    ['of other members', 'export class Vonage { messages = { send() {} } }'],
    ['that throws', `throw new Error(${JSON.stringify(apiSecret)})`],
    ['that throws when it is made', `export class Vonage { constructor(auth) { throw new Error(JSON.stringify(auth)) } }`],
  ])('%s: refused aloud', async (_, content) => {
    install(content)
    const { said, stderr } = await run(send())
    expect(said).toEqual([
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringContaining('@vonage/server-sdk') }),
    ])
    expect([createSearch({ secrets })(JSON.stringify(said) + stderr), carrier.requests]).toEqual([[], []])
  })

  test('is not loaded before the first send', async () => {
    install('console.log(JSON.stringify("loaded")); export {}')
    expect((await run(`vonageBackend(byKey); say('constructed')`)).said).toEqual(['constructed'])
    expect((await run(send())).said[0]).toBe('loaded')
  })
})

describe('the process', () => {
  test('ends by itself while connections are open, and nothing warns', async () => {
    installReal()
    const { code, said, stderr } = await run(`for (const options of [byKey, byApplication, { ...byKey, api: 'sms' }]) {
      const backend = vonageBackend(options)
      for (let count = 0; count < 15; count++) say((await backend.send(message)).backend)
    }`)
    expect([code, stderr, said]).toEqual([0, '', Array(45).fill('vonage')])
    expect(carrier.sms).toHaveLength(45)
  })

  test.each([
    ['byKey', []],
    ['byApplication', []],
    // The control: what the SDK does with credentials of its own, which Node 24 warns of (DEP0187).
    ["{ client: new (await import('@vonage/server-sdk')).Vonage({ apiKey, apiSecret }), from: 'Acme', baseUrl }", ['asked for undefined']],
  ])('the SDK looks for no file: %s', async (options, asked) => {
    installReal()
    const { said } = await run(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { existsSync } = fs
      fs.existsSync = (path) => {
        if (path === undefined) say('asked for undefined')
        return existsSync(path)
      }
      syncBuiltinESMExports()
      say((await vonageBackend(${options}).send(message)).backend)`)
    expect(said).toEqual([...asked, 'vonage'])
  })

  test('prints no secret, no text and no number, even where DEBUG asks for everything', async () => {
    installReal()
    // The SDK prints credentials, requests and answers then; that is why it gets none of them.
    const { said, stderr } = await run(
      `for (const options of [byKey, byApplication, { ...byKey, api: 'sms' }]) say((await vonageBackend(options).send(message)).backend)`,
      { DEBUG: '*' },
    )
    expect(said).toEqual(['vonage', 'vonage', 'vonage'])
    expect(stderr).toContain('vonage:server-client adding')
    const bearers = carrier.requests.flatMap(({ headers }) => headers.authorization?.slice(7) ?? [])
    expect(createSearch({ secrets: [...secrets, ...bearers], text: [message().text], number: [message().to] })(stderr)).toEqual([])
  })

  test('needs little memory for ten gigabytes of answer', async () => {
    installReal()
    carrier.misbehave(faults.endless(202, 1024))
    const { said } = await run(`
      const backend = vonageBackend(byKey)
      const codes = []
      const send = () => backend.send(message).catch(({ code }) => codes.push(code))
      await send()
      gc()
      const before = process.memoryUsage().rss
      let most = before
      const timer = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 1)
      for (let count = 0; count < 9; count++) await send()
      clearInterval(timer)
      say({ codes, grown: most - before })`)
    expect(said[0].codes).toEqual(Array(10).fill('ERR_PV_SMS_UNKNOWN'))
    expect(said[0].grown).toBeLessThan(10 * 1_048_576)
  })
})
