import { randomBytes } from 'node:crypto'
import { createPhoneVerifier, type Payload, type PhoneVerifier } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import type { DemoOptions } from './options.js'
import { createPhone, type Phone } from './phone.js'

/** The library as an application embeds it, and the phone it sends to. */
export interface Demo {
  readonly verifier: PhoneVerifier
  readonly phone: Phone
  readonly purpose: string
  readonly payload: Payload | undefined
  /** Unix milliseconds. */
  readonly now: () => number
  /** Resolves when no SMS is on its way any more. */
  settled(): Promise<void>
}

/** `clock`, in Unix milliseconds, replaces the real one in the verifier and in its store. */
export function createDemo(options: Omit<DemoOptions, 'help'>, write: (text: string) => void, clock?: () => number): Demo {
  const { country, purpose, ttlMs, resend } = options
  const phone = createPhone(write)
  let onTheWay: Promise<unknown> = Promise.resolve()

  const verifier = createPhoneVerifier({
    store: memoryStore({ now: clock }),
    sms: phone,
    // New for each run, like the store: nothing outlives the demo.
    secret: randomBytes(32).toString('base64url'),
    appName: 'Acme',
    countries: '*',
    defaultCountry: country,
    purposes: { [purpose]: { ttlMs, resend } },
    waitUntil: (work) => {
      onTheWay = Promise.all([onTheWay, work])
    },
    now: clock,
  })

  return {
    verifier,
    phone,
    purpose,
    // A payment is approved, not only verified: the SMS names what, and the proof is good for that alone.
    payload: purpose === 'payment' ? { amount: '19.90 EUR', payee: 'Acme Books' } : undefined,
    now: clock ?? Date.now,
    // A password reset leaves after the reply. Its SMS is waited for, so that it is drawn above the next question and not across it.
    settled: async () => void (await onTheWay),
  }
}
