import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { createPhoneVerifier } from '../../src/index.js'
import type { SmsBackend } from '../../src/sms/backend.js'
import { type FallbackFailure, type FallbackOptions, fallback } from '../../src/sms/fallback.js'
import { memoryStore } from '../../src/store/memory.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { makeLeaf, makeMessage, outcomeOf } from './fallback-leaf.js'

const makePair = (options: FallbackOptions = {}) => {
  const [a, b] = [makeLeaf('a'), makeLeaf('b')]
  const heard: FallbackFailure[] = []
  const backend = fallback([a.carrier, b.carrier], { onFailure: (failure) => heard.push(failure), ...options })
  return { a, b, heard, backend, counts: () => [a.messages.length, b.messages.length] }
}

describe.each([
  ['two leaves', false],
  ['a leaf behind one that is down', true],
])('contract over %s', (_, isDown) => {
  const makeBackend = () => {
    const { a, b, backend } = makePair()
    if (isDown) a.carrier.fail('unavailable')
    return {
      backend,
      delivered: () => [...a.messages, ...b.messages],
      fail(how: 'refused' | 'unavailable' | 'unknown') {
        if (!isDown) a.carrier.fail(how)
        b.carrier.fail(how)
      },
      names: ['a', 'b', 'fallback'],
    }
  }
  backendContract({ test, makeBackend, canFail: true })
})

describe('what a backend says decides', () => {
  test.each([
    ['unavailable', 'b', [0, 1]],
    ['refused', 'ERR_PV_SMS_REFUSED', [0, 0]],
    ['configuration', 'ERR_PV_CONFIGURATION', [0, 0]],
    ['unknown', 'ERR_PV_SMS_UNKNOWN', [1, 0]],
  ] as const)('%s from the first', async (how, outcome, counts) => {
    const pair = makePair()
    pair.a.carrier.fail(how, 1, { sent: true })
    expect(await outcomeOf(pair.backend.send(makeMessage()))).toBe(outcome)
    expect(pair.counts()).toEqual(counts)
  })

  test('a message that may have been sent goes to one more where the application opted in, with the same text', async () => {
    const pair = makePair({ failoverOnUnknown: true })
    pair.a.carrier.fail('unknown', 1, { sent: true })
    expect(await outcomeOf(pair.backend.send(makeMessage()))).toBe('b')
    expect(pair.b.messages).toEqual(pair.a.messages)
    expect(pair.counts()).toEqual([1, 1])
  })

  test('to two at most: a third is not asked', async () => {
    const leaves = ['a', 'b', 'c'].map(makeLeaf)
    for (const { carrier } of leaves) carrier.fail('unknown', 1, { sent: true })
    const backend = fallback(
      leaves.map(({ carrier }) => carrier),
      { failoverOnUnknown: true },
    )
    expect(await outcomeOf(backend.send(makeMessage()))).toBe('ERR_PV_SMS_UNKNOWN')
    expect(leaves.map(({ messages }) => messages.length)).toEqual([1, 1, 0])
  })

  test.each(['refused', 'unavailable', 'configuration'] as const)('unknown, then %s, is unknown still', async (how) => {
    const pair = makePair({ failoverOnUnknown: true })
    pair.a.carrier.fail('unknown', 1, { sent: true })
    pair.b.carrier.fail(how)
    await expect(pair.backend.send(makeMessage())).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', backend: 'a' })
  })

  test.each([
    ['a rejection of its own', () => Promise.reject(new Error('boom'))],
    ['a rejection with nothing', () => Promise.reject(undefined)],
    ['an exception', () => assertNever()],
    ['a code that is not of the four', () => Promise.reject(Object.assign(new Error('x'), { code: 'ERR_PV_STORE' }))],
  ])('%s may have been sent', async (_, send) => {
    const b = makeLeaf('b')
    const backend = fallback([{ name: 'a', send }, b.carrier])
    await expect(backend.send(makeMessage())).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', backend: 'a' })
    expect(b.carrier.calls).toBe(0)
  })

  const assertNever = (): never => {
    throw new Error('boom')
  }

  test('the receipt is the leaf`s own', async () => {
    const { a, backend } = makePair()
    a.carrier.fail('unavailable', 1)
    expect(await backend.send(makeMessage())).toEqual({ backend: 'b', messageId: 'b-1' })
  })

  test('nothing is asked with a signal that was aborted before', async () => {
    const { a, b, backend } = makePair()
    await expect(backend.send(makeMessage(), AbortSignal.abort())).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect([a.carrier.calls, b.carrier.calls]).toEqual([0, 0])
  })
})

