import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import { setPasswordHash } from '../accounts/account.js'
import type { Passwords } from '../accounts/password.js'
import { passwordProblems, passwordSentences } from '../accounts/password-policy.js'
import type { Sessions } from '../accounts/sessions.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { checkRefusal } from './check-refusal.js'
import type { ClaimAccount } from './claim-account.js'
import type { Codes } from './codes.js'
import { firstName } from './first-name.js'
import type { createOwnerOf } from './owner.js'
import { telephone } from './phone-field.js'
import { checkThrottle, codeField, sendThrottle } from './throttles.js'
import { succeeded, wrongFields } from './wire.js'

export interface ResetParts {
  readonly codes: Codes
  readonly claimAccount: ClaimAccount
  readonly ownerOf: ReturnType<typeof createOwnerOf>
  readonly passwords: Passwords
  readonly sessions: Sessions
  readonly verifier: Pick<PhoneVerifier, 'notify'>
}

const sentences = {
  sent: { fr: 'Si ce numéro a un compte, un code lui est envoyé', en: 'If this number has an account, a code is on its way' },
  reset: { fr: 'Mot de passe réinitialisé avec succès', en: 'Password reset' },
  invalid: { fr: 'Code invalide ou expiré', en: 'Invalid or expired code' },
} as const satisfies Readonly<Record<string, Sentence>>

/** A new password for whoever reads the texts of an account's number. That there is an account is said to nobody else. */
export const resetRoutes = (
  base: `/${string}`,
  { codes, claimAccount, ownerOf, passwords, sessions, verifier }: ResetParts,
): readonly Route[] => [
  route({
    method: 'POST',
    path: `${base}/demander-reinitialisation-mdp/`,
    summary: 'Sends a reset code to the number of an account',
    body: z.object({ telephone }),
    throttles: [sendThrottle],
    replies: { 200: 'The same whether there is an account or not', 429: 'Three sends an hour to a number, account or not' },
    async answer({ body, ...visitor }) {
      const { account, subject } = await ownerOf(body.telephone.phone)
      // The text leaves after the reply; where there is nobody to send it to, everything else happens all the same.
      const prenom = firstName.safeParse(account?.firstName).data
      return codes.send(visitor, { ...body, prenom, subject, decoy: account === undefined }, sentences.sent[visitor.language])
    },
  }),
  route({
    method: 'POST',
    path: `${base}/confirmer-reinitialisation-mdp/`,
    summary: 'Sets a new password by the code',
    body: z.object({ telephone, code: codeField, nouveau_mdp: z.string('field_required').max(1_024, 'password_too_long') }),
    throttles: [checkThrottle],
    replies: { 200: 'The password is another, and all sessions are over', 400: 'The password cannot be used, or the code is wrong' },
    async answer({ body, ...visitor }) {
      const { language } = visitor
      const { phone } = body.telephone
      // Said first, it costs no code. Names are not looked at: what is wrong with them would tell whose number it is. Of the number its last
      // eight digits are, which are all of it in Chad.
      const problems = passwordProblems(body.nouveau_mdp, { phone: phone.slice(-8) })
      if (problems.length > 0) return wrongFields({ nouveau_mdp: problems.map((problem) => passwordSentences[problem][language]) })

      const { subject } = await ownerOf(phone)
      const checked = await codes.check(visitor, { ...body, subject }, async ({ proof }) => {
        // Long work, before the transaction and not in it.
        const passwordHash = await passwords.hash(body.nouveau_mdp)
        return claimAccount({ phone, subject, proof }, async (transaction, { id }) => {
          await setPasswordHash(transaction, id, passwordHash)
          await sessions.revokeAll(transaction, id)
          return true
        })
      })
      if (!checked.ok) return checkRefusal(checked, sentences.invalid[language], language)
      // Done is done: a notice that cannot be sent undoes nothing, and the verifier's event says so.
      await verifier.notify({ phone, template: 'password_reset', locale: language })
      // Nobody is signed in by it.
      return succeeded(sentences.reset[language], {}, codes.cookie.drop())
    },
  }),
]
