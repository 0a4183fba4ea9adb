import type { PhoneNumber } from 'phone-verify'
import type { Account } from '../accounts/account.js'
import type { Sql } from '../service/database.js'

type Owner = Pick<Account, 'id' | 'passwordHash' | 'isActive'>
type Nobody = { readonly [Column in keyof Owner]: null }

/** Whose phone it is. The database answers with one row of the same columns either way, so that both take the same time. */
export async function findOwner(sql: Sql, phone: PhoneNumber): Promise<Owner | undefined> {
  const [row] = await sql.query<Owner | Nobody>(
    `SELECT id::text AS id, password_hash AS "passwordHash", is_active AS "isActive"
     FROM (VALUES ($1::text)) AS asked (phone) LEFT JOIN account USING (phone)`,
    [phone],
  )
  return row === undefined || row.id === null ? undefined : row
}
