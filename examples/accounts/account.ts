import type { PhoneNumber } from 'phone-verify'
import type { Sql } from '../service/database.js'

/** A person who may sign in. */
export interface Account {
  readonly id: string
  readonly phone: PhoneNumber | null
  readonly phoneVerifiedAt: Date | null
  readonly email: string | null
  readonly passwordHash: string
  readonly firstName: string
  readonly lastName: string
  readonly isActive: boolean
  readonly isStaff: boolean
  readonly createdAt: Date
}

export type NewAccount = Pick<Account, 'phone' | 'email' | 'passwordHash' | 'firstName' | 'lastName' | 'createdAt'>

const columns = `id::text AS id, phone, phone_verified_at AS "phoneVerifiedAt", email, password_hash AS "passwordHash",
  first_name AS "firstName", last_name AS "lastName", is_active AS "isActive", is_staff AS "isStaff", created_at AS "createdAt"`

/** E-mail addresses are kept and sought in lower case. */
export const canonicalEmail = (email: string): string => email.trim().toLowerCase()

const one = async (sql: Sql, condition: string, value: unknown): Promise<Account | undefined> =>
  (await sql.query<Account>(`SELECT ${columns} FROM account WHERE ${condition}`, [value]))[0]

export const accountById = (sql: Sql, id: string) => one(sql, 'id = $1', id)
export const accountByPhone = (sql: Sql, phone: string) => one(sql, 'phone = $1', phone)
export const accountByEmail = (sql: Sql, email: string) => one(sql, 'email = $1', canonicalEmail(email))

/** The account, which nobody else changes until the transaction ends. */
export const lockAccount = (sql: Sql, id: string) => one(sql, 'id = $1 FOR UPDATE', id)

/** A new account; undefined where its phone or e-mail address is another's. */
export async function insertAccount(sql: Sql, account: NewAccount): Promise<Account | undefined> {
  const { phone, email, passwordHash, firstName, lastName, createdAt } = account
  const [inserted] = await sql.query<Account>(
    `INSERT INTO account (phone, phone_verified_at, email, password_hash, first_name, last_name, created_at)
     VALUES ($1, CASE WHEN $1::text IS NULL THEN NULL ELSE $6::timestamptz END, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [phone, email === null ? null : canonicalEmail(email), passwordHash, firstName, lastName, createdAt],
  )
  return inserted
}

export const setPasswordHash = (sql: Sql, id: string, passwordHash: string) =>
  sql.query('UPDATE account SET password_hash = $2 WHERE id = $1', [id, passwordHash])
