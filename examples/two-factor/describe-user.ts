import type { Account } from '../accounts/account.js'
import type { Sql } from '../service/database.js'
import { factorsOf } from './factors.js'
import { profileOf } from './profile.js'

/** The few words that a sign-in answers with. */
export const greetUser = (account: Account, isOn: boolean) => ({
  id: Number(account.id),
  email: account.email,
  first_name: account.firstName,
  last_name: account.lastName,
  two_factor_enabled: isOn,
})

/** An account as its owner sees it. The phone is the verified one; before there is one, what the owner typed, with `is_verified: false`. */
export async function describeUser(sql: Sql, account: Account): Promise<object> {
  const profile = await profileOf(sql, account.id)
  const { isOn } = await factorsOf(sql, account)
  return {
    ...greetUser(account, isOn),
    phone: account.phone ?? profile.contactPhone,
    avatar: null,
    is_verified: account.phone !== null,
    // Another number that was typed since: it replaces nothing until it is verified.
    unverified_phone: profile.contactPhone === account.phone ? null : profile.contactPhone,
    language: profile.language,
    timezone: profile.timezone,
    email_notifications: profile.emailNotifications,
    created_at: account.createdAt.toISOString(),
    last_activity: profile.lastActivity?.toISOString() ?? null,
  }
}
