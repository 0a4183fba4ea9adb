import type { Account } from '../accounts/account.js'
import { describeAccount } from '../accounts/describe-account.js'
import type { Sql } from '../service/database.js'
import { contactOf } from './contact.js'

/** An account as its owner sees it, with what the owner said. */
export async function describeMember(sql: Sql, account: Account) {
  const { date_joined, is_active, ...member } = describeAccount(account)
  const { email, address, apartmentName } = await contactOf(sql, account.id)
  return { ...member, email, address, apartment_name: apartmentName, date_joined, is_active }
}
