import type { Keys } from '../domain/keyring.js'
import { ownWords } from '../errors.js'
import type { Granted, OneShot, Quota, Store } from '../store/store.js'
import type { Call, Challenge, Delivery, Quotas, SessionTokens } from './challenge.js'
import type { CodeSent, Refusal } from './verbs.js'

export interface DispatchParts {
  readonly store: Store
  readonly quotas: Quotas
  readonly delivery: Delivery
  readonly tokens: SessionTokens
  readonly now: () => number
}

/** A send that the store has granted. */
export interface GrantedSend {
  readonly challenge: Challenge
  readonly keys: Keys
  readonly granted: Granted
  readonly taken: readonly Quota[]
  /** Whether this is the first send of its challenge: then a send that failed closes it, and opens these. */
  readonly first: boolean
  readonly onFailure?: () => readonly OneShot[]
}

export type Dispatch = (send: GrantedSend, call: Call) => Promise<CodeSent | Refusal<'undeliverable'>>

/** The challenge is durable and its quotas are taken: now, and only now, an SMS may leave. */
export function createDispatch({ store, quotas, delivery, tokens, now }: DispatchParts): Dispatch {
  /** A send that certainly did not happen gives back what it took. On a resend the challenge stays: an earlier SMS may have arrived. */
  const giveBack = async (send: GrantedSend, keys: readonly string[], call: Call): Promise<void> => {
    const { challenge, granted, first, onFailure } = send
    const { hit } = granted
    try {
      if (first) await store.close(challenge.id, { release: keys, hit, open: onFailure?.() ?? [] })
      else await store.release(keys, hit)
    } catch {
      call.note({ cleanUpFailed: true })
    }
  }

  const accepted = (send: GrantedSend, how: CodeSent['delivery'], call: Call): CodeSent => {
    call.note({ delivery: how })
    const { challenge, granted, taken } = send
    return {
      ok: true,
      sessionToken: tokens.seal(challenge),
      expiresAt: new Date(challenge.expiresAt),
      resendAt: new Date(now() + quotas.resendInMs(granted.room)),
      delivery: how,
      limits: quotas.states(granted.room),
      policies: quotas.policies(taken),
    }
  }

  return async (send, call) => {
    const { challenge, keys, taken } = send
    const all = taken.map(({ key }) => key)

    // The caller may have gone, or its time may be up, while the store was busy: then nothing leaves, and nothing stays taken.
    try {
      call.check()
    } catch (error) {
      await giveBack(send, all, call)
      throw error
    }

    // Deferred: a worker calls `deliver` with the token; until then nothing leaves.
    if (challenge.policy.delivery === 'deferred') return accepted(send, 'pending', call)

    // Background: a full queue is an event, not an answer, or a decoy could be told from a real send.
    if (challenge.policy.delivery === 'background') {
      if (!delivery.sendLater(challenge, keys, call.waitUntil)) call.note({ queueFull: true })
      return accepted(send, 'pending', call)
    }

    const delivered = await delivery.send(challenge, keys, call)
    if (delivered.status === 'accepted') {
      call.note({ backend: delivered.receipt.backend })
      return accepted(send, 'accepted', call)
    }
    const { backend, providerCode } = ownWords(delivered.error)
    call.note({ backend, providerCode })

    // Ambiguous: the code may be on the phone, so the challenge stays and the limits keep counting it.
    if (delivered.status === 'unknown') return accepted(send, 'unknown', call)

    // Refused for good: the visitor may correct the number at once, but the budget stays spent, or refusals would be free probes.
    if (delivered.status === 'refused') {
      await giveBack(send, quotas.cooldownKeys(taken), call)
      return { ok: false, reason: 'undeliverable' }
    }

    // Certainly not sent: as if the call had not been made.
    await giveBack(send, all, call)
    throw delivered.error
  }
}
