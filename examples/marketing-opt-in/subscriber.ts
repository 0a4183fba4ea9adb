import type { PhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'
import type { Program } from './programs.js'

/** Somebody who proved a number and consented at least once. */
export interface Subscriber {
  readonly id: string
  readonly phoneKey: string
  readonly phone: PhoneNumber
  readonly sealKey: string
  readonly programs: readonly Program[]
  readonly timeZone: string | null
  readonly locale: string
  readonly blockedAt: Date | null
  readonly createdAt: Date
}

export const subscriberColumns = `id, phone_key AS "phoneKey", phone, seal_key AS "sealKey", programs, time_zone AS "timeZone", locale,
  blocked_at AS "blockedAt", created_at AS "createdAt"`

const one = async (sql: Sql, condition: string, value: string): Promise<Subscriber | undefined> =>
  (await sql.query<Subscriber>(`SELECT ${subscriberColumns} FROM subscriber WHERE ${condition}`, [value]))[0]

export const subscriberById = (sql: Sql, id: string) => one(sql, 'id = $1', id)
export const subscriberByKey = (sql: Sql, phoneKey: string) => one(sql, 'phone_key = $1', phoneKey)

/** The subscriber, whom nobody else changes until the transaction ends. */
export const lockSubscriber = (sql: Sql, phoneKey: string) => one(sql, 'phone_key = $1 FOR UPDATE', phoneKey)

/** What the holder of a number sees of it. */
export const describePreferences = ({ programs, timeZone, locale, blockedAt }: Subscriber) => ({
  programs,
  time_zone: timeZone,
  locale,
  blocked: blockedAt !== null,
})
