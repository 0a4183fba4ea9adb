import type { Sql } from '../service/database.js'
import { type Alert, alertColumns } from './alert.js'

/** How many alerts one reply holds. */
const page = 100

/** An alert as its owner reads it. */
export interface ListedAlert extends Omit<Alert, 'raisedAt'> {
  readonly raised_at: string
}

/** What the web channel let through after a cursor, oldest first. */
export async function listAlerts(sql: Sql, accountId: string, after: string): Promise<readonly ListedAlert[]> {
  // Alerts of an account are numbered under the lock on it, so a cursor never passes one that is not committed yet.
  const alerts = await sql.query<Alert>(
    `SELECT ${alertColumns} FROM security_alert JOIN alert_notification AS told ON told.alert_id = security_alert.id
     WHERE security_alert.account_id = $1 AND security_alert.id > $2 AND told.channel = 'web' AND told.status = 'sent'
     ORDER BY security_alert.id LIMIT ${page}`,
    [accountId, after],
  )
  return alerts.map(({ raisedAt, ...alert }) => ({ ...alert, raised_at: raisedAt.toISOString() }))
}
