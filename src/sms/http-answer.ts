import type { Exchanged } from './exchange.js'
import { meaningOf, type Reason } from './exchange-meaning.js'

/** What the gateway answered. */
export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Undefined where it was longer than 64 KiB, compressed or cut off. */
  readonly body: string | undefined
  /** The body, parsed. Undefined where it is no JSON. */
  readonly json: unknown
}

/** How the answers of a gateway are to be read. Each must answer at once: a promise says nothing. */
export interface HttpMapping {
  /** Whether the gateway took the message, asked of every 2xx. Default: it did. */
  readonly accepted?: ((answer: HttpAnswer) => { readonly messageId: string | null } | undefined) | undefined
  /** Whether it refuses this number for good, so that another provider would too. */
  readonly refused?: ((answer: HttpAnswer) => boolean) | undefined
  /** Whether the message was certainly not sent. 307, 308 and 4xx but 408 say so by themselves. */
  readonly unavailable?: ((answer: HttpAnswer) => boolean) | undefined
}

export type Verdict = { readonly meaning: 'taken'; readonly messageId: string | null } | Reason

/** What `accepted` says goes first: whoever says both may have sent it. */
export function judge(exchanged: Exchanged, { accepted, refused, unavailable }: HttpMapping): Verdict {
  const usual = meaningOf(exchanged)
  if (exchanged.outcome !== 'answered') return usual
  const { status, headers, body } = exchanged
  const answer: HttpAnswer = { status, headers, body, json: parse(body) }
  const isOk = status >= 200 && status < 300
  try {
    const verdict = isOk && accepted ? takenBy(accepted(answer)) : undefined
    if (verdict) return verdict
    if (refused?.(answer) === true) return { ...usual, meaning: 'refused' }
    if (unavailable?.(answer) === true) return { ...usual, meaning: 'unavailable' }
  } catch {
    // What it threw may repeat the answer, and that the message.
    return { ...usual, meaning: 'unknown', what: `${usual.what}, and reading the answer failed` }
  }
  return isOk && !accepted ? { meaning: 'taken', messageId: null } : usual
}

function takenBy(said: unknown): Verdict | undefined {
  if (typeof said !== 'object' || said === null || !Object.hasOwn(said, 'messageId')) return undefined
  const { messageId } = said as { readonly messageId: unknown }
  const isId = (typeof messageId === 'string' && messageId !== '') || typeof messageId === 'number'
  return { meaning: 'taken', messageId: isId ? String(messageId) : null }
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}
