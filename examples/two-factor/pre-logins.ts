import { randomUUID } from 'node:crypto'
import { bearerToken } from '../accounts/access.js'
import { createAccessTokens } from '../accounts/access-token.js'
import { type Account, accountById } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import type { Access } from '../service/route.js'
import { passwordTag } from './password-tag.js'

/** How long a right password waits for its second factor, in milliseconds: 5 minutes. */
export const preLoginMs = 5 * 60_000

/** Whose password was right, and the row that stands for it. */
export interface PreLogin {
  readonly account: Account
  readonly id: string
}

export interface PreLogins {
  /** A token that opens the second step and nothing else. */
  open(sql: Sql, account: Account): Promise<string>
  readonly access: Access<PreLogin>
  /** Whether it still waits; until the transaction ends nobody else finds out. */
  lock(sql: Sql, preLogin: PreLogin): Promise<boolean>
  end(sql: Sql, preLogin: PreLogin): Promise<void>
}

export function createPreLogins({
  database,
  secrets,
  publicUrl,
  now,
}: Pick<Parts, 'database' | 'secrets' | 'publicUrl' | 'now'>): PreLogins {
  // A type of its own: as an access token it is none, and no access token is one.
  const tokens = createAccessTokens(secrets.tokens, publicUrl.origin, now, { typ: 'pre-login+jwt', lifeMs: preLoginMs })
  const waits = 'SELECT 1 FROM two_factor_pre_login WHERE id = $1 AND account_id = $2 AND password_tag = $3 AND expires_at > $4'
  const isWaiting = async (sql: Sql, { id, account }: PreLogin, lock = '') =>
    (await sql.query(`${waits} ${lock}`, [id, account.id, passwordTag(account), new Date(now())])).length > 0

  return {
    async open(sql, account) {
      const id = randomUUID()
      await sql.query('DELETE FROM two_factor_pre_login WHERE expires_at <= $1', [new Date(now())])
      await sql.query('INSERT INTO two_factor_pre_login (id, account_id, password_tag, expires_at) VALUES ($1, $2, $3, $4)', [
        ...[id, account.id, passwordTag(account), new Date(now() + preLoginMs)],
      ])
      return tokens.sign({ accountId: account.id, sessionId: id })
    },

    access: {
      says: 'A pre-login token: the password was right, the second factor is missing',
      async admit(visitor) {
        const token = bearerToken(visitor)
        const claims = token === undefined ? undefined : await tokens.read(token)
        const account = claims && (await accountById(database, claims.accountId))
        const who = claims && account?.isActive && { account, id: claims.sessionId }
        return who && (await isWaiting(database, who)) ? { who } : { refused: 'unauthorized' }
      },
    },

    lock: (sql, preLogin) => isWaiting(sql, preLogin, 'FOR UPDATE'),

    end: async (sql, { id }) => void (await sql.query('DELETE FROM two_factor_pre_login WHERE id = $1', [id])),
  }
}
