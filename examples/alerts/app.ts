import { localized } from 'phone-verify/sms/localized'
import { describeAccount } from '../accounts/describe-account.js'
import { createPasswords } from '../accounts/password.js'
import { createSessions } from '../accounts/sessions.js'
import { signInRoutes } from '../accounts/sign-in.js'
import { envelopeWire } from '../service/envelope.js'
import { expressApp } from '../service/express.js'
import type { SendMail } from '../service/mail.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openVerifier } from '../service/verifier.js'
import { alertRoutes } from './alert-routes.js'
import { createBell } from './bell.js'
import { createDeliver } from './deliver.js'
import { memberRoutes } from './member-routes.js'
import { createProviderWord } from './provider-word.js'
import { release } from './release.js'
import { sentences } from './sentences.js'
import { brand, smsTexts } from './texts.js'

export interface AlertsOptions {
  /** Without it, the log says of every e-mail that it was not set up. */
  readonly sendMail?: SendMail | undefined
  /** What a segment costs, in cents. Default: 5, about what France costs. */
  readonly centsPerSegment?: number
}

export interface AlertsService extends Service {
  /** Sends what was held back and may go now. The app does so twice a minute. */
  readonly flush: () => Promise<void>
}

const migrations = ['../service/migrations/', '../accounts/migrations/', 'migrations/'].map((folder) => new URL(folder, import.meta.url))

const flushMs = 30_000

export async function buildApp(parts: Parts, { sendMail, centsPerSegment = 5 }: AlertsOptions = {}): Promise<AlertsService> {
  await migrate(parts.database, migrations)
  const providerWord = createProviderWord()
  const verifier = openVerifier(parts, {
    onEvent: providerWord.onEvent,
    sms: localized({ resources: smsTexts, fallbackLocale: 'fr' }, parts.sms),
    appName: brand,
    countries: ['FR', 'BE', 'CH', 'CM', 'GB', 'US', 'CA'],
  })
  const [sessions, passwords, bell] = [createSessions(parts), createPasswords(parts.passwordCost), createBell()]
  const deliver = createDeliver(parts, { verifier, providerWord, sendMail })
  const listener = await expressApp(
    {
      title: 'Alerts',
      description: 'Security alerts by list, e-mail and text: as much as a person wants, and an answer to why one did not come.',
      wire: envelopeWire(sentences),
      ready: () => verifier.ready(),
      routes: [
        ...signInRoutes('/api', {
          parts,
          sessions,
          passwords,
          defaultCountry: 'FR',
          describe: async (account) => describeAccount(account),
        }),
        ...alertRoutes({ parts, sessions, bell, deliver }),
        ...memberRoutes({ parts, sessions, centsPerSegment }),
      ],
    },
    parts,
  )
  const flush = () => release(parts, deliver)
  const flushing = setInterval(() => void flush().catch(() => parts.log.error('what is held is looked at again')), flushMs).unref()
  return {
    listener,
    flush,
    async close() {
      clearInterval(flushing)
      bell.close()
      await verifier.close()
    },
  }
}
