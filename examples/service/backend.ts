import type { SmsBackend } from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { fallback } from 'phone-verify/sms/fallback'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { vonageBackend } from 'phone-verify/sms/vonage'
import type { Settings } from './settings.js'

/** Twilio, Vonage, or the one behind the other; a phone drawn on the terminal where no account is set. */
export function openBackend({ twilio, vonage }: Pick<Settings, 'twilio' | 'vonage'>): SmsBackend {
  const backends = [...(twilio ? [twilioBackend(twilio)] : []), ...(vonage ? [vonageBackend(vonage)] : [])]
  const [only = consoleBackend(), another] = backends
  return another === undefined ? only : fallback(backends)
}
