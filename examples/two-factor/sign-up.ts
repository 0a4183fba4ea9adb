import { z } from 'zod'
import { accountByEmail, insertAccount } from '../accounts/account.js'
import { passwordProblems, passwordSentences } from '../accounts/password-policy.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { describeUser } from './describe-user.js'
import { saveProfile } from './profile.js'
import { profileFields } from './profile-fields.js'
import type { Tools } from './tools.js'
import { wrongFields } from './wire.js'

const sentences = {
  welcome: { fr: 'Compte créé avec succès. Bienvenue !', en: 'Account created. Welcome!' },
  taken: { fr: 'Un utilisateur avec cet email existe déjà.', en: 'There is a user with this e-mail address.' },
  mismatch: { fr: 'Les mots de passe ne correspondent pas.', en: 'The passwords do not match.' },
} as const satisfies Readonly<Record<string, Sentence>>

const { name, phone, language, timezone } = profileFields

const body = z.object({
  email: z.email('email_invalid').max(254),
  password: z.string().max(1_024),
  confirm_password: z.string().max(1_024),
  ...{ first_name: name, last_name: name },
  phone: phone.optional(),
  language: language.optional(),
  timezone: timezone.optional(),
})

/** `POST /signup/`: an account by e-mail address. A phone that is typed here is a contact, and proves nothing. */
export const signUpRoutes = ({ parts: { database, now }, passwords, sessions }: Tools): readonly Route[] => [
  route({
    method: 'POST',
    path: '/api/auth/signup/',
    summary: 'Creates an account and signs it in',
    body,
    throttles: [{ name: 'signup', spans: [{ max: 10, windowMs: 3_600_000 }] }],
    replies: { 201: 'Created', 400: 'A field is missing or wrong, or the address has an account' },
    async answer({ body, language }) {
      const { email, password, first_name: firstName, last_name: lastName } = body
      const taken = { email: [sentences.taken[language]] }
      const problems = passwordProblems(password, { firstName, lastName, email, phone: body.phone })
      const wrong = {
        ...((await accountByEmail(database, email)) && taken),
        ...(problems.length > 0 && { password: problems.map((problem) => passwordSentences[problem][language]) }),
        ...(password !== body.confirm_password && { confirm_password: [sentences.mismatch[language]] }),
      }
      if (Object.keys(wrong).length > 0) return wrongFields(wrong)

      const passwordHash = await passwords.hash(password)
      return database.transaction(async (transaction) => {
        const account = await insertAccount(transaction, {
          ...{ phone: null, email, passwordHash, firstName, lastName, createdAt: new Date(now()) },
        })
        // Another request with this address was faster.
        if (account === undefined) return wrongFields(taken)
        const { phone: contactPhone, timezone } = body
        await saveProfile(transaction, account.id, { contactPhone, timezone, language: body.language ?? language })
        const user = await describeUser(transaction, account)
        return { status: 201, body: { message: sentences.welcome[language], user, tokens: await sessions.open(transaction, account) } }
      })
    },
  }),
]
