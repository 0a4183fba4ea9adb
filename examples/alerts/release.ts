import { type Account, lockAccount } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { type Alert, type Channel, channels } from './alert.js'
import { decide } from './decide.js'
import { circumstancesOf, move, note } from './notifications.js'
import { preferencesOf } from './preferences.js'

interface Held extends Pick<Alert, 'kind' | 'severity'> {
  readonly id: string
}

/** Longer than any send may take: what is pending by then belongs to a process that is gone. */
const abandonedMs = 120_000

/**
 * Lets go of what was held back once quiet hours and cap allow it: of each account and channel in one text. An alert whose process died
 * while it was sent is held again: better twice than never.
 */
export async function release(parts: Pick<Parts, 'database' | 'now'>, deliver: (ids: readonly string[]) => Promise<void>): Promise<void> {
  const at = parts.now()
  const due = await parts.database.query<{ readonly id: string }>(
    `SELECT DISTINCT account_id::text AS id FROM alert_notification
     WHERE (status = 'held' AND due_at <= $1) OR (status = 'pending' AND counted_at <= $2)`,
    [new Date(at), new Date(at - abandonedMs)],
  )
  // One account after the other: what waited pending behind all others would look abandoned.
  for (const { id } of due) await deliver(await releaseAccount(parts, id))
}

const releaseAccount = ({ database, now }: Pick<Parts, 'database' | 'now'>, id: string): Promise<readonly string[]> =>
  database.transaction(async (transaction) => {
    const account = await lockAccount(transaction, id)
    if (account === undefined) return []
    const at = now()
    await rescue(transaction, id, at)
    const ids: (string | undefined)[] = []
    for (const channel of channels) ids.push(await releaseChannel(transaction, account, channel, at))
    return ids.filter((one) => one !== undefined)
  })

async function releaseChannel(sql: Sql, account: Account, channel: Channel, at: number): Promise<string | undefined> {
  const preferences = await preferencesOf(sql, account.id)
  const held = await sql.query<Held>(
    `SELECT told.id::text AS id, kind, severity FROM alert_notification AS told JOIN security_alert ON security_alert.id = alert_id
     WHERE told.account_id = $1 AND channel = $2 AND status = 'held' AND due_at <= $3 ORDER BY told.id`,
    [account.id, channel, new Date(at)],
  )
  const circumstances = await circumstancesOf(sql, account, channel, at)
  // Asked anew: who switched texts off meanwhile gets none.
  const looked = held.map(({ id, ...alert }) => ({ id, decision: decide(alert, channel, preferences, circumstances) }))
  for (const { id, decision } of looked) {
    if (!account.isActive) await move(sql, [id], 'dropped', 'account_closed', at)
    else if (decision.verdict === 'drop') await move(sql, [id], 'dropped', decision.reason, at)
  }
  const kept = looked.filter(({ decision }) => account.isActive && decision.verdict !== 'drop')
  // One that may go takes the others along: it is one text all the same.
  if (!kept.some(({ decision }) => decision.verdict === 'deliver')) return undefined
  return claim(
    sql,
    account.id,
    channel,
    kept.map(({ id }) => id),
    at,
  )
}

/** Takes a place in the hour for one text of all these. */
async function claim(sql: Sql, accountId: string, channel: Channel, ids: readonly string[], at: number): Promise<string> {
  const [first = ''] = ids
  if (ids.length === 1) {
    await sql.query(`UPDATE alert_notification SET status = 'pending', counted_at = $2 WHERE id = $1`, [first, new Date(at)])
    await note(sql, [first], 'pending', 'released', at)
    return first
  }
  const [{ id } = { id: '' }] = await sql.query<{ readonly id: string }>(
    `INSERT INTO alert_notification (account_id, channel, status, due_at, counted_at, tries)
     SELECT $1, $2, 'pending', $3, $3, max(tries) FROM alert_notification WHERE id = ANY($4::bigint[]) RETURNING id::text AS id`,
    [accountId, channel, new Date(at), ids],
  )
  await sql.query(`UPDATE alert_notification SET status = 'aggregated', digest_id = $2 WHERE id = ANY($1::bigint[])`, [ids, id])
  await note(sql, ids, 'aggregated', 'released', at)
  await note(sql, [id], 'pending', 'released', at)
  return id
}

async function rescue(sql: Sql, accountId: string, at: number): Promise<void> {
  const lost = await sql.query<{ readonly id: string }>(
    `UPDATE alert_notification SET status = CASE WHEN alert_id IS NULL THEN 'unknown' ELSE 'held' END
     WHERE account_id = $1 AND status = 'pending' AND counted_at <= $2 RETURNING id::text AS id`,
    [accountId, new Date(at - abandonedMs)],
  )
  if (lost.length === 0) return
  const ids = lost.map(({ id }) => id)
  await note(sql, ids, 'held', 'interrupted', at)
  const apart = await sql.query<{ readonly id: string }>(
    `UPDATE alert_notification SET status = 'held', digest_id = NULL WHERE digest_id = ANY($1::bigint[]) RETURNING id::text AS id`,
    [ids],
  )
  await note(
    sql,
    apart.map(({ id }) => id),
    'held',
    'interrupted',
    at,
  )
}
