import { type Account, lockAccount } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import type { Parts } from '../service/parts.js'
import { type Alert, alertColumns, type Channel, channels } from './alert.js'
import { decide } from './decide.js'
import { circumstancesOf, note } from './notifications.js'
import { preferencesOf } from './preferences.js'

/** What a detector says. */
export interface NewAlert extends Pick<Alert, 'kind' | 'severity' | 'title' | 'message'> {
  readonly accountId: string
  /** The detector's own name for it: said twice, it is one alert. */
  readonly eventId: string | null
}

export interface Raised {
  readonly alertId: string
  readonly isNew: boolean
  /** What is to be sent now. */
  readonly pending: readonly string[]
}

/** What a verdict is called in a notification. Nothing is to be sent for the list: there it is. */
const statusOf = (verdict: 'deliver' | 'hold' | 'drop', channel: Channel) =>
  verdict === 'deliver' ? (channel === 'web' ? 'sent' : 'pending') : ({ hold: 'held', drop: 'dropped' } as const)[verdict]

/** Writes an alert down with what is to become of it on each channel; undefined where there is nobody of that id. */
export const raise = ({ database, now }: Pick<Parts, 'database' | 'now'>, alert: NewAlert): Promise<Raised | undefined> =>
  database.transaction(async (transaction) => {
    // One alert at a time for each account: who counts the hour sees all that was let through before.
    const account = await lockAccount(transaction, alert.accountId)
    if (!account?.isActive) return undefined
    const at = now()
    const kept = await insert(transaction, alert, at)
    if (kept === undefined) return { alertId: await sameEvent(transaction, alert), isNew: false, pending: [] }
    return { alertId: kept.id, isNew: true, pending: await notify(transaction, account, kept, at) }
  })

/** A notification for each channel, also where nothing is sent: that is what is asked about later. */
async function notify(sql: Sql, account: Account, alert: Alert, at: number): Promise<readonly string[]> {
  const preferences = await preferencesOf(sql, account.id)
  const pending: string[] = []
  for (const channel of channels) {
    const { verdict, reason } = decide(alert, channel, preferences, await circumstancesOf(sql, account, channel, at))
    const status = statusOf(verdict, channel)
    const [{ id } = { id: '' }] = await sql.query<{ readonly id: string }>(
      `INSERT INTO alert_notification (account_id, alert_id, channel, status, due_at, counted_at)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::text AS id`,
      [account.id, alert.id, channel, status, new Date(at), status === 'pending' ? new Date(at) : null],
    )
    await note(sql, [id], status, reason, at)
    if (status === 'pending') pending.push(id)
  }
  return pending
}

async function insert(sql: Sql, { accountId, eventId, kind, severity, title, message }: NewAlert, at: number): Promise<Alert | undefined> {
  const [alert] = await sql.query<Alert>(
    `INSERT INTO security_alert (account_id, event_id, kind, severity, title, message, raised_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING RETURNING ${alertColumns}`,
    [accountId, eventId, kind, severity, title, message, new Date(at)],
  )
  return alert
}

async function sameEvent(sql: Sql, { accountId, eventId }: NewAlert): Promise<string> {
  const [row] = await sql.query<{ readonly id: string }>(
    'SELECT id::text AS id FROM security_alert WHERE account_id = $1 AND event_id = $2',
    [accountId, eventId],
  )
  return row?.id ?? ''
}
