import { z } from 'zod'
import { accountByEmail, canonicalEmail, lockAccount } from '../accounts/account.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { greetUser } from './describe-user.js'
import { factorsOf } from './factors.js'
import { markActivity } from './profile.js'
import type { Tools } from './tools.js'
import { refused } from './wire.js'

const sentences = {
  signedIn: { fr: 'Connexion réussie.', en: 'Signed in.' },
  factorMissing: { fr: 'Second facteur requis.', en: 'Second factor required.' },
  refused: { fr: 'Adresse e-mail ou mot de passe incorrect.', en: 'Wrong e-mail address or password.' },
  smsRisk: {
    fr: 'Un SMS peut être intercepté ou détourné vers une autre carte SIM. Une application d’authentification est plus sûre.',
    en: 'A text message can be intercepted, or redirected to another SIM card. An authenticator app is safer.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

const minute = 60_000

/** `POST /signin/`: the first step, and the only one where no second factor is on or the device is remembered. */
export const signInRoutes = ({ parts: { database, now }, passwords, sessions, preLogins, devices }: Tools): readonly Route[] => [
  route({
    method: 'POST',
    path: '/api/auth/signin/',
    summary: 'Signs in by e-mail address and password, or opens the second step',
    body: z.object({
      email: z.string().max(254),
      password: z.string().max(1_024),
      // Ask for the second factor on a remembered device too: what changes factors takes a sign-in that gave one.
      second_factor: z.boolean().optional(),
    }),
    throttles: [
      { name: 'signin', spans: [{ max: 15, windowMs: minute }] },
      // Guesses from many addresses at one account.
      { name: 'signin_email', spans: [{ max: 30, windowMs: 60 * minute }], key: ({ body }) => canonicalEmail(body.email) },
    ],
    replies: { 200: 'Signed in, or requires_2fa: true with a pre-login token', 401: 'Wrong address or password' },
    async answer(asked) {
      const { body, language } = asked
      const account = await accountByEmail(database, body.email)
      // Whoever has no account waits as long for the same answer.
      const matches = await passwords.matches(body.password, account?.passwordHash)
      const wrong = refused(401, sentences.refused[language])
      if (account === undefined || !matches) return wrong

      return database.transaction(async (transaction) => {
        // A password that was changed while this one was looked at opens nothing.
        const current = await lockAccount(transaction, account.id)
        if (!current?.isActive || current.passwordHash !== account.passwordHash) return wrong
        const { isOn, methods } = await factorsOf(transaction, current)
        const isKnown = body.second_factor !== true && (await devices.recognize(transaction, current, asked))

        if (isOn && !isKnown) {
          // No session and no word about the person before the second factor.
          const pre_login_token = await preLogins.open(transaction, current)
          const notice = methods.includes('sms') ? { notice: sentences.smsRisk[language] } : {}
          const message = sentences.factorMissing[language]
          return { status: 200, body: { message, user: null, tokens: null, requires_2fa: true, pre_login_token, methods, ...notice } }
        }
        await markActivity(transaction, current.id, new Date(now()))
        const tokens = await sessions.open(transaction, current)
        const user = greetUser(current, isOn)
        return { status: 200, body: { message: sentences.signedIn[language], user, tokens, requires_2fa: false } }
      })
    },
  }),
]
