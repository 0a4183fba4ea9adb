import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { type Account, insertAccount } from '../accounts/account.js'
import { failure, success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { redeemWithin } from '../service/verifier.js'
import type { Admits } from './allow-list/list.js'
import { setContact } from './contact.js'
import { describeMember } from './describe-member.js'
import { takePending } from './pending.js'
import { phoneField } from './phone-field.js'
import { phoneRefusal, registrationRefusal } from './registration-refusal.js'
import { sentences } from './sentences.js'

export interface ActivateParts {
  readonly parts: Pick<Parts, 'database' | 'storeJoins' | 'now'>
  readonly verifier: PhoneVerifier
  readonly admits: Admits
}

const minute = 60_000

/** Makes the account of a registration whose number is proven. */
export function activateRoute(base: `/${string}`, { parts, verifier, admits }: ActivateParts): Route {
  const { database, now } = parts
  const redeem = redeemWithin(verifier, parts)

  /** Proof, registration and account: all of it, or nothing. */
  const open = (proof: string, subject: string | undefined): Promise<Account | 'expired' | 'not_allowed' | 'taken'> =>
    database.transaction(async (transaction) => {
      const redeemed = await redeem(transaction, { proof, purpose: 'registration', subject })
      if (!redeemed.ok || redeemed.subject === undefined) return 'expired'
      // The list may have changed since the code was sent. The registration stays, for it may change again.
      if (!(await admits(transaction, redeemed.phone))) return 'not_allowed'
      const pending = await takePending(transaction, redeemed.subject, now())
      if (pending === undefined) return 'expired'
      // Nothing where the number is somebody's already: proving it takes nobody's account over.
      const account = await insertAccount(transaction, { ...pending, phone: redeemed.phone, email: null, createdAt: new Date(now()) })
      if (account === undefined) return 'taken'
      await setContact(transaction, account.id, pending)
      return account
    })

  return route({
    method: 'POST',
    path: `${base}/activate/`,
    summary: 'Activates an account by the code that was sent',
    body: z.object({ phone: phoneField, code: z.string().max(64), session_token: z.string().max(4_096) }),
    throttles: [
      { name: 'activate', spans: [{ max: 5, windowMs: minute }] },
      // Of one registration: were it of the number alone, whoever knows it could keep its owner from activating.
      {
        name: 'activate_phone',
        spans: [{ max: 3, windowMs: minute }],
        key: ({ body }) => JSON.stringify([body.phone, body.session_token]),
      },
    ],
    replies: { 200: 'The account is active', 400: 'The code is wrong or over, or the number has an account or may not have one' },
    async answer({ body, ip, language }) {
      const { phone, code, session_token: sessionToken } = body
      const verified = await verifier.verifyCode({ sessionToken, code, phone, purpose: 'registration', client: { ip } })
      if (!verified.ok) return registrationRefusal(verified, language)
      const account = await open(verified.proof, verified.subject)
      if (account === 'expired') return failure(400, sentences.unknownRegistration[language])
      if (account === 'not_allowed') return phoneRefusal(language, 'not_allowed')
      // Now it is known to be theirs, and they may hear it.
      if (account === 'taken') return phoneRefusal(language, 'phone_taken', 'reset_instead')
      return success(200, sentences.activated[language], { user: await describeMember(database, account) })
    },
  })
}
