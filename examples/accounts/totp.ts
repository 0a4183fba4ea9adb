import { Secret, TOTP } from 'otpauth'

/** Time steps of RFC 6238, in seconds. */
const period = 30

/** 160 bits, which RFC 4226 recommends. */
export const drawSecret = (): Secret => new Secret({ size: 20 })

const totp = (secret: Secret, issuer = '', label = '') => new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits: 6, period })

/** What a QR code shows to an authenticator app. */
export const uriOf = (secret: Secret, issuer: string, label: string): string => totp(secret, issuer, label).toString()

/**
 * The time step that a code belongs to: the present one, or one before or after it, for clocks are not exact. Nothing where it is no code of
 * theirs. otpauth compares in constant time.
 */
export function stepOf(secret: Uint8Array, code: string, at: number): number | undefined {
  // A copy: a Buffer may be a part of a larger one, and otpauth takes whole ones.
  const key = new Secret({ buffer: Uint8Array.from(secret).buffer })
  const drift = totp(key).validate({ token: code, timestamp: at, window: 1 })
  return drift === null ? undefined : TOTP.counter({ period, timestamp: at }) + drift
}
