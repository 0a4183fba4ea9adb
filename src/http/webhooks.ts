import type { DeliveryReport } from '../services/report-delivery.js'
import type { ProblemCode } from './problem.js'
import type { WireRequest } from './wire.js'

/** Which providers may report deliveries, and how they sign. */
export interface WebhookOptions {
  /** The base path as the provider reaches it, from outside of every proxy: `https://example.com/phone`. It is part of what Twilio signs. */
  readonly publicUrl: string
  /** The auth token of the account: an API key does not sign. */
  readonly twilio?: { readonly authToken: string } | undefined
  /** The signature secret of the account. With `apiKey`, reports of other accounts are refused. */
  readonly vonage?: { readonly signatureSecret: string; readonly apiKey?: string | undefined } | undefined
}

export interface WebhookParts {
  /** Told once of each report that is signed. */
  readonly report: (report: DeliveryReport) => void
  readonly now: () => number
}

/** Takes a report of a provider: undefined when it was accepted, else why not. */
export type ReceiveReport = (provider: string, request: WireRequest) => Promise<ProblemCode | undefined>

export function createWebhooks(_options: WebhookOptions | undefined, _parts: WebhookParts): ReceiveReport {
  return async () => 'not_found'
}
