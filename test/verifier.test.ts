import { generateKeyPairSync } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { createPhoneVerifier, type PhoneVerifierOptions, type PhoneVerifyEvent } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { makePair } from './fixtures/pair.js'
import { accepted, failure, makeRig, named, phone, type Rig, unlimited, wrong } from './fixtures/rig.js'
import { never } from './fixtures/watched-store.js'

afterEach(() => {
  vi.useRealTimers()
})

const verbs: readonly [string, (rig: Rig) => Promise<{ readonly ok: boolean }>][] = [
  ['sendCode', ({ send }) => send()],
  ['resendCode', ({ resend }) => resend('token')],
  ['verifyCode', ({ verify }) => verify('token', '123456')],
  ['redeemProof', ({ verifier }) => verifier.redeemProof({ proof: 'proof', purpose: 'login' })],
  ['deliver', ({ verifier }) => verifier.deliver('token')],
  ['notify', ({ verifier }) => verifier.notify({ phone, template: 'password_changed' })],
  ['unlock', ({ verifier }) => verifier.unlock({ phone })],
  ['forget', ({ verifier }) => verifier.forget({ phone })],
]

describe('a visit', () => {
  test('a person proves a phone: sent, typed, redeemed', async () => {
    const { verifier, lastCode, clock } = makeRig()
    const sent = accepted(await verifier.sendCode({ phone: '+1 (415) 555-2671', purpose: 'registration', client: { ip: '192.0.2.1' } }))
    clock.advance(20_000)
    const { sessionToken } = sent
    expect(await verifier.verifyCode({ sessionToken, code: '12345', purpose: 'registration' })).toEqual({
      ok: false,
      reason: 'malformed_code',
    })
    expect(await verifier.verifyCode({ sessionToken, code: wrong(lastCode()), purpose: 'registration' })).toEqual({
      ok: false,
      reason: 'incorrect_code',
      attemptsLeft: 4,
    })
    const verified = await verifier.verifyCode({ sessionToken, code: lastCode(), purpose: 'registration' })
    if (!verified.ok) throw new Error(verified.reason)
    expect(verified.phone).toBe(phone)
    const { proof } = verified
    expect(await verifier.redeemProof({ proof, purpose: 'registration', phone })).toEqual({ ok: true, phone, purpose: 'registration' })
    expect(await verifier.redeemProof({ proof, purpose: 'registration', phone })).toEqual({ ok: false, reason: 'already_redeemed' })
  })

  test('a purpose of the app works like the others', async () => {
    const { start, verify, verifier, outbox } = makeRig({ purposes: { delivery_pin: { codeLength: 8 } } })
    const { sessionToken, code } = await start({ purpose: 'delivery_pin' })
    expect(outbox.last()?.code).toMatch(/^\d{8}$/)
    const verified = await verify(sessionToken, code, { purpose: 'delivery_pin' })
    expect(named(await verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'delivery_pin' }))).toBe('ok')
  })

  test('methods need no this', async () => {
    const { verifier, lastCode } = makeRig()
    const { sendCode, verifyCode, redeemProof, ready, jwks, close } = verifier
    await ready()
    const { sessionToken } = accepted(await sendCode({ phone, purpose: 'login' }))
    const verified = await verifyCode({ sessionToken, code: lastCode(), purpose: 'login' })
    expect(named(await redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('ok')
    expect(jwks()).toEqual({ keys: [] })
    await close()
  })
})

