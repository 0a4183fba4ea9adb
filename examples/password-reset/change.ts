import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { member } from '../accounts/access.js'
import { lockAccount } from '../accounts/account.js'
import type { Passwords } from '../accounts/password.js'
import type { Sessions, SignedIn } from '../accounts/sessions.js'
import type { Subjects } from '../accounts/subjects.js'
import { failure, success } from '../service/envelope.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { newPassword, refusedPassword } from './new-password.js'
import type { SendNotices } from './notices.js'
import { pasted } from './pasted.js'
import type { ReplacePassword } from './replace-password.js'
import { sentences } from './sentences.js'

export interface ChangeParts {
  readonly parts: Pick<Parts, 'database'>
  readonly verifier: PhoneVerifier
  readonly sessions: Sessions
  readonly subjects: Subjects
  readonly passwords: Passwords
  readonly replacePassword: ReplacePassword
  readonly sendNotices: SendNotices
}

const minute = 60_000
const purpose = 'password_change'

/** Another password for whoever is signed in, knows the present one and has the phone: a stolen session alone changes nothing. */
export function changeRoutes(base: `/${string}`, given: ChangeParts): readonly Route[] {
  const { parts, verifier, sessions, subjects, passwords, replacePassword, sendNotices } = given
  const access = member(sessions)
  const byAccount = (name: string) => ({
    name,
    spans: [{ max: 10, windowMs: 15 * minute }] as const,
    key: ({ who }: { readonly who: SignedIn }) => who.account.id,
  })
  const byAddress = { name: 'password_change', spans: [{ max: 20, windowMs: minute }] } as const

  return [
    route({
      method: 'POST',
      path: `${base}/password/change/request/`,
      summary: 'Checks the current password and sends a code',
      access,
      body: z.object({ current_password: z.string().max(1_024) }),
      throttles: [byAddress, byAccount('password_change_request')],
      replies: { 202: 'The code is on its way', 400: 'The password is wrong, or no code can be sent' },
      async answer({ body, who: { account }, ip, language }) {
        const matches = await passwords.matches(body.current_password, account.passwordHash)
        if (!matches) return failure(400, sentences.wrongPassword[language], { current_password: [sentences.wrongPassword[language]] })
        if (account.phone === null) return failure(400, sentences.noPhone[language])
        const asked = { phone: account.phone, purpose, subject: subjects.of(account), locale: language, client: { ip } }
        const sent = await verifier.sendCode(asked)
        if (!sent.ok) return outcomeAnswer(sent, language)
        return success(202, sentences.codeSent[language], { session_token: sent.sessionToken, resend_at: sent.resendAt.toISOString() })
      },
    }),

    route({
      method: 'POST',
      path: `${base}/password/change/confirm/`,
      summary: 'Sets the new password',
      access,
      body: z.object({ ...newPassword, session_token: pasted(4_096), code: pasted(64) }),
      throttles: [byAddress, byAccount('password_change_confirm')],
      replies: { 200: 'The password is another, and all other sessions are over', 400: 'The password or the code cannot be used' },
      async answer({ body, who: { account, sessionId }, ip, language }) {
        // Before the code is spent.
        const unusable = refusedPassword(body, language, account)
        if (unusable) return unusable
        const bound = { purpose, subject: subjects.of(account), phone: account.phone ?? undefined }
        const verified = await verifier.verifyCode({ ...bound, sessionToken: body.session_token, code: body.code, client: { ip } })
        if (!verified.ok) return outcomeAnswer(verified, language)

        const passwordHash = await passwords.hash(body.new_password)
        const replaced = await parts.database.transaction(async (transaction) => {
          const locked = await lockAccount(transaction, account.id)
          const replacement = { purpose, proof: verified.proof, passwordHash, exceptSessionId: sessionId }
          return locked?.isActive && replacePassword(transaction, locked, replacement)
        })
        if (!replaced) return failure(400, sentences.invalidCode[language])
        await sendNotices('password_changed', account, language)
        return success(200, sentences.changed[language])
      },
    }),
  ]
}
