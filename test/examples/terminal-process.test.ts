import { spawn, spawnSync } from 'node:child_process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDemo } from '../../examples/terminal/demo.js'
import { readOptions, usage } from '../../examples/terminal/options.js'
import { createPhone } from '../../examples/terminal/phone.js'
import { memoryStore } from '../../src/store/memory.js'
import { describeWith } from '../fixtures/services.js'

const mobile = '+33612345678'
const esc = '\u001b'
/** Green or yellow, and back: not the cursor movements of line editing. */
const colour = new RegExp(`${esc}\\[3[23]m.*${esc}\\[39m`)
const patience = 30_000

/** The demo as a shell starts it, whatever colours the runner of this test was told to use: on CI machines a terminal has none. */
const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...environment } = process.env

describe('the command line', () => {
  test('says what differs from a login with the usual life', () => {
    const login = {
      help: false,
      country: undefined,
      purpose: 'login',
      ttlMs: undefined,
      resend: 'same',
      store: 'memory',
      url: undefined,
      backend: 'console',
    }
    expect(readOptions([])).toEqual(login)
    const given = readOptions([
      '--country',
      'fr',
      '--purpose',
      'payment',
      '--ttl',
      '600',
      '--resend',
      'new',
      '--store',
      'redis',
      '--url',
      'redis://a',
      '--backend',
      'vonage',
      '--help',
    ])
    const payment = {
      help: true,
      country: 'FR',
      purpose: 'payment',
      ttlMs: 600_000,
      resend: 'new',
      store: 'redis',
      url: 'redis://a',
      backend: 'vonage',
    }
    expect(given).toEqual(payment)
  })

  test.each(['country', 'purpose', 'ttl', 'resend', 'store', 'url', 'backend', 'help'])('explains --%s', (flag) =>
    expect(usage).toContain(`\n  --${flag} `),
  )

  test.each([
    ['--ttl=59', '--ttl is 60 to 600 seconds, not 59'],
    ['--ttl=601', '--ttl is 60 to 600 seconds, not 601'],
    ['--ttl=1e2', '--ttl is 60 to 600 seconds, not 1e2'],
    ['--resend=old', '--resend is same or new, not old'],
    ['--store=mongo', '--store is memory, redis, postgres or keyv, not mongo'],
    ['--backend=pigeon', '--backend is console, twilio or vonage, not pigeon'],
    ['--carrier=twilio', "Unknown option '--carrier'"],
  ])('refuses %s', (argument, message) => expect(() => readOptions([argument])).toThrow(message))

  test.each([
    ['--country=xx', 'defaultCountry: must be an ISO 3166-1 alpha-2 code'],
    ['--purpose=9', 'purposes.9: must be a name of letters, digits, _ and -'],
  ])('the library itself refuses %s', (argument, message) =>
    expect(() =>
      createDemo(readOptions([argument]), { store: memoryStore(), backend: { sms: createPhone(() => {}), lastCode: () => undefined } }),
    ).toThrow(new RegExp(`^${message}$`)),
  )
})

