import { fastifyApp } from '../service/fastify.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { deviceRoutes } from './device-routes.js'
import { factorRoutes } from './manage-factors.js'
import { profileRoutes } from './profile-routes.js'
import { sessionRoutes } from './session-routes.js'
import { smsSetupRoutes } from './set-up-sms.js'
import { totpRoutes } from './set-up-totp.js'
import { signInRoutes } from './sign-in.js'
import { signUpRoutes } from './sign-up.js'
import { smsRoutes } from './sms-routes.js'
import { openTools } from './tools.js'
import { verifyLoginRoutes } from './verify-login.js'
import { wire } from './wire.js'

const folders = ['../service/migrations/', '../accounts/migrations/', './migrations/'].map((folder) => new URL(folder, import.meta.url))

/** Sign-in by password and a second factor: an authenticator app, a text message, or a backup code. */
export async function buildApp(parts: Parts): Promise<Service> {
  await migrate(parts.database, folders)
  const tools = openTools(parts)
  const routes = [
    ...[signUpRoutes, signInRoutes, sessionRoutes, profileRoutes, totpRoutes, verifyLoginRoutes],
    ...[smsRoutes, smsSetupRoutes, factorRoutes, deviceRoutes],
  ].flatMap((routesOf) => routesOf(tools))
  const app = await fastifyApp(
    {
      title: 'Two-factor sign-in',
      description: 'Accounts that sign in by password and a second factor: an authenticator app, a text message, or a backup code.',
      ready: () => tools.verifier.ready(),
      ...{ routes, wire },
    },
    parts,
  )
  return {
    listener: app.routing,
    async close() {
      await app.close()
      await tools.verifier.close()
    },
  }
}
