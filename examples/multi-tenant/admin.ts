import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import type { Access, Answer, Route } from '../service/route.js'
import { route } from '../service/route.js'
import type { Accounts } from './account.js'
import type { AccountSeal } from './account-seal.js'
import type { Organization, Organizations } from './organizations.js'
import { settingsFields, toSettings } from './settings.js'
import { unknownTenant } from './tenant-route.js'

export interface AdminParts {
  readonly organizations: Organizations
  readonly accounts: Accounts
  readonly seal: AccountSeal
  readonly access: Access<'admin'>
  readonly now: () => number
  /** Told of every account that is changed or suspended, once that is kept. */
  readonly onAccountChanged: (organization: string) => void
}

const sentences = {
  done: { fr: 'Organisation enregistrée.', en: 'Organization saved.' },
  found: { fr: 'Organisation.', en: 'Organization.' },
  taken: { fr: 'Cet identifiant est déjà pris.', en: 'This id is taken.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** First parts of paths that are the service's own. */
const reserved: ReadonlySet<string> = new Set(['admin', 'docs', 'healthz'])

/** Organizations as their administrator makes them. No reply holds a credential. */
export function adminRoutes({ organizations, accounts, seal, access, now, onAccountChanged }: AdminParts): readonly Route[] {
  const base = '/admin/organizations' as const
  const one = `${base}/:organization` as const
  const guarded = { access, throttles: [{ name: 'admin', spans: [{ max: 120, windowMs: 60_000 }] }] } as const
  const replies = { 200: 'The organization', 404: 'No such organization' }

  const shown = (organization: Organization | undefined, language: Language, status = 200, sentence: Sentence = sentences.done): Answer =>
    organization === undefined
      ? unknownTenant(language)
      : success(status, sentence[language], { organization: describe(organization, seal) })

  /** A change that holds for this process's next send already. */
  const changed = async (id: unknown, change: Parameters<Organizations['change']>[1], language: Language) => {
    const organization = await organizations.change(id, change)
    if (organization) onAccountChanged(organization.id)
    return shown(organization, language)
  }

  const suspension = (verb: 'suspend' | 'resume', summary: string, suspendedAt: () => Date | null) =>
    route<undefined, 'admin'>({
      ...{ ...guarded, method: 'POST', path: `${one}/${verb}`, summary, replies },
      answer: ({ params, language }) => changed(params['organization'], { suspendedAt: suspendedAt() }, language),
    })

  const id = z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,31}$/, 'id')
    .refine((said) => !reserved.has(said), 'id')
  return [
    route({
      ...{ ...guarded, method: 'POST', path: base, summary: 'Adds an organization' },
      body: z.strictObject({ id, account: accounts.schema, ...settingsFields }),
      replies: { 201: 'The organization', 409: 'The id is taken' },
      async answer({ body, language }) {
        const sealedAccount = seal.seal(body.id, body.account)
        const added = await organizations.add({ id: body.id, sealedAccount, ...toSettings(body) })
        return added ? shown(added, language, 201) : failure(409, sentences.taken[language], { reason: 'taken' })
      },
    }),
    route<undefined, 'admin'>({
      ...{ ...guarded, method: 'GET', path: one, summary: 'An organization', replies },
      answer: async ({ params, language }) => shown(await organizations.find(params['organization']), language, 200, sentences.found),
    }),
    route({
      ...{ ...guarded, method: 'PATCH', path: one, summary: 'Changes what is said', replies },
      body: z.strictObject(settingsFields).partial(),
      answer: ({ params, body, language }) => changed(params['organization'], toSettings(body), language),
    }),
    route({
      ...{ ...guarded, method: 'PUT', path: `${one}/account`, summary: 'Replaces provider, credentials and sender', replies },
      body: accounts.schema,
      answer: ({ params, body, language }) =>
        changed(params['organization'], { sealedAccount: seal.seal(String(params['organization']), body) }, language),
    }),
    suspension('suspend', 'Serves it nothing from now on', () => new Date(now())),
    suspension('resume', 'Serves it again', () => null),
  ]
}

/** An organization without its credentials. An account that does not open, for its key is gone, is null: it can be replaced. */
function describe({ id, sealedAccount, suspendedAt, ...said }: Organization, seal: AccountSeal) {
  const account = seal.open(id, sealedAccount)
  const shown = account && account.provider !== 'house' && { sender: account.sender, base_url: account.base_url }
  return {
    ...{ id, name: said.name, template: said.template, code_length: said.codeLength, code_seconds: said.codeSeconds },
    ...{ sends_per_hour: said.sendsPerHour, sends_per_day: said.sendsPerDay },
    account: account ? { provider: account.provider, ...shown } : null,
    suspended_at: suspendedAt?.toISOString() ?? null,
  }
}
