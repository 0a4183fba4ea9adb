import { optionalSignal, ownFields } from '../domain/field.js'
import { randomIdentifier } from '../domain/random.js'
import { ownWords } from '../errors.js'
import type { Store } from '../store/store.js'
import type { Call, Challenge, Claims, Codes, Delivery, OpenedToken, SessionTokens } from './challenge.js'
import type { DeliverOutcome } from './verbs.js'

export interface DeliverParts {
  readonly tokens: SessionTokens
  readonly claims: Claims
  readonly codes: Codes
  readonly delivery: Delivery
  readonly store: Store
  readonly now: () => number
}

/** What a worker of a queue calls for a deferred send. */
export function createDeliver({ tokens, claims, codes, delivery, store, now }: DeliverParts) {
  const setDigest = (challenge: Challenge, codeDigest: string) =>
    store.renew(challenge.id, { codeDigest, ttlMs: Math.max(1, challenge.expiresAt - now()) }, [])

  /** The tokens of one idempotency key differ in their nonces: what is sent and what is compared must be one code. */
  const agree = async ({ challenge, keys }: OpenedToken) => {
    if (challenge.repeatable && !challenge.decoy && !challenge.testNumber)
      await setDigest(challenge, codes.digest(challenge, keys, codes.code(challenge, keys)))
  }

  return async (sessionToken: unknown, options: { readonly signal?: AbortSignal | undefined }, call: Call): Promise<DeliverOutcome> => {
    call.heed(optionalSignal(ownFields(options, 'options').signal))
    const opened = tokens.open(sessionToken)
    if (opened === undefined) return { ok: false, reason: 'invalid_session' }
    const { challenge, keys } = opened
    call.about(challenge)
    if (challenge.claim === undefined) return { ok: false, reason: 'already_delivered' }
    if (now() >= challenge.expiresAt) return { ok: false, reason: 'expired' }

    // Claim, then send: a second worker, a repeated job and the token of an older send find the claim gone.
    call.check()
    const turn = await claims.take(challenge)
    if (turn === 'absent') return { ok: false, reason: 'expired' }
    if (turn === 'taken') return { ok: false, reason: 'already_delivered' }
    const giveBack = () => claims.giveBack(challenge, turn).catch(() => call.note({ cleanUpFailed: true }))
    try {
      await agree(opened)
    } catch (error) {
      await giveBack()
      throw error
    }

    const delivered = await delivery.send(challenge, keys, call)
    if (delivered.status === 'accepted') {
      call.note({ delivery: 'accepted', backend: delivered.receipt.backend })
      return { ok: true, delivery: 'accepted' }
    }
    const { backend, providerCode } = ownWords(delivered.error)
    call.note({ backend, providerCode })
    if (delivered.status === 'unknown') {
      call.note({ delivery: 'unknown' })
      return { ok: true, delivery: 'unknown' }
    }

    // As after a background send, the challenge stays open for a client that must not learn of this, and no code opens it.
    if (delivered.status === 'refused') {
      await setDigest(challenge, randomIdentifier()).catch(() => call.note({ cleanUpFailed: true }))
      return { ok: false, reason: 'undeliverable' }
    }

    // Certainly not sent: the next call may claim anew.
    await giveBack()
    throw delivered.error
  }
}
