import { z } from 'zod'
import type { Sql } from '../service/database.js'
import { languages } from '../service/language.js'
import { channels, severities } from './alert.js'
import { isTimeZone } from './quiet-hours.js'

const severity = z.enum(severities)
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'time_wrong')

/** What a person asks for: in the API, and as it is kept. */
export const preferencesSchema = z
  .strictObject({
    enabled_methods: z.array(z.enum(channels)).max(channels.length),
    min_severity_web: severity,
    min_severity_email: severity,
    min_severity_sms: severity,
    max_notifications_per_hour: z.int().min(1).max(60),
    quiet_hours_start: time.nullable(),
    quiet_hours_end: time.nullable(),
    time_zone: z.string().max(64).refine(isTimeZone, 'time_zone_unknown'),
    enable_aggregation: z.boolean(),
    language: z.enum(languages),
  })
  // One end alone is no span, and the same twice might mean never or always.
  .refine(({ quiet_hours_start: start, quiet_hours_end: end }) => (start === null) === (end === null), {
    ...{ message: 'quiet_hours_half', path: ['quiet_hours_end'] },
  })
  .refine(({ quiet_hours_start: start, quiet_hours_end: end }) => start === null || start !== end, {
    ...{ message: 'quiet_hours_empty', path: ['quiet_hours_end'] },
  })

export type Preferences = z.infer<typeof preferencesSchema>

/** Until somebody chooses: no text that nobody asked for. */
export const defaults: Preferences = {
  enabled_methods: ['web', 'email'],
  min_severity_web: 'low',
  min_severity_email: 'high',
  min_severity_sms: 'critical',
  max_notifications_per_hour: 5,
  quiet_hours_start: null,
  quiet_hours_end: null,
  time_zone: 'Europe/Paris',
  enable_aggregation: true,
  language: 'fr',
}

export async function preferencesOf(sql: Sql, accountId: string): Promise<Preferences> {
  const [kept] = await sql.query<{ readonly preferences: Preferences }>('SELECT preferences FROM alert_preferences WHERE account_id = $1', [
    accountId,
  ])
  return kept?.preferences ?? defaults
}

export const keepPreferences = (sql: Sql, accountId: string, preferences: Preferences) =>
  sql.query(
    `INSERT INTO alert_preferences (account_id, preferences) VALUES ($1, $2)
     ON CONFLICT (account_id) DO UPDATE SET preferences = $2`,
    [accountId, JSON.stringify(preferences)],
  )
