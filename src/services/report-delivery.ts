import { oneOf, optionalId, ownFields, requiredId } from '../domain/field.js'
import type { Events } from './events.js'

/** What a provider says later of a message that it took. */
export interface DeliveryReport {
  /** The provider: `twilio`, `vonage`. */
  readonly backend: string
  /** The provider's id of the message, as in the receipt. */
  readonly messageId: string
  /** How far it has come. Never that a phone was verified. */
  readonly status: 'accepted' | 'sent' | 'delivered' | 'failed'
  /** The provider's own code of a failure. */
  readonly providerCode?: string | undefined
}

/** How far a message is, in the order in which providers report it. What is delivered or failed stays so. */
const stages = ['accepted', 'sent', 'delivered', 'failed'] as const

/** Messages whose last report is remembered. */
const remembered = 10_000

/**
 * Turns what a provider reports into one event each: a repeat, a replay and a report that arrives after a later one say nothing. Nothing
 * else comes of it: a challenge neither ends nor is verified by what a provider says.
 */
export function createReportDelivery(events: Events): (report: DeliveryReport) => void {
  const last = new Map<string, number>()
  return (report) => {
    const asked = ownFields(report, 'report')
    const backend = requiredId('backend', asked.backend, 40)
    const messageId = requiredId('messageId', asked.messageId, 100)
    const status = oneOf('status', asked.status, stages)
    const providerCode = optionalId('providerCode', asked.providerCode, 40)

    // Its length before it: neither name can run into the other.
    const key = `${backend.length} ${backend}${messageId}`
    const stage = Math.min(stages.indexOf(status), stages.indexOf('delivered'))
    if (stage <= (last.get(key) ?? -1)) return
    // The one that was heard of the longest ago makes room.
    last.delete(key)
    last.set(key, stage)
    if (last.size > remembered) last.delete(last.keys().next().value as string)
    events.emit({ type: 'report', outcome: status, backend, messageId, ...(providerCode !== undefined && { providerCode }) })
  }
}
