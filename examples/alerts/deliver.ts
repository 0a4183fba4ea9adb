import { accountById } from '../accounts/account.js'
import type { Transaction } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { type Alert, alertColumns, type Channel } from './alert.js'
import { note } from './notifications.js'
import { preferencesOf } from './preferences.js'
import { type SendParts, type Sent, send } from './send.js'

interface Pending {
  readonly accountId: string
  readonly channel: Channel
  readonly tries: number
}

/** The wait before the next try doubles from a minute on; after ten of them, most of a day, the news is old. */
const [firstWaitMs, mostTries] = [60_000, 10]

/** Sends what has its place in the hour, outside of every transaction, and writes down what became of it. */
export function createDeliver({ database, now, log }: Pick<Parts, 'database' | 'now' | 'log'>, parts: SendParts) {
  const deliver = async (id: string): Promise<void> => {
    const [pending] = await database.query<Pending>(
      `SELECT account_id::text AS "accountId", channel, tries FROM alert_notification WHERE id = $1 AND status = 'pending'`,
      [id],
    )
    const account = pending && (await accountById(database, pending.accountId))
    if (pending === undefined || account === undefined) return
    const alerts = await database.query<Alert>(
      `SELECT ${alertColumns} FROM alert_notification AS told JOIN security_alert ON security_alert.id = told.alert_id
       WHERE told.id = $1 OR told.digest_id = $1 ORDER BY security_alert.id`,
      [id],
    )
    const { language } = await preferencesOf(database, account.id)
    const sent = await send(parts, { account, channel: pending.channel, alerts, language })
    if (sent.outcome !== 'sent') log.warn({ channel: pending.channel, outcome: sent.outcome, reason: sent.reason }, 'alert not sent')
    await database.transaction((transaction) => settle(transaction, id, pending.tries + 1, sent))
  }

  const settle = async (sql: Transaction, id: string, tries: number, sent: Sent): Promise<void> => {
    const at = now()
    const isOver = tries >= mostTries
    const status = sent.outcome === 'again' ? (isOver ? 'failed' : 'held') : sent.outcome
    const dueAt = new Date(at + firstWaitMs * 2 ** (tries - 1))
    // What was certainly not sent gives its place in the hour back.
    const settled = await sql.query(
      `UPDATE alert_notification SET status = $2, tries = $3, due_at = $4, segments = $5,
         counted_at = CASE WHEN $2 IN ('sent', 'unknown') THEN counted_at END
       WHERE id = $1 AND status = 'pending' RETURNING 1`,
      [id, status, tries, dueAt, 'segments' in sent ? sent.segments : null],
    )
    if (settled.length === 0) return
    await note(sql, [id], status, sent.reason, at)
    if (status !== 'held') return
    // A text of several goes apart again: by then more may have joined them, and others may be unwanted.
    const apart = await sql.query<{ readonly id: string }>(
      `UPDATE alert_notification SET status = 'held', digest_id = NULL, tries = $2, due_at = $3 WHERE digest_id = $1 RETURNING id::text AS id`,
      [id, tries, dueAt],
    )
    if (apart.length === 0) return
    await sql.query(`UPDATE alert_notification SET status = 'failed' WHERE id = $1`, [id])
    await note(sql, [...apart.map((one) => one.id)], 'held', sent.reason, at)
  }

  return async (ids: readonly string[]): Promise<void> => {
    // One that fails here, with the database perhaps, keeps nobody else's from leaving; it is found again as pending.
    for (const id of ids) await deliver(id).catch((error: unknown) => log.error({ err: error }, 'alert not delivered'))
  }
}
