import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { makeRig, named, phone, unlimited, wrong } from '../fixtures/rig.js'

interface Visit {
  readonly told: readonly unknown[]
  readonly events: readonly unknown[]
  readonly texts: readonly unknown[]
  /** Whether `Object.prototype` says at the end what it said before the library was loaded. */
  readonly intact: boolean
  /** How many properties every object inherited. */
  readonly polluted: number
}

/** In a process of its own, which ends by itself. */
async function visit(...args: readonly string[]): Promise<Visit> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'test/fixtures/polluted.ts', ...args])
  return JSON.parse(stdout)
}

describe('a polluted Object.prototype (T-INP-04)', () => {
  test('changes nothing: outcomes, errors, events and messages are those of a clean process', { timeout: 60_000 }, async () => {
    const [clean, polluted] = await Promise.all([visit(), visit('polluted')])
    expect([clean.polluted, clean.intact, polluted.intact]).toEqual([0, true, true])
    expect(polluted.polluted).toBeGreaterThan(70)
    expect(clean.told.length).toBeGreaterThan(50)
    expect(polluted.told).toEqual(clean.told)
    expect(polluted.events).toEqual(clean.events)
    expect(polluted.texts).toEqual(clean.texts)
    expect(JSON.stringify(polluted)).not.toMatch(/evil/i)
  })
})

describe('names that JavaScript treats apart, as JSON makes them (T-INP-04)', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'toJSON', '__defineGetter__', 'a.b', '__proto__.ok']
  const record = (name: string, value: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`)
  const before = Reflect.ownKeys(Object.prototype)
  const untouched = () => {
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
    expect(Reflect.ownKeys({})).toEqual([])
    expect(({} as { ok?: unknown }).ok).toBeUndefined()
  }

  test.each(names)('a member of payload and context named %s', async (name) => {
    const rig = makeRig({ limits: unlimited })
    const over = { payload: record(name, 'x'), context: record(name, 'y') }
    if (name === '__proto__') {
      await expect(rig.send(over)).rejects.toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'payload' })
      return untouched()
    }
    const { sessionToken, code } = await rig.start(over)
    expect(rig.outbox.last()?.text).toContain(`${name} x`)
    expect(named(await rig.verify(sessionToken, code))).toBe('invalid_session')
    expect(named(await rig.verify(sessionToken, code, { payload: record(name, 'z') }))).toBe('invalid_session')
    const verified = await rig.verify(sessionToken, code, { payload: record(name, 'x') })
    expect(verified).toMatchObject({ ok: true })
    expect(Object.entries((verified as { payload?: object }).payload ?? {})).toEqual([[name, 'x']])
    untouched()
  })

  test.each(names)('a value within it, %s', async (name) => {
    const rig = makeRig({ limits: unlimited })
    for (const field of ['payload', 'context', 'client'])
      await expect(rig.send({ [field]: { id: record(name, { ok: true }) } })).rejects.toMatchObject({ code: 'ERR_PV_ARGUMENT' })
    untouched()
  })

  test.each(names)('a field of the request named %s is none of the library', async (name) => {
    const rig = makeRig({ limits: unlimited })
    const asOwn = (request: object) =>
      Object.defineProperty({ ...request }, name, { enumerable: true, value: { ok: true, phone, purpose: 'login' } })
    const { sessionToken, code } = await rig.start()
    const ask = <Request extends object>(verb: (request: Request) => Promise<{ readonly ok: boolean }>, request: Request) =>
      verb(asOwn(request) as Request).then(named)
    expect(await ask(rig.verifier.sendCode, { phone, purpose: 'login' })).toBe('ok')
    expect(await ask(rig.verifier.verifyCode, { sessionToken, code: wrong(code), purpose: 'login' })).toBe('incorrect_code 4')
    await expect(ask(rig.verifier.sendCode, { phone } as never)).rejects.toMatchObject({ field: 'purpose' })
    untouched()
  })

  test.each(names)('a tenant, subject, client, template and idempotency key called %s', async (name) => {
    const tenants = new Map([['acme', {}]])
    const rig = makeRig({ limits: unlimited, tenants: (id) => tenants.get(id) })
    expect(named(await rig.send({ tenant: name }))).toBe('unknown_tenant')
    await expect(rig.send({ purpose: name })).rejects.toMatchObject({ field: 'purpose' })
    const over = { subject: name, client: { id: name, ip: name }, idempotencyKey: name }
    const { sessionToken, code } = await rig.start(over)
    expect(
      await rig.asked(async () => expect(named(await rig.verify(sessionToken, code, { subject: 'other' }))).toBe('invalid_session')),
    ).toEqual([])
    expect(named(await rig.verify(sessionToken, code, { subject: name }))).toBe('ok')
    untouched()
  })

  test('a purpose that an object inherits was never declared', () => {
    const declare = (purposes: object) => () => makeRig({ purposes: purposes as never })
    expect(declare(record('__proto__', {}))).toThrow(/^purposes\.__proto__: /)
    expect(declare(record('a.b', {}))).toThrow(/^purposes\.a\.b: /)
    untouched()
  })
})
