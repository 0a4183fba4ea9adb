import { localized } from 'phone-verify/sms/localized'
import type { Account } from '../accounts/account.js'
import { authenticatorFactor } from '../accounts/authenticator-factor.js'
import { claimsOf, describeAccount } from '../accounts/describe-account.js'
import { createPasswords } from '../accounts/password.js'
import { profileRoute } from '../accounts/profile.js'
import type { SecondFactor } from '../accounts/second-factor.js'
import { createSessions } from '../accounts/sessions.js'
import { signInRoutes } from '../accounts/sign-in.js'
import { envelopeWire } from '../service/envelope.js'
import { fastifyApp } from '../service/fastify.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openVerifier } from '../service/verifier.js'
import { confirmRoute } from './confirm.js'
import { createNotices, type Notices } from './notices.js'
import { requestRoutes } from './request.js'
import { textsOf } from './texts.js'
import { undoRoutes } from './undo.js'

export interface PhoneChangeOptions {
  /** The second factor of the accounts that have one. Default: the authenticator apps that two-factor sets up, in the same database. */
  readonly secondFactor?: SecondFactor | undefined
  /** Where your pages are: the code's text then leads to `/change-phone` there. */
  readonly frontendUrl?: URL | undefined
}

export interface PhoneChangeService extends Service {
  readonly notices: Notices
}

const defaultCountry = 'CM'
/** How often texts that failed are looked for, in milliseconds. */
const retryEveryMs = 30_000

export async function buildApp(
  parts: Parts,
  { secondFactor = authenticatorFactor(parts), frontendUrl }: PhoneChangeOptions = {},
): Promise<PhoneChangeService> {
  await migrate(parts.database, [
    new URL('../service/migrations/', import.meta.url),
    new URL('../accounts/migrations/', import.meta.url),
    new URL('migrations/', import.meta.url),
  ])
  const page = frontendUrl && new URL('/change-phone', frontendUrl)
  const verifier = openVerifier(parts, {
    sms: localized(textsOf(page !== undefined), parts.sms),
    appName: 'WaterBill',
    // Where this app has customers: every other country is a bill that somebody else runs up.
    countries: ['CM', 'FR', 'BE', 'GB', 'US', 'CA'],
    defaultCountry,
  })
  const sessions = createSessions(parts, claimsOf)
  const passwords = createPasswords(parts.passwordCost)
  const notices = createNotices(parts, verifier)
  const describe = async (account: Account) => describeAccount(account)
  const change = { parts, verifier, sessions, passwords, notices, defaultCountry }
  const base = '/api/auth/phone/change'

  const app = await fastifyApp(
    {
      title: 'Phone change',
      description: 'A new number for an account: the password again, a code to the new number, a day to undo it for the old one.',
      wire: envelopeWire({}),
      ready: () => verifier.ready(),
      routes: [
        ...signInRoutes('/api', { ...change, describe }),
        profileRoute('/api', sessions, describe),
        ...requestRoutes(base, { ...change, secondFactor, page }),
        confirmRoute(base, change),
        ...(await undoRoutes(base, change)),
      ],
    },
    parts,
  )
  const retrying = setInterval(() => void notices.sendDue(), retryEveryMs).unref()
  return {
    listener: app.routing,
    notices,
    async close() {
      clearInterval(retrying)
      await app.close()
      await verifier.close()
    },
  }
}
