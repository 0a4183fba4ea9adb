import type { DeliveryReport } from '../services/report-delivery.js'
import type { ProblemCode } from './problem.js'
import { readWebhookOptions } from './webhook-options.js'
import { createTwilioWebhook } from './webhook-twilio.js'
import { createVonageWebhook } from './webhook-vonage.js'
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

/** What a request of a provider comes to. What is signed and is no delivery report says nothing. */
export type Received = { readonly refused: ProblemCode } | { readonly report: DeliveryReport | undefined }

/**
 * The webhooks of the providers that are configured. Whatever is not signed by one of them is `forbidden`.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function createWebhooks(options: WebhookOptions | undefined, { report, now }: WebhookParts): ReceiveReport {
  if (options === undefined) return async () => 'not_found'
  const { publicUrl, twilio, vonage } = readWebhookOptions(options)
  const webhooks = new Map<string, (request: WireRequest) => Promise<Received>>()
  if (twilio !== undefined) webhooks.set('twilio', createTwilioWebhook(publicUrl, twilio.authToken))
  if (vonage !== undefined) webhooks.set('vonage', createVonageWebhook(vonage.signatureSecret, vonage.apiKey, now))

  return async (provider, request) => {
    const webhook = webhooks.get(provider)
    if (webhook === undefined) return 'not_found'
    const received = await webhook(request)
    if ('refused' in received) return received.refused
    if (received.report !== undefined) report(received.report)
    return undefined
  }
}
