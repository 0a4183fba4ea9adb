import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import { app } from '../contestant.js'

/** A key is made once: a string as the key of every HMAC costs five times as much. */
export const keyFor = (use: string) => createSecretKey(new Uint8Array(hkdfSync('sha256', app.secret, 'floor', use, 32)))

const codeKey = keyFor('code')
const digestKey = keyFor('digest')
const indexKey = keyFor('index')

/** What stands for a phone, a client or a block of numbers in a quota key: the store holds no number in clear. */
export const hidden = (what: string, value: string) =>
  createHmac('sha256', indexKey).update(`${what}|${value}`).digest('base64url').slice(0, 22)

/** Six digits, each equally likely: a draw beyond the last whole million is thrown away. */
export function codeOf(id: string, nonce: string): string {
  for (let round = 0; ; round++) {
    const draws = createHmac('sha256', codeKey).update(`${id}|${nonce}|${round}`).digest()
    for (let at = 0; at < 30; at += 6) {
      const draw = draws.readUIntBE(at, 6)
      if (draw < 281_474_976_000_000) return String(draw % 1_000_000).padStart(6, '0')
    }
  }
}

/** What is kept in place of a code, bound to what the code was issued for. */
export const digestOf = (id: string, phone: string, code: string) =>
  createHmac('sha256', digestKey).update(`${id}|${app.purpose}|${phone}|${code}`).digest('base64url').slice(0, 22)

export const isSame = (digest: string, kept: string) => timingSafeEqual(Buffer.from(digest), Buffer.from(kept))
