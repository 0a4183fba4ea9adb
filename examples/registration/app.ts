import { localized } from 'phone-verify/sms/localized'
import { claimsOf } from '../accounts/describe-account.js'
import { createPasswords } from '../accounts/password.js'
import { createSessions } from '../accounts/sessions.js'
import { signInRoutes } from '../accounts/sign-in.js'
import { envelopeWire } from '../service/envelope.js'
import { expressApp } from '../service/express.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openVerifier } from '../service/verifier.js'
import { activateRoute } from './activate.js'
import { type Admits, isAllowed } from './allow-list/list.js'
import { allowListRoutes } from './allow-list/routes.js'
import { withDefaultThrottles } from './default-throttles.js'
import { describeMember } from './describe-member.js'
import { createMeasures } from './metrics/measures.js'
import { metricsRoute } from './metrics/route.js'
import { migrations } from './migrations.js'
import { countries, defaultCountry } from './numbers.js'
import type { Options } from './options.js'
import { profileRoutes } from './profile.js'
import { registerRoute } from './register.js'
import { resendCodeRoute } from './resend-code.js'
import { fieldSentences } from './sentences.js'
import { smsTexts } from './sms-texts.js'

/** Everything is in both places: clients were written for either. */
const bases = ['/api', '/api/auth'] as const

/** Accounts by phone: registered, activated by a code, signed in by a password. */
export async function buildApp(parts: Parts, { allowList = 'required', metricsToken }: Options = {}): Promise<Service> {
  const { database } = parts
  await migrate(database, migrations)
  const admits: Admits = allowList === 'off' ? async () => true : isAllowed
  const measures = createMeasures()
  const verifier = openVerifier(parts, {
    sms: localized({ fallbackLocale: 'fr', resources: smsTexts }, parts.sms),
    ...{ appName: 'WaterBill', countries, defaultCountry },
    // The token knows which registration it is of: a client that activates need not say it.
    purposes: { registration: { subject: 'return' } },
    // Asked before every text, so that a number which leaves the list gets none, though its registration waits.
    admit: async ({ phone }) => ((await admits(database, phone)) ? { ok: true } : { ok: false, reason: 'blocked' }),
    onEvent: measures.hear,
  })
  const sessions = createSessions(parts, claimsOf)
  const passwords = createPasswords(parts.passwordCost)

  const routesBelow = (base: `/${string}`) => [
    registerRoute(base, { parts, verifier, passwords, admits }),
    activateRoute(base, { parts, verifier, admits }),
    resendCodeRoute(base, { parts, verifier }),
    ...signInRoutes(base, { parts, sessions, passwords, defaultCountry, describe: (account) => describeMember(database, account) }),
    ...profileRoutes(base, { database, sessions }),
    ...allowListRoutes(base, { parts, sessions }),
  ]
  const app = await expressApp(
    {
      title: 'Registration',
      description: 'Accounts by phone number, with an allow-list. Every path below /api/auth/ is there below /api/ too, and the same.',
      routes: [...withDefaultThrottles(bases.flatMap(routesBelow)), metricsRoute({ measures, sessions, metricsToken })],
      wire: envelopeWire(fieldSentences),
      ready: () => verifier.ready(),
      observe: measures.observe,
    },
    parts,
  )
  return { listener: app, close: () => verifier.close() }
}
