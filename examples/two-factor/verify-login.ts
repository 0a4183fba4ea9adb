import { z } from 'zod'
import { lockAccount } from '../accounts/account.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { checkFactor, readGuess, wrongCode } from './check-factor.js'
import { greetUser } from './describe-user.js'
import { markActivity } from './profile.js'
import { markFactor, sessionOf } from './recent.js'
import type { Tools } from './tools.js'
import { accountLocked, tokenNotValid } from './wire.js'

const signedIn: Sentence = {
  fr: 'Connexion réussie avec authentification à deux facteurs.',
  en: 'Signed in with two-factor authentication.',
}

/** `POST /2fa/verify-login/`: the second step. Each stair has its reason; who falls off one has opened nothing. */
export function verifyLoginRoutes(tools: Tools): readonly Route[] {
  const { parts, sessions, preLogins, ledger, devices, notify } = tools
  const { database, now } = parts
  return [
    route({
      method: 'POST',
      path: '/api/auth/2fa/verify-login/',
      summary: 'Ends a sign-in by a second factor',
      access: preLogins.access,
      body: z.object({
        code: z.string().max(64),
        // Of a text message: what /2fa/sms/send/ answered with.
        session_token: z.string().max(4_096).optional(),
        remember_device: z.boolean().optional(),
      }),
      throttles: [{ name: 'verify_login', spans: [{ max: 30, windowMs: 60_000 }] }],
      replies: { 200: 'Signed in', 400: 'Wrong code', 429: 'Too many wrong codes: the account is locked for a while' },
      async answer(asked) {
        const { body, language, who: preLogin } = asked
        const { id: accountId } = preLogin.account
        // What can be no code is compared with none, and costs none.
        const guess = readGuess(body)
        if (guess === undefined) return wrongCode(language)
        // Counted before it is compared, for all methods together: of guesses that come at once no more are looked at than may be.
        const wait = await ledger.take(database, accountId)
        if (wait) return accountLocked(wait.retryAfterMs, language)
        const checked = await checkFactor(tools, preLogin.account, guess, asked).catch(async (error: unknown) => {
          // A store that is away has compared nothing, and must lock nobody out.
          await ledger.giveBack(database, accountId)
          throw error
        })
        if ('refused' in checked) return checked.refused

        const answer = await database.transaction(async (transaction) => {
          // The account as it is now: a new password has closed what the old one opened.
          const account = await lockAccount(transaction, accountId)
          if (!account?.isActive || !(await preLogins.lock(transaction, { ...preLogin, account }))) return tokenNotValid('access')
          // The factor is used up by one, in the step that opens the session: the others come too late.
          if (!(await checked.claim(transaction))) return wrongCode(language)
          await preLogins.end(transaction, preLogin)
          await ledger.clear(transaction, accountId)
          await markActivity(transaction, accountId, new Date(now()), true)
          const tokens = await sessions.open(transaction, account)
          await markFactor(transaction, sessionOf(tokens))
          const cookie = body.remember_device ? await devices.remember(transaction, account, asked) : undefined
          return {
            status: 200,
            body: { message: signedIn[language], user: greetUser(account, true), tokens, verification_method: guess.method },
            ...(cookie !== undefined && { headers: { 'set-cookie': cookie } }),
          }
        })
        if (answer.status === 200 && guess.method === 'backup_code') await notify(preLogin.account, 'backup_code_used')
        return answer
      },
    }),
  ]
}
