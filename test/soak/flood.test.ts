import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createPhoneVerifier } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { expect, test } from 'vitest'
import { named, wrong } from '../fixtures/rig.js'

const phoneOf = (index: number) => `+1${2_012_000_000 + index}`

/** Enough turns for the loop to be seen, and for what the store does beside. */
const breathe = () => new Promise((resolve) => setImmediate(resolve))

test('T-RES-01: a million numbers ask for a code: it stops at the cap, keeps what lives, and the loop stays free', {
  timeout: 900_000,
}, async () => {
  let lastCode = ''
  const verifier = createPhoneVerifier({
    store: memoryStore(),
    sms: {
      name: 'nowhere',
      async send({ code = '' }) {
        lastCode = code
        return { backend: 'nowhere', messageId: null }
      },
    },
    secret: randomBytes(32).toString('base64url'),
    appName: 'Acme',
    countries: '*',
    limits: { sendsPerPrefix: [], sendsPerTenant: [] },
  })
  const client = { id: 'victim' }
  const victim = await verifier.sendCode({ phone: '+33612345678', purpose: 'login', client })
  const guess = { sessionToken: victim.ok ? victim.sessionToken : '', code: wrong(lastCode), purpose: 'login', client }
  expect(named(await verifier.verifyCode(guess))).toBe('incorrect_code 4')

  globalThis.gc?.()
  const residentBefore = process.memoryUsage.rss() / 2 ** 20
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const ended = new Map<string, number>()
  for (let index = 0; index < 1_000_000; index++) {
    const told = await verifier.sendCode({ phone: phoneOf(index), purpose: 'login' }).then(named, ({ code }) => String(code))
    ended.set(told, (ended.get(told) ?? 0) + 1)
    if (index % 10 === 0) await breathe()
  }
  delay.disable()
  globalThis.gc?.()
  const grownMb = process.memoryUsage.rss() / 2 ** 20 - residentBefore
  const [longest, most] = [delay.max, delay.percentile(99.9)].map((ns) => (ns / 1e6).toFixed(1))
  console.log(`T-RES-01: ${JSON.stringify([...ended])}, ${grownMb.toFixed(0)} MB more, loop at most ${longest} ms, p99.9 ${most} ms`)

  expect(ended.get('ok')).toBeGreaterThan(20_000)
  expect(ended.get('ERR_PV_STORE')).toBeGreaterThan(900_000)
  expect(grownMb).toBeLessThan(100)
  expect(named(await verifier.verifyCode(guess))).toBe('incorrect_code 3')
})
