import { createHmac } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'

export type PhoneKey = (phone: PhoneNumber) => string

/**
 * What tables know a number by. Keyed, because all numbers of a country are tried within the hour: a plain hash hides none. It is personal
 * data all the same.
 */
export const createPhoneKey =
  (secret: string): PhoneKey =>
  (phone) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['marketing', phone]))
      .digest('base64url')
