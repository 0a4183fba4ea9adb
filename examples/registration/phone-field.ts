import { parsePhoneNumber } from 'phone-verify'
import { z } from 'zod'
import { countries, defaultCountry } from './numbers.js'

/** A phone number as people type it, in its one form: every route counts, seeks and keeps the same. */
export const phoneField = z
  .string({ error: 'phone_required' })
  .trim()
  .min(1, 'phone_required')
  .max(64, 'phone_invalid')
  .transform((typed, { addIssue }) => {
    const parsed = parsePhoneNumber(typed, { defaultCountry, countries })
    if (parsed.ok) return parsed.phone
    const digits = typed.replace(/\P{Nd}/gu, '').length
    const isOfNoLength = parsed.reason === 'invalid_phone_number' && (digits < 9 || digits > 15)
    addIssue({ code: 'custom', message: isOfNoLength ? 'phone_length' : parsed.reason })
    return z.NEVER
  })
