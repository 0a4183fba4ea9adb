import { randomBytes } from 'node:crypto'
import { createPhoneVerifier, type Payload, type PhoneVerifier, type Store } from 'phone-verify'
import type { OpenBackend } from './open-backend.js'
import type { DemoOptions } from './options.js'

/** The library as an application embeds it, and the phone it sends to. */
export interface Demo {
  readonly verifier: PhoneVerifier
  readonly phone: Pick<OpenBackend, 'lastCode'>
  readonly purpose: string
  readonly payload: Payload | undefined
  /** Unix milliseconds. */
  readonly now: () => number
  /** Resolves when no SMS is on its way any more. */
  settled(): Promise<void>
}

export interface DemoParts {
  readonly store: Store
  readonly backend: Pick<OpenBackend, 'sms' | 'lastCode'>
  /** Unix milliseconds. Default: the real clock. The store has its own. */
  readonly now?: (() => number) | undefined
}

export function createDemo(options: Omit<DemoOptions, 'help' | 'store' | 'url' | 'backend'>, { store, backend, now }: DemoParts): Demo {
  const { country, purpose, ttlMs, resend } = options
  let onTheWay: Promise<unknown> = Promise.resolve()

  const verifier = createPhoneVerifier({
    store,
    sms: backend.sms,
    // New for each run, like the store: nothing outlives the demo.
    secret: randomBytes(32).toString('base64url'),
    appName: 'Acme',
    countries: '*',
    defaultCountry: country,
    purposes: { [purpose]: { ttlMs, resend } },
    waitUntil: (work) => {
      onTheWay = Promise.all([onTheWay, work])
    },
    now,
  })

  return {
    verifier,
    phone: backend,
    purpose,
    // A payment is approved, not only verified: the SMS names what, and the proof is good for that alone.
    payload: purpose === 'payment' ? { amount: '19.90 EUR', payee: 'Acme Books' } : undefined,
    now: now ?? Date.now,
    // A password reset leaves after the reply. Its SMS is waited for, so that it is drawn above the next question and not across it.
    settled: async () => void (await onTheWay),
  }
}
