import { challengeLifeMs } from '../domain/purpose.js'
import type { Store } from '../store/store.js'
import type { Challenge, Claims } from './challenge.js'

export interface ClaimsParts {
  readonly store: Store
  readonly now: () => number
}

/** How often one send may be claimed, and how many sends of one challenge are looked through. */
const maxTurns = 20

/**
 * Who may deliver a deferred send. A challenge's sends are numbered, and only the newest can be delivered: a resend closes the claim of
 * the send before it and opens its own in the same step.
 *
 * Within a send, turn 1 opens with it. Whoever closes it may send, and holds a lease; a worker that certainly sent nothing closes its
 * lease and thereby opens turn 2. A worker that died holds its lease for ever: what it had begun may have been sent, and nobody sends it
 * again.
 */
export function createClaims({ store, now }: ClaimsParts): Claims {
  const shot = ({ id, startedAt }: Challenge, kind: 'd' | 'l', claim: number | undefined, turn: number) => ({
    id: `${id}${kind}${claim}.${turn}`,
    ttlMs: Math.max(1, startedAt + challengeLifeMs - now()),
  })

  /** Closes a send's claim, whoever holds it, and opens the next one. False where another resend has done so before. */
  const pass = async (challenge: Challenge, claim: number): Promise<boolean> => {
    const open = [shot(challenge, 'd', claim + 1, 1)]
    // One more than can be claimed: the last claim may have been given back.
    for (let turn = 1; turn <= maxTurns + 1; turn++) {
      const closed = await store.close(shot(challenge, 'd', claim, turn).id, { open })
      if (closed === 'closed') return true
      if (closed === 'already') continue
      // Nobody can claim this turn yet: whoever holds the lease before it loses it, or has just given it back.
      const lease = await store.close(shot(challenge, 'l', claim, turn - 1).id, { open })
      if (lease !== 'already') return lease === 'closed'
      return (await store.close(shot(challenge, 'd', claim, turn).id, { open })) === 'closed'
    }
    return false
  }

  return {
    first: (challenge) => (challenge.claim === undefined ? [] : [shot(challenge, 'd', challenge.claim, 1)]),

    async renew(challenge) {
      if (challenge.claim === undefined) return undefined
      for (let claim = challenge.claim; claim < challenge.claim + maxTurns; claim++) {
        if (await pass(challenge, claim)) return claim + 1
      }
      // Nothing is left to pass on: the store has lost it, and the send will be called expired.
      return challenge.claim + maxTurns
    },

    async take(challenge) {
      for (let turn = 1; turn <= maxTurns; turn++) {
        const { id } = shot(challenge, 'd', challenge.claim, turn)
        const closed = await store.close(id, { open: [shot(challenge, 'l', challenge.claim, turn)] })
        if (closed === 'closed') return turn
        if (closed === 'absent') return turn === 1 ? 'absent' : 'taken'
      }
      return 'taken'
    },

    async giveBack(challenge, turn) {
      const { id } = shot(challenge, 'l', challenge.claim, turn)
      await store.close(id, { open: [shot(challenge, 'd', challenge.claim, turn + 1)] })
    },
  }
}
