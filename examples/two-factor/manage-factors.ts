import { z } from 'zod'
import { member } from '../accounts/access.js'
import { lockAccount } from '../accounts/account.js'
import type { SignedIn } from '../accounts/sessions.js'
import type { Sentence } from '../service/language.js'
import { type Asked, type Route, route } from '../service/route.js'
import { dropFactors, factorsOf } from './factors.js'
import { profileOf } from './profile.js'
import { recent } from './recent.js'
import type { Tools } from './tools.js'
import { refused, wrongFields } from './wire.js'

const sentences = {
  off: { fr: "L'authentification à deux facteurs n'est pas activée.", en: 'Two-factor authentication is not on.' },
  wrongPassword: { fr: 'Mot de passe incorrect.', en: 'Wrong password.' },
  renewed: { fr: 'Codes de secours régénérés avec succès.', en: 'Backup codes replaced.' },
  disabled: { fr: 'Authentification à deux facteurs désactivée avec succès.', en: 'Two-factor authentication is off.' },
} as const satisfies Readonly<Record<string, Sentence>>

const body = z.object({ password: z.string().max(1_024) })

type Said = Asked<z.infer<typeof body>, SignedIn>

/** `GET /2fa/status/`, `POST /2fa/regenerate-backup-codes/` and `POST /2fa/disable/`. */
export function factorRoutes({ parts, sessions, passwords, authenticators, backupCodes, devices, notify }: Tools): readonly Route[] {
  const { database } = parts
  // What weakens or ends a factor takes the password, and a sign-in just now that gave the factor: neither alone is enough.
  const guarded = {
    access: recent(sessions, parts),
    body,
    throttles: [{ name: 'password_check', spans: [{ max: 5, windowMs: 900_000 }] as const, key: ({ who }: Said) => who.account.id }],
  }
  const refusedTo = async ({ body, who: { account }, language }: Said) => {
    if (!(await factorsOf(database, account)).isOn) return refused(403, sentences.off[language])
    const matches = await passwords.matches(body.password, account.passwordHash)
    return matches ? undefined : wrongFields({ password: [sentences.wrongPassword[language]] })
  }

  return [
    route({
      method: 'GET',
      path: '/api/auth/2fa/status/',
      summary: 'Which factors are on',
      access: member(sessions),
      replies: { 200: 'The factors' },
      async answer({ who: { account } }) {
        const { isOn, methods, backupCodes: count } = await factorsOf(database, account)
        const { factorUsedAt } = await profileOf(database, account.id)
        const is_configured = isOn || (await authenticators.stateOf(database, account.id)) !== undefined
        const last_used = factorUsedAt?.toISOString() ?? null
        return { status: 200, body: { is_enabled: isOn, is_configured, backup_codes_count: count, last_used, methods } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/2fa/regenerate-backup-codes/',
      summary: 'New backup codes instead of the old, and every device forgotten',
      ...guarded,
      replies: { 200: 'The codes, shown once', 400: 'Wrong password', 403: 'No factor is on, or the sign-in is not recent' },
      async answer(asked) {
        const no = await refusedTo(asked)
        if (no) return no
        const { account } = asked.who
        const { codes, digests } = backupCodes.draw(account.id)
        await database.transaction(async (transaction) => {
          await lockAccount(transaction, account.id)
          await backupCodes.replace(transaction, account.id, digests)
          await devices.forget(transaction, account.id)
        })
        await notify(account, 'backup_codes_new')
        return { status: 200, body: { message: sentences.renewed[asked.language], backup_codes: codes } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/2fa/disable/',
      summary: 'Ends every factor, every remembered device and every other session',
      ...guarded,
      replies: { 200: 'Off', 400: 'Wrong password', 403: 'No factor is on, or the sign-in is not recent' },
      async answer(asked) {
        const no = await refusedTo(asked)
        if (no) return no
        const { account, sessionId } = asked.who
        await database.transaction(async (transaction) => {
          await lockAccount(transaction, account.id)
          await dropFactors(transaction, account.id)
          await sessions.revokeAll(transaction, account.id, sessionId)
        })
        await notify(account, 'two_factor_off')
        return { status: 200, body: { message: sentences.disabled[asked.language] } }
      },
    }),
  ]
}
