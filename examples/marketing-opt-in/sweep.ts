import type { Parts } from '../service/parts.js'

const [minute, day] = [60_000, 24 * 3_600_000]

/** What is over, by table: `$1` is the last instant that is. */
const over = {
  opt_in_request: [15 * minute, 'asked_at <= $1'],
  // A number stays here for the five minutes of a confirmation, its hash for the hour of the pause.
  reply: [60 * minute, 'asked_at <= $1'],
  inbound: [30 * day, 'at <= $1'],
  inbox: [30 * day, 'at <= $1'],
  // Evidence outlives the longest time in which somebody may claim to have never consented, and every consent that still holds.
  consent_record: [
    5 * 366 * day,
    "at <= least($1, now() - interval '5 years') AND phone_key NOT IN (SELECT phone_key FROM subscriber WHERE programs <> '{}')",
  ],
} as const

/** Deletes what there is no reason left to keep. */
export async function sweep({ database, now }: Pick<Parts, 'database' | 'now'>): Promise<void> {
  for (const [table, [ageMs, condition]] of Object.entries(over)) {
    await database.query(`DELETE FROM ${table} WHERE ${condition}`, [new Date(now() - ageMs)])
  }
  await database.query('UPDATE reply SET phone = NULL WHERE asked_at <= $1', [new Date(now() - 5 * minute)])
}
