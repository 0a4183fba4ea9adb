import { randomBytes } from 'node:crypto'
import { app, type Carrier } from '../contestant.js'
import { lifeMs, openProof, openSession, sealProof, sealSession, ttlMs } from './claims.js'
import { codeOf, digestOf, isSame } from './hmac.js'
import { recipient } from './phone.js'
import { quotasOfGuess, quotasOfSend } from './quotas.js'
import { createWindows } from './windows.js'

interface Challenge {
  readonly digest: string
  attemptsLeft: number
  closed: boolean
  readonly codeEndsAt: number
  readonly endsAt: number
}

const randomId = () => randomBytes(16).toString('base64url')

/**
 * What a careful engineer writes by hand for one application, one process and one purpose.
 *
 * It keeps the promises of the library: canonical numbers of four countries and three types; every limit, sliding; ids, keyed hashes and
 * digests where a number or a code would stand; codes derived and never kept; five guesses, spent before they are compared; a ledger of
 * failures; encrypted and padded session tokens with the same claims; one winner; encrypted proofs, redeemed once; a send that failed
 * gives back what it took.
 *
 * It lacks what an application may never need, and the library carries through every call: deadlines of calls, store and carrier, abort
 * signals, events, tenants, purposes with policies, subjects, payloads, decoys, repeats by idempotency key, resends, background delivery,
 * rotation of secrets, codes in other scripts, texts by template, what is left of every limit, arguments that are checked, and a bound on
 * the number of records.
 */
export function createFloor(carrier: Carrier) {
  const pending = new Map<string, Challenge>()
  const proofs = new Map<string, { closed: boolean; readonly endsAt: number }>()
  const windows = createWindows()
  const sweep = setInterval(() => {
    const at = Date.now()
    for (const kept of [pending, proofs]) for (const [id, { endsAt }] of kept) if (at >= endsAt) kept.delete(id)
    windows.sweep(at)
  }, 60_000).unref()

  return {
    async sendCode(input: unknown, ip: string) {
      const to = recipient(input)
      if (to === undefined) return { ok: false, reason: 'invalid_phone_number' } as const
      const { phone, country } = to

      const at = Date.now()
      const counted = quotasOfSend(phone, ip)
      const retryAfterMs = windows.waitMs(counted, at)
      if (retryAfterMs > 0) return { ok: false, reason: 'rate_limited', retryAfterMs } as const

      const id = randomId()
      const nonce = randomId()
      const code = codeOf(id, nonce)
      pending.set(id, { digest: digestOf(id, phone, code), attemptsLeft: 5, closed: false, codeEndsAt: at + ttlMs, endsAt: at + lifeMs })
      windows.take(counted, at)
      try {
        await carrier(phone, `${code} is your ${app.name} code. It expires in 5 minutes. Do not share it.`, code)
      } catch (error) {
        pending.delete(id)
        windows.giveBack(counted)
        throw error
      }

      const sessionToken = sealSession(id, nonce, phone, country, at)
      return { ok: true, sessionToken, expiresAt: new Date(at + ttlMs), resendAt: new Date(at + windows.waitMs(counted, at)) } as const
    },

    async verifyCode(token: unknown, typed: unknown, ip: string) {
      const claims = openSession(token)
      if (claims === undefined) return { ok: false, reason: 'invalid_session' } as const
      const { jti: id, phone } = claims
      const at = Date.now()
      if (at >= claims.exp * 1_000) return { ok: false, reason: 'expired' } as const
      const code = typeof typed === 'string' ? typed.replace(/[ -]/g, '') : ''
      if (!/^\d{6}$/.test(code)) return { ok: false, reason: 'malformed_code' } as const

      const challenge = pending.get(id)
      if (challenge === undefined || at >= challenge.codeEndsAt) return { ok: false, reason: 'expired' } as const
      if (challenge.closed) return { ok: false, reason: 'already_used' } as const
      if (challenge.attemptsLeft === 0) return { ok: false, reason: 'too_many_attempts' } as const
      const counted = quotasOfGuess(phone, ip)
      const retryAfterMs = windows.waitMs(counted, at)
      if (retryAfterMs > 0) return { ok: false, reason: 'rate_limited', retryAfterMs } as const

      challenge.attemptsLeft -= 1
      windows.take(counted, at)
      const { attemptsLeft } = challenge
      if (!isSame(digestOf(id, phone, code), challenge.digest)) return { ok: false, reason: 'incorrect_code', attemptsLeft } as const

      challenge.closed = true
      const [ledger] = counted
      windows.forget(ledger.key)
      const proofId = randomId()
      proofs.set(proofId, { closed: false, endsAt: at + lifeMs })
      const proof = sealProof(proofId, phone, at)
      return { ok: true, phone, purpose: app.purpose, proof, proofExpiresAt: new Date(at + lifeMs), verifiedAt: new Date(at) } as const
    },

    async redeemProof(token: unknown) {
      const claims = openProof(token)
      if (claims === undefined) return { ok: false, reason: 'invalid_proof' } as const
      const proof = proofs.get(claims.jti)
      if (proof === undefined || Date.now() >= proof.endsAt) return { ok: false, reason: 'expired' } as const
      if (proof.closed) return { ok: false, reason: 'already_redeemed' } as const
      proof.closed = true
      return { ok: true, phone: claims.phone_number, purpose: app.purpose } as const
    },

    close: () => clearInterval(sweep),
  }
}
