import { envelopeWire } from '../service/envelope.js'
import { fastifyApp } from '../service/fastify.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openVerifier } from '../service/verifier.js'
import { createAccounts } from './account.js'
import { createAccountSeal } from './account-seal.js'
import { adminRoutes } from './admin.js'
import { adminAccess } from './admin-access.js'
import { codeRoutes } from './codes.js'
import { joinRoute } from './join.js'
import { createOrganizations } from './organizations.js'
import { overridesOf } from './overrides.js'
import { createTenantSms } from './tenant-sms.js'

export interface MultiTenantOptions {
  /** Opens the routes of the administrator: 32 characters or more. */
  readonly adminToken: string
  /** Gateways that an organization's account may name instead of its provider's own address. Default: none. */
  readonly baseUrls?: readonly string[] | undefined
  /** A clock that only goes forward, in milliseconds. */
  readonly elapsed?: (() => number) | undefined
}

const sentences = {
  id: {
    fr: 'De 2 à 32 lettres minuscules, chiffres ou tirets ; certains noms sont réservés.',
    en: '2 to 32 lower-case letters, digits or dashes; some names are reserved.',
  },
  line: { fr: 'Une ligne, ni vide ni trop longue.', en: 'One line, neither empty nor too long.' },
  template: {
    fr: 'Le texte doit contenir {{code}}, et peut contenir {{app}} et {{minutes}}.',
    en: 'The text must hold {{code}}, and may hold {{app}} and {{minutes}}.',
  },
  account: { fr: 'Compte, expéditeur ou adresse refusés.', en: 'Account, sender or address refused.' },
} as const

export async function buildApp(
  parts: Parts,
  { adminToken, baseUrls = [], elapsed = () => performance.now() }: MultiTenantOptions,
): Promise<Service> {
  const access = adminAccess(adminToken)
  await migrate(parts.database, [new URL('../service/migrations/', import.meta.url), new URL('migrations/', import.meta.url)])
  const organizations = createOrganizations(parts)
  const accounts = createAccounts(baseUrls, parts.sms)
  const seal = createAccountSeal(parts.secrets)
  const sms = createTenantSms({ organizations, accounts, seal, elapsed })
  const verifier = openVerifier(parts, {
    sms,
    // Said for nobody: every send names an organization, and every organization has a name.
    appName: 'Multi-tenant',
    countries: ['CM', 'FR', 'BE', 'GB', 'US', 'CA'],
    tenants: async (id) => {
      const organization = await organizations.serving(id)
      return organization && overridesOf(organization)
    },
  })

  const app = await fastifyApp(
    {
      title: 'Multi-tenant',
      description: 'Organizations that verify phones with accounts, texts and limits of their own.',
      wire: envelopeWire(sentences),
      ready: () => verifier.ready(),
      routes: [
        ...adminRoutes({ organizations, accounts, seal, access, now: parts.now, onAccountChanged: sms.forget }),
        ...codeRoutes(organizations, verifier),
        joinRoute(parts, organizations, verifier),
      ],
    },
    parts,
  )
  return {
    listener: app.routing,
    async close() {
      await app.close()
      await verifier.close()
    },
  }
}
