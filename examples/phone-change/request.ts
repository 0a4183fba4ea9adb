import type { CodeSent } from 'phone-verify'
import { z } from 'zod'
import { member } from '../accounts/access.js'
import type { Passwords } from '../accounts/password.js'
import type { SecondFactor } from '../accounts/second-factor.js'
import type { SignedIn } from '../accounts/sessions.js'
import { readPhone } from '../accounts/sign-in.js'
import { failure, success } from '../service/envelope.js'
import type { Language, Sentence } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import { type Route, route } from '../service/route.js'
import type { Throttle } from '../service/throttle.js'
import { type ChangeParts, wasChangedLately } from './change-phone.js'

export interface RequestParts extends Pick<ChangeParts, 'parts' | 'verifier' | 'sessions'> {
  readonly passwords: Passwords
  readonly secondFactor: SecondFactor
  readonly defaultCountry: string
  /** Where the code is typed, for the text to say. */
  readonly page: URL | undefined
}

const minute = 60_000

const sentences = {
  sent: { fr: 'Un code de vérification a été envoyé au nouveau numéro.', en: 'A verification code was sent to the new number.' },
  resent: { fr: 'Le code a été renvoyé.', en: 'The code was sent again.' },
  password: { fr: 'Mot de passe incorrect.', en: 'Wrong password.' },
  factor: { fr: 'Le code de votre application d’authentification est requis.', en: 'The code of your authenticator is required.' },
  own: { fr: 'C’est déjà votre numéro.', en: 'This is your number already.' },
  noNumber: { fr: 'Ce compte n’a pas de numéro à changer.', en: 'This account has no number to change.' },
  lately: {
    fr: 'Le numéro de ce compte a été changé il y a moins de 24 heures.',
    en: 'The number of this account was changed less than 24 hours ago.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

export const changedLately = (language: Language) => failure(409, sentences.lately[language], { reason: 'changed_lately' })

/** `…/request/` and `…/resend/`: who it is, once more, and a code to the new number. */
export function requestRoutes(base: `/${string}`, { parts, verifier, sessions, passwords, ...rest }: RequestParts): readonly Route[] {
  const { secondFactor, defaultCountry, page } = rest
  const { database, now } = parts
  const access = member(sessions)
  const byAddress = { name: 'phone_change', spans: [{ max: 20, windowMs: minute }] as const }
  const sent = (language: Language, sentence: Sentence, { sessionToken, expiresAt, resendAt }: CodeSent) =>
    success(202, sentence[language], {
      session_token: sessionToken,
      expires_at: expiresAt.toISOString(),
      resend_at: resendAt.toISOString(),
    })
  const wrong = (language: Language, field: string, sentence: Sentence) =>
    failure(400, sentence[language], { [field]: [sentence[language]] })

  const body = z.object({ new_phone: z.string().max(64), password: z.string().max(1_024), totp_code: z.string().max(64).optional() })
  /** Whoever stole an access token guesses at the password: by account, from however many addresses. */
  const guesses: Throttle<z.infer<typeof body>, SignedIn> = {
    name: 'phone_change_password',
    spans: [
      { max: 5, windowMs: 15 * minute },
      { max: 20, windowMs: 24 * 60 * minute },
    ],
    key: ({ who }) => who.account.id,
  }

  return [
    route({
      method: 'POST',
      path: `${base}/request/`,
      summary: 'Asks for the password again, and sends a code to the new number',
      access,
      body,
      throttles: [byAddress, guesses],
      replies: { 202: 'Sent', 400: 'Password, factor or number is wrong', 409: 'Changed less than a day ago', 429: 'Too many texts' },
      async answer({ who: { account }, body: { new_phone, password, totp_code }, language, ip }) {
        // An access token may be stolen: it changes nothing by itself. The password first, so that a factor's code is not used up in vain.
        if (!(await passwords.matches(password, account.passwordHash))) return wrong(language, 'password', sentences.password)
        if (await secondFactor.isEnabled(database, account.id)) {
          const isRight = totp_code !== undefined && (await secondFactor.check(database, account.id, totp_code))
          if (!isRight) return wrong(language, 'totp_code', sentences.factor)
        }
        if (account.phone === null) return failure(400, sentences.noNumber[language])
        if (readPhone(new_phone, defaultCountry) === account.phone) return wrong(language, 'new_phone', sentences.own)
        if (await wasChangedLately(database, account.id, now())) return changedLately(language)
        // Whether somebody else has the number is not asked: the reply would tell whose numbers have accounts.
        const outcome = await verifier.sendCode({
          ...{ phone: new_phone, purpose: 'phone_change', subject: account.id, locale: language, client: { ip } },
          ...(page && { context: { page: page.href } }),
        })
        return outcome.ok ? sent(language, sentences.sent, outcome) : outcomeAnswer(outcome, language)
      },
    }),
    route({
      method: 'POST',
      path: `${base}/resend/`,
      summary: 'Sends the code again',
      access,
      body: z.object({ session_token: z.string().max(8_192) }),
      throttles: [byAddress],
      replies: { 202: 'Sent', 400: 'The request is unknown, over or used', 429: 'Too many texts' },
      async answer({ who, body, language, ip }) {
        const outcome = await verifier.resendCode({ sessionToken: body.session_token, subject: who.account.id, client: { ip } })
        return outcome.ok ? sent(language, sentences.resent, outcome) : outcomeAnswer(outcome, language)
      },
    }),
  ]
}
