import express from 'express'
import fc from 'fast-check'
import { createPhoneClient, type PhoneClientFetch, type PhoneClientOptions, type PhoneClientStorage } from 'phone-verify/client'
import { phoneVerifyRouter } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test, vi } from 'vitest'
import { createSessionKeeper, onClock } from '../../src/client/session.js'
import { listen } from '../fixtures/listen.js'
import { wrong } from '../fixtures/rig.js'
import { pageStorage } from './page-storage.js'

const phone = '+33612345678'

/** An Express app whose codes live five minutes, and a way to come back after a reload. */
async function start(given: Partial<PhoneClientOptions> = {}) {
  const service = createTestVerifier()
  const baseUrl = `${await listen(express().use('/phone', phoneVerifyRouter(service.verifier, { purpose: 'login' })))}/phone`
  const storage = pageStorage()
  const load = () => createPhoneClient({ baseUrl, storage, now: service.clock.now, ...given })
  return { ...service, kept: storage.kept, load, client: load(), wrong: () => wrong(service.lastCode()) }
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
    const storage = pageStorage()
    const { client } = await start({ storage, storageKey: 'mine' })
    await client.send({ phone })
    expect([...storage.kept.keys()]).toEqual(['mine'])
    expect(createPhoneClient({ baseUrl: '/a', storage }).pending).toBeUndefined()
    expect(createPhoneClient({ baseUrl: '/a', storage, storageKey: 'mine', now: () => 0 }).pending).toBeDefined()
  })

  test.each(['', 'null', '[]', '{', '{"sessionToken":"a"}', '{"sessionToken":1,"expiresAt":"2030-01-01","resendAt":"2030-01-01"}'])(
    'what cannot be read, %s, is none',
    async (text) => {
      const storage = { ...pageStorage(), getItem: () => text }
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
    ['where reading throws', { ...pageStorage(), getItem: refusing }],
    ['where writing throws', { ...pageStorage(), setItem: refusing }],
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

describe('what is kept', () => {
  const instants = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z') })
  const sessions = fc.record({
    sessionToken: fc.string({ unit: fc.constantFrom(...'aZ0-_."\\\n\0é😀') }),
    expiresAt: instants,
    resendAt: instants,
  })

  test('is read as it was written, by whoever has the storage and the key', () => {
    fc.assert(
      fc.property(sessions, fc.string(), (session, key) => {
        const storage = pageStorage()
        createSessionKeeper(storage, key).write(session)
        expect(createSessionKeeper(storage, key).read()).toEqual(session)
        expect(createSessionKeeper(storage, `${key}x`).read()).toBeUndefined()
      }),
    )
  })

  test('is, from the first time that the storage throws, what memory has', () => {
    const [first, second] = fc.sample(sessions, 2)
    if (first === undefined || second === undefined) throw new Error('no sample')
    let full = false
    const storage = pageStorage()
    const refusing = {
      ...storage,
      setItem: (key: string, value: string) => {
        if (full) throw new DOMException('full', 'QuotaExceededError')
        storage.setItem(key, value)
      },
    }
    const keeper = createSessionKeeper(refusing, 'key')
    keeper.write(first)
    full = true
    keeper.write(second)
    // Not the older one that the storage still has.
    expect(keeper.read()).toEqual(second)
    keeper.clear()
    expect(keeper.read()).toBeUndefined()
  })

  test('moves with the clock, and only its instants do', () => {
    fc.assert(
      fc.property(sessions, fc.integer({ min: -86_400_000, max: 86_400_000 }), (session, ms) => {
        const { sessionToken, expiresAt, resendAt } = onClock(session, ms)
        expect([sessionToken, +expiresAt - +session.expiresAt, +resendAt - +session.resendAt]).toEqual([session.sessionToken, ms, ms])
      }),
    )
  })
})
