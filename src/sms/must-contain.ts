import { PhoneVerifyError } from '../errors.js'
import type { SmsMessage } from './backend.js'

/**
 * What every leaf calls first, before any input or output: refuses a text that says nothing, and one that lacks something the person
 * must be able to read. A number counts only as a whole: the amount `5` does not stand in the code `351207`.
 *
 * @throws `ERR_PV_CONFIGURATION`, one problem for everything missing. It names the kind, never the value, which may be the code.
 */
export function requireText(message: SmsMessage, backendName: string): void {
  const { text, mustContain = [] }: SmsMessage = Object.assign(Object.create(null), message)
  const lacks = () => mustContain.filter((part) => !stands(part, text)).map((part) => `lacks ${kindOf(part, message)}`)
  const missing = isBlank(text) ? ['is empty'] : lacks()
  if (missing.length === 0) return
  throw new PhoneVerifyError('ERR_PV_CONFIGURATION', `text: ${missing.join(', ')}`, {
    backend: backendName,
    problems: missing.map((problem) => ({ option: 'text', message: problem })),
  })
}

const isBlank = (text: unknown): boolean => typeof text !== 'string' || text.trim() === ''

function stands(part: string, text: string): boolean {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    if (!joins(text.slice(0, at), part) && !joins(part, text.slice(at + part.length))) return true
  }
  return false
}

/** Whether two neighbours read as one number. */
const joins = (before: string, after: string): boolean => /\p{Nd}$/u.test(before) && /^\p{Nd}/u.test(after)

function kindOf(part: string, { code, context = {} }: SmsMessage): string {
  if (part === code) return 'the code'
  const field = Object.keys(context).find((name) => String(context[name]) === part)
  // Only letters: a name made of anything else might itself be a number or a code.
  return field !== undefined && /^[a-z_]+$/i.test(field) ? `the field ${field}` : 'a value that must be read'
}
