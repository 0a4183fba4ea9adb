import type { Sql } from '../service/database.js'
import { appendRecord, type ConsentRecord } from './consent-log.js'
import type { Personal } from './personal.js'
import type { Program } from './programs.js'
import { lockSubscriber, type Subscriber } from './subscriber.js'

export interface Revocation extends Pick<ConsentRecord, 'at' | 'saidAt' | 'method' | 'phoneKey' | 'evidence'> {
  /** One program, or all marketing (L8). What is sent for security is no marketing and goes on. */
  readonly scope: Program | 'all'
  readonly personal: Personal
}

/**
 * Ends a consent, at once. A number that never consented is entered as well: it said that it wants none, and whoever sees the reply, or its
 * time, learns nothing.
 *
 * @returns the subscriber as before, if the number is one
 */
export async function revokeConsent(sql: Sql, { scope, personal, ...revocation }: Revocation): Promise<Subscriber | undefined> {
  const { phoneKey, at } = revocation
  const subscriber = await lockSubscriber(sql, phoneKey)
  const record = { ...revocation, kind: 'revocation' } as const
  if (scope === 'all') {
    await sql.query("UPDATE subscriber SET programs = '{}' WHERE phone_key = $1", [phoneKey])
    await sql.query('INSERT INTO suppression (phone_key, since) VALUES ($1, $2) ON CONFLICT DO NOTHING', [phoneKey, at])
    // A welcome that still waits for the provider would greet somebody who has left.
    await sql.query("UPDATE reply SET phone = NULL WHERE phone_key = $1 AND kind = 'welcome'", [phoneKey])
    await appendRecord(sql, { ...record, scope, programs: subscriber?.programs ?? [] }, personal, subscriber)
  } else {
    await sql.query('UPDATE subscriber SET programs = array_remove(programs, $2) WHERE phone_key = $1', [phoneKey, scope])
    await appendRecord(sql, { ...record, scope: 'program', programs: [scope] }, personal, subscriber)
  }
  return subscriber
}
