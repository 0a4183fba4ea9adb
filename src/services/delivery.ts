import { randomIdentifier } from '../domain/random.js'
import { ownWords } from '../errors.js'
import type { SmsMessage } from '../sms/backend.js'
import type { Store } from '../store/store.js'
import type { Background } from './background.js'
import type { Call, Challenge, Codes, Delivered, Delivery } from './challenge.js'
import type { Events } from './events.js'
import type { HandOver } from './hand-over.js'

export interface DeliveryParts {
  readonly handOver: HandOver
  readonly store: Store
  readonly codes: Codes
  readonly background: Background
  readonly events: Events
  readonly compose: (challenge: Challenge, code: string, expiresInMs: number) => SmsMessage
  /** A call of its own for each background try. */
  readonly begin: (stop: AbortSignal) => Call
  readonly now: () => number
  /** Waits before a retry; settles early when the signal is aborted. */
  readonly wait: (ms: number, stop: AbortSignal) => Promise<void>
}

/** Before each retry of a background send that certainly did not leave. */
const retryDelaysMs = [500, 2_000, 8_000]

/** The code's way to the phone. It is derived here, where the message is made, and held nowhere else. */
export function createDelivery({ handOver, store, codes, background, events, compose, begin, now, wait }: DeliveryParts): Delivery {
  const send: Delivery['send'] = async (challenge, keys, call) => {
    const message = compose(
      challenge,
      codes.code(challenge, keys),
      Math.min(challenge.policy.ttlMs, Math.max(0, challenge.expiresAt - now())),
    )
    // A decoy is rendered like any other and goes no further.
    if (challenge.decoy || challenge.testNumber) return { status: 'accepted', receipt: { backend: 'none', messageId: null } }
    return handOver(message, call)
  }

  return {
    send,

    sendLater: (challenge, keys, waitUntil) =>
      background.run(async (stop) => {
        const whole = begin(stop)
        whole.about(challenge)
        let delivered = await send(challenge, keys, begin(stop))
        for (const ms of retryDelaysMs) {
          if (delivered.status !== 'unavailable' || stop.aborted || now() + ms >= challenge.expiresAt) break
          await wait(ms, stop)
          if (stop.aborted) break
          delivered = await send(challenge, keys, begin(stop))
        }
        // The challenge stays open: closing it would tell the visitor that this number is real. No code opens it any more.
        if (delivered.status === 'refused') {
          const ttlMs = Math.max(1, challenge.expiresAt - now())
          await store.renew(challenge.id, { codeDigest: randomIdentifier(), ttlMs }, []).catch(() => undefined)
        }
        events.emit({ type: 'background', ...whole.facts, ...outcomeOf(delivered), durationMs: whole.elapsedMs() })
      }, waitUntil),
  }
}

function outcomeOf(delivered: Delivered) {
  if (delivered.status === 'accepted') return { outcome: 'ok', delivery: 'accepted', backend: delivered.receipt.backend } as const
  const { code, backend, providerCode } = { code: delivered.error.code, ...ownWords(delivered.error) }
  const source = { ...(backend !== undefined && { backend }), ...(providerCode !== undefined && { providerCode }) }
  if (delivered.status === 'unknown') return { outcome: 'ok', delivery: 'unknown', ...source } as const
  return { outcome: delivered.status === 'refused' ? 'undeliverable' : code, ...source } as const
}
