import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import type { Inbound } from './inbound.js'
import type { Signed } from './webhooks.js'

/** What Twilio's Advanced Opt-Out calls a text, which it has answered itself. */
const answers: ReadonlyMap<unknown, Inbound['answered']> = new Map([
  ['STOP', 'stop'],
  ['START', 'start'],
  ['HELP', 'help'],
])

/**
 * A message that came in by Twilio: a form, signed together with the address that Twilio reaches.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 *
 * @returns nothing where the signature is not of this account; `'other'` where it is no text of a person
 */
export function readTwilioInbound(
  { authToken }: { readonly authToken: string },
  { header, url, bytes }: Signed,
): Inbound | 'other' | undefined {
  const form: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(bytes.toString())) form[name] = name in form ? [form[name] ?? [], value].flat() : value
  if (!validateRequest(authToken, header('x-twilio-signature') ?? '', url, form)) return undefined
  const { MessageSid: messageId, From: from, Body: words = '', OptOutType: type } = form
  if (typeof messageId !== 'string' || !/^[SM]M[0-9a-f]{32}$/.test(messageId) || typeof from !== 'string' || typeof words !== 'string')
    return 'other'
  // Twilio does not say when a text was sent: they count in the order in which they come.
  return { provider: 'twilio', messageId, from, words, saidAt: undefined, answered: answers.get(type) }
}
