import { randomUUID } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'
import { appendRecord, type ConsentRecord } from './consent-log.js'
import { newPersonalKey, type Personal } from './personal.js'
import type { Program } from './programs.js'
import { type Subscriber, subscriberColumns } from './subscriber.js'

export interface Consent extends Omit<ConsentRecord, 'kind' | 'scope'> {
  readonly phone: PhoneNumber
  readonly programs: readonly Program[]
  readonly timeZone: string | null
  readonly locale: string
  readonly personal: Personal
}

/** Enters a consent and what follows from it, in the transaction of its proof. Programs are added: nobody leaves one by joining another. */
export async function giveConsent(sql: Sql, { phone, timeZone, personal, ...consent }: Consent): Promise<Subscriber> {
  const { phoneKey, programs, locale, at } = consent
  const [subscriber] = await sql.query<Subscriber>(
    `INSERT INTO subscriber (id, phone_key, phone, seal_key, programs, time_zone, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (phone_key) DO UPDATE SET
       programs = ARRAY(SELECT DISTINCT unnest(subscriber.programs || EXCLUDED.programs) ORDER BY 1),
       time_zone = coalesce(EXCLUDED.time_zone, subscriber.time_zone), locale = EXCLUDED.locale
     RETURNING ${subscriberColumns}`,
    [randomUUID(), phoneKey, phone, newPersonalKey(), programs, timeZone, locale, at],
  )
  // A new consent of the person's own is the one thing that lifts a suppression.
  await sql.query('DELETE FROM suppression WHERE phone_key = $1', [phoneKey])
  await appendRecord(sql, { ...consent, kind: 'consent', scope: 'program' }, personal, subscriber)
  return subscriber as Subscriber
}
