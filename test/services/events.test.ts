import { channel } from 'node:diagnostics_channel'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createEvents, type PhoneVerifyEvent } from '../../src/services/events.js'

const event = { type: 'send', outcome: 'ok', durationMs: 3, purpose: 'login' } as const
const stamped = { ...event, at: 1_000 }
const now = () => 1_000

const diagnostics = channel('phone-verify')
const heard = vi.fn()
afterEach(() => {
  diagnostics.unsubscribe(heard)
  heard.mockReset()
})

describe('an event', () => {
  test('goes to the application, with its time, and nobody can change it', () => {
    const onEvent = vi.fn()
    createEvents(onEvent, now).emit(event)
    expect(onEvent.mock.calls).toEqual([[stamped]])
    expect(Object.isFrozen(onEvent.mock.calls[0]?.[0])).toBe(true)
    expect(event).not.toHaveProperty('at')
  })

  test('goes to the diagnostics channel, with and without onEvent', () => {
    diagnostics.subscribe(heard)
    createEvents(undefined, now).emit(event)
    createEvents(() => {}, now).emit(event)
    expect(heard.mock.calls).toEqual(Array(2).fill([stamped, 'phone-verify']))
  })

  test('goes nowhere when nobody listens, and asks no clock', () => {
    const clock = vi.fn(now)
    createEvents(undefined, clock).emit(event)
    expect(clock).not.toHaveBeenCalled()
  })

  // The suite runs with --unhandled-rejections=strict: a rejection that escapes fails it.
  const listeners: Readonly<Record<string, (event: PhoneVerifyEvent) => unknown>> = {
    throws: () => {
      throw new Error('listener')
    },
    'throws nothing': () => {
      throw undefined
    },
    rejects: () => Promise.reject(new Error('listener')),
    'answers a thenable that throws': () => ({
      // biome-ignore lint/suspicious/noThenProperty: a listener may answer anything
      then: () => {
        throw new Error('listener')
      },
    }),
    'answers what cannot be read': () =>
      Object.defineProperty({}, 'then', {
        get() {
          throw new Error('listener')
        },
      }),
    'changes the event': (it) => Object.assign(it, { type: 'verify' }),
  }
  test.each(Object.entries(listeners))('reaches every other listener when one %s, and its caller hears nothing', async (_, onEvent) => {
    diagnostics.subscribe(heard)
    expect(() => createEvents(onEvent, now).emit(event)).not.toThrow()
    await new Promise(setImmediate)
    expect(heard.mock.calls).toEqual([[stamped, 'phone-verify']])
  })
})
