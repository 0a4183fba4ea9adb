import type { Sql } from '../service/database.js'
import { appendRecord } from './consent-log.js'
import type { Subscriber } from './subscriber.js'

/**
 * Forgets a person (L12). What is left: the keyed hash in the suppression, so that no list brings the number back, and the consent log, in
 * which nobody can read any more who it was. The erasure itself is its last entry.
 */
export async function erase(sql: Sql, { phoneKey }: Subscriber, at: Date): Promise<void> {
  for (const table of ['subscriber', 'reply', 'inbox', 'campaign_text']) {
    await sql.query(`DELETE FROM ${table} WHERE phone_key = $1`, [phoneKey])
  }
  await sql.query('INSERT INTO suppression (phone_key, since) VALUES ($1, $2) ON CONFLICT DO NOTHING', [phoneKey, at])
  const record = { at, saidAt: at, kind: 'erasure', method: 'erasure', phoneKey, scope: 'all', programs: [], evidence: {} } as const
  await appendRecord(sql, record, {}, undefined)
}
