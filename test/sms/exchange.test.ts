import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type Asked, createExchange } from '../../src/sms/exchange.js'
import { type Carrier, type CarrierOptions, startCarrier } from '../fixtures/carrier/carrier.js'
import * as faults from '../fixtures/carrier/faults.js'
import { freePort } from '../fixtures/free-port.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
const start = async (options?: CarrierOptions) => {
  const carrier = await startCarrier(options)
  closing.push(carrier.close)
  return carrier
}

const path = '/2010-04-01/Accounts/AC1/Messages.json'
const asked = ({ url }: Pick<Carrier, 'url'>, over: Partial<Asked> = {}): Asked => ({
  url: new URL(url + path),
  headers: { authorization: `Basic ${btoa('AC1:token')}`, 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ To: '+33612345678', From: 'Acme', Body: 'Größe 482913' }).toString(),
  timeoutMs: 2_000,
  ...over,
})

const packed = { status: 201, headers: { 'content-encoding': 'gzip' }, body: gzipSync('{}') }

describe('answers', () => {
  test('status, headers and body, of whatever status', async () => {
    const carrier = await start()
    const exchange = createExchange()
    expect(await exchange(asked(carrier))).toMatchObject({
      outcome: 'answered',
      status: 201,
      headers: { 'content-type': 'application/json' },
      body: expect.stringContaining('"queued"'),
    })
    expect(await exchange(asked(carrier, { headers: {} }))).toMatchObject({ outcome: 'answered', status: 401 })
    expect(carrier.requests[0]).toMatchObject({ method: 'POST', path, body: asked(carrier).body })
    expect(carrier.sms).toMatchObject([{ text: 'Größe 482913' }])
  })

  test('a redirect is an answer: nobody goes there', async () => {
    const [carrier, elsewhere] = [await start(), await start()]
    const exchange = createExchange()
    for (const status of [301, 302, 303, 307, 308] as const) {
      carrier.misbehave(faults.answer(faults.redirect(status, elsewhere.url + path)), { times: 1 })
      expect(await exchange(asked(carrier))).toMatchObject({ outcome: 'answered', status, headers: { location: elsewhere.url + path } })
    }
    expect(elsewhere.connections).toBe(0)
  })

  test.each([
    ['a body without end', faults.endless(201, 1_024)],
    ['a gzip bomb', faults.gzipBomb(201)],
    ['a body that is packed, small as it is', faults.answer(packed)],
    ['a body that is cut off', faults.cutOff()],
  ])('%s has a status and no body', async (_, fault) => {
    const carrier = await start()
    carrier.misbehave(fault)
    expect(await createExchange()(asked(carrier))).toMatchObject({ outcome: 'answered', status: 201, body: undefined })
  })

  test('64 KiB are read, and not one byte more', async () => {
    const carrier = await start()
    const exchange = createExchange()
    for (const [length, read] of [
      [65_536, 65_536],
      [65_537, undefined],
    ]) {
      carrier.misbehave(faults.answer({ status: 200, body: 'x'.repeat(length as number) }), { times: 1 })
      const exchanged = await exchange(asked(carrier))
      expect(exchanged.outcome === 'answered' && exchanged.body?.length).toBe(read)
    }
  })
})

describe('nothing was sent', () => {
  test('nobody listens, the name is not known, the certificate is not trusted', async () => {
    const exchange = createExchange()
    const secure = await start({ tls: true })
    for (const url of [`http://127.0.0.1:${await freePort()}`, 'http://nowhere.invalid', secure.url]) {
      expect(await exchange(asked({ url }))).toEqual({ outcome: 'unsent', why: 'unreachable' })
    }
    expect(secure.requests).toEqual([])
  })

  test('a handshake that does not end', async () => {
    const { url } = await silent()
    const secure = url.replace('http:', 'https:')
    expect(await createExchange()(asked({ url: secure }, { timeoutMs: 100 }))).toEqual({ outcome: 'unsent', why: 'timeout' })
    const signal = AbortSignal.timeout(50)
    expect(await createExchange()(asked({ url: secure }, { signal }))).toEqual({ outcome: 'unsent', why: 'aborted' })
  })

  test('a signal that was aborted before, even where a connection is open', async () => {
    const carrier = await start()
    const exchange = createExchange()
    await exchange(asked(carrier))
    expect(await exchange(asked(carrier, { signal: AbortSignal.abort() }))).toEqual({ outcome: 'unsent', why: 'aborted' })
    expect(carrier.requests).toHaveLength(1)
  })

  test('a signal that is aborted before a byte is out, on a connection that is open', async () => {
    const carrier = await start()
    const exchange = createExchange()
    await exchange(asked(carrier))
    const controller = new AbortController()
    const exchanged = exchange(asked(carrier, { signal: controller.signal }))
    controller.abort()
    expect(await exchanged).toEqual({ outcome: 'unsent', why: 'aborted' })
    expect(carrier.requests).toHaveLength(1)
  })
})

