import { toDataURL } from 'qrcode'
import { z } from 'zod'
import { lockAccount } from '../accounts/account.js'
import { drawSecret, uriOf } from '../accounts/totp.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { readBackupCode } from './backup-codes.js'
import { wrongCode } from './check-factor.js'
import { markFactor, recent } from './recent.js'
import { appName, type Tools } from './tools.js'
import { refused, wrongFields } from './wire.js'

const sentences = {
  proposed: {
    fr: "Configuration 2FA générée. Scannez le QR code avec votre application d'authentification.",
    en: 'Scan the QR code with your authenticator app.',
  },
  activated: { fr: 'Authentification à deux facteurs activée avec succès.', en: 'Two-factor authentication is on.' },
  active: { fr: "L'authentification à deux facteurs est déjà activée.", en: 'Two-factor authentication is on already.' },
  nothingWaits: { fr: "Aucune configuration 2FA n'est en attente.", en: 'No setup is waiting.' },
  notBackup: {
    fr: "Saisissez le code affiché par votre application : un code de secours ne prouve pas qu'elle fonctionne.",
    en: 'Type the code that your app shows: a backup code does not prove that it works.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

/** `POST /2fa/setup/` and `POST /2fa/verify-setup/`: an authenticator app becomes a factor once it has shown a right code. */
export function totpRoutes({ parts, sessions, authenticators, backupCodes, notify }: Tools): readonly Route[] {
  const { database } = parts
  const access = recent(sessions, parts)
  return [
    route({
      method: 'POST',
      path: '/api/auth/2fa/setup/',
      summary: 'A secret for an authenticator app, which waits for its first code',
      access,
      throttles: [{ name: '2fa_setup', spans: [{ max: 20, windowMs: 3_600_000 }], key: ({ who }) => who.account.id }],
      replies: { 200: 'The secret, as text and as QR code', 403: 'An authenticator is active, or the sign-in is not recent' },
      async answer({ who: { account }, language }) {
        const secret = drawSecret()
        const { codes, digests } = backupCodes.draw(account.id)
        const isKept = await authenticators.propose(database, account.id, secret, digests)
        if (!isKept) return refused(403, sentences.active[language])
        const totp_uri = uriOf(secret, appName, account.email ?? account.id)
        const setup_data = { qr_code: await toDataURL(totp_uri), secret_key: secret.base32, backup_codes: codes, totp_uri }
        return { status: 200, body: { message: sentences.proposed[language], setup_data } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/2fa/verify-setup/',
      summary: 'Makes the authenticator a factor, by a code that it shows',
      access,
      body: z.object({ code: z.string().max(64) }),
      throttles: [{ name: '2fa_verify_setup', spans: [{ max: 10, windowMs: 900_000 }], key: ({ who }) => who.account.id }],
      replies: { 200: 'On', 400: 'Wrong code', 403: 'Nothing waits, or the sign-in is not recent' },
      async answer({ body, who: { account, sessionId }, language }) {
        const state = await authenticators.stateOf(database, account.id)
        if (state !== 'waiting') return refused(403, sentences[state === 'active' ? 'active' : 'nothingWaits'][language])
        if (readBackupCode(body.code)) return wrongFields({ code: [sentences.notBackup[language]] })
        const match = await authenticators.match(database, account.id, 'waiting', body.code.replace(/\s/g, ''))
        if (match === undefined) return wrongCode(language)
        const isOn = await database.transaction(async (transaction) => {
          await lockAccount(transaction, account.id)
          const digests = await authenticators.activate(transaction, account.id, match)
          if (digests === undefined) return false
          await backupCodes.replace(transaction, account.id, digests)
          // Whoever else was signed in was so without this factor.
          await sessions.revokeAll(transaction, account.id, sessionId)
          await markFactor(transaction, sessionId)
          return true
        })
        if (!isOn) return refused(403, sentences.nothingWaits[language])
        await notify(account, 'two_factor_on')
        return { status: 200, body: { message: sentences.activated[language], verification_method: 'totp' } }
      },
    }),
  ]
}
