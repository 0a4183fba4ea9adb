import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PhoneVerifyError } from '../../src/errors.js'
import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import { fallback } from '../../src/sms/fallback.js'
import { makeMessage } from './fallback-leaf.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const stepMs = 5
const latencyMs = 30

/** When a backend was asked, and whom it served. Down, it fails after the same time as it takes to answer. */
function makeProvider(name: string, isDown: (atMs: number) => boolean) {
  const asked: { readonly atMs: number; readonly failed: boolean }[] = []
  const served: { readonly atMs: number; readonly text: string }[] = []
  const backend: SmsBackend = {
    name,
    async send({ text }) {
      const atMs = performance.now() - startedAt
      const failed = isDown(atMs)
      asked.push({ atMs, failed })
      await new Promise((resolve) => setTimeout(resolve, latencyMs))
      if (failed) throw new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', 'down', { backend: name })
      served.push({ atMs, text })
      return { backend: name, messageId: null }
    },
  }
  return { backend, asked, served }
}

let startedAt = 0

/** 200 sends a second. How many were rejected. */
async function drive(send: (message: SmsMessage) => Promise<unknown>, lastMs: number): Promise<number> {
  startedAt = performance.now()
  let rejected = 0
  for (let index = 0; index < lastMs / stepMs; index += 1) {
    send(makeMessage({ text: `482913, send ${index}` })).catch(() => {
      rejected += 1
    })
    await vi.advanceTimersByTimeAsync(stepMs)
  }
  await vi.advanceTimersByTimeAsync(20_000)
  return rejected
}

/** The most entries within any second. */
const mostInASecond = (times: readonly number[]) =>
  Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length))

const between = (from: number, to: number) => (one: { readonly atMs: number }) => one.atMs >= from && one.atMs < to

test('T-PRV-06: a primary that is down for 60 s at 200 sends a second', { timeout: 60_000 }, async () => {
  const a = makeProvider('a', (atMs) => atMs >= 5_000 && atMs < 65_000)
  const b = makeProvider('b', () => false)
  const backend = fallback([a.backend, b.backend])
  expect(await drive(backend.send, 110_000)).toBe(0)

  const outage = a.asked.filter(between(5_000, 65_000))
  const probes = outage.filter(between(6_000, 65_000))
  expect(outage.length - probes.length).toBeGreaterThanOrEqual(5)
  expect(outage.length - probes.length).toBeLessThanOrEqual(20)
  expect(probes.length).toBeGreaterThan(0)
  expect(mostInASecond(probes.map(({ atMs }) => atMs))).toBe(1)

  expect(b.served.filter(between(5_000, 65_100)).length).toBeGreaterThanOrEqual(0.99 * 12_000)
  const texts = [...a.served, ...b.served].map(({ text }) => text)
  expect(texts.length).toBe(22_000)
  expect(new Set(texts).size).toBe(22_000)

  // It returns within a cool-down, with one probe, and then at the rate at which messages come.
  const back = a.asked.filter(between(65_000, 110_000))
  expect(back[0]?.atMs).toBeLessThan(96_000)
  expect(back[1]!.atMs - back[0]!.atMs).toBeGreaterThanOrEqual(latencyMs)
  expect(mostInASecond(back.slice(0, 400).map(({ atMs }) => atMs))).toBeLessThanOrEqual(201)
})

test('T-PRV-06: one that is up for a second and down for two', { timeout: 60_000 }, async () => {
  const a = makeProvider('a', (atMs) => atMs % 3_000 >= 1_000)
  const b = makeProvider('b', () => false)
  const backend = fallback([a.backend, b.backend])
  expect(await drive(backend.send, 60_000)).toBe(0)

  const failed = a.asked.filter((one) => one.failed)
  expect(mostInASecond(failed.map(({ atMs }) => atMs))).toBeLessThanOrEqual(20)
  expect(failed.length).toBeLessThanOrEqual(60)
  const texts = [...a.served, ...b.served].map(({ text }) => text)
  expect([texts.length, new Set(texts).size]).toEqual([12_000, 12_000])
})

test('the control: trying one after the other without a breaker asks the primary every time', async () => {
  const a = makeProvider('a', () => true)
  const b = makeProvider('b', () => false)
  const naive = (message: SmsMessage) => a.backend.send(message).catch(() => b.backend.send(message))
  await drive(naive, 5_000)
  expect(a.asked.length).toBe(1_000)
  expect(mostInASecond(a.asked.map(({ atMs }) => atMs))).toBe(200)
})
