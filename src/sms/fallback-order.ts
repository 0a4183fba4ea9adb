import { type ErrorCode, PhoneVerifyError } from '../errors.js'
import type { SmsMessage } from './backend.js'

/**
 * Which backends a message goes to, and in which order. All are named by their `name`.
 *
 * - `'listed'`: as they stand in the list.
 * - `{ weights: { twilio: 80, vonage: 20 } }`: each is first in its share of the messages, exactly, not by chance. A backend of weight 0 is
 *   asked only after all others.
 * - `{ byPrefix: { '+33': ['vonage', 'twilio'], '+1': ['twilio'] } }`: by how the number begins; the longest prefix decides, and only the
 *   backends named there are asked. Numbers that fit none go as listed. A calling code is not always a country: `+1` is North America and
 *   much of the Caribbean, `+7` Russia and Kazakhstan.
 * - A function of the message: the names to ask, in order; others are not asked. An empty list, or an exception: `ERR_PV_SMS_UNAVAILABLE`.
 */
export type FallbackOrder = 'listed' | Weights | Prefixes | ((message: SmsMessage) => readonly string[])

interface Weights {
  readonly weights: Readonly<Record<string, number>>
}

interface Prefixes {
  readonly byPrefix: Readonly<Record<string, readonly string[]>>
}

/** The names to ask for one message, in order. */
export type Order = (message: SmsMessage) => readonly string[]

/** An order that has been checked: see `fallback-options.ts`. */
export function createOrder(order: FallbackOrder, names: readonly string[]): Order {
  if (order === 'listed') return () => names
  if (typeof order === 'function') return asked(order, names)
  return Object.hasOwn(order, 'weights') ? weighted((order as Weights).weights, names) : prefixed((order as Prefixes).byPrefix, names)
}

/** Gives every backend its share in the long run and in the short: whoever has waited longest for its due goes first. */
function weighted(given: Weights['weights'], names: readonly string[]): Order {
  const weights = new Map(names.map((name) => [name, given[name] as number]))
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  const drawn = names.filter((name) => weights.get(name) !== 0)
  const spare = names.filter((name) => weights.get(name) === 0)
  const due = new Map(drawn.map((name) => [name, 0]))
  const dueTo = (name: string) => due.get(name) ?? 0

  return () => {
    for (const name of drawn) due.set(name, dueTo(name) + (weights.get(name) ?? 0))
    const inTurn = drawn.toSorted((one, other) => dueTo(other) - dueTo(one))
    const [first = ''] = inTurn
    due.set(first, dueTo(first) - total)
    return [...inTurn, ...spare]
  }
}

function prefixed(given: Prefixes['byPrefix'], names: readonly string[]): Order {
  // Copied: what was checked is what holds.
  const rows = new Map(Object.entries(given).map(([prefix, row]) => [prefix, [...row]]))
  return ({ to }) => {
    for (let length = to.length; length > 1; length -= 1) {
      const row = rows.get(to.slice(0, length))
      if (row) return row
    }
    return names
  }
}

function asked(order: (message: SmsMessage) => readonly string[], names: readonly string[]): Order {
  return (message) => {
    const answer = answerOf(order, message)
    if (!Array.isArray(answer) || !answer.every((name) => names.includes(name)))
      throw failure('ERR_PV_CONFIGURATION', 'the function must answer a list of names of the backends')
    if (answer.length === 0) throw failure('ERR_PV_SMS_UNAVAILABLE', 'no backend for this message')
    // However often it is named, a backend gets a message once.
    return [...new Set<string>(answer)]
  }
}

function answerOf(order: (message: SmsMessage) => unknown, message: SmsMessage): unknown {
  try {
    return order(message)
  } catch {
    // What the application threw may hold anything.
    throw failure('ERR_PV_SMS_UNAVAILABLE', 'the function failed, and nothing was sent')
  }
}

const failure = (code: ErrorCode, what: string) => new PhoneVerifyError(code, `order: ${what}`, { backend: 'fallback' })
