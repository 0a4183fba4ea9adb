import { jwtVerify, SignJWT } from 'jose'

/** How long an access token opens doors, in milliseconds: 15 minutes. */
export const accessTokenMs = 15 * 60_000

export interface AccessClaims {
  readonly accountId: string
  readonly sessionId: string
}

export interface AccessTokens {
  sign(claims: AccessClaims, extra?: Readonly<Record<string, unknown>>): Promise<string>
  /** What the token says; undefined for whatever is no valid access token of ours. */
  read(token: string): Promise<AccessClaims | undefined>
}

/** What tells tokens of one kind from all others, and how long they last. */
export interface TokenKind {
  readonly typ: string
  readonly lifeMs: number
}

/**
 * JWTs (RFC 7519, HS256, `typ: at+jwt` of RFC 9068). They name an account and its session and nothing that may change. One algorithm, one
 * type, issuer and audience: a token that was made for anything else opens nothing (RFC 8725).
 */
export function createAccessTokens(
  secret: string,
  issuer: string,
  now: () => number,
  { typ, lifeMs }: TokenKind = { typ: 'at+jwt', lifeMs: accessTokenMs },
): AccessTokens {
  const key = new TextEncoder().encode(secret)
  return {
    sign: ({ accountId, sessionId }, extra = {}) =>
      new SignJWT({ ...extra, sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ })
        .setSubject(accountId)
        .setIssuer(issuer)
        .setAudience(issuer)
        .setIssuedAt(Math.floor(now() / 1_000))
        .setExpirationTime(Math.floor((now() + lifeMs) / 1_000))
        .sign(key),
    read: async (token) => {
      const read = await jwtVerify<{ readonly sid: string }>(token, key, {
        ...{ algorithms: ['HS256'], typ, issuer, audience: issuer, currentDate: new Date(now()), requiredClaims: ['sub', 'sid', 'exp'] },
      }).catch(() => undefined)
      return read && { accountId: String(read.payload.sub), sessionId: String(read.payload.sid) }
    },
  }
}
