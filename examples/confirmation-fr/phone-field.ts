import { type PhoneNumber, parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'

/** How a number without `+` is read: `62046725` is `+235 62046725`. */
export const defaultCountry = 'TD'

export interface Telephone {
  /** As it came, for the reply. */
  readonly typed: string
  readonly phone: PhoneNumber
}

/** The field `telephone` of every request: 8 to 15 digits, with or without `+`. */
export const telephone = z.string('telephone_invalid').transform((typed, context): Telephone => {
  const digits = typed.replace(/\D/g, '').length
  // Longer ones are not looked at: what is no number is cheap to refuse.
  const parsed = typed.length > 32 || digits < 8 || digits > 15 ? undefined : parsePhoneNumber(typed, { defaultCountry })
  if (parsed?.ok) return { typed, phone: parsed.phone }
  context.addIssue({ code: 'custom', message: 'telephone_invalid' })
  return z.NEVER
})