describe('ready', () => {
  test('resolves where the store has nothing to check', async () => {
    const { verifier, store } = makeRig()
    expect(await verifier.ready()).toBeUndefined()
    expect(store.verbs).toEqual([])
  })

  test('is waited for by every call, and the check runs once for all of them', async () => {
    let pass = () => {}
    const check = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          pass = resolve
        }),
    )
    const rig = makeRig({}, check)
    const calls = Promise.all(verbs.map(async ([, call]) => named(await call(rig))))
    await new Promise((resolve) => setImmediate(resolve))
    expect([rig.store.verbs, rig.carrier.calls]).toEqual([[], 0])
    pass()
    expect(await calls).toEqual(['ok', 'invalid_session', 'invalid_session', 'invalid_proof', 'invalid_session', 'ok', 'ok', 'ok'])
    await rig.verifier.ready()
    expect(check).toHaveBeenCalledOnce()
  })

  test.each(verbs.filter(([name]) => name !== 'notify'))('until it passes %s fails closed', async (_, call) => {
    const rig = makeRig({}, () => Promise.reject(new Error(`connect ECONNREFUSED redis://user:secret@10.0.0.1`)))
    const error = await failure(call(rig))
    expect(error).toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_STORE' })
    expect(inspect(error)).not.toContain('secret')
    expect([rig.store.verbs, rig.carrier.calls]).toEqual([[], 0])
  })

  test('a check that failed is tried again by the next call', async () => {
    let up = false
    const check = vi.fn(() => (up ? Promise.resolve() : Promise.reject(new Error('down'))))
    const { send, verifier } = makeRig({}, check)
    expect(await failure(verifier.ready())).toMatchObject({ code: 'ERR_PV_STORE' })
    expect(await failure(send())).toMatchObject({ code: 'ERR_PV_STORE' })
    up = true
    expect(named(await send())).toBe('ok')
    await verifier.ready()
    expect(check).toHaveBeenCalledTimes(3)
  })

  test('a check that throws before it returns fails like any other', async () => {
    const { verifier } = makeRig({}, () => {
      throw new Error('bug')
    })
    expect(await failure(verifier.ready())).toMatchObject({ code: 'ERR_PV_STORE' })
  })

  test('a store that says what to change is heard', async () => {
    const { verifier } = makeRig({}, () =>
      Promise.reject(Object.assign(new Error('maxmemory-policy: must be noeviction'), { code: 'ERR_PV_CONFIGURATION' })),
    )
    expect(await failure(verifier.ready())).toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: 'maxmemory-policy: must be noeviction' })
  })

  test('a check that never answers is ERR_PV_STORE within the deadline of a call', async () => {
    vi.useFakeTimers()
    const { verifier } = makeRig({}, never)
    const failed = failure(verifier.ready())
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failed).toMatchObject({ code: 'ERR_PV_STORE' })
  })
})

