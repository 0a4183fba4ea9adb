import { createPhoneClient } from 'phone-verify/client'
import { afterEach, expect, test, vi } from 'vitest'
import { waitForCode } from '../../src/client/web-otp.js'

const code = '482913'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** A browser with WebOTP, whose user does this. */
function stubBrowser(get: (options: { readonly signal?: AbortSignal }) => unknown): void {
  vi.stubGlobal('OTPCredential', class {})
  vi.stubGlobal('navigator', { credentials: { get } })
}

test('asks for an SMS, with the signal where there is one, and gives the code', async () => {
  const asked: unknown[] = []
  stubBrowser(async (options) => {
    asked.push(options)
    return { code }
  })
  const { signal } = new AbortController()
  expect([await waitForCode(), await waitForCode({ signal })]).toEqual([code, code])
  expect(asked).toEqual([{ otp: { transport: ['sms'] } }, { otp: { transport: ['sms'] }, signal }])
  // A browser takes an undefined signal for a wrong one.
  expect(asked[0]).not.toHaveProperty('signal')
})

test('the client has it as it is', () => {
  expect(createPhoneClient({ baseUrl: '' }).waitForCode).toBe(waitForCode)
})

test('where the browser has no WebOTP it asks for nothing', async () => {
  const get = vi.fn(async () => ({ code }))
  expect(await waitForCode()).toBeUndefined()
  vi.stubGlobal('navigator', { credentials: { get } })
  expect(await waitForCode()).toBeUndefined()
  expect(get).not.toHaveBeenCalled()
  // WebOTP, and yet no credentials: a page without TLS.
  vi.stubGlobal('OTPCredential', class {})
  for (const navigator of [undefined, {}, { credentials: undefined }, { credentials: {} }]) {
    vi.stubGlobal('navigator', navigator)
    expect(await waitForCode()).toBeUndefined()
  }
})

test.each<readonly [what: string, get: () => unknown]>([
  ['gives nothing', async () => null],
  ['gives a credential without a code', async () => ({})],
  ['gives a code that is no text', async () => ({ code: 482_913 })],
  ['is declined', () => Promise.reject(new Error('declined'))],
  [
    'throws',
    () => {
      throw new TypeError('not allowed')
    },
  ],
])('a browser that %s gives undefined', async (_, get) => {
  stubBrowser(get)
  expect(await waitForCode()).toBeUndefined()
})

test('aborted meanwhile, it gives undefined', async () => {
  stubBrowser(({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))))
  const gone = new AbortController()
  const waiting = waitForCode({ signal: gone.signal })
  gone.abort()
  expect(await waiting).toBeUndefined()
})
