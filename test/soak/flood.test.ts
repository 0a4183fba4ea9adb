import { monitorEventLoopDelay } from 'node:perf_hooks'
import { memoryStore } from 'phone-verify/store/memory'
import { createTestVerifier } from 'phone-verify/testing'
import { expect, test } from 'vitest'
import { named, wrong } from '../fixtures/rig.js'

const phoneOf = (index: number) => `+1${2_012_000_000 + index}`

/** Enough turns for the loop to be seen, and for what the store does beside. */
const breathe = () => new Promise((resolve) => setImmediate(resolve))

test('T-RES-01: a million numbers ask for a code: it stops at the cap, keeps what lives, and the loop stays free', {
  timeout: 900_000,
}, async () => {
  const { verifier, clock, lastCode, outbox } = createTestVerifier({
    store: memoryStore({ now: () => performance.now() }),
    limits: { sendsPerPrefix: [], sendsPerTenant: [] },
  })
  const victim = await verifier.sendCode({ phone: '+33612345678', purpose: 'login' })
  const sessionToken = victim.ok ? victim.sessionToken : ''
  const guess = { sessionToken, code: wrong(lastCode()), purpose: 'login' }
  expect(named(await verifier.verifyCode(guess))).toBe('incorrect_code 4')

  globalThis.gc?.()
  const residentBefore = process.memoryUsage.rss() / 2 ** 20
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const ended = new Map<string, number>()
  for (let index = 0; index < 1_000_000; index++) {
    const told = await verifier.sendCode({ phone: phoneOf(index), purpose: 'login' }).then(named, ({ code }) => String(code))
    ended.set(told, (ended.get(told) ?? 0) + 1)
    // What was sent is the provider's to remember, not ours.
    if (index % 10 === 0) {
      outbox.clear()
      await breathe()
    }
  }
  delay.disable()
  globalThis.gc?.()
  const grownMb = process.memoryUsage.rss() / 2 ** 20 - residentBefore
  console.log(
    `T-RES-01: ${JSON.stringify([...ended])}, ${grownMb.toFixed(0)} MB more, loop at most ${(delay.max / 1e6).toFixed(1)} ms, p99.9 ${(delay.percentile(99.9) / 1e6).toFixed(1)} ms`,
  )

  expect(ended.get('ok')).toBeGreaterThan(20_000)
  expect(ended.get('ERR_PV_STORE')).toBeGreaterThan(900_000)
  expect(grownMb).toBeLessThan(100)
  expect(named(await verifier.verifyCode(guess))).toBe('incorrect_code 3')
  expect(named(await verifier.sendCode({ phone: '+33612345678', purpose: 'login' }))).toMatch(/^rate_limited/)
  expect(clock.now()).toBeGreaterThan(0)
})
