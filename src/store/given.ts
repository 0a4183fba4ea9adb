import { PhoneVerifyError } from '../errors.js'
import type { Quota } from './store.js'

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', message)

/** About three hundred years. */
const longestMs = 1e13

/** A span of time in whole milliseconds: times are whole, so a fraction more is one more. */
export const span = (ms: number): number => {
  if (ms >= 0 && ms <= longestMs) return Math.ceil(ms)
  throw fault('a span of time must be a finite number of milliseconds, 0 or more')
}

/** What is no number admits nothing; what is beyond counting is as good as unlimited. */
export const most = (max: number): number => Math.min(Math.max(0, Math.floor(max) || 0), 1e9)

/** What names are made of, all but always. */
const plain = /^[\x20-\x7e]*$/

/** Drivers write half of a surrogate pair as a replacement character, and two names would become one. Nobody stores a NUL alike. */
export const wellFormed = (name: string): string => {
  if (!plain.test(name) && /[\p{Surrogate}\0]/u.test(name)) throw fault('an id or a key must be well-formed Unicode without NUL')
  return name
}

/** The keys of a call, each once, in the order given. A call has few, so that looking through them is faster than a Set. */
export const distinctKeys = (quotas: readonly Quota[]): readonly string[] => {
  const keys: string[] = []
  for (const { key } of quotas) if (!keys.includes(key)) keys.push(key)
  return keys
}
