import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SignJWT } from 'jose'
import type { PhoneVerifyEvent } from 'phone-verify'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import type { WebhookOptions } from '../../src/http/webhooks.js'
import type { WireBody, WireRequest } from '../../src/http/wire.js'

export const publicUrl = 'https://example.com/phone'
export const twilioUrl = `${publicUrl}/webhooks/twilio`
export const authToken = '0123456789abcdef0123456789abcdef'
export const signatureSecret = 'QJ2rT7vK9wLx4mNp'
export const apiKey = 'abcd1234'

export const webhooks: WebhookOptions = { publicUrl, twilio: { authToken }, vonage: { signatureSecret, apiKey } }

/** Stands in every body that is posted, and in no reply and no event. */
export const canary = '+14155552671'

export const sid = (n: number) => `SM${n.toString(16).padStart(32, '0')}`
export const uuid = (n: number) => `aaaaaaaa-bbbb-4ccc-8ddd-${n.toString(16).padStart(12, '0')}`

export type Params = Readonly<Record<string, string | readonly string[]>>

/** What is posted to a webhook. */
export interface Posted {
  readonly method?: string
  /** Below the mount. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | Uint8Array
}

export const formOf = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value])),
  ).toString()

export const signTwilio = (url: string, params: Params, token = authToken): string => getExpectedTwilioSignature(token, url, params)

/** A status callback as Twilio posts it. */
export function fromTwilio(params: Params, query = '', signature?: string): Posted {
  const search = query === '' ? '' : `?${query}`
  return {
    path: `/webhooks/twilio${search}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signature ?? signTwilio(twilioUrl + search, params),
    },
    body: formOf(params),
  }
}

export const statusOf = (n: number, status: string, more: Params = {}): Params => ({
  AccountSid: 'AC00000000000000000000000000000000',
  MessageSid: sid(n),
  MessageStatus: status,
  To: canary,
  ...more,
})

export const sha256 = (body: string | Uint8Array): string => createHash('sha256').update(body).digest('hex')

/** The same as JSON, whose digest stands in the address. */
export function jsonFromTwilio(body: string, digest = sha256(body), signature?: string): Posted {
  const query = `?bodySHA256=${digest}`
  const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature ?? signTwilio(twilioUrl + query, {}) }
  return { path: `/webhooks/twilio${query}`, headers, body }
}

export interface Signing {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: { readonly alg: string; readonly [name: string]: unknown }
  readonly secret?: string
  /** When it was signed, in Unix seconds. */
  readonly iat?: number
}

export function signVonage(body: string | Uint8Array, { claims, header, secret = signatureSecret, iat }: Signing = {}): Promise<string> {
  const jti = 'f2a1c5a4-0000-4000-8000-000000000000'
  const said = { iss: 'Vonage', jti, api_key: apiKey, application_id: uuid(0), payload_hash: sha256(body), ...claims }
  return new SignJWT(said)
    .setProtectedHeader({ typ: 'JWT', alg: 'HS256', ...header })
    .setIssuedAt(iat)
    .sign(Buffer.from(secret))
}

export const vonageStatus = (n: number, status: string, more: object = {}): string =>
  JSON.stringify({ message_uuid: uuid(n), to: canary, from: 'Acme', timestamp: '2026-11-20T10:00:00Z', status, channel: 'sms', ...more })

/** A message status as Vonage posts it. */
export async function fromVonage(body: string, signing?: Signing): Promise<Posted> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await signVonage(body, signing)}` }
  return { path: '/webhooks/vonage', headers, body }
}

/** The request as the endpoints see it, where no socket matters. */
export function wireOf({ method = 'POST', path, headers, body }: Posted, made?: WireBody): WireRequest {
  const [below = '', query = ''] = path.split(/\?(.*)/s)
  return {
    method,
    path: below,
    query,
    header: (name) => headers[name]?.toString(),
    peer: undefined,
    body: async () => made ?? { bytes: Buffer.from(body as string) },
  }
}

export interface Answer {
  readonly status: number
  readonly text: string
}

export interface Served {
  /** Posts byte for byte, below `/phone`. */
  post(posted: Posted): Promise<Answer>
  close(): void
}

export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    async post({ method = 'POST', path, headers, body }) {
      const sent = request({ host: '127.0.0.1', port, method, path: `/phone${path}`, headers })
      // A server that refuses may close before it has read everything.
      sent.on('error', () => {})
      sent.end(body)
      const [response] = await once(sent, 'response')
      return { status: response.statusCode, text: await text(response) }
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What was reported, as `status id`, oldest first. */
export const reportsIn = (events: readonly PhoneVerifyEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'report' ? [`${event.outcome} ${event.messageId}`] : []))
