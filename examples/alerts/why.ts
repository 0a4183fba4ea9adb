import type { Sql } from '../service/database.js'
import type { Language } from '../service/language.js'
import type { Channel } from './alert.js'
import { reasonIn } from './sentences.js'

interface Entry {
  readonly channel: Channel
  readonly status: string
  readonly event: string
  readonly reason: string
  readonly at: Date
  readonly alertId: string | null
}

/** What happened to an alert itself, then to the text that took it along. */
const entries = `SELECT told.channel, told.status, told.alert_id::text AS "alertId", log.event, log.reason, log.at
  FROM alert_log AS log JOIN alert_notification AS told ON told.id = log.notification_id`

const ofAlert = `${entries}
  WHERE told.account_id = $1 AND (told.alert_id::text = $2
    OR told.id IN (SELECT digest_id FROM alert_notification WHERE alert_id::text = $2))
  ORDER BY log.id`

const said = ({ event, reason, at }: Entry, language: Language) => ({
  ...{ at: at.toISOString(), event, reason, says: reasonIn(reason, language) },
})

/** What became of one alert on each channel, and why; nothing where it is another's. */
export async function outcomesOf(sql: Sql, accountId: string, alertId: string, language: Language): Promise<readonly object[]> {
  const found = await sql.query<Entry>(ofAlert, [accountId, alertId])
  return [...new Set(found.map(({ channel }) => channel))].map((channel) => {
    const history = found.filter((entry) => entry.channel === channel)
    const last = history.at(-1)
    // Of a text of several, its own status is what the alert's is.
    return {
      channel,
      status: last?.status,
      reason: last?.reason,
      says: reasonIn(last?.reason ?? '', language),
      history: history.map((one) => said(one, language)),
    }
  })
}

/** The newest entries of everything. */
export async function recentLog(sql: Sql, accountId: string, language: Language): Promise<readonly object[]> {
  const found = await sql.query<Entry>(`${entries} WHERE told.account_id = $1 ORDER BY log.id DESC LIMIT 100`, [accountId])
  return found.map((entry) => ({ ...said(entry, language), channel: entry.channel, alert_id: entry.alertId }))
}
