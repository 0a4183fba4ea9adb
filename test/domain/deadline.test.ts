import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settleWithin } from '../../src/domain/deadline.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const late = vi.fn(() => new Error('late'))
const never = () => new Promise<never>(() => {})

test('settles like the work', async () => {
  await expect(settleWithin(Promise.resolve(7), 10, late)).resolves.toBe(7)
  const error = new Error('work')
  await expect(settleWithin(Promise.reject(error), 10, late)).rejects.toBe(error)
  expect(late).not.toHaveBeenCalled()
})

test('rejects at its time, not a millisecond before', async () => {
  const settled = vi.fn()
  const work = settleWithin(never(), 1_000, late).catch(settled)
  await vi.advanceTimersByTimeAsync(999)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(settled).toHaveBeenCalledWith(new Error('late'))
  await work
})

test.each([0, -50])('work that is done in time wins over %i milliseconds', async (ms) => {
  await expect(settleWithin(Promise.resolve(7), ms, late)).resolves.toBe(7)
})

test('leaves no timer behind', async () => {
  await settleWithin(Promise.resolve(7), 60_000, late)
  await settleWithin(Promise.reject(new Error('work')), 60_000, late).catch(() => undefined)
  expect(vi.getTimerCount()).toBe(0)
})

// An unheard rejection would end the process.
test.each(['done', 'failed'] as const)('what the work comes to after its time is heard by nobody: %s', async (how) => {
  let end = () => {}
  const work = new Promise<string>((resolve, reject) => {
    end = how === 'done' ? () => resolve('work') : () => reject(new Error('work'))
  })
  const outcome = settleWithin(work, 10, late).catch((error: Error) => error.message)
  await vi.advanceTimersByTimeAsync(10)
  end()
  expect(await outcome).toBe('late')
  expect(await work.catch((error: Error) => error.message)).toBe('work')
})