describe('nobody knows', () => {
  test.each([
    ['a reset at once', faults.resetAtOnce()],
    ['a reset after the whole request', faults.resetAfter({ sent: true })],
    [
      'an answer that is no HTTP',
      ({ request }: faults.Visit) => {
        request.socket.end('220 smtp.example.com ESMTP\r\n')
      },
    ],
    [
      'headers without end',
      ({ request }: faults.Visit) => {
        request.socket.write(`HTTP/1.1 201 Created\r\nx: ${'y'.repeat(100_000)}`)
      },
    ],
    [
      'an upgrade that nobody asked for',
      ({ request }: faults.Visit) => {
        request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n')
      },
    ],
  ])('%s', async (_, fault) => {
    const carrier = await start()
    carrier.misbehave(fault)
    expect(await createExchange()(asked(carrier))).toEqual({ outcome: 'unanswered', why: 'reset' })
  })

  test.each([
    ['silence', faults.silence({ sent: true })],
    ['headers that drip', faults.slowHeaders({ sent: true }, 10)],
    ['a body that drips', faults.slowloris({ sent: true }, 10)],
  ])('%s is waited for as long as said, and no longer', async (_, fault) => {
    const carrier = await start()
    carrier.misbehave(fault)
    const before = performance.now()
    expect(await createExchange()(asked(carrier, { timeoutMs: 150 }))).toEqual({ outcome: 'unanswered', why: 'timeout' })
    expect(performance.now() - before).toBeGreaterThan(140)
    expect(performance.now() - before).toBeLessThan(1_500)
    expect(carrier.sms).toHaveLength(1)
  })

  test('a signal that is aborted while the provider thinks', async () => {
    const carrier = await start()
    carrier.misbehave(faults.silence({ sent: true }))
    const controller = new AbortController()
    const exchanged = createExchange()(asked(carrier, { signal: controller.signal }))
    await expect.poll(() => carrier.sms.length).toBe(1)
    controller.abort()
    expect(await exchanged).toEqual({ outcome: 'unanswered', why: 'aborted' })
  })
})

describe('connections', () => {
  test('are used again, and again after a failure', async () => {
    const carrier = await start()
    const exchange = createExchange()
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    for (let round = 0; round < 20; round += 1) await exchange(asked(carrier))
    process.off('warning', warn)
    expect([carrier.connections, warnings]).toEqual([1, []])
    carrier.misbehave(faults.resetAfter(), { times: 1 })
    await exchange(asked(carrier))
    expect(await exchange(asked(carrier))).toMatchObject({ status: 201 })
    expect(carrier.connections).toBe(2)
  })

  test('200 requests at once do not mix, and warn of no leak', async () => {
    const carrier = await start()
    const exchange = createExchange()
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    const numbers = Array.from({ length: 200 }, (_, index) => `+336123450${index + 10}`)
    const bodies = numbers.map((to) => new URLSearchParams({ To: to, From: 'Acme', Body: to }).toString())
    const all = await Promise.all(bodies.map((body) => exchange(asked(carrier, { body, signal, timeoutMs: 10_000 }))))
    const got = all.map((one) => one.outcome === 'answered' && JSON.parse(one.body ?? '').to)
    expect(got).toEqual(numbers)
    process.off('warning', warn)
    expect([warnings, getEventListeners(signal, 'abort')]).toEqual([[], []])
  })

  test('keep no process alive, and trust what the process trusts', async () => {
    const carrier = await start({ tls: true })
    const { url, headers, body } = asked(carrier)
    const script = `
      import { createExchange } from './src/sms/exchange.ts'
      const { url, ...rest } = JSON.parse(process.env.ASKED)
      const { status } = await createExchange()({ ...rest, url: new URL(url) })
      console.log(status)
    `
    const { writeFile, rm, mkdtemp } = await import('node:fs/promises')
    const [{ tmpdir }, { join }] = await Promise.all([import('node:os'), import('node:path')])
    const folder = await mkdtemp(join(tmpdir(), 'pv-carrier-'))
    closing.push(() => rm(folder, { recursive: true }))
    await writeFile(`${folder}/ca.pem`, carrier.certificate ?? '')
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: `${folder}/ca.pem`,
      ASKED: JSON.stringify({ url, headers, body, timeoutMs: 60_000 }),
    }
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      env,
      timeout: 14_000,
    })
    // It ended well before the sixty seconds of the timer, and the ten of an idle connection.
    expect(stdout).toBe('201\n')
  })
})

/** Takes connections and says nothing. */
async function silent(): Promise<{ readonly url: string }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${port}` }
}
