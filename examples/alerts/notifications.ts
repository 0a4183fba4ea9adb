import type { Account } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import type { Channel } from './alert.js'
import type { Circumstances } from './decide.js'

const hourMs = 3_600_000

/** What a decision about this account and channel is made on. Under a lock on the account, so that each sees what all others took. */
export async function circumstancesOf(sql: Sql, account: Account, channel: Channel, at: number): Promise<Circumstances> {
  const [row] = await sql.query<{ readonly count: number }>(
    'SELECT count(*)::int AS count FROM alert_notification WHERE account_id = $1 AND channel = $2 AND counted_at > $3',
    [account.id, channel, new Date(at - hourMs)],
  )
  // A number stands in an account only once it is verified, and so it may be texted.
  const reachable = { web: true, email: account.email !== null, sms: account.phone !== null && account.phoneVerifiedAt !== null }
  return { reachable: reachable[channel], sentThisHour: row?.count ?? 0, at }
}

/** Writes into the log what became of these notifications. */
export const note = (sql: Sql, ids: readonly string[], event: string, reason: string, at: number) =>
  sql.query('INSERT INTO alert_log (notification_id, at, event, reason) SELECT unnest($1::bigint[]), $2, $3, $4', [
    ...[ids, new Date(at), event, reason],
  ])

/** Gives notifications another status, and says why. */
export async function move(sql: Sql, ids: readonly string[], status: 'held' | 'dropped', reason: string, at: number): Promise<void> {
  if (ids.length === 0) return
  await sql.query('UPDATE alert_notification SET status = $2, counted_at = NULL WHERE id = ANY($1::bigint[])', [ids, status])
  await note(sql, ids, status, reason, at)
}
