import type { SmsMessage } from '../sms/backend.js'
import type { Challenge } from './challenge.js'

/** The plain English text of a code. `templated` and `localized` rewrite it. */
export function codeMessage(challenge: Challenge, code: string, expiresInMs: number): SmsMessage {
  const { phone, purpose, locale, tenant, payload, context, appName } = challenge
  const fields = Object.entries(payload ?? {})
  // The milliseconds that the store took must not make four minutes of five.
  const minutes = Math.max(1, Math.floor((expiresInMs + 5_000) / 60_000))
  const approves = fields.map(([name, value]) => `${name} ${value}`).join(', ')
  const text = payload
    ? `${code} confirms at ${appName}: ${approves}. Do not share this code.`
    : `${code} is your ${appName} code. It expires in ${minutes} minute${minutes === 1 ? '' : 's'}. Do not share it.`
  return Object.freeze({
    to: phone,
    text,
    code,
    purpose,
    ...(locale !== undefined && { locale }),
    ...(tenant !== undefined && { tenant }),
    expiresInMs,
    context: Object.freeze({
      ...context,
      ...Object.fromEntries(fields.map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value])),
      app: appName,
      minutes,
    }),
    // What you see is what you sign: every value stands in the text, or no leaf sends it.
    ...(payload && { mustContain: Object.freeze(fields.map(([, value]) => String(value))) }),
  })
}