describe('time', () => {
  /** Lets the send end on a clock that only the test moves, and tells when it did. */
  const onFakeTime = async (sending: () => Promise<{ readonly backend: string }>) => {
    vi.useFakeTimers()
    try {
      const beganAt = performance.now()
      const ended = outcomeOf(sending()).then((outcome) => ({ outcome, tookMs: Math.round(performance.now() - beganAt) }))
      await vi.advanceTimersByTimeAsync(30_000)
      return await ended
    } finally {
      vi.useRealTimers()
    }
  }

  /** Answers only to being told to stop. */
  const deaf: SmsBackend = { name: 'deaf', send: () => new Promise(() => {}) }
  const connecting: SmsBackend = {
    name: 'connecting',
    send: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(Object.assign(new Error('x'), { code: 'ERR_PV_SMS_UNAVAILABLE' })))
      }),
  }

  test('T-PRV-02: one that never answers may have sent: no second SMS, and the send ends within its time', async () => {
    const b = makeLeaf('b')
    expect(await onFakeTime(() => fallback([deaf, b.carrier], { timeoutMs: 10_000 }).send(makeMessage()))).toEqual({
      outcome: 'ERR_PV_SMS_UNKNOWN',
      tookMs: 5_000,
    })
    expect(b.carrier.calls).toBe(0)
  })

  test('one that was still connecting when its share was over has not sent: the next does', async () => {
    const b = makeLeaf('b')
    const sending = () => fallback([connecting, b.carrier], { timeoutMs: 10_000 }).send(makeMessage())
    expect(await onFakeTime(sending)).toEqual({ outcome: 'b', tookMs: 4_950 })
  })

  test('T-PRV-03: all silent, opted in: the total is timeoutMs', async () => {
    const silent = ['a', 'b', 'c'].map((name) => ({ ...deaf, name }))
    const backend = fallback(silent, { failoverOnUnknown: true, timeoutMs: 3_000 })
    expect(await onFakeTime(() => backend.send(makeMessage()))).toEqual({ outcome: 'ERR_PV_SMS_UNKNOWN', tookMs: 2_000 })
    const connectors = ['a', 'b', 'c'].map((name) => ({ ...connecting, name }))
    const sending = () => fallback(connectors, { timeoutMs: 3_000 }).send(makeMessage())
    const { outcome, tookMs } = await onFakeTime(sending)
    expect(outcome).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(tookMs).toBeGreaterThan(2_800)
    expect(tookMs).toBeLessThanOrEqual(3_000)
  })

  test('attemptTimeoutMs ends an attempt sooner', async () => {
    const backend = fallback([deaf], { attemptTimeoutMs: 400 })
    expect(await onFakeTime(() => backend.send(makeMessage()))).toEqual({ outcome: 'ERR_PV_SMS_UNKNOWN', tookMs: 400 })
  })

  test('nobody is asked after the caller has gone, whatever the backend then says', async () => {
    for (const [first, code] of [
      [connecting, 'ERR_PV_SMS_UNAVAILABLE'],
      [deaf, 'ERR_PV_SMS_UNKNOWN'],
    ] as const) {
      const b = makeLeaf('b')
      const controller = new AbortController()
      const backend = fallback([first, b.carrier], { failoverOnUnknown: true })
      setImmediate(() => controller.abort())
      expect(await outcomeOf(backend.send(makeMessage(), controller.signal))).toBe(code)
      expect(b.carrier.calls).toBe(0)
    }
  })

  test('nothing stays behind on the caller`s signal', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { a, backend } = makePair()
    a.carrier.fail('unavailable', 1)
    await backend.send(makeMessage(), signal)
    const of = (spy: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }) =>
      spy.mock.calls.map(([, listener]) => listener)
    expect(of(added)).toHaveLength(2)
    expect(of(removed)).toEqual(of(added))
  })
})

