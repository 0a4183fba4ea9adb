import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createPhoneClient, type PhoneClientFetch, type PhoneClientOptions, type PhoneClientStorage } from 'phone-verify/client'
import { phoneVerifyRouter } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

const phone = '+33612345678'
const servers: Server[] = []

afterEach(() => {
  vi.useRealTimers()
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

const storageOf = (kept: Map<string, string>): PhoneClientStorage => ({
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
})

/** An Express app whose codes live five minutes, and a way to come back after a reload. */
async function start(given: Partial<PhoneClientOptions> = {}) {
  const service = createTestVerifier()
  const app = express().use('/phone', phoneVerifyRouter(service.verifier, { purpose: 'login' }))
  const server = createServer(app).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const kept = new Map<string, string>()
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/phone`
  const load = () => createPhoneClient({ baseUrl, storage: storageOf(kept), now: service.clock.now, ...given })
  return { ...service, kept, load, client: load(), wrong: () => (service.lastCode() === '000000' ? '111111' : '000000') }
}

/** Lets each request through when the test says so. */
function gate() {
  const waiting: (() => void)[] = []
  const through: PhoneClientFetch = async (url, request) => {
    const response = await fetch(url, request)
    await new Promise<void>((resolve) => void waiting.push(resolve))
    return response
  }
  const until = (count: number) => vi.waitFor(() => expect(waiting).toHaveLength(count))
  return { fetch: through, until, open: (index: number) => waiting[index]?.() }
}

describe('a reload', () => {
  test('goes on where it was, and sends nothing', async () => {
    const { client, load, outbox, lastCode, kept } = await start()
    await client.send({ phone })
    const again = load()
    expect(again.pending).toEqual(client.pending)
    expect(again.pending).toBeDefined()
    expect([...kept].join()).not.toContain('612345678')
    expect(await again.verify({ code: lastCode() })).toMatchObject({ ok: true, phone })
    expect(outbox.messages).toHaveLength(1)
    expect(kept.size).toBe(0)
  })

  test('another mount has another session, unless a key is given', async () => {
    const kept = new Map<string, string>()
    const { client } = await start({ storage: storageOf(kept), storageKey: 'mine' })
    await client.send({ phone })
    expect([...kept.keys()]).toEqual(['mine'])
    expect(createPhoneClient({ baseUrl: '/a', storage: storageOf(kept) }).pending).toBeUndefined()
    expect(createPhoneClient({ baseUrl: '/a', storage: storageOf(kept), storageKey: 'mine', now: () => 0 }).pending).toBeDefined()
  })

  test.each(['', 'null', '[]', '{', '{"sessionToken":"a"}', '{"sessionToken":1,"expiresAt":"2030-01-01","resendAt":"2030-01-01"}'])(
    'what cannot be read, %s, is none',
    async (text) => {
      const storage = { ...storageOf(new Map()), getItem: () => text }
      expect(createPhoneClient({ baseUrl: '/phone', storage }).pending).toBeUndefined()
    },
  )
})

describe('memory is enough', () => {
  const refusing = () => {
    throw new DOMException('denied', 'SecurityError')
  }
  const storages: readonly (readonly [string, PhoneClientStorage | null | undefined])[] = [
    ['where there is no sessionStorage', undefined],
    ['when it is asked for', null],
    ['where reading throws', { ...storageOf(new Map()), getItem: refusing }],
    ['where writing throws', { ...storageOf(new Map()), setItem: refusing }],
    ['where all throw', { getItem: refusing, setItem: refusing, removeItem: refusing }],
  ]

  test.each(storages)('%s', async (_name, storage) => {
    const { client, lastCode } = await start({ storage })
    await client.send({ phone })
    expect(client.pending).toBeDefined()
    expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true })
    expect(client.pending).toBeUndefined()
  })

  test('where even to look at sessionStorage throws', async () => {
    Object.defineProperty(globalThis, 'sessionStorage', { get: refusing, configurable: true })
    try {
      const { client, lastCode } = await start({ storage: undefined })
      await client.send({ phone })
      expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true })
    } finally {
      Reflect.deleteProperty(globalThis, 'sessionStorage')
    }
  })
})

describe('the session ends', () => {
  const gone = { ok: false, reason: 'invalid_session', title: 'This verification is not valid. Start again.' }

  test('by reset, and without one nothing is asked', async () => {
    let calls = 0
    const counting: PhoneClientFetch = (url, request) => {
      calls += 1
      return fetch(url, request)
    }
    const { client, kept } = await start({ fetch: counting })
    await client.send({ phone })
    client.reset()
    expect([client.pending, kept.size]).toEqual([undefined, 0])
    expect(await client.verify({ code: '482913' })).toEqual(gone)
    expect(await client.resend()).toEqual(gone)
    expect(calls).toBe(1)
  })

  test('when the last attempt is spent', async () => {
    const { client, kept, wrong } = await start()
    await client.send({ phone })
    for (const attemptsLeft of [4, 3, 2, 1, 0]) expect(await client.verify({ code: wrong() })).toMatchObject({ attemptsLeft })
    expect(kept.size).toBe(1)
    expect(await client.verify({ code: wrong() })).toMatchObject({ reason: 'too_many_attempts' })
    expect(kept.size).toBe(0)
  })

  test('when it has expired, or the code was used elsewhere', async () => {
    const { client, load, kept, clock, lastCode } = await start()
    await client.send({ phone })
    clock.advance(300_000)
    expect(await client.verify({ code: lastCode() })).toMatchObject({ reason: 'expired' })
    expect(kept.size).toBe(0)

    await client.send({ phone })
    const copy = new Map(kept)
    await load().verify({ code: lastCode() })
    for (const [key, value] of copy) kept.set(key, value)
    expect(await client.verify({ code: lastCode() })).toMatchObject({ reason: 'already_used' })
    expect(kept.size).toBe(0)
  })

  test('when it is none of the server', async () => {
    const { client, kept } = await start()
    await client.send({ phone })
    for (const [key, value] of kept) kept.set(key, value.replace(/"sessionToken":"[^"]+"/, '"sessionToken":"forged"'))
    expect(await client.verify({ code: '482913' })).toMatchObject({ reason: 'invalid_session' })
    expect(kept.size).toBe(0)
  })

  test('not by a wrong code, a refused resend or an outage', async () => {
    const { client, kept, carrier, clock, wrong } = await start()
    await client.send({ phone })
    await client.verify({ code: wrong() })
    await client.resend()
    clock.advance(30_000)
    carrier.fail('unavailable')
    expect(await client.resend()).toMatchObject({ reason: 'unavailable' })
    expect(kept.size).toBe(1)
    expect(client.pending).toBeDefined()
  })
})

test('a code that has expired is no longer pending, but may be sent again', async () => {
  const { client, clock, lastCode } = await start()
  await client.send({ phone })
  clock.advance(299_999)
  expect(client.pending).toBeDefined()
  clock.advance(1)
  expect(client.pending).toBeUndefined()
  expect(await client.resend()).toMatchObject({ ok: true })
  expect(client.pending).toBeDefined()
  expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true })
})

describe('a late reply', () => {
  const other = '+33612345679'

  test('of an earlier send does not take the place of a later one', async () => {
    const { fetch, until, open } = gate()
    const { client, lastCode } = await start({ fetch })
    const first = client.send({ phone })
    await until(1)
    const second = client.send({ phone: other })
    await until(2)
    open(1)
    expect(await second).toMatchObject({ ok: true })
    open(0)
    expect(await first).toMatchObject({ ok: true })
    const verified = client.verify({ code: lastCode(other) })
    await until(3)
    open(2)
    expect(await verified).toMatchObject({ ok: true, phone: other })
  })

  test.each(['send', 'resend'] as const)('of a %s does not undo a reset', async (verb) => {
    const { fetch, until, open } = gate()
    const { client, clock } = await start({ fetch })
    const sent = client.send({ phone })
    await until(1)
    if (verb === 'send') client.reset()
    open(0)
    expect(await sent).toMatchObject({ ok: true })
    if (verb === 'resend') {
      clock.advance(30_000)
      const again = client.resend()
      await until(2)
      client.reset()
      open(1)
      expect(await again).toMatchObject({ ok: true })
    }
    expect(client.pending).toBeUndefined()
  })

  test('of a failed verify does not end the challenge that came after it', async () => {
    const { fetch, until, open } = gate()
    const { client, clock, lastCode } = await start({ fetch })
    const first = client.send({ phone })
    await until(1)
    open(0)
    await first
    clock.advance(300_000)
    const late = client.verify({ code: lastCode() })
    await until(2)
    const second = client.send({ phone: other })
    await until(3)
    open(2)
    await second
    open(1)
    expect(await late).toMatchObject({ reason: 'expired' })
    expect(client.pending).toBeDefined()
  })
})

describe('a countdown', () => {
  const begin = Date.UTC(2026, 0, 1)

  /** A client with a session until then, and the timers of the test. */
  function counting({ resendMs = 30_000, expiryMs = 300_000 } = {}) {
    vi.useFakeTimers({ now: begin })
    const kept = new Map<string, string>()
    const keep = (resendAt: number) => {
      const session = { sessionToken: 'a', resendAt: new Date(resendAt), expiresAt: new Date(begin + expiryMs) }
      kept.set('key', JSON.stringify(session))
    }
    keep(begin + resendMs)
    const client = createPhoneClient({ baseUrl: '', storage: storageOf(kept), storageKey: 'key' })
    const told: number[] = []
    return { client, keep, told, listener: (seconds: number) => void told.push(seconds) }
  }

  test('tells at once, then each second, until 0', () => {
    const { client, told, listener } = counting({ resendMs: 3_500 })
    client.countdown('resend', listener)
    expect(told).toEqual([4])
    vi.advanceTimersByTime(500)
    expect(told).toEqual([4, 3])
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([4, 3, 2, 1, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('to the end of the code', () => {
    const { client, told, listener } = counting({ expiryMs: 300_000 })
    client.countdown('expiry', listener)
    vi.advanceTimersByTime(300_000)
    expect([told[0], told.at(-1), told.length]).toEqual([300, 0, 301])
  })

  test('after a sleep it goes by the clock', () => {
    const { client, told, listener } = counting()
    client.countdown('resend', listener)
    vi.setSystemTime(begin + 20_000)
    vi.advanceTimersToNextTimer()
    expect(told).toEqual([30, 9])
    vi.setSystemTime(begin + 86_400_000)
    vi.advanceTimersToNextTimer()
    expect(told).toEqual([30, 9, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('follows a resend', () => {
    const { client, keep, told, listener } = counting({ resendMs: 2_000 })
    client.countdown('resend', listener)
    keep(begin + 60_000)
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual([2, 59])
  })

  test('ends by its function, by a signal, and by a reset', () => {
    const { client, told, listener } = counting()
    const gone = new AbortController()
    const stop = client.countdown('resend', listener)
    client.countdown('resend', listener, { signal: gone.signal })
    client.countdown('resend', listener, { signal: AbortSignal.abort() })
    stop()
    gone.abort()
    expect(vi.getTimerCount()).toBe(0)
    expect(told).toEqual([30, 30])

    client.countdown('resend', listener)
    client.reset()
    vi.advanceTimersByTime(5_000)
    expect(told).toEqual([30, 30, 30, 0])
  })

  test('a listener may stop it, be it that it knows how', () => {
    const { client } = counting()
    const told: number[] = []
    const gone = new AbortController()
    const listener = (seconds: number) => {
      told.push(seconds)
      gone.abort()
    }
    client.countdown('resend', listener, { signal: gone.signal })
    expect([told, vi.getTimerCount()]).toEqual([[30], 0])
  })

  test('of nothing is 0', () => {
    const told: number[] = []
    createPhoneClient({ baseUrl: '' }).countdown('resend', (seconds) => void told.push(seconds))
    expect(told).toEqual([0])
  })
})

describe('waitForCode', () => {
  const code = '482913'
  const waiting = async (name: string, value: unknown, ask: () => Promise<unknown>) => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
    Object.defineProperty(globalThis, 'navigator', { value: { credentials: value }, configurable: true })
    if (name !== '') Object.defineProperty(globalThis, name, { value: class {}, configurable: true })
    try {
      return await ask()
    } finally {
      if (name !== '') Reflect.deleteProperty(globalThis, name)
      if (own === undefined) Reflect.deleteProperty(globalThis, 'navigator')
      else Object.defineProperty(globalThis, 'navigator', own)
    }
  }
  const { waitForCode } = createPhoneClient({ baseUrl: '' })

  test('is undefined where there is no WebOTP', async () => {
    expect(await waitForCode()).toBeUndefined()
    expect(await waiting('', { get: async () => ({ code }) }, () => waitForCode())).toBeUndefined()
    expect(await waiting('OTPCredential', undefined, () => waitForCode())).toBeUndefined()
  })

  test('is undefined when it fails or gives none', async () => {
    const values = [async () => null, async () => ({}), () => Promise.reject(new Error('declined'))]
    for (const get of values) expect(await waiting('OTPCredential', { get }, () => waitForCode())).toBeUndefined()
  })
})
