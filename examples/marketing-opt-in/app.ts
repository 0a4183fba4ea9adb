import express from 'express'
import { localized } from 'phone-verify/sms/localized'
import { describeAccount } from '../accounts/describe-account.js'
import { createPasswords } from '../accounts/password.js'
import { createSessions } from '../accounts/sessions.js'
import { signInRoutes } from '../accounts/sign-in.js'
import { envelopeWire } from '../service/envelope.js'
import { expressApp } from '../service/express.js'
import { migrate } from '../service/migrate.js'
import type { Parts } from '../service/parts.js'
import type { Service } from '../service/run-service.js'
import { openVerifier } from '../service/verifier.js'
import { campaignRoutes } from './campaigns.js'
import { confirmRoute } from './confirm.js'
import { disclosuresOf } from './disclosure.js'
import { createHearing } from './hearing.js'
import { createInbound } from './inbound.js'
import { inboxRoutes } from './inbox.js'
import { createManageTokens } from './manage-token.js'
import { createMarketing, type MarketingOptions } from './marketing.js'
import { meRoutes } from './me.js'
import { pageRoutes } from './page.js'
import { createPhoneKey } from './phone-key.js'
import { preferencesRoutes } from './preferences.js'
import { brand } from './programs.js'
import { createReplies } from './replies.js'
import { sentences } from './sentences.js'
import { subscribeRoutes } from './subscribe.js'
import { sweep } from './sweep.js'
import { codeTexts } from './texts.js'
import { unsubscribeRoute } from './unsubscribe.js'
import { webhooksRouter } from './webhooks.js'
import { countries } from './zones.js'

const migrations = ['../service/migrations/', '../accounts/migrations/', 'migrations/'].map((folder) => new URL(folder, import.meta.url))

const defaultCountry = 'FR'

/** How often replies that found the provider away are tried again, and what is over is deleted, in milliseconds. */
const [retryMs, sweepMs] = [30_000, 3_600_000]

export async function buildApp(parts: Parts, options: MarketingOptions): Promise<Service> {
  const { database, sms, secrets, publicUrl, log } = parts
  await migrate(database, migrations)
  await sweep(parts)

  const hearing = createHearing()
  const verifier = openVerifier(parts, {
    ...{ appName: brand, countries, onEvent: hearing.onEvent },
    sms: localized({ resources: codeTexts, fallbackLocale: 'fr' }, sms),
    // The request that a code confirms is found by its session token alone. A code for preferences leaves after the reply: see docs/flow.md, decoys.
    purposes: { marketing_opt_in: { subject: 'return' }, preferences: { delivery: 'background' } },
  })
  const marketing = createMarketing(options, publicUrl.origin)
  const [sessions, passwords] = [createSessions(parts), createPasswords(parts.passwordCost)]
  const [disclosures, phoneKey] = [disclosuresOf(publicUrl), createPhoneKey(secrets.tokens)]
  const [tokens, replies] = [createManageTokens(parts), createReplies(parts, marketing)]

  const routes = [
    ...(await pageRoutes(disclosures)),
    ...subscribeRoutes({ parts, verifier, sessions, disclosures }),
    confirmRoute({ parts, verifier, hearing, replies, tokens, phoneKey, disclosures, sender: options.sender }),
    ...preferencesRoutes({ parts, verifier, tokens, phoneKey, disclosures }),
    unsubscribeRoute({ parts, phoneKey, replies }),
    ...meRoutes(parts, verifier, tokens),
    ...signInRoutes('/api/staff', { parts, sessions, passwords, defaultCountry, describe: async (account) => describeAccount(account) }),
    ...campaignRoutes(parts, marketing, sessions),
    ...inboxRoutes(parts, replies, sessions),
  ]
  const api = { title: 'Marketing opt-in', description: 'Texts to who asked for them, and to nobody else', routes }
  const site = await expressApp({ ...api, wire: envelopeWire(sentences), ready: () => verifier.ready() }, parts)
  const webhooks = webhooksRouter(parts, options.webhooks, createInbound({ parts, phoneKey, replies }))

  const timers = [
    setInterval(replies.sendSoon, retryMs),
    setInterval(() => void sweep(parts).catch(() => log.error('the sweep is tried again')), sweepMs),
  ]
  return {
    listener: express().disable('x-powered-by').use(webhooks).use(site),
    async close() {
      timers.forEach(clearInterval)
      await replies.close()
      await verifier.close()
    },
  }
}
