import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { SmsMessage } from '../sms/backend.js'
import { PAYEE } from './sample-message.js'

/**
 * Asserts that nothing of the message, and no secret, can be had from an error: by its message and stack, its own properties (hidden ones
 * and symbols too), the chain of causes, `inspect` or JSON. Says what was found, never its value.
 */
export function holdsNothing(error: unknown, { to, text, code }: SmsMessage, secrets: readonly string[] = []): void {
  const everything = everythingIn(error)
  // A number may be written in groups.
  const ungrouped = everything.replace(/[ \u00a0().-]/g, '')
  const holds = (part: string) => part !== '' && (everything.includes(part) || ungrouped.includes(part))
  assert.ok(!holds(code ?? ''), 'the error holds the code')
  assert.ok(!holds(to.slice(1)), 'the error holds the number')
  assert.ok(!holds(text) && !holds(PAYEE), 'the error holds the text')
  for (const [index, secret] of secrets.entries()) assert.ok(!holds(secret), `the error holds secret ${index}`)
}

function everythingIn(error: unknown): string {
  const found: string[] = []
  const seen = new Set<unknown>()
  const walk = (value: unknown): void => {
    if (typeof value === 'function' || seen.has(value)) return
    seen.add(value)
    found.push(value instanceof Uint8Array ? Buffer.from(value).toString() : String(attempt(() => String(value))))
    if (typeof value !== 'object' || value === null) return
    for (const key of Reflect.ownKeys(value)) walk(attempt(() => Reflect.get(value, key)))
  }
  walk(error)
  const shown = [
    () => inspect(error, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
    () => JSON.stringify(error),
  ]
  return [...found, ...shown.map(attempt)].join('\n')
}

/** What cannot be read leaks nothing. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
