import type { PhoneVerifier } from 'phone-verify'
import { countSegments } from 'phone-verify/sms/segments'
import type { Account } from '../accounts/account.js'
import type { Language } from '../service/language.js'
import type { SendMail } from '../service/mail.js'
import type { Alert, Channel } from './alert.js'
import type { Duty, ProviderWord } from './provider-word.js'
import { letterOf, smsText } from './texts.js'

/** What became of a text. `again`: it was certainly not sent, and may be later. */
export type Sent =
  | { readonly outcome: 'sent' | 'unknown'; readonly reason: 'accepted' | 'no_answer'; readonly segments: number | null }
  | { readonly outcome: 'failed'; readonly reason: 'undeliverable' | 'no_phone' | 'no_email' | 'email_not_configured' }
  | { readonly outcome: 'again'; readonly reason: Duty | 'provider_unavailable' | 'sms_not_configured' | 'mail_unavailable' }

export interface SendParts {
  readonly verifier: Pick<PhoneVerifier, 'notify'>
  readonly providerWord: Pick<ProviderWord, 'hear'>
  readonly sendMail: SendMail | undefined
}

export interface Text {
  readonly account: Account
  readonly channel: Channel
  readonly alerts: readonly Alert[]
  readonly language: Language
}

/** Hands a text to who delivers it. Never rejects: what it tells has happened. */
export const send = (parts: SendParts, text: Text): Promise<Sent> =>
  text.channel === 'sms' ? sendSms(parts, text) : sendLetter(parts, text)

async function sendSms({ verifier, providerWord }: SendParts, { account: { phone }, alerts, language }: Text): Promise<Sent> {
  // Taken from the account as it is now: a number that was changed a moment ago gets nothing any more.
  if (phone === null) return { outcome: 'failed', reason: 'no_phone' }
  const text = smsText(alerts, language)
  const { segments } = countSegments(text)
  try {
    const message = { phone, template: 'security_alert', locale: language, context: { text } }
    const { result: told, duty } = await providerWord.hear(() => verifier.notify(message))
    if (told.ok && told.delivery === 'unknown') return { outcome: 'unknown', reason: 'no_answer', segments }
    if (told.ok) return { outcome: 'sent', reason: 'accepted', segments }
    const isLater = told.reason === 'unavailable' || told.reason === 'rate_limited'
    return isLater ? { outcome: 'again', reason: duty ?? 'provider_unavailable' } : { outcome: 'failed', reason: 'undeliverable' }
  } catch {
    // A sender that is unfit, say: somebody puts it right, and the alert is still of use.
    return { outcome: 'again', reason: 'sms_not_configured' }
  }
}

async function sendLetter({ sendMail }: SendParts, { account: { email }, alerts, language }: Text): Promise<Sent> {
  if (email === null) return { outcome: 'failed', reason: 'no_email' }
  if (sendMail === undefined) return { outcome: 'failed', reason: 'email_not_configured' }
  return sendMail({ to: email, ...letterOf(alerts, language) }).then(
    () => ({ outcome: 'sent', reason: 'accepted', segments: null }),
    () => ({ outcome: 'again', reason: 'mail_unavailable' }),
  )
}