describe('onFailure', () => {
  test('hears who failed, how, and who is next', async () => {
    const { a, b, heard, backend } = makePair()
    a.carrier.fail('unavailable', 1)
    b.carrier.fail('refused', 1)
    await outcomeOf(backend.send(makeMessage()))
    expect(heard).toEqual([
      { backend: 'a', code: 'ERR_PV_SMS_UNAVAILABLE', providerCode: undefined, next: 'b' },
      { backend: 'b', code: 'ERR_PV_SMS_REFUSED', providerCode: undefined, next: undefined },
    ])
  })

  test.each([
    ['throws', () => assert()],
    ['rejects', () => Promise.reject(new Error('boom')) as never],
  ])('may fail: it %s', async (_, onFailure) => {
    const { a, backend } = makePair({ onFailure })
    a.carrier.fail('unavailable', 1)
    expect(await outcomeOf(backend.send(makeMessage()))).toBe('b')
    await new Promise((resolve) => setImmediate(resolve))
  })

  const assert = () => {
    throw new Error('boom')
  }
})

test('nothing of the message or of a credential is in errors or in what onFailure hears', async () => {
  const { to, text, code } = makeMessage()
  const secret = 'token-f3b1'
  const leaking = (name: string, errorCode: string): SmsBackend => ({
    name,
    send: async () => {
      const words = { code: errorCode, backend: `${secret} ${to}`, providerCode: `code-${code}`, config: { auth: secret, text } }
      throw Object.assign(new Error(`${to} ${text} ${secret}`, { cause: new Error(secret) }), words)
    },
  })
  for (const errorCode of [
    'ERR_PV_SMS_UNAVAILABLE',
    'ERR_PV_SMS_REFUSED',
    'ERR_PV_SMS_UNKNOWN',
    'ERR_PV_CONFIGURATION',
    'ECONNRESET',
    secret,
  ]) {
    const out: unknown[] = []
    const backend = fallback([leaking('a', errorCode), leaking('b', errorCode)], { onFailure: (failure) => out.push(failure) })
    await backend.send(makeMessage()).catch((error) => out.push(error))
    expect(out.length).toBeGreaterThan(1)
    const said = inspect(out, { depth: 9, showHidden: true }) + JSON.stringify(out)
    for (const part of [to.slice(1), text, code as string, secret]) expect(said).not.toContain(part)
  }
})

test('a provider`s code goes along', async () => {
  const busy = Object.assign(new Error('x'), { code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'twilio', providerCode: '20429' })
  const backend = fallback([{ name: 'a', send: () => Promise.reject(busy) }])
  await expect(backend.send(makeMessage())).rejects.toMatchObject({ backend: 'twilio', providerCode: '20429' })
})

describe('under a verifier', () => {
  const begin = async (pair: ReturnType<typeof makePair>) => {
    const options = { store: memoryStore(), secret: 'w9Tn4kPq7Lx2Vb8Zr5Jd3Hs6Gf1YcMaE', appName: 'Acme', countries: '*' } as const
    const verifier = createPhoneVerifier({ ...options, sms: pair.backend })
    const sent = await verifier.sendCode({ phone: '+33612345678', purpose: 'login' })
    const codes = [...pair.a.messages, ...pair.b.messages].map(({ code }) => code)
    const { sessionToken } = sent as { readonly sessionToken: string }
    return { sent, codes, verify: () => verifier.verifyCode({ sessionToken, code: codes[0], purpose: 'login' }) }
  }

  test('T-PRV-01: certainly not sent by A, sent by B: one SMS', async () => {
    const pair = makePair()
    pair.a.carrier.fail('unavailable')
    const { sent, codes, verify } = await begin(pair)
    expect(sent).toMatchObject({ ok: true })
    expect(codes).toHaveLength(1)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('T-PRV-02: perhaps sent by A: delivery unknown, one SMS, and its code verifies', async () => {
    const pair = makePair()
    pair.a.carrier.fail('unknown', 1, { sent: true })
    const { sent, codes, verify } = await begin(pair)
    expect(sent).toMatchObject({ ok: true, delivery: 'unknown' })
    expect([codes.length, pair.b.carrier.calls]).toEqual([1, 0])
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('T-PRV-03: opted in: two SMS with one code', async () => {
    const pair = makePair({ failoverOnUnknown: true })
    pair.a.carrier.fail('unknown', 1, { sent: true })
    const { codes, verify } = await begin(pair)
    expect(codes).toHaveLength(2)
    expect(new Set(codes).size).toBe(1)
    expect(await verify()).toMatchObject({ ok: true })
  })
})
