import { randomBytes } from 'node:crypto'
import { app, type Carrier } from '../contestant.js'
import { lifeMs, openProof, openSession, sealProof, sealSession, ttlMs } from './claims.js'
import { codeOf, digestOf, hidden, isSame } from './hmac.js'
import type { Guessed, Hashes, Kept } from './kept.js'
import { recipient } from './phone.js'

const randomId = () => randomBytes(16).toString('base64url')

const hashesOf = (phone: string, ip: string) => ({ phone: hidden('phone', phone), client: hidden('client', ip) })

/** How a guess is made: in one call that compares on the server, or as the library does, comparing here and calling again to win. */
export type Guessing = 'in one' | 'in two'

/** The floor of `floor.ts` with what it keeps on a server: the same promises, the same words left out, one call for each step. */
export function createServerFloor(kept: Kept, carrier: Carrier, guessing: Guessing) {
  async function inTwo(id: string, digest: string, hashes: Hashes, proofId: string): Promise<Guessed> {
    const spent = await kept.spend(id, hashes)
    if (spent.status !== 'spent') return spent
    if (!isSame(digest, spent.digest)) return { status: 'wrong', left: spent.left }
    const won = await kept.win(id, hashes, proofId)
    return { status: won === 'won' ? 'right' : won }
  }
  const guess = guessing === 'in one' ? kept.guess : inTwo

  return {
    async sendCode(input: unknown, ip: string) {
      const to = recipient(input)
      if (to === undefined) return { ok: false, reason: 'invalid_phone_number' } as const
      const { phone, country } = to

      const id = randomId()
      const nonce = randomId()
      const code = codeOf(id, nonce)
      const hashes = { ...hashesOf(phone, ip), prefix: hidden('prefix', phone.slice(0, -4)) }
      const at = Date.now()
      const { waitMs, resendMs } = await kept.open(id, digestOf(id, phone, code), hashes)
      if (waitMs > 0) return { ok: false, reason: 'rate_limited', retryAfterMs: waitMs } as const

      try {
        await carrier(phone, `${code} is your ${app.name} code. It expires in 5 minutes. Do not share it.`, code)
      } catch (error) {
        await kept.undo(id, hashes)
        throw error
      }
      const sessionToken = sealSession(id, nonce, phone, country, at)
      return { ok: true, sessionToken, expiresAt: new Date(at + ttlMs), resendAt: new Date(at + resendMs) } as const
    },

    async verifyCode(token: unknown, typed: unknown, ip: string) {
      const claims = openSession(token)
      if (claims === undefined) return { ok: false, reason: 'invalid_session' } as const
      const { jti: id, phone } = claims
      const at = Date.now()
      if (at >= claims.exp * 1_000) return { ok: false, reason: 'expired' } as const
      const code = typeof typed === 'string' ? typed.replace(/[ -]/g, '') : ''
      if (!/^\d{6}$/.test(code)) return { ok: false, reason: 'malformed_code' } as const

      const proofId = randomId()
      const guessed = await guess(id, digestOf(id, phone, code), hashesOf(phone, ip), proofId)
      if (guessed.status === 'wrong') return { ok: false, reason: 'incorrect_code', attemptsLeft: guessed.left } as const
      if (guessed.status === 'limited') return { ok: false, reason: 'rate_limited', retryAfterMs: guessed.waitMs } as const
      if (guessed.status !== 'right') return { ok: false, reason: guessed.status } as const
      const proof = sealProof(proofId, phone, at)
      return { ok: true, phone, purpose: app.purpose, proof, proofExpiresAt: new Date(at + lifeMs), verifiedAt: new Date(at) } as const
    },

    async redeemProof(token: unknown) {
      const claims = openProof(token)
      if (claims === undefined) return { ok: false, reason: 'invalid_proof' } as const
      const status = await kept.redeem(claims.jti)
      if (status !== 'redeemed') return { ok: false, reason: status } as const
      return { ok: true, phone: claims.phone_number, purpose: app.purpose } as const
    },
  }
}
