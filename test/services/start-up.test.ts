import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import { createCall } from '../../src/services/call.js'
import { createStartUp } from '../../src/services/start-up.js'
import type { Store } from '../../src/store/store.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Start-up checks of a store that has only these. */
const startUpOf = (check?: Store['check']) => createStartUp({ store: { ...(check && { check }) } as Store, checkMs: 5_000, warn: () => {} })
const pass = (startUp: ReturnType<typeof startUpOf>, ms = 1_000) =>
  startUp.pass(createCall(ms)).then(
    () => 'passed',
    (error: unknown) => error,
  )

describe('the start-up checks of a store', () => {
  test('that has none have passed', async () => {
    const startUp = startUpOf()
    expect(startUp.passed()).toBe(true)
    expect(await pass(startUp)).toBe('passed')
  })

  test('are run once, however many calls wait for them, and none before the first call', async () => {
    const check = vi.fn(async () => {})
    const startUp = startUpOf(check)
    expect([startUp.passed(), check.mock.calls.length]).toEqual([false, 0])
    expect(await Promise.all([pass(startUp), pass(startUp), pass(startUp)])).toEqual(['passed', 'passed', 'passed'])
    expect(await pass(startUp)).toBe('passed')
    expect([startUp.passed(), check.mock.calls.length]).toEqual([true, 1])
  })

  test('are the store’s own: check needs its this', async () => {
    const store = {
      well: true,
      check: vi.fn(async function (this: { readonly well?: boolean }) {
        if (!this?.well) throw new Error('no this')
      }),
    }
    expect(await pass(createStartUp({ store: store as unknown as Store, checkMs: 5_000, warn: () => {} }))).toBe('passed')
  })

  test('say what deserves a look', async () => {
    const warn = vi.fn()
    const check: Store['check'] = async (heard) => heard?.('store_not_persistent')
    expect(await pass(createStartUp({ store: { check } as Store, checkMs: 5_000, warn }))).toBe('passed')
    expect(warn.mock.calls).toEqual([['store_not_persistent']])
  })

  // G12: no call before they pass.
  test('that fail close every call, and are run again by the next', async () => {
    const check = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new Error('x'))
      .mockRejectedValueOnce(new Error('x'))
      .mockResolvedValue()
    const startUp = startUpOf(check)
    expect(await Promise.all([pass(startUp), pass(startUp)])).toEqual(Array(2).fill(expect.objectContaining({ code: 'ERR_PV_STORE' })))
    expect([startUp.passed(), check.mock.calls.length]).toEqual([false, 1])
    expect(await pass(startUp)).toMatchObject({ code: 'ERR_PV_STORE' })
    expect(await pass(startUp)).toBe('passed')
    expect(check).toHaveBeenCalledTimes(3)
  })

  test('that hang close every call within its deadline; when they pass after all, the next call goes on', async () => {
    let finish = () => {}
    const check = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    )
    const startUp = startUpOf(check)
    const first = pass(startUp)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await first).toMatchObject({ code: 'ERR_PV_STORE' })
    finish()
    expect(await pass(startUp)).toBe('passed')
    expect(check).toHaveBeenCalledTimes(1)
  })

  test('that hang for good are given up, and begun again by a later call', async () => {
    const check = vi
      .fn<() => Promise<void>>()
      .mockImplementationOnce(() => new Promise(() => {}))
      .mockResolvedValue()
    const startUp = startUpOf(check)
    const first = pass(startUp, 10_000)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await first).toMatchObject({ code: 'ERR_PV_STORE' })
    expect(await pass(startUp)).toBe('passed')
    expect(check).toHaveBeenCalledTimes(2)
  })
})

describe('why they did not pass', () => {
  const secret = 'redis://:hunter2@10.0.0.1'

  test.each(['ERR_PV_CONFIGURATION', 'ERR_PV_STORE'] as const)('a store that says %s itself is heard', async (code) => {
    const said = Object.assign(new PhoneVerifyError(code, 'redis: maxmemory-policy must be noeviction'), { cause: secret, extra: secret })
    const error = await pass(startUpOf(() => Promise.reject(said)))
    expect(error).toMatchObject({ code, message: 'redis: maxmemory-policy must be noeviction' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })

  const thrown = [new Error(secret), Object.assign(new Error(secret), { code: 'ECONNREFUSED' }), secret, undefined, null, 7]
  test.each(thrown.map((error) => [inspect(error).slice(0, 30), error]))('whatever else is thrown is made anew: %s', async (_, error) => {
    const thrower: Store['check'] = () => {
      throw error
    }
    for (const check of [thrower, () => Promise.reject(error)]) {
      const failure = await pass(startUpOf(check))
      expect(failure).toMatchObject({ code: 'ERR_PV_STORE', message: 'the start-up checks of the store did not pass' })
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('hunter2')
    }
  })
})
