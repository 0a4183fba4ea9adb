import type { KeyObject } from 'node:crypto'
import type { Proof, Proofs } from './challenge.js'
import type { Jwe } from './jwe.js'

/** A key pair that signs proofs, as KeyObjects: Ed25519 signs EdDSA, P-256 signs ES256. */
export interface ProofKey {
  readonly kid: string
  readonly algorithm: 'EdDSA' | 'ES256'
  /** Only the first key signs. */
  readonly privateKey?: KeyObject
  readonly publicKey: KeyObject
}

/** The claims of a proof: the registered names of RFC 7519, `phone_number` of OpenID Connect Core §5.1, and our own. */
interface ProofClaims {
  readonly iss: string
  readonly aud: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly sub?: string
  readonly phone_number: Proof['phone']
  readonly purpose: string
  readonly tenant?: string
  readonly payload?: NonNullable<Proof['payload']>
  /** A subject that the redeemer does not name is returned. */
  readonly returns_subject?: true
}

export interface ProofsParts {
  readonly jwe: Jwe
  /** Empty: proofs are encrypted. The first signs, all verify. */
  readonly proofKeys: readonly ProofKey[]
  readonly issuer: string
  readonly audience: string
}

/** The `typ` of a proof (RFC 8725 §3.11): no other token of ours can be taken for one. */
export const proofType = 'pv-proof+jwt'

const maxToken = 8_192

// The signature covers the text before it, but not its own spelling: white space, padding and unused bits would make many of one proof.
const signed = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/

/** Proofs: what was verified, for the next request. Encrypted, or signed where other services must read them. */
export function createProofs({ jwe, proofKeys, issuer, audience }: ProofsParts): Proofs {
  const [signer] = proofKeys

  const sign = async (claims: ProofClaims, { kid, algorithm, privateKey }: ProofKey): Promise<string> => {
    const { SignJWT } = await import('jose/jwt/sign')
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: algorithm, kid, typ: proofType }).sign(privateKey as KeyObject)
  }

  const verify = async (token: string): Promise<ProofClaims | undefined> => {
    if (!signed.test(token)) return undefined
    const { jwtVerify } = await import('jose/jwt/verify')
    const keyOf = ({ alg, kid }: { readonly alg?: string; readonly kid?: string }) => {
      // The key is ours, found by its own id, and says which algorithm it may be used with (RFC 8725 §3.1).
      const key = proofKeys.find((candidate) => candidate.kid === kid && candidate.algorithm === alg)
      if (key === undefined) throw new Error('unknown key')
      return key.publicKey
    }
    const requiredClaims = ['iss', 'aud', 'iat', 'exp', 'jti', 'phone_number', 'purpose']
    // Expiry is judged by whoever redeems, so that an expired proof is told from a forged one.
    // Without a prototype: jose knows more options, and a polluted Object.prototype must not give them.
    const options = {
      __proto__: null,
      algorithms: ['EdDSA', 'ES256'],
      issuer,
      audience,
      typ: proofType,
      requiredClaims,
      currentDate: new Date(0),
    }
    try {
      const { payload } = await jwtVerify<ProofClaims>(token, keyOf, options)
      return { __proto__: null, ...payload } as unknown as ProofClaims
    } catch {
      return undefined
    }
  }

  const decrypt = (token: string): ProofClaims | undefined => {
    const claims = jwe.open(token)?.claims as ProofClaims | undefined
    return claims?.iss === issuer && claims.aud === audience ? claims : undefined
  }

  return {
    async seal({ id, phone, purpose, tenant, subject, payload, returnsSubject, issuedAt, expiresAt }) {
      const claims: ProofClaims = {
        iss: issuer,
        ...{ aud: audience, iat: issuedAt / 1_000, exp: expiresAt / 1_000, jti: id, phone_number: phone, purpose },
        ...(subject !== undefined && { sub: subject }),
        ...(tenant !== undefined && { tenant }),
        ...(payload !== undefined && { payload }),
        ...(returnsSubject && { returns_subject: true }),
      }
      return signer === undefined ? jwe.seal(claims) : sign(claims, signer)
    },

    async open(token) {
      if (typeof token !== 'string' || token.length > maxToken) return undefined
      // Encrypted proofs stay good when a key pair is configured: rotation must not cost anybody a verified phone.
      const claims = decrypt(token) ?? (signer && (await verify(token)))
      if (claims === undefined) return undefined
      const { jti: id, phone_number: phone, purpose, tenant, sub: subject, payload } = claims
      const times = { issuedAt: Math.round(claims.iat * 1_000), expiresAt: Math.round(claims.exp * 1_000) }
      return { id, phone, purpose, tenant, subject, payload, returnsSubject: claims.returns_subject === true, ...times }
    },
  }
}

/** A public key as RFC 7517 writes it. */
export interface PublicJwk {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
  readonly kid: string
  readonly alg: 'EdDSA' | 'ES256'
  readonly use: 'sig'
}

/** A JWK Set (RFC 7517 §5). */
export interface PublicJwks {
  readonly keys: readonly PublicJwk[]
}

/** The public half of every key, for services that read proofs without asking us. */
export const publicKeys = (proofKeys: readonly ProofKey[]): PublicJwks => ({
  keys: proofKeys.map(({ kid, algorithm, publicKey }) => {
    const jwk = publicKey.export({ format: 'jwk' }) as Pick<PublicJwk, 'kty' | 'crv' | 'x' | 'y'>
    return { ...jwk, kid, alg: algorithm, use: 'sig' }
  }),
})
