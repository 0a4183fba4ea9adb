import type { PhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'
import type { Contact } from './contact.js'

/** A registration whose number is not proven. Its id is the subject of the codes that are sent for it. */
export interface Pending extends Contact {
  readonly id: string
  readonly phone: PhoneNumber
  readonly passwordHash: string
  readonly firstName: string
  readonly lastName: string
}

/** How long a registration waits for its proof, in milliseconds: a day. */
export const pendingMs = 24 * 3_600_000

const columns = `id::text AS id, phone, password_hash AS "passwordHash", first_name AS "firstName", last_name AS "lastName",
  email, address, apartment_name AS "apartmentName"`

/** Keeps a registration, and forgets those whose day is over. */
export async function keepPending(sql: Sql, pending: Pending, now: number): Promise<void> {
  const { id, phone, passwordHash, firstName, lastName, email, address, apartmentName } = pending
  await sql.query('DELETE FROM pending_registration WHERE expires_at <= $1', [new Date(now)])
  await sql.query(
    `INSERT INTO pending_registration (id, phone, password_hash, first_name, last_name, email, address, apartment_name, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, phone, passwordHash, firstName, lastName, email, address, apartmentName, new Date(now + pendingMs)],
  )
}

export async function findPending(sql: Sql, id: string, phone: PhoneNumber, now: number): Promise<Pending | undefined> {
  const [pending] = await sql.query<Pending>(
    `SELECT ${columns} FROM pending_registration WHERE id = $1 AND phone = $2 AND expires_at > $3`,
    [id, phone, new Date(now)],
  )
  return pending
}

/** Takes a registration away, for exactly one caller. */
export async function takePending(sql: Sql, id: string, now: number): Promise<Pending | undefined> {
  const [pending] = await sql.query<Pending>(`DELETE FROM pending_registration WHERE id = $1 AND expires_at > $2 RETURNING ${columns}`, [
    ...[id, new Date(now)],
  ])
  return pending
}
