import { z } from 'zod'
import { readPhone } from '../accounts/sign-in.js'
import { languages } from '../service/language.js'
import { defaultCountry } from './tools.js'

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** Fields of a profile, as sign-up and update take them. Messages are keys of the wire's sentences. */
export const profileFields = {
  name: z.string().trim().min(1, 'name_missing').max(100),
  language: z.enum(languages),
  timezone: z.string().max(64).refine(isTimezone, 'timezone_unknown'),
  /** In its one form. Whose it is nobody knows yet. */
  phone: z
    .string()
    .max(64)
    .transform((typed, context) => {
      const phone = readPhone(typed, defaultCountry)
      if (phone === undefined) context.addIssue('phone_invalid')
      return phone ?? z.NEVER
    }),
} as const
