import { app } from '../contestant.js'
import { keyFor } from './hmac.js'
import { createToken } from './token.js'

interface Registered {
  readonly iss: string
  readonly aud: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
}

interface SessionClaims extends Registered {
  readonly key: string
  readonly nonce: string
  readonly phone: string
  readonly country: string
  readonly purpose: string
  readonly app: string
  readonly policy: readonly (string | number)[]
  readonly end: number
  readonly flags: string
}

interface ProofClaims extends Registered {
  readonly phone_number: string
  readonly purpose: string
}

export const ttlMs = 300_000
export const lifeMs = 600_000

const policy = [6, ttlMs, 5, 'same', 'await', 'compare', 'phone', lifeMs]
const sessions = createToken<SessionClaims>(keyFor('session'), 'floor-session+jwt')
const proofs = createToken<ProofClaims>(keyFor('proof'), 'floor-proof+jwt')

const ours = <Claims extends Registered & { readonly purpose: string }>(claims: Claims | undefined) =>
  claims?.iss === 'floor' && claims.aud === 'floor' && claims.purpose === app.purpose ? claims : undefined

export const sealSession = (id: string, nonce: string, phone: string, country: string, at: number) =>
  sessions.seal({
    iss: 'floor',
    aud: 'floor',
    ...{ iat: at / 1_000, exp: (at + lifeMs) / 1_000, jti: id, key: 'floor', nonce, phone, country },
    ...{ purpose: app.purpose, app: app.name, policy, end: at + ttlMs, flags: '000' },
  })

export const openSession = (token: unknown) => ours(sessions.open(token))

export const sealProof = (id: string, phone: string, at: number) =>
  proofs.seal({
    iss: 'floor',
    aud: 'floor',
    ...{ iat: at / 1_000, exp: (at + lifeMs) / 1_000, jti: id, phone_number: phone, purpose: app.purpose },
  })

export const openProof = (token: unknown) => ours(proofs.open(token))
