import { meaningOf, type Reason } from './exchange-meaning.js'
import type { Meaning } from './failure.js'

export interface Judgement extends Reason {
  readonly providerCode: string
}

/**
 * Codes whose meaning does not follow from the HTTP status. Source: https://www.twilio.com/docs/api/errors, read in 2026. Twilio splits
 * and changes codes, so this is a list of those that are known, and the status decides about all others.
 */
export const twilioCodes: ReadonlyMap<number, readonly [meaning: Meaning, reason: string]> = new Map([
  // The number itself: whoever sends, nothing arrives.
  [21211, ['refused', 'the number is not valid']],
  [21214, ['refused', 'the number cannot be reached']],
  [21217, ['refused', 'the number does not appear to be valid']],
  [21265, ['refused', 'the number is a short code']],
  [21610, ['refused', 'the recipient has opted out']],
  [21614, ['refused', 'the number is not a mobile number']],
  [21635, ['refused', 'the number is a landline']],
  // Rejected before it was queued, for a reason that another provider, account or hour does not have.
  [14107, ['unavailable', 'the rate limit is exceeded']],
  [20003, ['unavailable', 'the credentials are wrong']],
  [20404, ['unavailable', 'the account or the address is not there']],
  [20429, ['unavailable', 'too many requests']],
  [21212, ['unavailable', 'the sender is not valid']],
  // The dictionary means the sender by "Invalid Phone Number": one wrong sender must not make every number undeliverable.
  [21401, ['unavailable', 'the sender is not valid']],
  [21408, ['unavailable', 'the account may not send to this region']],
  [21601, ['unavailable', 'the sender cannot send SMS']],
  [21602, ['unavailable', 'the body is missing']],
  [21603, ['unavailable', 'the sender is missing']],
  [21606, ['unavailable', 'the sender is not one of the account']],
  [21608, ['unavailable', 'a trial account sends to verified numbers only']],
  [21611, ['unavailable', 'the queue of the sender is full']],
  [21612, ['unavailable', 'this sender cannot reach this number']],
  [21617, ['unavailable', 'the body is too long']],
  [21659, ['unavailable', 'the sender is not a Twilio number']],
  [21660, ['unavailable', 'the sender belongs to another account']],
  [21661, ['unavailable', 'the sender cannot send SMS']],
  [30450, ['unavailable', 'blocked for minutes on suspicion of fraud']],
  [30453, ['unavailable', 'blocked for hours on suspicion of fraud']],
])

/** Every answer that is no receipt has one meaning. */
export function judge(status: number, code: number | undefined): Judgement {
  const [meaning, reason] = (code !== undefined && twilioCodes.get(code)) || []
  const { meaning: byStatus, what } = meaningOf({ outcome: 'answered', status, headers: {}, body: undefined })
  return { meaning: meaning ?? byStatus, what: reason ?? what, providerCode: code === undefined ? `http_${status}` : String(code) }
}

/** Codes have five digits. Anything else may be made of what was sent. */
export const isTwilioCode = (code: unknown): code is number => Number.isInteger(code) && Number(code) >= 10_000 && Number(code) <= 99_999
export const isHttpStatus = (status: unknown): status is number =>
  Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599
