import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend } from '../sms/backend.js'
import { requireText } from '../sms/must-contain.js'

/** What goes wrong: one of the three meanings of a failed send, or a backend that is set up wrongly. */
export type CarrierFault = 'refused' | 'unavailable' | 'unknown' | 'configuration'

/** A backend that fails on demand. */
export interface FaultyCarrier extends SmsBackend {
  /** How often `send` was called, failures included. */
  readonly calls: number
  /** Fails the next `times` sends so (default: all). With `sent`, for `unknown` only, the inner backend gets the message first. */
  fail(how: CarrierFault, times?: number, options?: { readonly sent?: boolean }): void
  /** Lets sends wait for `release`; a signal aborted meanwhile ends one as unknown. With `sent`, the inner backend gets the message first. */
  hold(options?: { readonly sent?: boolean }): void
  /** Lets every waiting send go on, and later ones pass. */
  release(): void
  /** Ends `fail` and `hold`. */
  recover(): void
}

/**
 * Wraps a backend, under its name, so that a test can make it fail or wait. What the inner backend got is the truth about what was sent.
 *
 * @example
 * ```ts
 * import { outboxBackend } from 'phone-verify/sms/outbox'
 * import { faultyCarrier } from 'phone-verify/testing'
 *
 * const outbox = outboxBackend()
 * export const carrier = faultyCarrier(outbox)
 * carrier.fail('unknown', 1, { sent: true }) // the phone gets it, the caller cannot know
 * ```
 */
export function faultyCarrier(inner: SmsBackend): FaultyCarrier {
  const { name } = inner
  const waiting = new Set<() => void>()
  let calls = 0
  let fault: { readonly how: CarrierFault; readonly sent: boolean } | undefined
  let left = 0
  let held: { readonly sent: boolean } | undefined

  const error = (how: CarrierFault) => new PhoneVerifyError(CODES[how], `${name}: made to fail as ${how}`, { backend: name })

  /** The fault of this send, decided when it begins. */
  const nextFault = () => {
    if (left <= 0) return undefined
    left -= 1
    return fault
  }

  const wait = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(error('unknown'))
      const settle = (then: () => void) => () => {
        waiting.delete(goOn)
        signal?.removeEventListener('abort', cutOff)
        then()
      }
      const goOn = settle(resolve)
      const cutOff = settle(() => reject(error('unknown')))
      waiting.add(goOn)
      signal?.addEventListener('abort', cutOff)
    })

  const release = () => {
    held = undefined
    for (const goOn of [...waiting]) goOn()
  }

  return {
    name,
    get calls() {
      return calls
    },
    async send(message, signal) {
      calls += 1
      requireText(message, name)
      if (signal?.aborted) throw error('unavailable')
      const failing = nextFault()
      const sentEarly = (failing ?? held)?.sent ? await inner.send(message) : undefined
      if (held) await wait(signal)
      if (failing) throw error(failing.how)
      return sentEarly ?? inner.send(message, signal)
    },
    fail(how, times = Number.POSITIVE_INFINITY, { sent = false } = {}) {
      fault = { how, sent: sent && how === 'unknown' }
      left = times
    },
    hold({ sent = false } = {}) {
      held = { sent }
    },
    release,
    recover() {
      left = 0
      release()
    },
  }
}

const CODES = {
  refused: 'ERR_PV_SMS_REFUSED',
  unavailable: 'ERR_PV_SMS_UNAVAILABLE',
  unknown: 'ERR_PV_SMS_UNKNOWN',
  configuration: 'ERR_PV_CONFIGURATION',
} as const
