import { spawn } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { text } from 'node:stream/consumers'
import { consoleBackend } from 'phone-verify/sms/console'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { createSearch, createSink, type Sink } from '../fixtures/canary.js'
import { talkativeVisit } from '../fixtures/talkative-visit.js'
import { makeTalkativeWorld } from '../fixtures/talkative-world.js'

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function sweep() {
  const sink = createSink()
  const world = makeTalkativeWorld(sink)
  await sink.during(() => talkativeVisit(world, sink))
  return { sink, secrets: world.secrets() }
}

describe('whatever fails, nothing secret comes out (T-SEC-01)', () => {
  test('of outcomes, errors, events, output, warnings or the diagnostics channel', { timeout: 60_000 }, async () => {
    const { sink, secrets } = await sweep()
    const sizes = sink.sizes()
    for (const way of ['an outcome', 'an error', 'an error of the options', 'an event', 'the diagnostics channel'])
      expect(sizes[way], way).toBeGreaterThan(5_000)
    for (const [kind, values] of Object.entries(secrets)) expect(values.length, kind).toBeGreaterThan(0)
    expect(sink.leaks(secrets)).toEqual([])
  })

  test('of a process with NODE_DEBUG on, on either of its outputs', { timeout: 60_000 }, async () => {
    const script = `
      const { createSink } = await import('./test/fixtures/canary.ts')
      const { makeTalkativeWorld } = await import('./test/fixtures/talkative-world.ts')
      const { talkativeVisit } = await import('./test/fixtures/talkative-visit.ts')
      const sink = createSink()
      const world = makeTalkativeWorld(sink)
      await talkativeVisit(world, sink)
      process.send(world.secrets(), () => process.disconnect())`
    const child = spawn(process.execPath, ['--trace-warnings', '--import', 'tsx', '--input-type=module', '-e', script], {
      env: {
        ...process.env,
        NODE_DEBUG: 'http,https,net,tls,timer,stream,crypto,fs,worker,child_process,abort_controller,diagnostics_channel',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const secrets = new Promise<Record<string, readonly string[]>>((resolve) => child.once('message', (told) => resolve(told as never)))
    const [out, err, status] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      new Promise((resolve) => child.once('exit', resolve)),
    ])
    expect([status, out]).toEqual([0, ''])
    const sink = createSink()
    sink.take('standard error', err)
    expect(sink.leaks(await secrets)).toEqual([])
  })
})

describe('the sweep bites', () => {
  const code = '4829130756'
  const phone = '+33612345678'
  const hidden = Object.defineProperty(new Error('failed'), 'request', { enumerable: false, value: { body: `code=${code}` } })
  const secrets = { code: [code], phone: [phone] }

  const plants: readonly (readonly [string, string, (sink: Sink) => unknown])[] = [
    ['a code on standard output', 'code in standard output', () => process.stdout.write(`sent ${code}\n`)],
    ['a number as bytes on standard error', 'phone in standard error', () => process.stderr.write(Buffer.from(phone))],
    ['a number on the console', 'phone in the console', () => console.debug('sent to', { to: phone })],
    ['a code in a warning', 'code in a warning', () => process.emitWarning(`code ${code}`)],
    ['a code on the diagnostics channel', 'code in the diagnostics channel', () => channel('phone-verify').publish({ code })],
    ['a number in groups', 'phone in an event', (sink) => sink.take('an event', { to: '+33 6 12-34.56 78' })],
    ['a number without its plus', 'phone in an event', (sink) => sink.take('an event', { to: '33612345678' })],
    ['a number in a URL', 'phone in an event', (sink) => sink.take('an event', '/send?to=%2B33612345678')],
    [
      'a code in the middle of base64',
      'code in an event',
      (sink) => sink.take('an event', Buffer.from(`{"c":"${code}"}`).toString('base64')),
    ],
    ['a number in hexadecimal', 'phone in an event', (sink) => sink.take('an event', Buffer.from(`to ${phone}`).toString('hex'))],
    ['bytes in an object', 'code in an event', (sink) => sink.take('an event', { body: Buffer.from(code) })],
    ['a hidden property', 'code in an error', (sink) => sink.take('an error', hidden)],
    [
      'a cause of a cause',
      'code in an error',
      (sink) => sink.take('an error', new Error('a', { cause: new Error('b', { cause: hidden }) })),
    ],
    ['a symbol', 'phone in an error', (sink) => sink.take('an error', { [Symbol('to')]: phone })],
    ['a getter of a class', 'code in an error', (sink) => sink.take('an error', { toJSON: () => ({ code }) })],
    ['the name of a property', 'phone in an error', (sink) => sink.take('an error', { problems: { [phone]: 1 } })],
  ]

  test.each(plants)('%s', async (_, found, plant) => {
    const sink = createSink()
    await sink.during(async () => {
      plant(sink)
      await settled()
    })
    expect(sink.leaks(secrets)).toContain(found)
  })

  test('a library that tells its message to the console is found', async () => {
    const sink = createSink()
    const { verifier, outbox } = createTestVerifier({ codeLength: 10, onEvent: () => console.log(outbox.last()?.text) })
    await sink.during(() => verifier.sendCode({ phone, purpose: 'login' }))
    expect(sink.leaks({ code: [outbox.last()?.code ?? ''], phone: [phone] })).toEqual(['code in the console'])
  })

  test('what is no secret is none', () => {
    expect(createSearch(secrets)('at 1767225600000, 3.2 ms')).toEqual([])
    expect(() => createSearch({ code: ['482913'] })).toThrow(RangeError)
  })
})

/** Lines, columns, colours and directions of a terminal or a log. */
const forgeries = [
  '\r\n2026-01-01 INFO ok',
  '\n',
  '\r',
  '\u2028',
  '\u2029',
  '\u0085',
  '\u001b[2J',
  '\u009b2J',
  '\u202e',
  '\u2066',
  '\u0000',
  '"}',
  '\\"}',
  '\u007f',
  '\ufeff',
]

describe('no text can forge a line of a log (T-SEC-02)', () => {
  const isOneLine = (line: string) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(line)

  test.each(forgeries)('%j in every field', async (forgery) => {
    const limits = { sendsPerPhone: [], sendsPerClient: [] }
    const {
      verifier,
      events,
      lastCode,
      settled: sentAll,
    } = createTestVerifier({ limits, appName: `A${forgery}`, purposes: { pin: { delivery: 'deferred' } } })
    const said = `x${forgery}y`
    const given = { tenant: said, subject: said, payload: { payee: said } }
    const client = { id: said, ip: `::1${forgery}` }
    const errors: unknown[] = []
    const hear = <Outcome>(work: Promise<Outcome>) => work.catch((error: unknown) => void errors.push(error))
    for (const purpose of ['login', 'password_reset', 'pin'])
      await hear(
        verifier.sendCode({
          phone: '+33612345678',
          purpose,
          ...given,
          client,
          locale: said,
          context: { city: said },
          idempotencyKey: said,
        }),
      )
    await sentAll()
    await hear(verifier.sendCode({ phone: `+33612345678${forgery}`, purpose: 'login', ...given }))
    const sent = await verifier.sendCode({ phone: '+33612345679', purpose: 'login', ...given })
    const sessionToken = sent.ok && sent.sessionToken
    await hear(verifier.verifyCode({ sessionToken: `${sessionToken}${forgery}`, code: said, purpose: 'login', ...given }))
    await hear(verifier.verifyCode({ sessionToken, code: lastCode(), purpose: 'login', ...given, client }))
    await hear(verifier.notify({ phone: '+33612345678', template: 'security_alert', tenant: said }))
    await hear(verifier.unlock({ phone: said, tenant: said }))
    await hear(verifier.sendCode({ phone: said, purpose: said }))
    await hear(verifier.sendCode({ phone: said, purpose: 'login', payload: { [said]: null } } as never))
    await hear(verifier.notify({ phone: said, template: said }))

    expect(events.length).toBeGreaterThan(9)
    for (const event of events) {
      const line = JSON.stringify(event)
      expect(isOneLine(line), line).toBe(true)
      expect(JSON.parse(line)).toEqual(event)
    }
    expect(errors).toHaveLength(3)
    for (const error of errors) expect(isOneLine((error as Error).message)).toBe(true)
  })

  test.each(forgeries)('%j in a text that the console draws', async (forgery) => {
    let drawn = ''
    const sms = consoleBackend({
      write(part) {
        drawn += part
      },
    })
    const text = `Acme${forgery}: 482913`
    await sms.send({ to: '+33612345678' as never, text, purpose: 'login', context: {} })
    const lines = drawn.split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.every((line) => isOneLine(line) && /^[╭├╰│].*[╮┤╯│]$/u.test(line))).toBe(true)
    expect(lines.filter((line) => line.startsWith('╰'))).toHaveLength(1)
  })
})
