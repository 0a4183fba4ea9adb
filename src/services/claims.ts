import type { Store } from '../store/store.js'
import type { Challenge, Claims } from './challenge.js'

export interface ClaimsParts {
  readonly store: Store
  readonly now: () => number
}

/** How often one send may be claimed. */
const maxNumber = 20

/**
 * Who may deliver a deferred send. Claim 1 opens with the send itself. Whoever closes it may send, and holds a lease; a worker that
 * certainly sent nothing closes its lease and thereby opens claim 2. A worker that died holds its lease for ever: what it had begun may
 * have been sent, and nobody sends it again.
 */
export function createClaims({ store, now }: ClaimsParts): Claims {
  const idOf = ({ id, claim }: Challenge, kind: 'd' | 'l', number: number) => `${id}${kind}${claim}.${number}`
  const lifeOf = ({ expiresAt }: Challenge) => Math.max(1, expiresAt - now())

  return {
    oneShots: (challenge) => (challenge.claim === undefined ? [] : [{ id: idOf(challenge, 'd', 1), ttlMs: lifeOf(challenge) }]),

    async take(challenge) {
      for (let number = 1; number <= maxNumber; number++) {
        const lease = { id: idOf(challenge, 'l', number), ttlMs: lifeOf(challenge) }
        const closed = await store.close(idOf(challenge, 'd', number), { open: [lease] })
        if (closed === 'closed') return number
        if (closed === 'absent') return number === 1 ? 'absent' : 'taken'
      }
      return 'taken'
    },

    async revoke(challenge) {
      for (let number = 1; number <= maxNumber; number++) {
        const closed = await store.close(idOf(challenge, 'd', number))
        if (closed === 'closed') return
        if (closed === 'already') continue
        // Whoever holds the claim before this one cannot give it back any more; or just has, and then this one is there after all.
        const lease = number > 1 && (await store.close(idOf(challenge, 'l', number - 1)))
        if (lease === 'already') await store.close(idOf(challenge, 'd', number))
        return
      }
    },

    async giveBack(challenge, number) {
      const next = { id: idOf(challenge, 'd', number + 1), ttlMs: lifeOf(challenge) }
      await store.close(idOf(challenge, 'l', number), { open: [next] })
    },
  }
}