describe('close', () => {
  test.each(verbs)('after it %s is ERR_PV_CLOSED', async (_, call) => {
    const rig = makeRig()
    await rig.verifier.close()
    expect(await failure(call(rig))).toMatchObject({ name: 'PhoneVerifyError', code: 'ERR_PV_CLOSED' })
    expect([rig.store.verbs, rig.carrier.calls]).toEqual([[], 0])
  })

  test('may be called twice, and both calls wait for the same', async () => {
    const { verifier, send, carrier } = makeRig({ delivery: 'background' })
    carrier.hold()
    await send()
    const closed = vi.fn()
    const closing = [verifier.close().then(closed), verifier.close().then(closed)]
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).not.toHaveBeenCalled()
    carrier.release()
    await Promise.all(closing)
    expect(closed).toHaveBeenCalledTimes(2)
  })

  test('T-CRS-04: a hundred sends in flight are drained, each once', async () => {
    const { verifier, send, carrier, outbox } = makeRig({ delivery: 'background', limits: unlimited })
    carrier.hold()
    const sends = Array.from({ length: 100 }, (_, index) => send({ phone: `+1415${2_000_000 + index}` }))
    await Promise.all(sends)
    const closing = verifier.close()
    expect(await failure(send())).toMatchObject({ code: 'ERR_PV_CLOSED' })
    carrier.release()
    await closing
    expect(outbox.messages).toHaveLength(100)
    expect(new Set(outbox.messages.map(({ to }) => to)).size).toBe(100)
  })

  test.each(['await', 'background'] as const)('waits for calls that are under way, in %s mode', async (delivery) => {
    const { verifier, send, store, outbox } = makeRig({ delivery })
    let record = () => {}
    const recording = new Promise<void>((resolve) => {
      record = resolve
    })
    store.meddle('open', async (run) => {
      await recording
      return run()
    })
    const sending = send()
    const closing = verifier.close()
    record()
    expect(named(await sending)).toBe('ok')
    await closing
    expect(outbox.messages).toHaveLength(1)
  })

  test('gives up after the deadline of a send, tells what still runs to stop, and sends nothing of what waits', async () => {
    vi.useFakeTimers()
    const { verifier, send, carrier, events } = makeRig({ delivery: 'background', limits: unlimited })
    carrier.hold()
    for (let index = 0; index < 200; index++) await send({ phone: `+1415${2_000_000 + index}` })
    const closed = vi.fn()
    void verifier.close().then(closed)
    await vi.advanceTimersByTimeAsync(9_900)
    expect(closed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    expect(closed).toHaveBeenCalledOnce()
    const { calls } = carrier
    expect(calls).toBeLessThan(200)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(carrier.calls).toBe(calls)
    const ends = events.filter(({ type }) => type === 'background').map((event) => 'outcome' in event && event.outcome)
    expect(ends).toEqual([...Array(calls).fill('ok'), ...Array(200 - calls).fill('ERR_PV_SMS_UNAVAILABLE')])
  })

  test('a retry that waits is not waited for longer than that', async () => {
    vi.useFakeTimers()
    const { verifier, send, carrier } = makeRig({ delivery: 'background', deadlines: { send: 1_000 } })
    carrier.fail('unavailable')
    await send()
    await vi.advanceTimersByTimeAsync(600)
    const closed = vi.fn()
    void verifier.close().then(closed)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(closed).toHaveBeenCalledOnce()
    const { calls } = carrier
    await vi.advanceTimersByTimeAsync(60_000)
    expect(carrier.calls).toBe(calls)
  })
})

describe('waitUntil', () => {
  test('is given a promise that is kept when the background send has ended', async () => {
    const kept = vi.fn()
    const { send, carrier, outbox } = makeRig({ delivery: 'background', waitUntil: (work) => void work.then(kept) })
    carrier.hold()
    await send()
    await new Promise((resolve) => setImmediate(resolve))
    expect(kept).not.toHaveBeenCalled()
    carrier.release()
    await vi.waitFor(() => expect(kept).toHaveBeenCalledOnce())
    expect(outbox.messages).toHaveLength(1)
  })

  test('that throws does not fail the send', async () => {
    const { send, outbox } = makeRig({
      delivery: 'background',
      waitUntil: () => {
        throw new Error('called outside of a request')
      },
    })
    expect(named(await send())).toBe('ok')
    await vi.waitFor(() => expect(outbox.messages).toHaveLength(1))
  })

  test('is not called for a send that leaves while the caller waits, or that a worker delivers', async () => {
    for (const delivery of ['await', 'deferred'] as const) {
      const waitUntil = vi.fn()
      await makeRig({ delivery, waitUntil }).send()
      expect(waitUntil).not.toHaveBeenCalled()
    }
  })
})

