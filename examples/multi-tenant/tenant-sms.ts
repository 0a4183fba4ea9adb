import type { SmsBackend } from 'phone-verify'
import { byTenant, type TenantBackend } from 'phone-verify/sms/by-tenant'
import type { Account, Accounts } from './account.js'
import type { AccountSeal } from './account-seal.js'
import type { Organizations } from './organizations.js'
import { worded } from './wording.js'

export interface TenantSmsParts {
  readonly organizations: Organizations
  readonly accounts: Accounts
  readonly seal: AccountSeal
  /** A clock that only goes forward. */
  readonly elapsed: () => number
}

/** How long another process may go on with credentials that were rotated, in milliseconds. This one is told. */
const refreshMs = 1_000

/** Sends for each organization by its own account. Whoever has none is sent nothing. */
export function createTenantSms({ organizations, accounts, seal, elapsed }: TenantSmsParts): TenantBackend {
  /** Of an account that did not change, the same backend again: its connections live in it. */
  const opened = new Map<string, { readonly sealed: string; readonly backend: SmsBackend }>()
  const backendOf = (id: string, sealed: string, account: Account): SmsBackend => {
    const known = opened.get(id)
    if (known?.sealed === sealed) return known.backend
    const backend = worded(accounts.open(account))
    opened.set(id, { sealed, backend })
    return backend
  }

  return byTenant(
    async (tenant) => {
      const organization = await organizations.serving(tenant)
      const account = organization && seal.open(organization.id, organization.sealedAccount)
      return organization && account && backendOf(organization.id, organization.sealedAccount, account)
    },
    // As stale as fresh: credentials that cannot be looked up are not used.
    { refreshMs, staleMs: refreshMs, now: elapsed },
  )
}
