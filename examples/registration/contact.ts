import type { Sql } from '../service/database.js'

/** How to reach somebody besides the phone: said, not verified. */
export interface Contact {
  readonly email: string | null
  readonly address: string | null
  readonly apartmentName: string | null
}

const nothing: Contact = { email: null, address: null, apartmentName: null }

export async function contactOf(sql: Sql, accountId: string): Promise<Contact> {
  const [contact] = await sql.query<Contact>(
    'SELECT email, address, apartment_name AS "apartmentName" FROM account_contact WHERE account_id = $1',
    [accountId],
  )
  return contact ?? nothing
}

export async function setContact(sql: Sql, accountId: string, { email, address, apartmentName }: Contact): Promise<void> {
  await sql.query(
    `INSERT INTO account_contact (account_id, email, address, apartment_name) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id) DO UPDATE SET email = $2, address = $3, apartment_name = $4`,
    [accountId, email, address, apartmentName],
  )
}
