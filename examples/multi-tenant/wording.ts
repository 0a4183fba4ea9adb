import type { SmsBackend } from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { templated } from 'phone-verify/sms/templated'

/**
 * Says codes in the words of their challenge. The template travels in its context, sealed into the session token: a resend says what the
 * first text said, whatever the organization has changed meanwhile.
 */
export const worded = (backend: SmsBackend): SmsBackend => ({
  name: backend.name,
  send: (message, signal) => templated({ code: { other: String(message.context['template']) } }, backend).send(message, signal),
})

/** What `worded` reads. */
export const wordingOf = ({ template }: { readonly template: string }) => ({ template })

/** Whether a text may be a template: it holds `{{code}}`, and no place that nobody fills. */
export function isTemplate(text: string): boolean {
  try {
    return templated({ code: { other: text } }, consoleBackend()) !== undefined
  } catch {
    return false
  }
}
