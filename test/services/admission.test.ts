import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AdmissionRequest, type Admit, createAdmission } from '../../src/services/admission.js'
import { createCall } from '../../src/services/call.js'
import { samplePhone } from '../fixtures/challenge.js'

const request: AdmissionRequest = { phone: samplePhone, country: 'FR', purpose: 'login', resend: false }

function ask(admit: unknown) {
  const emit = vi.fn()
  const admitted = createAdmission({ admit: admit as Admit | undefined, events: { heard: () => true, emit } })(request, createCall(1_000))
  return { admitted, emit }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the application’s own say', () => {
  test('where it has none, everything passes', async () => expect(await ask(undefined).admitted).toBe(true))

  test('is asked what the send is about', async () => {
    const admit = vi.fn(() => ({ ok: true }))
    expect(await ask(admit).admitted).toBe(true)
    expect(admit.mock.calls).toEqual([[request]])
  })

  test.each([{ ok: true }, { ok: true, reason: 'blocked' }])('a clear yes passes, now or later: %j', async (answer) => {
    expect(await ask(() => answer).admitted).toBe(true)
    expect(await ask(async () => answer).admitted).toBe(true)
  })

  const unclear = [
    undefined,
    null,
    true,
    1,
    'ok',
    {},
    { ok: 1 },
    { ok: 'true' },
    { ok: false },
    { ok: false, reason: 'blocked' },
    [{ ok: true }],
    () => ({ ok: true }),
  ]
  test.each(unclear.map((answer) => [inspect(answer), answer]))('everything else blocks: %s', async (_, answer) => {
    const { admitted, emit } = ask(() => answer)
    expect(await admitted).toBe(false)
    expect(await ask(async () => answer).admitted).toBe(false)
    expect(emit).not.toHaveBeenCalled()
  })

  // G12: a limiter that fails does not mean "allowed".
  const failures = [new Error('+33612345678'), 'x', undefined, null, { ok: true }]
  test.each(failures.map((error) => [inspect(error).slice(0, 20), error]))(
    'its failure blocks, and is told without its words: %s',
    async (_, error) => {
      const sync = ask(() => {
        throw error
      })
      for (const { admitted, emit } of [sync, ask(() => Promise.reject(error))]) {
        expect(await admitted).toBe(false)
        expect(emit.mock.calls).toEqual([[{ type: 'warning', warning: 'admit_failed', purpose: 'login' }]])
      }
    },
  )

  test('one that never answers is a timeout of the call', async () => {
    vi.useFakeTimers()
    const outcome = ask(() => new Promise(() => {})).admitted.catch((error) => error)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await outcome).toMatchObject({ code: 'ERR_PV_TIMEOUT' })
  })

  test('no word of an error that calls itself a timeout passes', async () => {
    const failing = ask(() => Promise.reject(Object.assign(new Error('+33612345678'), { code: 'ERR_PV_TIMEOUT' })))
    const outcome = await failing.admitted.catch((error) => error)
    expect(outcome).not.toBe(true)
    expect(inspect(outcome, { depth: 9, showHidden: true })).not.toContain('33612345678')
  })
})
