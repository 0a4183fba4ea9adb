import type { Payload } from '../domain/binding.js'
import { type Client, clientKey } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import { type Keyring, randomIdentifier } from '../domain/keyring.js'
import type { PhoneNumber } from '../domain/phone-number.js'
import { challengeLifeMs } from '../domain/purpose.js'
import type { Terms } from '../domain/terms.js'
import type { Exists } from '../store/store.js'
import type { Challenge, FrozenPolicy, Quotas, TestNumber } from './challenge.js'

/** What a challenge is begun from: the server's words, the canonical phone, and what holds for both. */
export interface Beginning {
  readonly phone: PhoneNumber
  readonly country: string | undefined
  readonly purpose: string
  readonly tenant: string | undefined
  readonly subject: string | undefined
  readonly payload: Payload | undefined
  readonly context: Context | undefined
  readonly client: Client | undefined
  readonly locale: string | undefined
  readonly decoy: boolean
  readonly idempotencyKey: string | undefined
  readonly terms: Terms
  readonly testNumber: TestNumber | undefined
}

export interface BeginChallengeParts {
  readonly keyring: Keyring
  readonly quotas: Quotas
  readonly now: () => number
}

/** Makes a challenge, or makes it again for a repeated idempotency key. */
export interface BeginChallenge {
  /** `turn` numbers the challenges of one idempotency key: a send that failed for certain may be tried anew. */
  begin(beginning: Beginning, turn: number): Challenge
  /** The challenge that a repeat found in the store, as its first token said it. */
  restate(challenge: Challenge, exists: Exists): Challenge
}

export function createBeginChallenge({ keyring, quotas, now }: BeginChallengeParts): BeginChallenge {
  /** Of the key, so that a repeat finds its challenge whatever process it reaches. */
  const repeatableId = ({ tenant, purpose, phone, client, idempotencyKey }: Beginning, turn: number) =>
    keyring.index('idempotent challenge', tenant, purpose, phone, clientKey(client), idempotencyKey, String(turn))

  /** Of the ten minutes it began in: a key used again later must not make an old code live again. */
  const repeatableNonce = (id: string, startedAt: number) =>
    keyring.index('idempotent nonce', id, String(Math.floor(startedAt / challengeLifeMs)))

  return {
    begin(beginning, turn) {
      const { phone, country, purpose, tenant, subject, payload, context, locale, decoy, terms, testNumber } = beginning
      const repeatable = beginning.idempotencyKey !== undefined
      const startedAt = now()
      const id = quotas.tag(tenant) + (repeatable ? repeatableId(beginning, turn) : randomIdentifier())
      const policy = freeze(terms, testNumber)
      return {
        ...{ id, phone, country, purpose, tenant, subject, payload, context, locale, decoy, policy, startedAt },
        keyId: keyring.current.id,
        nonce: repeatable ? repeatableNonce(id, startedAt) : randomIdentifier(),
        appName: terms.appName,
        claim: policy.delivery === 'deferred' ? (repeatable ? keyring.index('idempotent claim', id) : randomIdentifier()) : undefined,
        expiresAt: startedAt + policy.ttlMs,
        restated: false,
        testNumber: testNumber !== undefined,
      }
    },

    restate(challenge, { expiresInMs, lifeMs }) {
      const startedAt = now() - (challengeLifeMs - lifeMs)
      return { ...challenge, startedAt, nonce: repeatableNonce(challenge.id, startedAt), expiresAt: now() + expiresInMs, restated: true }
    },
  }
}

/** What of the policy must not change while the challenge lives. A test number's code has the length its owner gave it. */
function freeze({ policy }: Terms, testNumber: TestNumber | undefined): FrozenPolicy {
  const { codeLength, ttlMs, maxAttempts, resend, delivery, subject, ledger, proofTtlMs } = policy
  return { codeLength: testNumber?.code.length ?? codeLength, ttlMs, maxAttempts, resend, delivery, subject, ledger, proofTtlMs }
}
