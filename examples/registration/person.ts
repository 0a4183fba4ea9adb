import { z } from 'zod'

const text = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'required' : 'not_text') })
  // Lines of an address are wanted, other control characters are not.
  .regex(/^(?:\P{Cc}|[\t\r\n])*$/u, 'characters')
  .trim()

const name = text.min(1, 'required').max(150, 'name_too_long')
const isEmail = (typed: string) => typed === '' || z.email().max(254).safeParse(typed).success

/** What may be left out: nothing, `null` and an empty text are the same. */
const optional = (said: typeof text) =>
  said
    .nullable()
    .transform((value) => value || null)
    .optional()

/** What people say of themselves, when they register and later. */
export const personFields = {
  first_name: name,
  last_name: name,
  email: optional(text.refine(isEmail, 'email_invalid')),
  address: optional(text.max(500, 'address_too_long')),
  apartment_name: optional(text.max(3, 'apartment_too_long')),
}
