import { type PhoneNumber, parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { type Account, accountByPhone, lockAccount } from './account.js'
import type { Passwords } from './password.js'
import type { Sessions } from './sessions.js'

export interface SignInParts {
  readonly parts: Pick<Parts, 'database'>
  readonly sessions: Sessions
  readonly passwords: Passwords
  /** How a number without `+` is read. */
  readonly defaultCountry: string
  /** An account as its owner sees it. */
  readonly describe: (account: Account) => Promise<object>
}

const minute = 60_000

const sentences = {
  signedIn: { fr: 'Connexion réussie.', en: 'Signed in.' },
  refused: { fr: 'Numéro de téléphone ou mot de passe incorrect.', en: 'Wrong phone number or password.' },
  invalidToken: { fr: 'Jeton invalide, expiré ou révoqué.', en: 'Token invalid, expired or revoked.' },
  signedOut: { fr: 'Déconnexion réussie', en: 'Signed out' },
} as const satisfies Readonly<Record<string, Sentence>>

/** The number that a person typed, in its one form; nothing where it is none. */
export function readPhone(typed: string, defaultCountry: string): PhoneNumber | undefined {
  const parsed = parsePhoneNumber(typed, { defaultCountry })
  return parsed.ok ? parsed.phone : undefined
}

/** `/login/`, `/logout/` and `/token/refresh/` below a path, for accounts that sign in by phone and password. */
export function signInRoutes(base: `/${string}`, { parts, sessions, passwords, defaultCountry, describe }: SignInParts): readonly Route[] {
  const bySession = { name: 'auth', spans: [{ max: 30, windowMs: minute }] as const }
  const refresh = z.object({ refresh: z.string().max(200) })
  const invalidToken = (language: Language) => failure(400, sentences.invalidToken[language])

  return [
    route({
      method: 'POST',
      path: `${base}/login/`,
      summary: 'Signs in by phone and password',
      body: z.object({ phone: z.string().max(64), password: z.string().max(1_024) }),
      throttles: [
        { name: 'login', spans: [{ max: 15, windowMs: minute }] },
        // Guesses from many addresses at one account.
        { name: 'login_phone', spans: [{ max: 30, windowMs: 60 * minute }], key: ({ body }) => readPhone(body.phone, defaultCountry) },
      ],
      replies: { 200: 'Signed in', 401: 'Wrong phone or password' },
      async answer({ body, language }) {
        const phone = readPhone(body.phone, defaultCountry)
        const account = phone && (await accountByPhone(parts.database, phone))
        // Whoever has no account waits as long for the same answer.
        const matches = await passwords.matches(body.password, account?.passwordHash)
        // A password that was changed while this one was looked at opens nothing: the change has ended all sessions, and this one too.
        const tokens =
          matches &&
          (await parts.database.transaction(async (transaction) => {
            const current = account && (await lockAccount(transaction, account.id))
            return current?.isActive && current.passwordHash === account?.passwordHash && sessions.open(transaction, current)
          }))
        if (!account || !tokens) return failure(401, sentences.refused[language])
        return success(200, sentences.signedIn[language], { user: await describe(account), tokens })
      },
    }),
    route({
      method: 'POST',
      path: `${base}/token/refresh/`,
      summary: 'Trades a refresh token for new tokens, once',
      body: refresh,
      throttles: [bySession],
      replies: { 200: 'New tokens', 400: 'The token is invalid, expired or was used before' },
      async answer({ body, language }) {
        const renewed = await sessions.rotate(body.refresh)
        return renewed ? { status: 200, body: { access: renewed.access, refresh: renewed.refresh } } : invalidToken(language)
      },
    }),
    route({
      method: 'POST',
      path: `${base}/logout/`,
      summary: 'Ends the session of a refresh token',
      body: refresh,
      throttles: [bySession],
      replies: { 200: 'Signed out', 400: 'The token is invalid or its session has ended' },
      async answer({ body, language }) {
        return (await sessions.revoke(body.refresh)) ? success(200, sentences.signedOut[language]) : invalidToken(language)
      },
    }),
  ]
}
