import { isBoundTo, present } from '../domain/binding.js'
import { normalizeCode } from '../domain/code.js'
import { optionalClient, optionalId, optionalPayload, ownFields, requiredPurpose } from '../domain/field.js'
import { matches } from '../domain/keyring.js'
import { isSamePhone } from '../domain/phone-number.js'
import { challengeLifeMs } from '../domain/purpose.js'
import { randomIdentifier } from '../domain/random.js'
import type { Store } from '../store/store.js'
import type { Call, Codes, Proofs, Quotas, SessionTokens, Tenants, TestNumbers } from './challenge.js'
import type { VerifyCodeOutcome, VerifyCodeRequest } from './verbs.js'

export interface VerifyCodeParts {
  readonly purposes: ReadonlySet<string>
  readonly tenants: Tenants
  readonly testNumbers: TestNumbers
  readonly codes: Codes
  readonly quotas: Quotas
  readonly tokens: SessionTokens
  readonly proofs: Proofs
  readonly store: Store
  readonly now: () => number
}

export function createVerifyCode({ purposes, tenants, testNumbers, codes, quotas, tokens, proofs, store, now }: VerifyCodeParts) {
  return async (request: VerifyCodeRequest, call: Call): Promise<VerifyCodeOutcome> => {
    // What the server says is right, or the programmer hears of it.
    const asked = ownFields(request)
    const purpose = requiredPurpose(asked.purpose, purposes)
    const tenant = optionalId('tenant', asked.tenant)
    const subject = optionalId('subject', asked.subject)
    const payload = optionalPayload(asked.payload)
    const client = optionalClient(asked.client)
    call.note({ purpose, tenant })

    // The session token is ours and whole. Forged and foreign ones stop here, without any input or output.
    const opened = tokens.open(asked.sessionToken)
    if (opened === undefined) return { ok: false, reason: 'invalid_session' }
    const { challenge, keys } = opened
    call.about(challenge)

    // It is for this tenant, purpose, subject, payload and phone: what a code was issued for, it opens, and nothing else (ASVS 6.6.2).
    const { policy, testNumber, phone } = challenge
    const returnsSubject = policy.subject === 'return'
    if (!isBoundTo(challenge, { tenant, purpose, subject, payload }, returnsSubject)) return { ok: false, reason: 'invalid_session' }
    if (asked.phone !== undefined && !isSamePhone(asked.phone, phone)) return { ok: false, reason: 'invalid_session' }

    // It still lives: a challenge ends ten minutes after its first send (NIST SP 800-63B-4 §3.1.3.2), a test number on its date.
    if (now() >= challenge.startedAt + challengeLifeMs) return { ok: false, reason: 'expired' }
    if (testNumber && testNumbers.find(phone) === undefined) return { ok: false, reason: 'expired' }

    // What was typed can be a code at all; a slip of the finger costs nothing.
    const code = normalizeCode(asked.code, policy.codeLength)
    if (code === undefined) return { ok: false, reason: 'malformed_code' }

    const terms = await tenants.terms(tenant, purpose, call)
    if (terms === undefined) return { ok: false, reason: 'unknown_tenant' }

    // Whoever has been answered already spends nothing.
    call.check()

    // Count before compare: the attempt is spent, and a failure entered in the ledger, in the same step that reveals the digest.
    const counted = { tenant, purpose, phone, subject: challenge.subject, client }
    const taken = quotas.forAttempt(counted, policy.ledger, terms)
    const attempt = await store.attempt(challenge.id, taken)
    if (attempt.status === 'absent' || attempt.status === 'expired') return { ok: false, reason: 'expired' }
    if (attempt.status === 'closed') return { ok: false, reason: 'already_used' }
    if (attempt.status === 'exhausted') return { ok: false, reason: 'too_many_attempts' }
    if (attempt.status === 'limited') {
      const limited = quotas.limited(attempt)
      call.note({ limit: limited.limit })
      return { ok: false, reason: limited.limit === 'failuresPerPhone' ? 'locked' : 'rate_limited', ...limited }
    }

    // Compare in constant time.
    call.note({ attemptsLeft: attempt.attemptsLeft })
    if (!matches(codes.digest(challenge, keys, code), attempt.codeDigest)) {
      return { ok: false, reason: 'incorrect_code', attemptsLeft: attempt.attemptsLeft }
    }

    // The proof is made before the challenge is closed, so that a failure here loses nothing.
    const verifiedAt = now()
    const expiresAt = verifiedAt + policy.proofTtlMs
    const id = `${quotas.tag(tenant)}${randomIdentifier()}`
    const bound = { phone, purpose, tenant, subject: challenge.subject, payload: challenge.payload }
    const proof = await proofs.seal({ id, ...bound, returnsSubject, issuedAt: verifiedAt, expiresAt })

    call.check()

    // Exactly one winner. Its step clears the ledger and opens the proof.
    const open = [{ id, ttlMs: policy.proofTtlMs }]
    const closed = await store.close(challenge.id, { release: quotas.ledgerTaken(taken), open })
    if (closed === 'already') return { ok: false, reason: 'already_used' }
    if (closed === 'absent') return { ok: false, reason: 'expired' }
    return { ok: true, ...present(bound), proof, proofExpiresAt: new Date(expiresAt), verifiedAt: new Date(verifiedAt) }
  }
}
