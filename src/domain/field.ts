import { PhoneVerifyError } from '../errors.js'
import type { Payload } from './binding.js'
import type { Client } from './client.js'

/** What the caller gives templates to say. */
export type Context = Readonly<Record<string, string | number>>

/** An error that names the field a programmer got wrong. Never holds its value. */
export const badArgument = (field: string, message: string): PhoneVerifyError =>
  new PhoneVerifyError('ERR_PV_ARGUMENT', `${field}: ${message}`, { field })

/**
 * A request as its own fields say, so that neither a missing request nor a polluted `Object.prototype` can say anything.
 */
export function ownFields<Request extends object>(request: Request, field = 'request'): Request {
  if (typeof request !== 'object' || request === null) throw badArgument(field, 'must be an object')
  try {
    return Object.assign(Object.create(null), request)
  } catch {
    // A getter or a proxy threw: what it threw is the caller's, and may hold anything.
    throw badArgument(field, 'has a field that cannot be read')
  }
}

/** An id the server says: absent, or 1 to `max` well-formed characters. Neither `null` nor `''` is absent. */
export function optionalId(field: string, value: unknown, max = 256): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '') throw badArgument(field, 'must be a string that is not empty')
  if (value.length > max) throw badArgument(field, `must have at most ${max} characters`)
  // A lone surrogate has no UTF-8 form: two of them would become the same bytes, and two keys one.
  if (/\p{Surrogate}/u.test(value)) throw badArgument(field, 'must be well-formed Unicode')
  return value
}

export function requiredId(field: string, value: unknown, max?: number): string {
  return optionalId(field, value ?? '', max) as string
}

export function oneOf<const Word extends string>(field: string, value: unknown, words: readonly Word[]): Word {
  if (!words.includes(value as Word)) throw badArgument(field, `must be one of ${words.join(', ')}`)
  return value as Word
}

export function requiredBoolean(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw badArgument(field, 'must be true or false')
  return value
}

/** A function of the application's: absent, or callable. */
export function optionalFunction<Given>(field: string, value: Given): Given {
  if (value !== undefined && typeof value !== 'function') throw badArgument(field, 'must be a function')
  return value
}

export function optionalSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined
  // By its shape: another realm, or a polyfill, has another constructor.
  try {
    const { aborted, addEventListener, removeEventListener } = value as AbortSignal
    if (typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function')
      return value as AbortSignal
  } catch {}
  throw badArgument('signal', 'must be an AbortSignal')
}

/** A purpose that was declared. Never the visitor's word: whoever names it chooses what the proof opens. */
export function requiredPurpose(value: unknown, declared: ReadonlySet<string>): string {
  if (typeof value !== 'string') throw badArgument('purpose', 'must be a string')
  if (!declared.has(value)) throw badArgument('purpose', 'was never declared')
  return value
}

/** Who asks: absent, or an object with a string `id`, `ip` or both. An empty object is absent. */
export function optionalClient(value: unknown): Client | undefined {
  if (value === undefined) return undefined
  if (!isPlain(value)) throw badArgument('client', 'must be an object with id or ip')
  const { id, ip } = ownFields(value as Readonly<Record<'id' | 'ip', unknown>>, 'client')
  return { id: optionalId('client.id', id), ip: optionalId('client.ip', ip, 64) }
}

/** What the person approves: a flat record of strings, finite numbers and booleans. */
export function optionalPayload(value: unknown): Payload | undefined {
  return optionalRecord('payload', value, (member) => typeof member === 'boolean' || isPrintable(member)) as Payload | undefined
}

/** What templates may say: a flat record of strings and finite numbers. */
export function optionalContext(value: unknown): Context | undefined {
  return optionalRecord('context', value, isPrintable) as Context | undefined
}

/** Payload and context travel in the session token, which must stay small enough for a header or a form field. */
export function requireSmall(payload: Payload | undefined, context: Context | undefined): void {
  const size = [payload, context].reduce((sum, part) => sum + (part === undefined ? 0 : Buffer.byteLength(JSON.stringify(part))), 0)
  if (size > 1024)
    throw badArgument(payload === undefined ? 'context' : 'payload', 'payload and context together must be at most 1 KB of JSON')
}

function optionalRecord(
  field: string,
  value: unknown,
  accepts: (member: unknown) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined) return undefined
  if (!isPlain(value)) throw badArgument(field, 'must be a flat object')
  const members = Object.entries(ownFields(value, field))
  for (const [name, member] of members) {
    if (!/^\P{Surrogate}{1,64}$/u.test(name) || name === '__proto__') throw badArgument(field, 'has a name that cannot be used')
    // A name that might be a number, a code or a second line of a log is not repeated.
    const path = /^(?!.*\d{4})[A-Za-z_]\w*$/.test(name) ? `${field}.${name}` : field
    if (!accepts(member)) throw badArgument(path, 'must be a string, a finite number or, in a payload, a boolean')
  }
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

/** An object literal of any realm. A map, a date or a promise nobody awaited has no members of its own, and would pass for absent. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  try {
    const prototype = Object.getPrototypeOf(value)
    return prototype === null || Object.getPrototypeOf(prototype) === null
  } catch {
    return false
  }
}

const isPrintable = (value: unknown): boolean => (typeof value === 'string' ? !/\p{Surrogate}/u.test(value) : Number.isFinite(value))