describe('jwks', () => {
  const ed25519 = generateKeyPairSync('ed25519')
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const proofKeys: PhoneVerifierOptions['proofKeys'] = [
    { kid: 'new', ...ed25519 },
    { kid: 'old', publicKey: p256.publicKey.export({ format: 'jwk' }) },
  ]

  test('is empty without proofKeys', () => {
    expect(makeRig().verifier.jwks()).toEqual({ keys: [] })
  })

  test('lists the public half of every key, and nothing of the private ones', () => {
    const { keys } = makeRig({ proofKeys }).verifier.jwks()
    expect(keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: 'new', alg: 'EdDSA', use: 'sig' },
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: 'old', alg: 'ES256', use: 'sig' },
    ])
  })

  test('reads the proofs that the first key signs, with any library', async () => {
    const { createLocalJWKSet, jwtVerify } = await import('jose')
    const { start, verify, verifier, clock } = makeRig({ proofKeys, issuer: 'https://auth.example', audience: 'https://shop.example' })
    const { sessionToken, code } = await start({ subject: 'user-1' })
    const verified = await verify(sessionToken, code, { subject: 'user-1' })
    const proof = verified.ok ? verified.proof : ''
    const { payload, protectedHeader } = await jwtVerify(proof, createLocalJWKSet(verifier.jwks() as never), {
      issuer: 'https://auth.example',
      audience: 'https://shop.example',
      typ: 'pv-proof+jwt',
      currentDate: new Date(clock.now()),
    })
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'new', typ: 'pv-proof+jwt' })
    expect(payload).toMatchObject({ phone_number: phone, purpose: 'login', sub: 'user-1' })
    expect(named(await verifier.redeemProof({ proof, purpose: 'login', subject: 'user-1' }))).toBe('ok')
    expect(named(await verifier.redeemProof({ proof, purpose: 'login', subject: 'user-1' }))).toBe('already_redeemed')
  })
})

