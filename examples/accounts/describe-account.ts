import type { Account } from './account.js'

const names = ({ firstName, lastName }: Account) => ({
  first_name: firstName,
  last_name: lastName,
  full_name: `${firstName} ${lastName}`.trim(),
})

/** An account as its owner sees it. */
export const describeAccount = (account: Account) => ({
  id: Number(account.id),
  phone: account.phone,
  ...names(account),
  email: account.email,
  date_joined: account.createdAt.toISOString(),
  is_active: account.isActive,
})

/** What access tokens say of their owner, for clients that greet by name. */
export const claimsOf = (account: Account) => ({ user_id: Number(account.id), phone: account.phone, ...names(account) })
