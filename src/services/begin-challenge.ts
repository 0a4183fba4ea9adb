import { canonicalPayload, type Payload } from '../domain/binding.js'
import { type Client, clientKey } from '../domain/client.js'
import type { Context } from '../domain/field.js'
import type { Keyring } from '../domain/keyring.js'
import type { PhoneNumber } from '../domain/phone-number.js'
import { challengeLifeMs } from '../domain/purpose.js'
import { randomIdentifier } from '../domain/random.js'
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
  /** The challenge that a repeat found in the store, with the times of its first send. */
  restate(challenge: Challenge, exists: Exists): Challenge
}

export function createBeginChallenge({ keyring, quotas, now }: BeginChallengeParts): BeginChallenge {
  /**
   * Made of the key, so that a repeat finds its challenge whatever process it reaches, and of all that the code is bound to: what asks for
   * something else, or under other terms or another secret, is no repeat.
   */
  const repeatableId = (beginning: Beginning, policy: FrozenPolicy, turn: number) => {
    const { tenant, purpose, phone, client, subject, payload, decoy, idempotencyKey } = beginning
    const bound = [tenant, purpose, phone, subject, payload && canonicalPayload(payload), String(decoy)]
    const made = [keyring.current.id, JSON.stringify(policy), String(turn)]
    return keyring.index('idempotent challenge', idempotencyKey, clientKey(client), ...bound, ...made)
  }

  return {
    begin(beginning, turn) {
      const { phone, country, purpose, tenant, subject, payload, context, locale, decoy, terms, testNumber } = beginning
      const repeatable = beginning.idempotencyKey !== undefined
      const startedAt = now()
      const policy = freeze(terms, testNumber)
      const nonce = randomIdentifier()
      const id = quotas.tag(tenant) + (repeatable ? repeatableId(beginning, policy, turn) : randomIdentifier())
      return {
        keyId: keyring.current.id,
        id,
        nonce,
        phone,
        country,
        purpose,
        tenant,
        subject,
        payload,
        context,
        locale,
        decoy,
        policy,
        startedAt,
        appName: terms.appName,
        claim: policy.delivery === 'deferred' ? 1 : undefined,
        expiresAt: startedAt + policy.ttlMs,
        repeatable,
        testNumber: testNumber !== undefined,
      }
    },

    restate(challenge, { expiresInMs, lifeMs }) {
      const startedAt = now() - (challengeLifeMs - lifeMs)
      return { ...challenge, startedAt, expiresAt: now() + expiresInMs }
    },
  }
}

/** What of the policy must not change while the challenge lives. A test number's code has the length its owner gave it. */
function freeze({ policy }: Terms, testNumber: TestNumber | undefined): FrozenPolicy {
  const { codeLength, ttlMs, maxAttempts, resend, delivery, subject, ledger, proofTtlMs } = policy
  return { codeLength: testNumber?.code.length ?? codeLength, ttlMs, maxAttempts, resend, delivery, subject, ledger, proofTtlMs }
}
