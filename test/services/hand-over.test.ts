import { getEventListeners } from 'node:events'
import type { SmsBackend, SmsMessage } from 'phone-verify'
import { PhoneVerifyError } from 'phone-verify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createHandOver } from '../../src/services/hand-over.js'
import { holdsNothing } from '../../src/testing/holds-nothing.js'

const message: SmsMessage = {
  to: '+14155552671' as SmsMessage['to'],
  text: '482913 is your Acme code.',
  code: '482913',
  purpose: 'login',
  context: {},
}

const call = { signal: undefined, remainingMs: () => 10_000 }

const over = (send: SmsBackend['send'], providerMs = 5_000) => createHandOver({ sms: { name: 'leaf', send }, providerMs })

const failing = (error: unknown) => over(() => Promise.reject(error))

afterEach(() => {
  vi.useRealTimers()
})

describe('createHandOver', () => {
  test('hands the message over as it is, once, and passes the receipt on', async () => {
    const send = vi.fn(async () => ({ backend: 'leaf', messageId: 'SM1', segments: 1 }))
    expect(await over(send)(message, call)).toEqual({ status: 'accepted', receipt: { backend: 'leaf', messageId: 'SM1', segments: 1 } })
    expect(send).toHaveBeenCalledExactlyOnceWith(message, expect.any(AbortSignal))
  })

  test('takes a receipt that says nothing for an accepted one', async () => {
    const silent = over(async () => undefined as never)
    expect(await silent(message, call)).toEqual({ status: 'accepted', receipt: { backend: 'leaf', messageId: null } })
  })

  test.each([
    ['ERR_PV_SMS_REFUSED', 'refused'],
    ['ERR_PV_SMS_UNAVAILABLE', 'unavailable'],
    ['ERR_PV_SMS_UNKNOWN', 'unknown'],
    ['ERR_PV_CONFIGURATION', 'misconfigured'],
  ] as const)('%s means %s', async (code, status) => {
    const error = new PhoneVerifyError(code, `no ${message.code} to ${message.to}`, { backend: 'inner', providerCode: '21610' })
    const delivered = await failing(error)(message, call)
    expect(delivered).toMatchObject({ status, error: { name: 'PhoneVerifyError', code, backend: 'inner', providerCode: '21610' } })
  })

  test.each([
    ['an error of a client', new Error('socket hang up')],
    ['an error with a code of its own', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    ['an error with the name of a property of every object', Object.assign(new Error('odd'), { code: 'constructor' })],
    ['another error of this library', new PhoneVerifyError('ERR_PV_STORE', 'no')],
    ['nothing', undefined],
    ['null', null],
    ['a string', 'no'],
  ])('%s may have been sent', async (_, error) => {
    expect(await failing(error)(message, call)).toMatchObject({ status: 'unknown', error: { code: 'ERR_PV_SMS_UNKNOWN', backend: 'leaf' } })
  })

  test('a backend that throws before it returns may have sent', async () => {
    const throwing = over(() => {
      throw new Error('bug')
    })
    expect(await throwing(message, call)).toMatchObject({ status: 'unknown' })
  })

  test('makes every error anew: nothing of the message, the provider or its words is in it', async () => {
    const secret = 'Basic QUM1ZjFkOnNlY3JldA=='
    const said = new PhoneVerifyError('ERR_PV_SMS_REFUSED', `${message.text} ${secret}`, {
      backend: `leaf ${message.to}`,
      providerCode: message.code,
    })
    Object.assign(said, { cause: new Error(message.text), request: { headers: { authorization: secret } } })
    const delivered = await failing(said)(message, call)
    if (delivered.status === 'accepted') throw new Error('it was refused')
    holdsNothing(delivered.error, message, [secret])
    expect(delivered.error).toMatchObject({ backend: 'leaf' })
    expect(delivered.error).not.toHaveProperty('providerCode')
  })

  test('a provider that outlasts its deadline may have sent, and is told to stop', async () => {
    vi.useFakeTimers()
    const signals: (AbortSignal | undefined)[] = []
    const handOver = over((_, signal) => {
      signals.push(signal)
      return new Promise(() => {})
    }, 5_000)
    const settled = vi.fn()
    void handOver(message, call).then(settled)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(settled).not.toHaveBeenCalled()
    expect(signals[0]?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ status: 'unknown' }))
    expect(signals[0]?.aborted).toBe(true)
  })

  test('a provider gets no more time than the call has left, less what it takes to answer', async () => {
    vi.useFakeTimers()
    const settled = vi.fn()
    void over(() => new Promise(() => {}))(message, { signal: undefined, remainingMs: () => 1_000 }).then(settled)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(settled).toHaveBeenCalledOnce()
  })

  test('what a late provider does is heard by nobody', async () => {
    vi.useFakeTimers()
    let reject = (_: Error) => {}
    const late = over(
      () =>
        new Promise((_, no) => {
          reject = no
        }),
      10,
    )
    const settled = late(message, call)
    await vi.advanceTimersByTimeAsync(10)
    reject(new Error('late'))
    expect((await settled).status).toBe('unknown')
  })

  test('a caller that leaves is passed on to the provider', async () => {
    const caller = new AbortController()
    const cut = over(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new PhoneVerifyError('ERR_PV_SMS_UNKNOWN', 'cut off')))
        }),
    )
    const sending = cut(message, { ...call, signal: caller.signal })
    caller.abort()
    expect(await sending).toMatchObject({ status: 'unknown' })
  })

  test('nothing is handed over for a caller that has left', async () => {
    const send = vi.fn(async () => ({ backend: 'leaf', messageId: null }))
    const delivered = await over(send)(message, { ...call, signal: AbortSignal.abort() })
    expect(delivered).toMatchObject({ status: 'unavailable', error: { code: 'ERR_PV_SMS_UNAVAILABLE' } })
    expect(send).not.toHaveBeenCalled()
  })

  test('leaves no listener on the signal of its caller', async () => {
    const { signal } = new AbortController()
    await over(async () => ({ backend: 'leaf', messageId: null }))(message, { ...call, signal })
    await failing(new Error('no'))(message, { ...call, signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