describe('with standard input piped', () => {
  const piped = (lines: readonly string[], ...options: readonly string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'examples/terminal/main.ts', ...options], {
      input: lines.map((line) => `${line}\n`).join(''),
      env: environment,
      encoding: 'utf8',
      timeout: patience,
    })

  test('a script that verifies ends with 0', { timeout: patience }, () => {
    const { status, stdout, stderr } = piped(['06 12 34 56 78', 'r', '@wait 30s', 'r', '@wrong', '@code'], '--country', 'fr', '--ttl', '90')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('The code is good for 1 min 30 s.')
    expect(stdout).toContain(`\nverified ${mobile} for login\n`)
    expect(stdout).toContain('(already_redeemed)\n')
    expect(stdout).not.toContain(esc)
  })

  test('on a Keyv the same script does the same', { timeout: patience }, () => {
    const { status, stdout, stderr } = piped([mobile, 'r', '@wait 30s', 'r', '@wrong', '@code'], '--store', 'keyv')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`\nredeemed ${mobile} for login\n`)
  })

  test.each(['twilio', 'vonage'])('by %s the same script does the same, through its SDK', { timeout: patience }, (backend) => {
    const lines = [mobile, 'r', '@wait 30s', 'r', '@wrong', '@code']
    const { status, stdout, stderr } = piped(lines, '--backend', backend)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('│ SMS to').length - 1).toBe(2)
    expect(stdout).toContain(`\nredeemed ${mobile} for login\n`)
  })

  for (const store of ['redis', 'postgres'] as const) {
    describeWith(`on ${store}`, store, (where) => {
      test('a script that verifies ends with 0, and @wait lets the time pass', { timeout: patience }, () => {
        const lines = [mobile, 'r', '@wait 1s', '@wrong', '@code']
        const { status, stdout, stderr } = piped(lines, '--store', store, '--url', where[store])
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        expect(stdout).toContain('(rate_limited by sendsPerPhone)')
        expect(stdout).toContain(`\nredeemed ${mobile} for login\n`)
        expect(stdout).toContain('(already_redeemed)\n')
      })
    })

    test(`a ${store} that is not there is said, without its address in full`, { timeout: patience }, () => {
      const { status, stdout, stderr } = piped([mobile], '--store', store, '--url', `${store}://user:hunter2@127.0.0.1:1/x`)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^no \w+ answers at 127\.0\.0\.1:1: give another with --url\n$/)
    })
  }

  test('a script that verifies nothing ends with 1', { timeout: patience }, () => {
    const { status, stdout, stderr } = piped([mobile, '@wrong'])
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toMatch(/Wrong code: 4 attempts left\. \(incorrect_code\)\nBye\.\n$/)
  })

  test('an option that does not exist ends with 2', { timeout: patience }, () => {
    const { status, stdout, stderr } = piped([mobile, '@code'], '--carrier=twilio')
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: "Unknown option '--carrier'\n" })
  })
})

// `script` of util-linux gives a command a terminal of its own; others of that name take other options.
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
if (!hasTerminal) console.warn('No `script` of util-linux here: the demo was NOT tested in a terminal.')

describe.runIf(hasTerminal)('in a terminal', () => {
  /** Types into the demo, and reads what has appeared since it was last looked at. */
  function openTerminal(env: NodeJS.ProcessEnv = environment) {
    const child = spawn('script', ['-qec', 'npm run -s demo', '/dev/null'], { env: { ...env, TERM: 'xterm' } })
    onTestFinished(() => void child.kill())
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    let screen = ''
    let seen = 0
    let look = () => {}
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      look()
    })
    return {
      type: (keys: string) => void child.stdin.write(keys),
      screen: () => screen,
      ended,
      appears: (pattern: RegExp) =>
        new Promise<string>((resolve, reject) => {
          void ended.then(() => reject(new Error(`ended before ${pattern} appeared:\n${screen}`)))
          look = () => {
            const match = pattern.exec(screen.slice(seen))
            if (match === null) return
            seen += match.index + match[0].length
            look = () => {}
            resolve(match[1] ?? match[0])
          }
          look()
        }),
    }
  }

  test('a person reads the SMS and types its code', { timeout: patience }, async () => {
    const { type, appears, ended, screen } = openTerminal()
    await appears(/Phone number/)
    type(`${mobile}\r`)
    const code = await appears(/│ (\d{6}) is your Acme code/)
    await appears(/Code \(/)
    type('r\r')
    await appears(/\(rate_limited by sendsPerPhone\)/)
    type(`${code}\r`)
    await appears(/already_redeemed/)
    expect(await ended).toBe(0)
    expect(screen()).toContain(`verified ${mobile} for login`)
    expect(screen()).toMatch(colour)
  })

  test('pasted lines are answered in turn, without colour where none is wanted', { timeout: patience }, async () => {
    const { type, appears, ended, screen } = openTerminal({ ...environment, NO_COLOR: '1' })
    await appears(/Phone number/)
    type('nonsense\r+33123456789\rq\r')
    await appears(/\(invalid_phone_number\)/)
    await appears(/\(number_type_not_allowed\)/)
    await appears(/Bye\./)
    expect(await ended).toBe(0)
    expect(screen()).not.toMatch(colour)
  })

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
    ['q', 'q\r'],
  ])('%s leaves cleanly', { timeout: patience }, async (_, keys) => {
    const { type, appears, ended, screen } = openTerminal()
    await appears(/Phone number/)
    type(`${mobile}\r`)
    await appears(/Code \(/)
    type(keys)
    await appears(/Bye\./)
    expect(await ended).toBe(0)
    expect(screen()).not.toMatch(/Error|at .*:\d+:\d+/)
  })
})
