import { decodeJwt } from 'jose'
import { member } from '../accounts/access.js'
import type { Sessions, SignedIn, Tokens } from '../accounts/sessions.js'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import type { Access } from '../service/route.js'
import { factorsOf } from './factors.js'

/** How long a sign-in may change factors, in milliseconds: 15 minutes. */
export const recentMs = 15 * 60_000

/**
 * Whoever signed in just now, and gave a second factor where the account has one: what adds, replaces or ends a factor asks for no less than
 * what it changes. The cookie of a remembered device is not enough.
 */
export const recent = (sessions: Sessions, { database, now }: Pick<Parts, 'database' | 'now'>): Access<SignedIn> => ({
  says: 'An access token of a sign-in of the last 15 minutes, by second factor where one is on',
  async admit(visitor) {
    const admitted = await member(sessions).admit(visitor)
    if (!('who' in admitted)) return admitted
    const { account, sessionId } = admitted.who
    const [session] = await database.query<{ readonly gaveFactor: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM two_factor_session WHERE session_id = id) AS "gaveFactor"
       FROM account_session WHERE id = $1 AND created_at > $2`,
      [sessionId, new Date(now() - recentMs)],
    )
    const isEnough = session !== undefined && (session.gaveFactor || !(await factorsOf(database, account)).isOn)
    return isEnough ? admitted : { refused: 'forbidden' }
  },
})

/** From now on this session is one that gave a second factor. */
export const markFactor = (sql: Sql, sessionId: string) =>
  sql.query('INSERT INTO two_factor_session (session_id) VALUES ($1) ON CONFLICT DO NOTHING', [sessionId])

/** The session of tokens that were made just now. */
export const sessionOf = ({ access }: Tokens): string => String(decodeJwt(access)['sid'])
