import type { PhoneVerifier } from 'phone-verify'
import { localized } from 'phone-verify/sms/localized'
import type { Account } from '../accounts/account.js'
import { type Authenticators, createAuthenticators } from '../accounts/authenticators.js'
import { createFactorLedger, type FactorLedger } from '../accounts/factor-ledger.js'
import { ownKey } from '../accounts/own-key.js'
import { createPasswords, type Passwords } from '../accounts/password.js'
import { createSecretSeal } from '../accounts/secret-seal.js'
import { createSessions, type Sessions } from '../accounts/sessions.js'
import type { Parts } from '../service/parts.js'
import { openVerifier, redeemWithin } from '../service/verifier.js'
import { type BackupCodes, createBackupCodes } from './backup-codes.js'
import { createDevices, type Devices } from './devices.js'
import { createPreLogins, type PreLogins } from './pre-logins.js'
import { profileOf } from './profile.js'
import { type Notice, texts } from './texts.js'

export const appName = 'Acme'

/** How a number without `+` is read. */
export const defaultCountry = 'FR'

const countries = ['BE', 'CA', 'CH', 'CM', 'FR', 'US'] as const

/** What the routes are made of. */
export interface Tools {
  readonly parts: Parts
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly verifier: PhoneVerifier
  readonly redeem: ReturnType<typeof redeemWithin>
  readonly authenticators: Authenticators
  readonly backupCodes: BackupCodes
  readonly ledger: FactorLedger
  readonly preLogins: PreLogins
  readonly devices: Devices
  /** Tells the owner by text, where the account has a verified phone. What a provider says of it changes nothing. */
  notify(account: Account, template: Notice): Promise<void>
}

export function openTools(parts: Parts): Tools {
  const { secrets, now, database } = parts
  const verifier = openVerifier(parts, {
    appName,
    sms: localized({ fallbackLocale: 'fr', resources: texts }, parts.sms),
    countries,
    defaultCountry,
    // A number is bound under a purpose of its own: no code of a setup signs anybody in.
    purposes: { two_factor_setup: { ledger: 'subject', numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE'] } },
  })
  return {
    parts,
    sessions: createSessions(parts),
    passwords: createPasswords(parts.passwordCost),
    verifier,
    redeem: redeemWithin(verifier, parts),
    authenticators: createAuthenticators(createSecretSeal(ownKey(secrets, 'authenticator')), now),
    backupCodes: createBackupCodes(ownKey(secrets, 'backup code')),
    ledger: createFactorLedger(now),
    preLogins: createPreLogins(parts),
    devices: createDevices(parts),
    async notify({ id, phone }, template) {
      if (phone === null) return
      await verifier.notify({ phone, template, locale: (await profileOf(database, id)).language })
    },
  }
}
