import type { Keyring } from '../domain/keyring.js'
import { challengeLifeMs } from '../domain/purpose.js'
import { randomIdentifier } from '../domain/random.js'
import type { Quota, Store } from '../store/store.js'
import type { BeginChallenge, Beginning } from './begin-challenge.js'
import type { Call, Challenge, Claims, Codes, Quotas, SessionTokens } from './challenge.js'
import type { Dispatch } from './dispatch.js'
import type { CodeSent, SendCodeOutcome } from './verbs.js'

export interface OpenChallengeParts {
  readonly challenges: BeginChallenge
  readonly keyring: Keyring
  readonly codes: Codes
  readonly quotas: Quotas
  readonly claims: Claims
  readonly tokens: SessionTokens
  readonly store: Store
  readonly dispatch: Dispatch
  readonly now: () => number
}

/** Records a send that was let through, and hands it on. */
export type OpenChallenge = (beginning: Beginning, call: Call) => Promise<SendCodeOutcome>

/** How often one idempotency key may be tried anew after sends that failed for certain. */
const maxTurns = 10

export function createOpenChallenge(parts: OpenChallengeParts): OpenChallenge {
  const { challenges, keyring, codes, quotas, claims, tokens, store, dispatch, now } = parts

  /** The digest of the one code that opens this challenge; of no code at all for a decoy. Where one may come, both are made: both take the same time. */
  const digestOf = (challenge: Challenge, { testNumber }: Beginning) => {
    const matchable = codes.digest(challenge, keyring.current, testNumber?.code ?? codes.code(challenge, keyring.current))
    if (challenge.policy.delivery === 'await') return matchable
    const unmatchable = randomIdentifier()
    return challenge.decoy ? unmatchable : matchable
  }

  /** A repeat of an idempotency key: the same challenge, and nothing is sent. */
  const repeat = (challenge: Challenge, taken: readonly Quota[], call: Call): CodeSent => {
    call.note({ repeated: true })
    // Windows of one were full after the first send.
    const gapMs = Math.max(0, ...taken.filter(({ max }) => max === 1).map(({ windowMs }) => windowMs))
    return {
      ok: true,
      sessionToken: tokens.seal(challenge),
      expiresAt: new Date(challenge.expiresAt),
      resendAt: new Date(Math.max(now(), challenge.startedAt + gapMs)),
      delivery: challenge.policy.delivery === 'await' ? 'unknown' : 'pending',
      limits: [],
      policies: [],
    }
  }

  const open = async (beginning: Beginning, turn: number, call: Call): Promise<SendCodeOutcome> => {
    const { terms, testNumber } = beginning
    const challenge = challenges.begin(beginning, turn)
    const taken = testNumber === undefined ? quotas.forSend(beginning, terms, true) : []
    const { ttlMs, maxAttempts } = challenge.policy
    const record = { id: challenge.id, codeDigest: digestOf(challenge, beginning), attempts: maxAttempts, ttlMs, lifeMs: challengeLifeMs }

    // The challenge and every quota in one durable step, before anything leaves: an SMS never refers to a code that the store does not
    // know, and no cap is passed by asking twice at once.
    const opened = await store.open(record, taken, claims.first(challenge))
    if (opened.status === 'limited') {
      const limited = quotas.limited(opened)
      call.note({ limit: limited.limit })
      return { ok: false, reason: 'rate_limited', ...limited }
    }

    call.about(challenge)
    const anew = `${challenge.id}r`
    if (opened.status === 'exists') {
      // A failed send left a one-shot beside its challenge: this repeat may be the one that tries anew.
      const failed = turn < maxTurns && (await store.close(anew)) !== 'absent'
      return failed ? open(beginning, turn + 1, call) : repeat(challenges.restate(challenge, opened), taken, call)
    }

    // No longer than the challenge itself: the key begins anew after that, and must not be tried anew then.
    const lifeMs = () => Math.max(1, challenge.startedAt + challengeLifeMs - now())
    const onFailure = () => (beginning.idempotencyKey === undefined ? [] : [{ id: anew, ttlMs: lifeMs() }])
    return dispatch({ challenge, keys: keyring.current, granted: opened, taken, first: true, onFailure }, call)
  }

  return (beginning, call) => open(beginning, 0, call)
}
