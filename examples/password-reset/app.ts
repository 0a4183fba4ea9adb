import { authenticatorFactor } from '../accounts/authenticator-factor.js'
import { describeAccount } from '../accounts/describe-account.js'
import { createPasswords } from '../accounts/password.js'
import type { SecondFactor } from '../accounts/second-factor.js'
import { createSessions } from '../accounts/sessions.js'
import { signInRoutes } from '../accounts/sign-in.js'
import { createSubjects } from '../accounts/subjects.js'
import { envelopeWire } from '../service/envelope.js'
import { expressApp } from '../service/express.js'
import type { SendMail } from '../service/mail.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openChallenges } from './challenges.js'
import { changeRoutes } from './change.js'
import { confirmRoutes } from './confirm.js'
import { forgotRoutes } from './forgot.js'
import { createGrants } from './grants.js'
import { createNotices } from './notices.js'
import { pageRoutes } from './page.js'
import { createReplacePassword } from './replace-password.js'
import { createReset } from './reset.js'
import { sentences } from './sentences.js'

export interface PasswordResetOptions {
  /** What accounts have besides phone and password. Default: the authenticator apps that two-factor sets up, in the same database. */
  readonly secondFactor?: SecondFactor
  /** Delivers notices to the e-mail addresses on file. Default: to nobody. */
  readonly sendMail?: SendMail
  /** How long after its last verification a phone alone is enough, in milliseconds. Default: 180 days. */
  readonly phoneTrustedMs?: number
}

const folders = ['../service/migrations/', '../accounts/migrations/', './migrations/'].map((folder) => new URL(folder, import.meta.url))

export async function buildApp(parts: Parts, options: PasswordResetOptions = {}): Promise<Service> {
  const { secondFactor = authenticatorFactor(parts), sendMail = async () => {}, phoneTrustedMs = 180 * 24 * 3_600_000 } = options
  const { database, secrets, now } = parts
  await migrate(database, folders)

  const challenges = openChallenges(parts)
  const { verifier } = challenges
  const sessions = createSessions(parts)
  const passwords = createPasswords(parts.passwordCost)
  const subjects = createSubjects(secrets.tokens)
  const grants = createGrants(database, now)
  const sendNotices = createNotices(verifier, parts, sendMail)
  const replacePassword = createReplacePassword({ parts, verifier, sessions, subjects })
  const reset = createReset({ parts, verifier, subjects, grants, passwords, secondFactor, replacePassword, phoneTrustedMs })
  const base = '/api/auth'
  const defaultCountry = 'CM'

  const app = await expressApp(
    {
      title: 'Password reset',
      description: 'Forgot, reset and change a password, by a code sent to the phone of the account.',
      wire: envelopeWire(sentences),
      ready: () => verifier.ready(),
      routes: [
        ...(await pageRoutes()),
        ...signInRoutes(base, { parts, sessions, passwords, defaultCountry, describe: async (account) => describeAccount(account) }),
        ...forgotRoutes(base, { parts, challenges, subjects, defaultCountry }),
        ...confirmRoutes(base, { reset, sendNotices }),
        ...changeRoutes(base, { parts, verifier, sessions, subjects, passwords, replacePassword, sendNotices }),
      ],
    },
    parts,
  )
  return { listener: app, close: challenges.close }
}
