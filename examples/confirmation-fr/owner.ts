import type { PhoneNumber } from 'phone-verify'
import { type Account, accountByPhone } from '../accounts/account.js'
import { authenticatorFactor } from '../accounts/authenticator-factor.js'
import { createSubjects } from '../accounts/subjects.js'
import type { Parts } from '../service/parts.js'

/** Whom a number belongs to, as far as a text is enough for them. */
export interface Owner {
  /** Absent: nobody, or somebody for whom a text is not enough. */
  readonly account: Account | undefined
  /** Of the account, or of whoever stands in for it. */
  readonly subject: string
}

/** How long after its last verification a number is trusted: recycled ones are another's by then. */
const trustedMs = 180 * 24 * 3_600_000

export function createOwnerOf(parts: Parts) {
  const secondFactor = authenticatorFactor(parts)
  const subjects = createSubjects(parts.secrets.tokens)

  return async (phone: PhoneNumber): Promise<Owner> => {
    const found = await accountByPhone(parts.database, phone)
    // Asked of nobody as well, so that both take as long. An authenticator is not to be got around by a text.
    const hasMore = await secondFactor.isEnabled(parts.database, found?.id ?? '0')
    const isTrusted = parts.now() - (found?.phoneVerifiedAt?.getTime() ?? 0) <= trustedMs
    const account = found?.isActive && isTrusted && !hasMore ? found : undefined
    return { account, subject: account ? subjects.of(account) : subjects.ofNobody(phone) }
  }
}