describe('rotating the secret', () => {
  const [old, fresh] = ['the-old-secret-of-this-test-0123456789', 'the-new-secret-of-this-test-0123456789']

  test('appended, then moved to the front: what either made is good in both, and the counters go on', async () => {
    const { one, other, clock } = makePair({ secret: [old, fresh], indexSecret: old }, { secret: [fresh, old], indexSecret: old })
    const before = await one.start()
    expect(named(await other.verifier.sendCode({ phone, purpose: 'login' }))).toBe('rate_limited sendsPerPhone')
    clock.advance(30_000)
    const after = await other.start()
    expect(named(await other.verify(before.sessionToken, before.code))).toBe('ok')
    const verified = await one.verify(after.sessionToken, after.code)
    expect(named(await other.verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('ok')
  })

  test('a resend in the new deployment sends a code that both accept', async () => {
    const { one, other, clock, outbox } = makePair({ secret: [old, fresh], indexSecret: old }, { secret: [fresh, old], indexSecret: old })
    const { sessionToken } = await one.start()
    clock.advance(30_000)
    const again = accepted(await other.verifier.resendCode({ sessionToken }))
    expect(named(await one.verify(again.sessionToken, outbox.last()?.code))).toBe('ok')
  })

  test('removed, what it made is dead', async () => {
    const { one, other } = makePair({ secret: [old, fresh], indexSecret: old }, { secret: fresh, indexSecret: old })
    const { sessionToken, code } = await one.start()
    const verified = await one.verify(sessionToken, code)
    expect(named(await other.verify(sessionToken, code))).toBe('invalid_session')
    expect(named(await other.verifier.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('invalid_proof')
  })
})

describe('what the visitor says', () => {
  const anything: readonly unknown[] = [
    undefined,
    null,
    '',
    ' ',
    true,
    0,
    123_456,
    Number.NaN,
    123_456n,
    Symbol('x'),
    [],
    ['123456'],
    {},
    { toString: () => '123456' },
    { $ne: null },
    { length: 6 },
    Buffer.from('123456'),
    new Proxy({}, { get: () => () => '123456' }),
    () => '123456',
    'x'.repeat(100_000),
    '\ud800',
    '__proto__',
    '../../etc/passwd',
  ]

  test.each(anything.map((value) => [value]))(
    'may be %o in every field: an outcome, never an exception, and nothing is spent',
    async (value) => {
      const { verifier, start, verify, carrier, asked } = makeRig()
      const { sessionToken, code } = await start()
      const verbs = await asked(async () => {
        expect(await verifier.sendCode({ phone: value, purpose: 'login' })).toEqual({ ok: false, reason: 'invalid_phone_number' })
        expect(await verifier.resendCode({ sessionToken: value })).toEqual({ ok: false, reason: 'invalid_session' })
        expect(await verifier.verifyCode({ sessionToken: value, code, purpose: 'login' })).toEqual({ ok: false, reason: 'invalid_session' })
        expect(await verifier.verifyCode({ sessionToken, code: value, purpose: 'login' })).toEqual({ ok: false, reason: 'malformed_code' })
        if (value !== undefined) {
          const named = await verifier.verifyCode({ sessionToken, code, purpose: 'login', phone: value })
          expect(named).toEqual({ ok: false, reason: 'invalid_session' })
        }
        expect(await verifier.redeemProof({ proof: value, purpose: 'login' })).toEqual({ ok: false, reason: 'invalid_proof' })
        expect(await verifier.deliver(value)).toEqual({ ok: false, reason: 'invalid_session' })
        expect(await verifier.notify({ phone: value, template: 'password_changed' })).toEqual({ ok: false, reason: 'invalid_phone_number' })
        expect(await verifier.unlock({ phone: value })).toEqual({ ok: false, reason: 'invalid_phone_number' })
        expect(await verifier.forget({ phone: value })).toEqual({ ok: false, reason: 'invalid_phone_number' })
      })
      expect(verbs).toEqual([])
      expect(carrier.calls).toBe(1)
      expect(await makeRig().send({ locale: value })).toMatchObject({ ok: true })
      expect(named(await verify(sessionToken, code))).toBe('ok')
    },
  )
})

describe('what the server says', () => {
  const ids = [null, '', 7, true, {}, [], 'x'.repeat(257), '\ud800'] as const
  const records = [
    null,
    7,
    'x',
    [],
    { nested: {} },
    { list: [] },
    { missing: undefined },
    { nil: null },
    { big: 1n },
    { nan: Number.NaN },
  ] as const
  const fields = {
    purpose: [undefined, null, '', 7, 'never_declared', '__proto__', 'toString', ['login']],
    tenant: ids,
    subject: ids,
    payload: records,
    context: [...records, { flag: true }],
    client: [null, 7, 'x', [], { id: '' }, { id: 7 }, { ip: null }, { ip: 'x'.repeat(65) }],
    idempotencyKey: ids,
    channel: [null, '', 'voice', 7],
    decoy: [null, 'true', 1],
  } as const
  const table = Object.entries(fields).flatMap(([field, values]) => values.map((value) => [field, value] as const))

  test.each(table)('a %s that is %o is ERR_PV_ARGUMENT that names it, and nothing is asked of the store', async (field, value) => {
    const { verifier, store, carrier } = makeRig()
    const asked = { phone, purpose: 'login', sessionToken: 'x', code: '123456', proof: 'x', [field]: value } as never
    const takes: Readonly<Record<string, readonly string[]>> = {
      sendCode: Object.keys(fields),
      resendCode: ['tenant', 'subject', 'client'],
      verifyCode: ['purpose', 'tenant', 'subject', 'payload', 'client'],
      redeemProof: ['purpose', 'tenant', 'subject', 'payload'],
      unlock: ['tenant', 'subject', ...(value === undefined ? [] : ['purpose'])],
      forget: ['tenant'],
    }
    for (const [verb, taken] of Object.entries(takes)) {
      if (!taken.includes(field)) continue
      const error = await failure(verifier[verb as 'sendCode'](asked))
      expect([verb, error.code, error.field?.split('.')[0]]).toEqual([verb, 'ERR_PV_ARGUMENT', field])
      expect(error.message).toMatch(new RegExp(`^${field}`))
    }
    expect([store.verbs, carrier.calls]).toEqual([[], 0])
  })

  test.each(verbs.map(([name]) => [name]).filter(([name]) => name !== 'deliver'))(
    'no request at all is ERR_PV_ARGUMENT to %s',
    async (name) => {
      const { verifier } = makeRig()
      for (const request of [undefined, null, 7, 'x']) {
        expect(await failure(verifier[name as 'sendCode'](request as never))).toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'request' })
      }
    },
  )

  test('undefined is absent, and so is a client that says nothing', async () => {
    const { verifier } = makeRig()
    const nothing = {
      tenant: undefined,
      subject: undefined,
      payload: undefined,
      context: undefined,
      idempotencyKey: undefined,
      decoy: undefined,
    }
    const sent = await verifier.sendCode({
      phone,
      purpose: 'login',
      ...nothing,
      client: {},
      channel: undefined,
      signal: undefined,
      locale: undefined,
    })
    expect(named(sent)).toBe('ok')
  })

  test('what a polluted Object.prototype says is said by nobody', async () => {
    const { send, verify, lastCode } = makeRig({ tenants: () => undefined })
    const polluted = Object.prototype as Record<string, unknown>
    try {
      Object.assign(polluted, { tenant: 'acme', subject: 'admin', decoy: true, idempotencyKey: 'k' })
      const { sessionToken } = accepted(await send())
      expect(await verify(sessionToken, lastCode())).toMatchObject({ ok: true })
    } finally {
      for (const name of ['tenant', 'subject', 'decoy', 'idempotencyKey']) delete polluted[name]
    }
  })
})

/** Everything that is decided in a visit of every kind, and every word that must not be in an event. */
async function everything(rig: Rig) {
  const { verifier, start, send, resend, verify, carrier, settled, clock, outbox } = rig
  const asked = {
    tenant: 'acme',
    subject: 'user-4711',
    payload: { amount: '49.90 EUR' },
    context: { city: 'Villeurbanne' },
    client: { ip: '192.0.2.77' },
  }
  const bound = { tenant: asked.tenant, subject: asked.subject, payload: asked.payload }
  const secrets: string[] = []
  const first = await start({ ...asked, idempotencyKey: 'key-0815' })
  await send({ ...asked, idempotencyKey: 'key-0815' })
  await send({ ...asked, purpose: 'login' })
  const again = await resend(first.sessionToken, bound)
  clock.advance(30_000)
  const resent = await resend(first.sessionToken, bound)
  await verify(first.sessionToken, wrong(first.code), bound)
  await verify(first.sessionToken, 'letters', bound)
  await verify('forged', first.code, bound)
  const verified = await verify(first.sessionToken, first.code, bound)
  const proof = verified.ok ? verified.proof : ''
  await verifier.redeemProof({ proof, purpose: 'login', ...bound })
  await verifier.redeemProof({ proof: 'forged', purpose: 'login' })
  for (const how of ['refused', 'unavailable', 'unknown'] as const) {
    clock.advance(3_600_000)
    carrier.fail(how, 1)
    await send(asked).catch(() => undefined)
  }
  clock.advance(3_600_000)
  const reset = await start({ ...asked, purpose: 'password_reset' })
  clock.advance(3_600_000)
  await send({ ...asked, purpose: 'password_reset', decoy: true })
  await verifier.deliver(reset.sessionToken)
  await verifier.notify({ phone, template: 'password_changed', tenant: 'acme' })
  await verifier.unlock({ phone, tenant: 'acme', subject: asked.subject })
  await verifier.forget({ phone, tenant: 'acme' })
  await send({ phone: 'no number 4155552671' })
  await failure(send({ purpose: 'never_declared' }))
  await settled()
  const tokens = [first.sessionToken, reset.sessionToken, proof, ...[again, resent].flatMap((sent) => (sent.ok ? [sent.sessionToken] : []))]
  const codes = outbox.messages.flatMap(({ code }) => (code === undefined ? [] : [code]))
  secrets.push(
    ...tokens,
    ...codes,
    phone.slice(1),
    phone.slice(2),
    '555-2671',
    asked.subject,
    'key-0815',
    '49.90',
    'Villeurbanne',
    '192.0.2.77',
  )
  return secrets
}

describe('events', () => {
  test('tell every decision, and hold no code, phone, token, subject, payload, key or address', async () => {
    const heard: unknown[] = []
    const listen = (message: unknown) => {
      heard.push(message)
    }
    subscribe('phone-verify', listen)
    try {
      const rig = makeRig()
      const secrets = await everything(rig)
      expect(new Set(rig.events.map(({ type }) => type))).toEqual(
        new Set(['send', 'resend', 'verify', 'redeem', 'deliver', 'notify', 'unlock', 'forget', 'background', 'warning']),
      )
      // Digits of an instant or a duration are nobody's code.
      const told = [...rig.events, ...heard].map((event) => ({ ...(event as PhoneVerifyEvent), at: 0, durationMs: 0 }))
      const text = told.map((event) => `${JSON.stringify(event)} ${inspect(event, { depth: Infinity, showHidden: true })}`).join('\n')
      for (const secret of secrets) expect(text).not.toContain(secret)
    } finally {
      unsubscribe('phone-verify', listen)
    }
  })

  const at = expect.any(Number)
  const durationMs = expect.any(Number)
  const challenge = expect.stringMatching(/^[\w-]{22}$/)

  test('one event tells a send', async () => {
    const { send, events, clock } = makeRig()
    await send({ tenant: 'acme', client: { id: 'c' } })
    const said = {
      type: 'send',
      outcome: 'ok',
      purpose: 'login',
      tenant: 'acme',
      country: 'US',
      challenge,
      delivery: 'accepted',
      backend: 'outbox',
    }
    expect(events).toEqual([{ ...said, at: clock.now(), durationMs }])
    expect(Object.isFrozen(events[0])).toBe(true)
  })

  test('one event tells a wrong guess, and one a right one; the challenge has the same name in all', async () => {
    const { start, verify, events } = makeRig()
    const { sessionToken, code } = await start({ client: { id: 'c' } })
    await verify(sessionToken, wrong(code))
    await verify(sessionToken, code)
    const said = { type: 'verify', purpose: 'login', country: 'US', challenge, at, durationMs }
    expect(events.slice(1)).toEqual([
      { ...said, outcome: 'incorrect_code', attemptsLeft: 4 },
      { ...said, outcome: 'ok', attemptsLeft: 3 },
    ])
    expect(new Set(events.map((event) => 'challenge' in event && event.challenge)).size).toBe(1)
  })

  test('a refusal is told with the limit that was full', async () => {
    const { send, events } = makeRig()
    await send({ client: { id: 'c' } })
    await send({ client: { id: 'c' } })
    expect(events[1]).toMatchObject({ type: 'send', outcome: 'rate_limited', limit: 'sendsPerPhone' })
  })

  test('what is thrown is told by its code', async () => {
    const { send, store, carrier, events } = makeRig()
    await failure(send({ purpose: 'never_declared', client: { id: 'c' } }))
    carrier.fail('unavailable', 1)
    await failure(send({ client: { id: 'c' } }))
    store.meddle('open', () => Promise.reject(new Error('down')))
    await failure(send({ client: { id: 'c' } }))
    expect(events.map((event) => 'outcome' in event && event.outcome)).toEqual([
      'ERR_PV_ARGUMENT',
      'ERR_PV_SMS_UNAVAILABLE',
      'ERR_PV_STORE',
    ])
    expect(events[1]).toMatchObject({ backend: 'outbox' })
  })

  test('a background send is told when its end is known', async () => {
    const { send, events, settled, carrier } = makeRig({ delivery: 'background' })
    carrier.hold()
    await send({ client: { id: 'c' } })
    expect(events.map(({ type }) => type)).toEqual(['send'])
    carrier.release()
    await settled()
    expect(events[1]).toEqual({
      type: 'background',
      outcome: 'ok',
      delivery: 'accepted',
      backend: 'outbox',
      purpose: 'login',
      country: 'US',
      decoy: false,
      challenge,
      at,
      durationMs,
    })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('bug')
      },
    ],
    ['rejects', () => Promise.reject(new Error('bug'))],
    ['never settles', never],
  ])('a listener that %s reaches no caller', async (_, onEvent) => {
    const { start, verify } = makeRig({ onEvent })
    const { sessionToken, code } = await start()
    expect(named(await verify(sessionToken, code))).toBe('ok')
    await new Promise((resolve) => setImmediate(resolve))
  })

  test('are on the diagnostics channel too, with or without onEvent', async () => {
    const heard: unknown[] = []
    const listen = (message: unknown) => {
      heard.push(message)
    }
    const verifier = createPhoneVerifier({
      store: memoryStore(),
      sms: outboxBackend(),
      secret: 'a-secret-of-this-test-0123456789abcdef',
      appName: 'Test',
      countries: '*',
    })
    subscribe('phone-verify', listen)
    try {
      await verifier.sendCode({ phone, purpose: 'login', client: { id: 'c' } })
      const { send, events } = makeRig()
      await send({ client: { id: 'c' } })
      expect(heard).toEqual([expect.objectContaining({ type: 'send', outcome: 'ok' }), events[0] as PhoneVerifyEvent])
    } finally {
      unsubscribe('phone-verify', listen)
    }
    await verifier.sendCode({ phone, purpose: 'registration', client: { id: 'c' } })
    expect(heard).toHaveLength(2)
  })
})

