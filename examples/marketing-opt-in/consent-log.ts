import type { Sql } from '../service/database.js'
import { openPersonal, type Personal, sealPersonal } from './personal.js'
import type { Subscriber } from './subscriber.js'

export type Method = 'web_form' | 'web_preferences' | 'web_unsubscribe' | 'sms_keyword' | 'sms_words' | 'staff' | 'erasure'

/** One thing that a person said (L4). */
export interface ConsentRecord {
  readonly at: Date
  readonly saidAt: Date
  readonly kind: 'consent' | 'revocation' | 'erasure'
  readonly method: Method
  readonly phoneKey: string
  readonly scope: 'program' | 'all'
  readonly programs: readonly string[]
  readonly text?: string | null
  readonly textVersion?: string | null
  readonly locale?: string | null
  /** What proves it: the challenge that was answered, the message that came. */
  readonly evidence: Readonly<Record<string, string>>
}

/** Adds to the log. What is personal is sealed; of somebody who is no subscriber it is not kept at all. */
export async function appendRecord(sql: Sql, record: ConsentRecord, personal: Personal, subscriber: Subscriber | undefined): Promise<void> {
  const { at, saidAt, kind, method, phoneKey, scope, programs, text = null, textVersion = null, locale = null, evidence } = record
  await sql.query(
    `INSERT INTO consent_record (at, said_at, kind, method, phone_key, scope, programs, text, text_version, locale, evidence, sealed)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[at, saidAt, kind, method, phoneKey, scope, programs, text, textVersion, locale, JSON.stringify(evidence)],
      subscriber ? sealPersonal({ ...personal, phone: subscriber.phone }, subscriber.sealKey, phoneKey) : null,
    ],
  )
}

/** Everything that the log knows of a subscriber, oldest first, with what is sealed opened. */
export async function recordsOf(sql: Sql, { phoneKey, sealKey }: Subscriber): Promise<readonly object[]> {
  const kept = await sql.query<{ readonly sealed: string | null }>(
    `SELECT at, said_at, kind, method, scope, programs, text, text_version, locale, evidence, sealed
     FROM consent_record WHERE phone_key = $1 ORDER BY id`,
    [phoneKey],
  )
  return kept.map(({ sealed, ...record }) => ({ ...record, person: sealed && readable(sealed, sealKey, phoneKey) }))
}

/** What was sealed before an erasure stays shut, whoever comes back. */
function readable(sealed: string, key: string, bound: string): Personal | null {
  try {
    return openPersonal(sealed, key, bound)
  } catch {
    return null
  }
}

const columns = `at, said_at AS "saidAt", kind, method, phone_key AS "phoneKey", scope, programs, text, text_version AS "textVersion", locale, evidence`

/** The newest consent of a number. */
export async function lastConsent(sql: Sql, phoneKey: string): Promise<Required<ConsentRecord> | undefined> {
  const condition = "phone_key = $1 AND kind = 'consent'"
  return (
    await sql.query<Required<ConsentRecord>>(`SELECT ${columns} FROM consent_record WHERE ${condition} ORDER BY id DESC LIMIT 1`, [
      phoneKey,
    ])
  )[0]
}
