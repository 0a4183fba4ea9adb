import type { Keyring } from '../domain/keyring.js'
import { challengeLifeMs } from '../domain/purpose.js'
import type { Challenge, FrozenPolicy, SessionTokens } from './challenge.js'
import type { Jwe } from './jwe.js'

type PolicyValues = readonly [
  codeLength: number,
  ttlMs: number,
  maxAttempts: number,
  resend: FrozenPolicy['resend'],
  delivery: FrozenPolicy['delivery'],
  subject: FrozenPolicy['subject'],
  ledger: FrozenPolicy['ledger'],
  proofTtlMs: number,
]

/** The claims of a session token. Registered names where RFC 7519 has them; times in seconds there, in milliseconds elsewhere. */
interface SessionClaims {
  readonly iss: string
  readonly aud: string
  /** When the challenge began. */
  readonly iat: number
  /** When it ends, however often it is resent. */
  readonly exp: number
  /** The challenge id. */
  readonly jti: string
  readonly sub?: string | undefined
  readonly key: string
  readonly nonce: string
  readonly phone: Challenge['phone']
  readonly country?: string | undefined
  readonly purpose: string
  readonly tenant?: string | undefined
  readonly payload?: Challenge['payload']
  readonly context?: Challenge['context']
  readonly locale?: string | undefined
  readonly app: string
  /** The policy's values, in this order: names would cost more bytes. New ones go to the end. */
  readonly policy: PolicyValues
  readonly claim?: number | undefined
  readonly end: number
  /** Flags of one width, so that a decoy is not a character longer than a real send. */
  readonly flags: string
}

/** The `typ` of a session token (RFC 8725 §3.11). */
export const sessionType = 'pv-session+jwt'

export interface SessionTokensParts {
  readonly jwe: Jwe
  readonly keyring: Keyring
  readonly issuer: string
  readonly audience: string
}

/**
 * Session tokens: a challenge, encrypted, in the hands of the visitor's client. The store holds no phone number because the token
 * carries it, and a resend or a worker needs nothing else.
 */
export const createSessionTokens = ({ jwe, keyring, issuer, audience }: SessionTokensParts): SessionTokens => ({
  seal(challenge) {
    const { id, keyId, nonce, phone, country, purpose, tenant, subject, payload, context, locale, appName, claim } = challenge
    const iat = challenge.startedAt / 1_000
    const flags = [challenge.decoy, challenge.repeatable, challenge.testNumber].map(Number).join('')
    const { codeLength, ttlMs, maxAttempts, resend, delivery, ledger, proofTtlMs } = challenge.policy
    const policy: PolicyValues = [codeLength, ttlMs, maxAttempts, resend, delivery, challenge.policy.subject, ledger, proofTtlMs]
    const claims: SessionClaims = {
      iss: issuer,
      aud: audience,
      iat,
      exp: iat + challengeLifeMs / 1_000,
      jti: id,
      sub: subject,
      key: keyId,
      nonce,
      phone,
      country,
      purpose,
      tenant,
      payload,
      context,
      locale,
      app: appName,
      policy,
      claim,
      end: challenge.expiresAt,
      flags,
    }
    return jwe.seal(claims)
  },

  open(token) {
    const opened = jwe.open(token)
    if (opened === undefined) return undefined
    const claims = opened.claims as unknown as SessionClaims
    // RFC 8725 §3.8 and §3.9: a key that two services share must not make their tokens one another's.
    if (claims.iss !== issuer || claims.aud !== audience) return undefined
    // The code was derived under the secret of the first send. Where that one is gone, so is the code.
    const keys = keyring.byId(claims.key)
    if (keys === undefined) return undefined
    const { jti: id, key: keyId, nonce, phone, country, purpose, tenant, sub: subject, payload, context, locale, claim } = claims
    const [codeLength, ttlMs, maxAttempts, resend, delivery, bySubject, ledger, proofTtlMs] = claims.policy
    const policy = { codeLength, ttlMs, maxAttempts, resend, delivery, subject: bySubject, ledger, proofTtlMs }
    const [decoy, repeatable, testNumber] = claims.flags
    const startedAt = Math.round(claims.iat * 1_000)
    const bound = {
      id,
      keyId,
      nonce,
      phone,
      country,
      purpose,
      tenant,
      subject,
      payload,
      context,
      locale,
      appName: claims.app,
      policy,
      claim,
    }
    const flags = { decoy: decoy === '1', repeatable: repeatable === '1', testNumber: testNumber === '1' }
    return { challenge: { startedAt, expiresAt: claims.end, ...flags, ...bound }, keys }
  },
})
