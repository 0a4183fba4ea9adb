import { jwtVerify, SignJWT } from 'jose'
import { bearerToken } from '../accounts/access.js'
import type { Parts } from '../service/parts.js'
import type { Access } from '../service/route.js'
import { type Subscriber, subscriberById } from './subscriber.js'

/** How long a proof of the phone opens the preferences, in milliseconds: half an hour. */
const lifeMs = 30 * 60_000

export interface ManageTokens {
  sign(subscriber: Subscriber): Promise<string>
  /** Whoever bears the token of a subscriber who is still there. */
  readonly holder: Access<Subscriber>
}

/**
 * Subscribers have no account: who has just proven the phone gets a token for its preferences, and for nothing else (RFC 8725: one
 * algorithm, one type, issuer and audience). It names the row, not the number: after an erasure it opens nothing.
 */
export function createManageTokens({
  database,
  secrets,
  publicUrl,
  now,
}: Pick<Parts, 'database' | 'secrets' | 'publicUrl' | 'now'>): ManageTokens {
  const key = new TextEncoder().encode(secrets.tokens)
  const [typ, issuer, audience] = ['manage+jwt', publicUrl.origin, `${publicUrl.origin}/api/preferences`]
  const seconds = (ms: number) => Math.floor(ms / 1_000)
  return {
    sign: ({ id }) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256', typ })
        .setSubject(id)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(seconds(now()))
        .setExpirationTime(seconds(now() + lifeMs))
        .sign(key),
    holder: {
      says: 'The manage token of a subscriber: from /api/confirm or /api/preferences/token',
      async admit(visitor) {
        const token = bearerToken(visitor) ?? ''
        const read = await jwtVerify(token, key, {
          ...{ algorithms: ['HS256'], typ, issuer, audience, currentDate: new Date(now()), requiredClaims: ['sub', 'exp'] },
        }).catch(() => undefined)
        const who = read && (await subscriberById(database, String(read.payload.sub)))
        return who ? { who } : { refused: 'unauthorized' }
      },
    },
  }
}
