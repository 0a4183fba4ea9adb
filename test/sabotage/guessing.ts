import type { Defect } from './defect.js'

const model = ['model/sequential.test.ts', 'T-MOD-01'] as const
const interleavings = ['model/interleavings.test.ts', 'T-MOD-02'] as const
const guesses = (name: string) => ['race/guesses.test.ts', name] as const
const resends = (name: string) => ['race/resends.test.ts', name] as const
const redeems = ['race/redeems.test.ts', 'T-RPL-02'] as const
const faults = (name: string) => ['race/faults.test.ts', name] as const

/** Defects of codes, attempts, resends and proofs. */
export const guessing: readonly Defect[] = [
  {
    name: 'the digest is revealed before the attempt is counted',
    file: 'store/memory.ts',
    find: 'entry.attemptsLeft -= 1',
    replace: 'void Promise.resolve().then(() => { entry.attemptsLeft -= 1 })',
    caughtBy: guesses('T-ATT-01'),
  },
  {
    name: 'success does not close the challenge',
    file: 'store/memory.ts',
    find: 'entry.closed = true',
    replace: '',
    caughtBy: guesses('T-ATT-02: of 1 000 copies'),
  },
  {
    name: 'every caller of close wins',
    file: 'store/memory.ts',
    find: "if (entry.closed) return 'already'",
    replace: '',
    caughtBy: redeems,
  },
  {
    name: 'who lost the race for the close has verified as well',
    file: 'services/verify-code.ts',
    find: "if (closed === 'already') return { ok: false, reason: 'already_used' }",
    replace: '',
    caughtBy: guesses('T-ATT-02: of 1 000 copies'),
  },
  {
    name: 'no purpose in the digest',
    file: 'services/codes.ts',
    find: 'tenant, purpose, id,',
    replace: 'tenant, id,',
    caughtBy: ['services/codes.test.ts', 'the digest of a code > changes with the purpose'],
  },
  {
    name: 'guesses count by challenge only, the ledger is not taken',
    file: 'services/verify-code.ts',
    find: 'quotas.forAttempt(counted, policy.ledger, terms)',
    replace: '[]',
    caughtBy: guesses('T-ATT-07'),
  },
  {
    name: 'a resend clears the ledger',
    file: 'services/resend-code.ts',
    find: "if (renewed.status === 'absent')",
    replace: "await store.release(quotas.ledgerKeys({ ...before, client }))\n    if (renewed.status === 'absent')",
    caughtBy: resends('T-ATT-05'),
  },
  {
    name: 'a resend gives attempts back',
    file: 'store/memory.ts',
    find: 'entry.codeEndsAt = codeEndsAt',
    replace: 'entry.codeEndsAt = codeEndsAt; entry.attemptsLeft = 5',
    caughtBy: resends('T-ATT-05'),
  },
  {
    name: 'the old code lives on beside a resend with a new one',
    file: 'store/memory.ts',
    find: 'if (codeDigest !== undefined) entry.codeDigest = flat(codeDigest)',
    replace: '',
    caughtBy: interleavings,
  },
  {
    name: 'a resend that failed puts the code of its token back',
    file: 'services/resend-code.ts',
    find: 'granted: renewed, taken, first: false }, call)',
    replace: `granted: renewed, taken, first: false }, call).then(async (outcome) => {
      if (!outcome.ok) await store.renew(before.id, { codeDigest: digestOf(before, opened), ttlMs }, [])
      return outcome
    })`,
    caughtBy: resends('T-RSN-01: a resend that certainly failed'),
  },
  {
    name: 'a resend with a new code sends the old one',
    file: 'services/resend-code.ts',
    find: "policy.resend === 'new' ? randomIdentifier() : before.nonce",
    replace: 'before.nonce',
    caughtBy: resends('T-RSN-01: once a resend'),
  },
  {
    name: 'a store that fails allows the success',
    file: 'store/guarded.ts',
    find: "closed('close', () => store.close(id, own(then)))",
    replace: "closed('close', () => store.close(id, own(then))).catch(() => 'closed')",
    caughtBy: faults('G12: a store that rejects means no > no guess succeeds without its close'),
  },
  {
    name: 'digests are compared by ===',
    file: 'domain/keyring.ts',
    find: 'timingSafeEqual(a, b)',
    replace: 'given === kept',
    caughtBy: faults('every guess is compared'),
  },
  {
    name: 'a code lives a millisecond too long',
    file: 'store/memory.ts',
    find: 'if (at >= entry.codeEndsAt)',
    replace: 'if (at > entry.codeEndsAt)',
    caughtBy: model,
  },
  {
    name: 'codes end by the clock of the caller',
    file: 'services/verify-code.ts',
    find: 'if (now() >= challenge.startedAt + challengeLifeMs)',
    replace: 'if (now() >= challenge.expiresAt)',
    caughtBy: model,
  },
  {
    name: 'a proof is redeemed as often as it is shown',
    file: 'services/redeem-proof.ts',
    find: "if (closed === 'already') return { ok: false, reason: 'already_redeemed' }",
    replace: '',
    caughtBy: redeems,
  },
  {
    name: 'a proof for one purpose opens another',
    file: 'services/redeem-proof.ts',
    find: 'const named = { tenant, purpose, subject, payload }',
    replace: 'const named = { tenant, purpose: proof.purpose, subject, payload }',
    caughtBy: model,
  },
  {
    name: 'a session of one subject serves another',
    file: 'domain/binding.ts',
    find: 'if (named.subject !== bound.subject && !(returnsSubject && named.subject === undefined)) return false',
    replace: '',
    caughtBy: model,
  },
  {
    name: 'the dice are loaded: no draw is thrown away',
    file: 'domain/code.ts',
    find: 'if (draw < usable) return',
    replace: 'return',
    caughtBy: ['domain/code.test.ts', 'T-ENT-01: codes are uniform > 10 digits: the first draw of id-8670'],
  },
  {
    name: 'a challenge is resent to its last second',
    file: 'services/resend-code.ts',
    find: 'if (lifeMs < tooLateMs)',
    replace: 'if (lifeMs < 0)',
    caughtBy: model,
  },
]
