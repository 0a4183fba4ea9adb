import { z } from 'zod'
import type { Passwords } from '../accounts/password.js'
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
import { refused, succeeded } from './wire.js'

export interface SignInParts {
  readonly codes: Codes
  readonly claimAccount: ClaimAccount
  readonly ownerOf: ReturnType<typeof createOwnerOf>
  readonly passwords: Passwords
  readonly sessions: Sessions
}

const sentences = {
  sent: { fr: 'Code de confirmation envoyé avec succès', en: 'Confirmation code sent' },
  refused: { fr: 'Numéro de téléphone ou mot de passe incorrect.', en: 'Wrong phone number or password.' },
  signedIn: { fr: 'Connexion réussie', en: 'Signed in' },
  invalid: { fr: 'Code invalide ou expiré', en: 'Invalid or expired code' },
} as const satisfies Readonly<Record<string, Sentence>>

/** A sign-in in two steps. That the password was right is said by the challenge itself: it is the account's, and only such a password opens one. */
export function signInRoutes(base: `/${string}`, { codes, claimAccount, ownerOf, passwords, sessions }: SignInParts): readonly Route[] {
  const hour = 3_600_000

  return [
    route({
      method: 'POST',
      path: `${base}/activer-2fa-connexion/`,
      summary: 'Takes the password, and sends a code to the number of the account',
      body: z.object({ telephone, mot_de_passe: z.string('field_required').max(1_024) }),
      throttles: [
        sendThrottle,
        // Guesses from many addresses at one account.
        { name: 'confirmation_password', spans: [{ max: 30, windowMs: hour }], key: ({ body }) => body.telephone.phone },
      ],
      replies: { 200: 'Sent; nobody is signed in yet', 401: 'Wrong number or password', 429: 'Three sends an hour to a number' },
      async answer({ body, ...visitor }) {
        const { account, subject } = await ownerOf(body.telephone.phone)
        // Whoever has no account waits as long for the same answer.
        if (!(await passwords.matches(body.mot_de_passe, account?.passwordHash))) return refused(401, sentences.refused[visitor.language])
        const prenom = firstName.safeParse(account?.firstName).data
        return codes.send(visitor, { telephone: body.telephone, prenom, subject }, sentences.sent[visitor.language])
      },
    }),
    route({
      method: 'POST',
      path: `${base}/verifier-2fa-connexion/`,
      summary: 'Ends the sign-in by the code',
      body: z.object({ telephone, code: codeField }),
      throttles: [checkThrottle],
      replies: { 200: 'Signed in', 400: 'Wrong, expired, used, or no sign-in is under way' },
      async answer({ body, ...visitor }) {
        const { language } = visitor
        const { phone } = body.telephone
        const { subject } = await ownerOf(phone)
        const checked = await codes.check(visitor, { ...body, subject }, ({ proof }) =>
          claimAccount({ phone, subject, proof }, (transaction, account) => sessions.open(transaction, account)),
        )
        if (!checked.ok) return checkRefusal(checked, sentences.invalid[language], language)
        return succeeded(sentences.signedIn[language], { tokens: checked.result }, codes.cookie.drop())
      },
    }),
  ]
}
