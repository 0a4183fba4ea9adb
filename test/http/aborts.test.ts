import { setImmediate as turn } from 'node:timers/promises'
import type { SmsBackend } from 'phone-verify'
import { createPhoneVerifier, PhoneVerifyError } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { adapters, type Host, startHost } from './adapters.js'
import { isJson, phone, posted } from './conversation.js'
import { ask, bytesOf, openSocket, readReply } from './raw-client.js'

/** The first part of a request whose rest never comes. */
const begun = bytesOf({ path: '/phone/send', headers: [...isJson, ['Content-Length', '40']], body: `{"phone":"${phone}"` })

const begunInChunks = bytesOf({ path: '/phone/send', headers: [...isJson, ['Transfer-Encoding', 'chunked']], body: '9\r\n{"phone":\r\n' })

/** Goes on when it is so; the test's own time limit is the only one. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn()
}

/** How many bodies are waited for, from now on: each has a timer of ten seconds. Frameworks have timers of other lengths. */
function watchPatience(): () => number {
  const [made, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')]
  return () => {
    const done = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer))
    const timers = made.mock.calls.flatMap(([, ms], index) => (ms === 10_000 ? [made.mock.results[index]?.value] : []))
    return timers.filter((timer) => !done.has(timer)).length
  }
}

const connectionsOf = ({ server }: Pick<Host, 'server'>) =>
  new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))

/** No deadline of the verifier's ends a send before the test does. */
const deadlines = { send: 600_000, provider: 600_000 }

const faults: unknown[] = []
const note = (fault: unknown) => void faults.push(fault)

beforeEach(() => {
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note).on('warning', note)
})

afterEach(() => {
  vi.useRealTimers()
  process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note).off('warning', note)
  expect(faults.splice(0)).toEqual([])
})

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', (_name, adapter) => {
  test.each([
    ['is said to be longer', begun],
    ['has no end', begunInChunks],
  ])('a body that %s is waited for ten seconds', async (_how, bytes) => {
    const host = await startHost(adapter)
    const socket = await openSocket(host.port)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waitedFor = watchPatience()
    let isAnswered = false
    const reply = readReply(socket).finally(() => {
      isAnswered = true
    })
    socket.write(bytes)
    await until(() => waitedFor() === 1)
    vi.advanceTimersByTime(9_999)
    for (let turns = 0; turns < 20; turns++) await turn()
    expect(isAnswered).toBe(false)
    vi.advanceTimersByTime(1)
    const { status, body, headers } = await reply
    expect(status).toBe(408)
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:phone-verify:request_timeout', code: 'request_timeout', status: 408 })
    expect(new Map(headers).get('cache-control')).toBe('no-store')
    vi.useRealTimers()
    expect(host.test.outbox.messages).toHaveLength(0)
    expect(await ask(host.port, posted('/phone/send', JSON.stringify({ phone })))).toMatchObject({ status: 202 })
    await host.close()
  })

  test('a visitor who leaves before the body is there harms nobody', async () => {
    const host = await startHost(adapter, { onError: note })
    const waitedFor = watchPatience()
    for (const bytes of [begun, begunInChunks]) {
      const socket = await openSocket(host.port)
      socket.write(bytes)
      await until(() => waitedFor() === 1)
      socket.resetAndDestroy()
      // Nobody waits for the rest any more.
      await until(() => waitedFor() === 0)
    }
    const socket = await openSocket(host.port)
    socket.write(begun.subarray(0, 30))
    await until(async () => (await connectionsOf(host)) === 1)
    socket.resetAndDestroy()
    await until(async () => (await connectionsOf(host)) === 0)
    expect(host.test.outbox.messages).toHaveLength(0)
    expect(await ask(host.port, posted('/phone/send', JSON.stringify({ phone })))).toMatchObject({ status: 202 })
    await host.close()
  })

  test('a visitor who leaves while the SMS is on its way: the backend is told', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const sms: SmsBackend = {
      name: 'slow',
      send: (_message, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal)
          signal?.addEventListener('abort', () => reject(new PhoneVerifyError('ERR_PV_SMS_UNKNOWN', 'slow: cut off', { backend: 'slow' })))
        }),
    }
    const verifier = createPhoneVerifier({ store: memoryStore(), sms, secret: 's'.repeat(32), appName: 'Acme', countries: '*', deadlines })
    const listening = await adapter.start(verifier, { purpose: 'registration', onError: note })
    const socket = await openSocket(listening.port)
    socket.write(bytesOf(posted('/phone/send', JSON.stringify({ phone }))))
    await until(() => signals.length === 1)
    expect(signals[0]?.aborted).toBe(false)
    socket.resetAndDestroy()
    await until(() => signals[0]?.aborted === true)
    await until(async () => (await connectionsOf(listening)) === 0)

    const reply = await ask(listening.port, posted('/phone/verify', '{"sessionToken":"x","code":"123456"}'))
    expect(reply).toMatchObject({ status: 422 })
    await listening.close()
    await verifier.close()
  })

  test('a visitor who waits is not cut off', async () => {
    const host = await startHost(adapter)
    host.test.carrier.hold()
    const reply = ask(host.port, posted('/phone/send', JSON.stringify({ phone })))
    await until(() => host.test.carrier.calls === 1)
    host.test.carrier.release()
    expect(await reply).toMatchObject({ status: 202 })
    expect(host.test.outbox.messages).toHaveLength(1)
    await host.close()
  })

  test('T-WEB-05: bytes that are no request are refused, and the process lives', async () => {
    const host = await startHost(adapter)
    const hostile = [
      'GET\r\n\r\n',
      'POST /phone/send HTTP/9.9\r\n\r\n',
      'POST /phone/send HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /phone/send HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /phone/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n',
      'POST /phone/send HTTP/1.1\r\nHost: x\r\nA\0B: c\r\n\r\n',
      `POST /phone/send HTTP/1.1\r\nHost: x\r\nAuthorization: ${'x'.repeat(40_000)}\r\n\r\n`,
      'POST /phone/send HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x02\0\x01',
    ]
    for (const bytes of hostile) {
      const socket = await openSocket(host.port)
      const reply = readReply(socket).catch(() => ({ status: 400 }))
      socket.write(Buffer.from(bytes, 'latin1'))
      expect((await reply).status).toBeGreaterThanOrEqual(400)
      expect((await reply).status).toBeLessThan(500)
    }
    const reply = await ask(
      host.port,
      posted('/phone/send', JSON.stringify({ phone }), [
        ['Authorization', 'Basic \xff\xfe'],
        ['Cookie', '%; =; a="'],
        ['Referer', 'http://%'],
        ['Origin', '%'],
        ['Accept-Language', ';q=;,,'],
        ['Content-Length', '24'],
      ]),
    )
    expect(reply).toMatchObject({ status: 202 })
    await host.close()
  })
})
