import type { Exchanged } from './exchange.js'
import type { Meaning } from './failure.js'

/** Why a send failed, in words that hold nothing of it. */
export interface Reason {
  readonly meaning: Meaning
  readonly what: string
  /** Of an answer: `http_503`. */
  readonly providerCode?: string
}

const whys = {
  unreachable: 'could not connect',
  reset: 'the connection was lost before the answer',
  timeout: 'no answer in time',
  aborted: 'aborted',
} as const

/** What an exchange says that no answer of the provider's own explains: by the way it ended, else by the status of HTTP. */
export function meaningOf(exchanged: Exchanged): Reason {
  if (exchanged.outcome === 'unsent') return { meaning: 'unavailable', what: `${whys[exchanged.why]}, nothing was sent` }
  if (exchanged.outcome === 'unanswered') return { meaning: 'unknown', what: whys[exchanged.why] }
  const { status } = exchanged
  return { meaning: meaningOfStatus(status), what: `status ${status}`, providerCode: `http_${status}` }
}

/**
 * 307 and 308 ask to send the same again elsewhere, so nothing was done with it (RFC 9110 §15.4.8); the other redirects may follow upon
 * an act. A proxy may say 408 of a request that had already passed.
 */
function meaningOfStatus(status: number): Meaning {
  if (status === 307 || status === 308) return 'unavailable'
  return status >= 400 && status < 500 && status !== 408 ? 'unavailable' : 'unknown'
}
