import { createPasswords } from '../accounts/password.js'
import { createSessions } from '../accounts/sessions.js'
import { expressApp } from '../service/express.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { createClaimAccount } from './claim-account.js'
import { createCodes } from './codes.js'
import { confirmationRoutes } from './confirmation.js'
import { type Flow, flows } from './flows.js'
import { createOwnerOf } from './owner.js'
import { resetRoutes } from './reset.js'
import { signInRoutes } from './sign-in.js'
import { openFrenchVerifier } from './verifier.js'
import { wire } from './wire.js'

const folders = ['../service/migrations/', '../accounts/migrations/', './migrations/'].map((folder) => new URL(folder, import.meta.url))

export async function buildApp(parts: Parts): Promise<Service> {
  await migrate(parts.database, folders)
  const verifier = openFrenchVerifier(parts)
  const sessions = createSessions(parts)
  const passwords = createPasswords(parts.passwordCost)
  const ownerOf = createOwnerOf(parts)
  const flowOf = (flow: Flow) => ({
    ...{ verifier, ownerOf, passwords, sessions },
    codes: createCodes(parts, verifier, flow),
    claimAccount: createClaimAccount(parts, verifier, flow),
  })
  const base = '/api/v1/authentification'

  const app = await expressApp(
    {
      title: 'Confirmation',
      description: 'Confirmation codes by text, in French; password reset and two-step sign-in built on them.',
      wire,
      ready: () => verifier.ready(),
      routes: [
        ...confirmationRoutes(base, createCodes(parts, verifier, flows.confirmation)),
        ...resetRoutes(base, flowOf(flows.reset)),
        ...signInRoutes(base, flowOf(flows.signIn)),
      ],
    },
    parts,
  )
  return { listener: app, close: () => verifier.close() }
}
