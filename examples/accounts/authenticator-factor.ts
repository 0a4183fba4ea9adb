import type { Parts } from '../service/parts.js'
import { createAuthenticators } from './authenticators.js'
import { createFactorLedger } from './factor-ledger.js'
import { ownKey } from './own-key.js'
import type { SecondFactor } from './second-factor.js'
import { createSecretSeal } from './secret-seal.js'

/** The authenticator app of an account, wherever a password or a phone alone must not be enough. Its guesses count in the ledger of sign-ins. */
export function authenticatorFactor({ secrets, now }: Pick<Parts, 'secrets' | 'now'>): SecondFactor {
  const authenticators = createAuthenticators(createSecretSeal(ownKey(secrets, 'authenticator')), now)
  const ledger = createFactorLedger(now)
  return {
    isEnabled: async (sql, accountId) => (await authenticators.stateOf(sql, accountId)) === 'active',
    async check(sql, accountId, code) {
      // Counted before it is compared; a lock and a wrong code are one answer.
      if (await ledger.take(sql, accountId)) return false
      const match = await authenticators.match(sql, accountId, 'active', code)
      // A code is good once: of two who come with it, one is too late.
      const isRight = match !== undefined && (await authenticators.claim(sql, accountId, match))
      if (isRight) await ledger.clear(sql, accountId)
      return isRight
    },
  }
}
