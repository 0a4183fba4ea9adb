import type { PhoneVerifier } from 'phone-verify'
import type { Account } from '../accounts/account.js'
import type { Language, Sentence } from '../service/language.js'
import type { SendMail } from '../service/mail.js'
import type { Parts } from '../service/parts.js'
import { resetLink } from './challenges.js'

type Template = 'password_reset' | 'password_changed'

/** Tells an account's owner, at every address on file, what was done, and what to do if it was somebody else. */
export type SendNotices = (template: Template, account: Account, language: Language) => Promise<void>

const subjects: Readonly<Record<Template, Sentence>> = {
  password_reset: { fr: 'Votre mot de passe a été réinitialisé', en: 'Your password was reset' },
  password_changed: { fr: 'Votre mot de passe a été modifié', en: 'Your password was changed' },
}

const advice: Sentence = {
  fr: 'Vos autres appareils sont déconnectés. Si ce n’était pas vous, réinitialisez-le tout de suite ici, puis contactez-nous :',
  en: 'Your other devices are signed out. If this was not you, reset it here at once, then contact us:',
}

/** What was done is done: a notice that cannot be sent is logged, and undoes nothing. */
export function createNotices(verifier: Pick<PhoneVerifier, 'notify'>, parts: Parts, sendMail: SendMail): SendNotices {
  const link = resetLink(parts)
  return async (template, { phone, email }, language) => {
    const subject = subjects[template][language]
    const sent = await Promise.allSettled([
      ...(phone === null ? [] : [verifier.notify({ phone, template, locale: language, context: { link } })]),
      ...(email === null ? [] : [sendMail({ to: email, subject, text: `${subject}.\n\n${advice[language]}\n${link}\n` })]),
    ])
    const failed = sent.filter(({ status }) => status === 'rejected').length
    if (failed > 0) parts.log.error({ template, failed }, 'notices were not sent')
  }
}
