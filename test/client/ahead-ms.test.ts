import express from 'express'
import { createPhoneClient, type PhoneClientOptions } from 'phone-verify/client'
import { phoneVerifyRouter } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { aheadMs } from '../../src/client/ahead-ms.js'
import { listen } from '../fixtures/listen.js'

const phone = '+33612345678'

afterEach(() => {
  vi.useRealTimers()
})

const noon = Date.UTC(2026, 5, 1, 12)

/** A server that is right, and a device that is so far ahead of it. `date` is what the server says of its clock. */
async function start(aheadMs: number, { date, ...given }: Partial<PhoneClientOptions> & { readonly date?: string | undefined } = {}) {
  const service = createTestVerifier()
  service.clock.set(noon)
  const app = express()
  app.use((_request, response, next) => {
    response.setHeader('Date', date ?? new Date(service.clock.now()).toUTCString())
    next()
  })
  app.use('/phone', phoneVerifyRouter(service.verifier, { purpose: 'registration' }))
  const baseUrl = `${await listen(app)}/phone`
  // Only the clock: sockets need their timers.
  vi.useFakeTimers({ now: noon + aheadMs, toFake: ['Date'] })
  return { ...service, client: createPhoneClient({ baseUrl, ...given }) }
}

const hour = 3_600_000

describe('a device whose clock is wrong', () => {
  test.each([-24 * hour, -hour, -4_000, 4_000, hour, 24 * hour])('by %d ms, counts right all the same', async (aheadMs) => {
    const { client, lastCode, clock } = await start(aheadMs)
    const instants = { expiresAt: new Date(noon + aheadMs + 600_000), resendAt: new Date(noon + aheadMs + 30_000) }
    expect(await client.send({ phone })).toEqual({ ok: true, ...instants })
    expect(client.pending).toEqual(instants)
    const told: number[] = []
    client.countdown('resend', (seconds) => void told.push(seconds))()
    client.countdown('expiry', (seconds) => void told.push(seconds))()
    expect(told).toEqual([30, 600])

    clock.advance(30_000)
    vi.setSystemTime(noon + aheadMs + 30_000)
    expect(await client.resend()).toMatchObject({ ok: true, resendAt: new Date(noon + aheadMs + 90_000) })
    expect(await client.verify({ code: lastCode() })).toMatchObject({ ok: true, verifiedAt: new Date(noon + 30_000) })
  })

  test('by no more than a reply takes to come, is not corrected', async () => {
    const { client } = await start(2_500)
    expect(await client.send({ phone })).toMatchObject({ expiresAt: new Date(noon + 600_000) })
  })
})

describe('clocks are believed', () => {
  const asSaid = { ok: true, expiresAt: new Date(noon + 600_000) }

  test('where the reply does not say what time it is', async () => {
    const { client } = await start(hour, { date: 'today' })
    expect(await client.send({ phone })).toMatchObject(asSaid)

    const reply = {
      ok: true,
      headers: { get: () => null },
      text: async () => JSON.stringify({ sessionToken: 'a', ...asSaid, resendAt: new Date(noon) }),
    }
    expect(await createPhoneClient({ baseUrl: '', fetch: async () => reply }).send({ phone })).toMatchObject(asSaid)
  })

  test('where the application gives one', async () => {
    const { client } = await start(hour, { now: () => noon })
    expect(await client.send({ phone })).toMatchObject(asSaid)
    expect(client.pending).toBeDefined()
  })
})

describe('read from the header', () => {
  const said = new Date(noon).toUTCString()

  test.each([null, '', 'today', 'NaN'])('%j says nothing', (date) => {
    vi.useFakeTimers({ now: noon + hour, toFake: ['Date'] })
    expect(aheadMs(date)).toBe(0)
  })

  test.each([
    [-3_001, -3_001],
    [-3_000, 0],
    [0, 0],
    [3_000, 0],
    [3_001, 3_001],
    [hour, hour],
  ])('a clock that is %i ms ahead is corrected by %i', (ms, corrected) => {
    vi.useFakeTimers({ now: noon + ms, toFake: ['Date'] })
    expect(aheadMs(said)).toBe(corrected)
  })
})