describe('errors', () => {
  test('what a provider, a store, tenants or admit throw is in no error of ours', async () => {
    const leak = 'Authorization: Basic QUM1ZjFkOnNlY3JldA=='
    const bad = (error: Error) => Object.assign(error, { cause: new Error(leak), request: { headers: { leak } }, phone })
    const down = makeRig()
    down.store.meddle('open', () => Promise.reject(bad(new Error(`SET ${phone} ${leak}`))))
    const provider = makeRig()
    vi.spyOn(provider.carrier, 'send').mockRejectedValue(
      bad(Object.assign(new Error(`POST ${leak} To=${phone}`), { code: 'ERR_PV_SMS_UNAVAILABLE', backend: leak, providerCode: phone })),
    )
    const tenants = makeRig({ tenants: () => Promise.reject(bad(new Error(leak))) })
    for (const call of [down.send(), provider.send(), tenants.send({ tenant: 'acme' })]) {
      const error = await failure(call)
      expect(error).toMatchObject({ name: 'PhoneVerifyError' })
      const text = `${inspect(error, { depth: Infinity, showHidden: true })} ${JSON.stringify(error)} ${(error as Error).stack}`
      for (const secret of [leak, phone.slice(1)]) expect(text).not.toContain(secret)
    }
  })

  test('an error says its code, and where there is one the backend and the code of the provider', async () => {
    const { send, carrier } = makeRig()
    vi.spyOn(carrier, 'send').mockRejectedValue(
      Object.assign(new Error('no'), { code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'twilio', providerCode: '20429' }),
    )
    expect(await failure(send())).toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'twilio', providerCode: '20429' })
  })
})

test('two verifiers with the same secret and store are one', async () => {
  const store = memoryStore()
  const options = {
    store,
    sms: outboxBackend(),
    secret: 'a-secret-of-this-test-0123456789abcdef',
    appName: 'Test',
    countries: '*',
  } as const
  const [one, other] = [createPhoneVerifier(options), createPhoneVerifier(options)]
  const { sessionToken } = accepted(await one.sendCode({ phone, purpose: 'login' }))
  const verified = await other.verifyCode({ sessionToken, code: options.sms.last()?.code, purpose: 'login' })
  expect(named(await one.redeemProof({ proof: verified.ok ? verified.proof : '', purpose: 'login' }))).toBe('ok')
})
