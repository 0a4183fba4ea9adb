import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { createAccessTokens } from './access-token.js'
import { type Account, accountById } from './account.js'

/** How long a session lasts without being refreshed, in milliseconds: 7 days. */
export const refreshTokenMs = 7 * 24 * 3_600_000

export interface Tokens {
  readonly access: string
  readonly refresh: string
}

/** Who is signed in, and by which session. */
export interface SignedIn {
  readonly account: Account
  readonly sessionId: string
}

export interface Sessions {
  /** Signs an account in. Within a transaction of yours, so that a sign-in and what allowed it are one. */
  open(sql: Sql, account: Account): Promise<Tokens>
  /** Trades a refresh token for new tokens, once. A second time means that two hold it: the session ends for both. */
  rotate(refresh: string): Promise<(Tokens & { readonly account: Account }) | undefined>
  /** Ends the session of a refresh token: false where it had ended already, or was never ours. */
  revoke(refresh: string): Promise<boolean>
  /** Ends every session of an account, perhaps but one. */
  revokeAll(sql: Sql, accountId: string, exceptSessionId?: string): Promise<void>
  /** Who holds this access token, while the session lives. */
  signedIn(accessToken: string): Promise<SignedIn | undefined>
}

interface Live {
  readonly sessionId: string
  readonly accountId: string
}

const digestOf = (refresh: string) => createHash('sha256').update(refresh).digest('base64url')

/**
 * @param claims what an access token says besides, for clients that read it. It is signed, not encrypted.
 */
export function createSessions(
  { database, secrets, publicUrl, now }: Pick<Parts, 'database' | 'secrets' | 'publicUrl' | 'now'>,
  claims: (account: Account) => Readonly<Record<string, unknown>> = () => ({}),
): Sessions {
  const accessTokens = createAccessTokens(secrets.tokens, publicUrl.origin, now)
  const instant = (fromNowMs = 0) => new Date(now() + fromNowMs)

  const tokensOf = async (sql: Sql, account: Account, sessionId: string): Promise<Tokens> => {
    const refresh = randomBytes(32).toString('base64url')
    await sql.query('INSERT INTO refresh_token (digest, session_id, expires_at) VALUES ($1, $2, $3)', [
      ...[digestOf(refresh), sessionId, instant(refreshTokenMs)],
    ])
    return { refresh, access: await accessTokens.sign({ accountId: account.id, sessionId }, claims(account)) }
  }

  const liveAccount = async (sql: Sql, { sessionId, accountId }: Live): Promise<Account | undefined> => {
    const live = await sql.query(
      'SELECT 1 FROM account_session WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND expires_at > $3',
      [sessionId, accountId, instant()],
    )
    const account = live.length === 0 ? undefined : await accountById(sql, accountId)
    return account?.isActive ? account : undefined
  }

  return {
    async open(sql, account) {
      const sessionId = randomUUID()
      // Whoever signs in sweeps up behind themselves.
      await sql.query('DELETE FROM account_session WHERE account_id = $1 AND expires_at <= $2', [account.id, instant()])
      await sql.query('INSERT INTO account_session (id, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
        ...[sessionId, account.id, instant(), instant(refreshTokenMs)],
      ])
      return tokensOf(sql, account, sessionId)
    },

    rotate: (refresh) =>
      database.transaction(async (transaction) => {
        // One statement finds and uses it up: of two that come with the same token, one is too late.
        const [used] = await transaction.query<Live>(
          `UPDATE refresh_token SET used_at = $2 FROM account_session
           WHERE digest = $1 AND used_at IS NULL AND refresh_token.expires_at > $2 AND account_session.id = session_id
           RETURNING session_id AS "sessionId", account_id::text AS "accountId"`,
          [digestOf(refresh), instant()],
        )
        if (used === undefined) {
          // Known and used up: somebody has a copy. Nobody can tell who, so both sign in anew.
          await revokeFamily(transaction, refresh, instant(), true)
          return undefined
        }
        const account = await liveAccount(transaction, used)
        if (account === undefined) return undefined
        await transaction.query('UPDATE account_session SET expires_at = $2 WHERE id = $1', [used.sessionId, instant(refreshTokenMs)])
        return { account, ...(await tokensOf(transaction, account, used.sessionId)) }
      }),

    revoke: (refresh) => database.transaction((transaction) => revokeFamily(transaction, refresh, instant(), false)),

    async revokeAll(sql, accountId, exceptSessionId) {
      await sql.query(
        'UPDATE account_session SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3::uuid',
        [...[accountId, instant(), exceptSessionId ?? null]],
      )
    },

    async signedIn(accessToken) {
      const claims = await accessTokens.read(accessToken)
      const account = claims && (await liveAccount(database, claims))
      return account && { account, sessionId: claims.sessionId }
    },
  }
}

/** Ends the session that a refresh token belongs to: whether it was alive. `isUsed`: only where the token was used before, however long ago. */
async function revokeFamily(sql: Sql, refresh: string, at: Date, isUsed: boolean): Promise<boolean> {
  const ended = await sql.query(
    `UPDATE account_session SET revoked_at = $2 FROM refresh_token
     WHERE digest = $1 AND account_session.id = session_id AND revoked_at IS NULL
       AND (used_at IS NOT NULL) = $3 AND ($3 OR refresh_token.expires_at > $2)
     RETURNING account_session.id`,
    [digestOf(refresh), at, isUsed],
  )
  return ended.length > 0
}
