import { randomBytes } from 'node:crypto'
import type { PhoneVerifierOptions } from '../options.js'
import type { PhoneVerifyEvent } from '../services/events.js'
import { type Outbox, outboxBackend } from '../sms/outbox.js'
import { memoryStore } from '../store/memory.js'
import { createPhoneVerifier, type PhoneVerifier } from '../verifier.js'
import { type FaultyCarrier, faultyCarrier } from './carrier.js'
import { type FakeClock, fakeClock } from './clock.js'

/** A verifier whose phone, clock and carrier belong to the test. */
export interface TestVerifier {
  readonly verifier: PhoneVerifier
  /** Moves the verifier and its store together: `clock.advance(30_000)`. */
  readonly clock: FakeClock
  /** Makes sends fail or wait: `carrier.fail('unavailable')`. */
  readonly carrier: FaultyCarrier
  /** Every message that reached a phone. */
  readonly outbox: Outbox
  /** Every event, oldest first. */
  readonly events: readonly PhoneVerifyEvent[]
  /** The newest code that reached a phone, or that phone. Throws when there is none. */
  lastCode(phone?: string): string
  /** Resolves when no background send is on its way any more. */
  settled(): Promise<void>
}

/**
 * A verifier for an application's own tests: memory store, outbox, every country, a secret of its own.
 *
 * @param options replace any of these, `sms` aside: give `limits` to lift the cooldowns, say
 *
 * @example
 * ```ts
 * import { createTestVerifier } from 'phone-verify/testing'
 *
 * const { verifier, clock, lastCode } = createTestVerifier()
 * const sent = await verifier.sendCode({ phone: '+14155552671', purpose: 'login' })
 * clock.advance(60_000)
 * if (sent.ok) await verifier.verifyCode({ sessionToken: sent.sessionToken, code: lastCode(), purpose: 'login' })
 * ```
 */
export function createTestVerifier(options: Partial<Omit<PhoneVerifierOptions, 'sms' | 'now'>> = {}): TestVerifier {
  const clock = fakeClock()
  const outbox = outboxBackend()
  const carrier = faultyCarrier(outbox)
  const events: PhoneVerifyEvent[] = []
  const pending = new Set<Promise<void>>()

  const verifier = createPhoneVerifier({
    store: memoryStore({ now: clock.now }),
    secret: randomBytes(32).toString('base64url'),
    appName: 'Test',
    countries: '*',
    ...options,
    sms: carrier,
    now: clock.now,
    onEvent(event) {
      events.push(event)
      return options.onEvent?.(event)
    },
    waitUntil(work) {
      const done = work.then(() => void pending.delete(done))
      pending.add(done)
      return options.waitUntil?.(work)
    },
  })

  return {
    ...{ verifier, clock, carrier, outbox, events },
    lastCode(phone) {
      const code = outbox.messages.findLast((message) => message.code !== undefined && (phone === undefined || message.to === phone))?.code
      if (code === undefined) throw new Error('no code has reached that phone')
      return code
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
