import { createHmac, type KeyObject } from 'node:crypto'
import { asciiDigit } from './digit.js'

const maxInput = 32
const drawSpace = 2 ** 48

/** Hexadecimal digits of one draw: text is made in a third less time than bytes outside the heap. */
const drawLength = 12

/**
 * The code of a challenge: the first draw of `HMAC-SHA-256(key, challenge id ‖ nonce ‖ round)` that fits, as `length` decimal digits.
 *
 * Draws at or above the largest multiple of 10ⁿ are thrown away, so that every string of digits, leading zeros included, is equally
 * likely. The code can be made again for a resend or another provider, and is stored nowhere.
 */
export function deriveCode(key: KeyObject, challengeId: string, nonce: string, length: number): string {
  const space = 10 ** length
  const usable = drawSpace - (drawSpace % space)
  for (let round = 0; ; round++) {
    // The id has a fixed length within a challenge, and the separator is no base64url character: the parts cannot run into each other.
    const draws = createHmac('sha256', key).update(`${challengeId}|${nonce}|${round}`).digest('hex')
    for (let at = 0; at + drawLength <= draws.length; at += drawLength) {
      const draw = Number.parseInt(draws.slice(at, at + drawLength), 16)
      if (draw < usable) return String(draw % space).padStart(length, '0')
    }
  }
}

/**
 * What the visitor typed, as ASCII digits, or nothing: spaces and dashes fall away, decimal digits of any script count by value, and
 * anything else, any other type and any other length is no code.
 */
export function normalizeCode(input: unknown, length: number): string | undefined {
  if (typeof input !== 'string' || input.length > maxInput) return undefined
  const digits = /^[0-9]*$/.test(input) ? input : input.replace(/[\p{Zs}\p{Pd}\u2212]/gu, '').replace(/\p{Nd}/gu, asciiDigit)
  return digits.length === length && /^[0-9]+$/.test(digits) ? digits : undefined
}
