import type { PhoneNumber } from 'phone-verify'
import type { Sql, Transaction } from '../../service/database.js'

/** Whether a number may have an account. */
export type Admits = (sql: Sql, phone: PhoneNumber) => Promise<boolean>

export interface AllowedNumber {
  readonly id: string
  readonly phone: PhoneNumber
  readonly addedByDisplay: string
  readonly addedByPhone: PhoneNumber | null
  readonly addedAt: Date
  readonly notes: string
  readonly isActive: boolean
}

/** Who changes the list: an account, or whoever has the terminal. */
export interface Actor {
  readonly accountId: string | null
  readonly name: string
}

export interface Change {
  readonly actor: Actor
  readonly at: Date
}

const selected = `SELECT allowed_number.id::text AS id, allowed_number.phone, added_by_display AS "addedByDisplay",
  account.phone AS "addedByPhone", added_at AS "addedAt", notes, allowed_number.is_active AS "isActive"
  FROM allowed_number LEFT JOIN account ON account.id = added_by`

export const allowedNumbers = (sql: Sql) => sql.query<AllowedNumber>(`${selected} ORDER BY allowed_number.id`)

export const allowedNumber = async (sql: Sql, phone: PhoneNumber) =>
  (await sql.query<AllowedNumber>(`${selected} WHERE allowed_number.phone = $1`, [phone]))[0]

export const isAllowed: Admits = async (sql, phone) =>
  (await sql.query('SELECT 1 FROM allowed_number WHERE phone = $1 AND is_active', [phone])).length > 0

/** Allows a number, or says anew what is noted of one, and whether it was new. */
export async function allowNumber(
  sql: Transaction,
  { phone, notes, isActive }: Pick<AllowedNumber, 'phone' | 'notes' | 'isActive'>,
  change: Change,
): Promise<boolean> {
  const { actor, at } = change
  const [row] = await sql.query<{ readonly isNew: boolean }>(
    // A row that was never updated has no `xmax`: this statement has made it.
    `INSERT INTO allowed_number (phone, added_by, added_by_display, added_at, notes, is_active) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (phone) DO UPDATE SET notes = $5, is_active = $6 RETURNING xmax = 0 AS "isNew"`,
    [phone, actor.accountId, actor.name, at, notes, isActive],
  )
  const isNew = row?.isNew ?? false
  await record(sql, isNew ? 'added' : 'changed', { phone, notes, isActive }, change)
  return isNew
}

/** Takes a number off the list: false where it was not on it. */
export async function removeNumber(sql: Transaction, phone: PhoneNumber, change: Change): Promise<boolean> {
  const [removed] = await sql.query<Pick<AllowedNumber, 'notes' | 'isActive'>>(
    'DELETE FROM allowed_number WHERE phone = $1 RETURNING notes, is_active AS "isActive"',
    [phone],
  )
  if (removed) await record(sql, 'removed', { phone, ...removed }, change)
  return removed !== undefined
}

/** In the transaction of what it tells: nothing is changed without a trace, and no trace tells of what did not happen. */
async function record(
  sql: Transaction,
  action: 'added' | 'changed' | 'removed',
  { phone, notes, isActive }: Pick<AllowedNumber, 'phone' | 'notes' | 'isActive'>,
  { actor, at }: Change,
): Promise<void> {
  await sql.query('INSERT INTO allow_list_log (at, actor_id, actor, action, phone, notes, is_active) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    ...[at, actor.accountId, actor.name, action, phone, notes, isActive],
  ])
}
