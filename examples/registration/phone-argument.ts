import type { PhoneNumber } from 'phone-verify'
import { phoneField } from './phone-field.js'

/**
 * The number that an administrator typed.
 *
 * @throws an error for the person at the terminal
 */
export function phoneArgument(typed: string | undefined): PhoneNumber {
  const read = phoneField.safeParse(typed)
  if (!read.success) throw new Error('give a mobile number, +237675799743 for example')
  return read.data
}
