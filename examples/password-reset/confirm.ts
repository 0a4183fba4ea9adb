import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import { type Answer, type Route, route } from '../service/route.js'
import { newPassword, refusedPassword, weakPassword } from './new-password.js'
import type { SendNotices } from './notices.js'
import { pasted } from './pasted.js'
import type { Done, Proven, Reset } from './reset.js'
import { sentences } from './sentences.js'

export interface ConfirmParts {
  readonly reset: Reset
  readonly sendNotices: SendNotices
}

const minute = 60_000
const typed = { session_token: pasted(4_096), code: pasted(64) } as const

/** A reset in two steps, or in one. Until a code was proven every failure is one and the same. */
export function confirmRoutes(base: `/${string}`, { reset, sendNotices }: ConfirmParts): readonly Route[] {
  const checks = {
    name: 'password_reset_check',
    spans: [
      { max: 10, windowMs: minute },
      { max: 30, windowMs: 5 * minute },
    ],
  } as const

  return [
    route({
      method: 'POST',
      path: `${base}/password/reset/verify/`,
      summary: 'Trades a code for a token that allows one thing: a new password for its account',
      body: z.object(typed),
      throttles: [checks],
      replies: { 200: 'The token, good for ten minutes', 400: 'Wrong, expired or used', 403: 'A text is not enough for this account' },
      async answer({ body, ip, language }) {
        const proven = await reset.prove(body.session_token, body.code, ip)
        if (!proven.ok) return notProven(proven, language)
        const { token, needsTotp } = proven
        const sentence = needsTotp ? sentences.provenTotp : sentences.proven
        return success(200, sentence[language], { token, expires_in: 600, totp_required: needsTotp })
      },
    }),

    route({
      method: 'POST',
      path: `${base}/password/reset/confirm/`,
      summary: 'Sets the new password, by the token of the step before or by session_token and code at once',
      body: z
        .object({ ...newPassword, token: pasted(200), ...typed, totp: pasted(64) })
        .partial({ token: true, session_token: true, code: true, totp: true })
        .refine(({ token, session_token: session, code }) => (token === undefined) === (session !== undefined && code !== undefined), {
          message: 'code_or_token',
          path: ['token'],
        }),
      throttles: [checks],
      replies: {
        200: 'The password is another, and all sessions are over',
        400: 'The password cannot be used, or the code is wrong, expired or used',
        403: 'The code of the authenticator app is missing or wrong, or a text is not enough for this account',
      },
      async answer({ body, ip, language }) {
        // What is wrong with it for everybody is said first, and costs no code. What is wrong with it for its owner would tell who that is.
        const unusable = refusedPassword(body, language)
        if (unusable) return unusable

        const { session_token: sessionToken = '', code = '' } = body
        const proven = body.token === undefined ? await reset.prove(sessionToken, code, ip) : { ok: true as const, token: body.token }
        if (!proven.ok) return notProven(proven, language)

        const done = await reset.finish(proven.token, body.new_password, body.totp)
        if (!done.ok) return notDone(done, proven.token, language)
        await sendNotices('password_reset', done.account, language)
        // Nobody is signed in by it: whoever typed the code signs in by the new password, and by whatever else that takes.
        return success(200, sentences.reset[language])
      },
    }),
  ]
}

const notProven = ({ reason }: Extract<Proven, { readonly ok: false }>, language: Language): Answer =>
  reason === 'stale_phone' ? failure(403, sentences.stalePhone[language]) : failure(400, sentences.invalidCode[language])

/** The code is spent: with the token its holder comes back, and needs no other text. */
function notDone(done: Extract<Done, { readonly ok: false }>, token: string, language: Language): Answer {
  if (done.reason === 'invalid_code') return failure(400, sentences.invalidCode[language])
  if (done.reason === 'weak_password') return weakPassword(done.problems, language, { token })
  const sentence = done.reason === 'totp_required' ? sentences.provenTotp : sentences.totpIncorrect
  return failure(403, sentence[language], { token, totp_required: true })
}
