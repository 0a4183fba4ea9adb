import { z } from 'zod'
import { type Account, lockAccount } from '../accounts/account.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { describeUser } from './describe-user.js'
import { factorsOf } from './factors.js'
import { profileOf, saveProfile } from './profile.js'
import { profileFields } from './profile-fields.js'
import { markFactor, recent } from './recent.js'
import { sentReply, smsThrottles } from './sms-routes.js'
import type { Tools } from './tools.js'
import { outcomeReply, refused, wrongFields } from './wire.js'

const sentences = {
  verified: { fr: 'Numéro vérifié : vos codes de connexion y seront envoyés.', en: 'Number verified: it gets your sign-in codes.' },
  missing: { fr: 'Indiquez un numéro de téléphone.', en: 'Say a phone number.' },
  taken: { fr: 'Ce numéro est déjà celui d’un autre compte.', en: 'This number is another account’s already.' },
  over: { fr: 'Cette demande est inconnue. Recommencez.', en: 'This request is unknown. Start again.' },
} as const satisfies Readonly<Record<string, Sentence>>

const purpose = 'two_factor_setup'

/** `POST /2fa/sms/setup/` and `POST /2fa/sms/verify-setup/`: a number that its owner has proven becomes the account's, and a factor. */
export function smsSetupRoutes(tools: Tools): readonly Route[] {
  const { parts, sessions, verifier, notify } = tools
  const { database } = parts
  const access = recent(sessions, parts)
  return [
    route({
      method: 'POST',
      path: '/api/auth/2fa/sms/setup/',
      summary: 'Sends a code to a number: the one that is said, or the contact of the profile',
      access,
      body: z.object({ phone: profileFields.phone.optional() }),
      throttles: smsThrottles,
      replies: { 200: 'Sent: its session token belongs to the code', 400: 'There is no number, or it gets no texts' },
      async answer({ body, who: { account }, language, ip }) {
        const { contactPhone, language: locale } = await profileOf(database, account.id)
        const phone = body.phone ?? contactPhone
        if (phone === null) return wrongFields({ phone: [sentences.missing[language]] })
        // Whether it is another account's is not said here: only its holder may learn it.
        return sentReply(await verifier.sendCode({ phone, purpose, subject: account.id, locale, client: { ip } }), language, phone)
      },
    }),
    route({
      method: 'POST',
      path: '/api/auth/2fa/sms/verify-setup/',
      summary: 'Makes the number the account’s and a factor, by the code that it got',
      access,
      body: z.object({ code: z.string().max(64), session_token: z.string().max(4_096) }),
      replies: { 200: 'On', 400: 'Wrong code', 409: 'The number is another account’s' },
      async answer({ body, who: { account, sessionId }, language, ip }) {
        const { id: subject } = account
        const { code, session_token: sessionToken } = body
        const verified = await verifier.verifyCode({ sessionToken, code, purpose, subject, client: { ip } })
        if (!verified.ok) return outcomeReply(verified, language)
        const { phone, proof } = verified
        const bound = await bind(tools, { subject, phone, proof, sessionId }).catch((error: unknown) => {
          if (Object(error).code === uniqueViolation) return 'taken' as const
          throw error
        })
        if (bound === 'taken') return refused(409, sentences.taken[language])
        if (bound === undefined) return wrongFields({ session_token: [sentences.over[language]] })
        const { before, after, backup_codes } = bound
        if (before.phone !== phone) await notify(before, 'phone_changed_old')
        await notify(after, 'two_factor_on')
        const user = await describeUser(database, after)
        return { status: 200, body: { message: sentences.verified[language], verification_method: 'sms', user, ...backup_codes } }
      },
    }),
  ]
}

/** SQLSTATE: the number is in another row. */
const uniqueViolation = '23505'

interface Bound {
  readonly before: Account
  readonly after: Account
  readonly backup_codes: object
}

/** All of it in the transaction that redeems the proof, or none. */
const bind = (
  { parts: { database, now }, redeem, sessions, backupCodes }: Tools,
  {
    subject,
    phone,
    proof,
    sessionId,
  }: { readonly [Key in 'subject' | 'proof' | 'sessionId']: string } & { readonly phone: NonNullable<Account['phone']> },
): Promise<Bound | undefined> =>
  database.transaction(async (transaction) => {
    const before = await lockAccount(transaction, subject)
    if (before === undefined) return undefined
    const redeemed = await redeem(transaction, { proof, purpose, subject, phone })
    if (!redeemed.ok) return undefined
    const at = new Date(now())
    await transaction.query('UPDATE account SET phone = $2, phone_verified_at = $3 WHERE id = $1', [subject, phone, at])
    await transaction.query('INSERT INTO two_factor_sms (account_id, activated_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [subject, at])
    await saveProfile(transaction, subject, { contactPhone: phone })
    // Whoever else was signed in was so without this factor.
    await sessions.revokeAll(transaction, subject, sessionId)
    await markFactor(transaction, sessionId)
    const after = { ...before, phone, phoneVerifiedAt: at }
    // A phone can be lost: whoever has no other way in gets one.
    if ((await factorsOf(transaction, after)).backupCodes > 0) return { before, after, backup_codes: {} }
    const { codes, digests } = backupCodes.draw(subject)
    await backupCodes.replace(transaction, subject, digests)
    return { before, after, backup_codes: { backup_codes: codes } }
  })
