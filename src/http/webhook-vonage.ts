import { createSecretKey } from 'node:crypto'
import type { DeliveryReport } from '../services/report-delivery.js'
import { readJsonObject } from './json-object.js'
import { hasDigest, readWebhookBody } from './webhook-body.js'
import type { Received } from './webhooks.js'
import type { WireRequest } from './wire.js'

const stages: ReadonlyMap<unknown, DeliveryReport['status']> = new Map([
  ['submitted', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['rejected', 'failed'],
  ['undeliverable', 'failed'],
])

/** How old a signature may be, and how far two clocks may be apart. */
const [maxAge, clockToleranceSeconds] = ['5m', 5]

/** A JWT signed by HS256, whose 32 bytes have one spelling. */
const bearer = /^Bearer ([\w-]{1,1024}\.[\w-]{1,6144}\.[\w-]{42}[AEIMQUYcgkosw048])$/i

/** What Vonage signs of a report. */
interface Claims {
  readonly payload_hash?: unknown
  readonly api_key?: unknown
}

/**
 * Message status webhooks of Vonage's Messages API: the header `Authorization` bears a JWT that names the SHA-256 of the body.
 * https://developer.vonage.com/en/getting-started/concepts/webhooks
 *
 * @param signatureSecret of the account
 * @param apiKey reports of other accounts are refused, where it is given
 * @param now Unix ms
 */
export function createVonageWebhook(
  signatureSecret: string,
  apiKey: string | undefined,
  now: () => number,
): (request: WireRequest) => Promise<Received> {
  const key = createSecretKey(signatureSecret, 'utf8')

  const claimsOf = async (token: string): Promise<Claims | undefined> => {
    const { jwtVerify } = await import('jose')
    // Without a prototype: jose knows more options, and a polluted Object.prototype must not give them.
    const options = {
      __proto__: null,
      algorithms: ['HS256'],
      maxTokenAge: maxAge,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now()),
    }
    try {
      return { __proto__: null, ...(await jwtVerify(token, key, options)).payload } as Claims
    } catch {
      return undefined
    }
  }

  return async (request) => {
    const [, token] = bearer.exec(request.header('authorization') ?? '') ?? []
    const claims = token === undefined ? undefined : await claimsOf(token)
    if (claims === undefined || typeof claims.payload_hash !== 'string') return { refused: 'forbidden' }
    if (apiKey !== undefined && claims.api_key !== apiKey) return { refused: 'forbidden' }
    const body = await readWebhookBody(request)
    if ('refused' in body) return body
    if (!('bytes' in body && hasDigest(body.bytes, claims.payload_hash))) return { refused: 'forbidden' }
    const read = readJsonObject(body.bytes)
    return { report: 'error' in read ? undefined : reportOf(read.fields) }
  }
}

/** What a signed body says of a message, if it does: an inbound message has no status. */
function reportOf({ message_uuid: messageId, status: said, error }: Readonly<Record<string, unknown>>): DeliveryReport | undefined {
  const status = stages.get(said)
  // An id of theirs, which is no phone number: an event holds none.
  if (status === undefined || typeof messageId !== 'string' || !/^(?!\d+$)[\w-]{1,64}$/.test(messageId)) return undefined
  const providerCode = status === 'failed' ? codeOf(error) : undefined
  return { backend: 'vonage', messageId, status, ...(providerCode !== undefined && { providerCode }) }
}

/** The number that the type of a problem ends with, `https://…/messages#1000`, else its title where that is one. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { type, title }: { readonly type?: unknown; readonly title?: unknown } = Object.assign(Object.create(null), error)
  return /(?:^|[#/])(\d{1,6})$/.exec(plain(type))?.[1] ?? /^\d{1,6}$/.exec(plain(title))?.[0]
}

/** An object of JSON may hold a `toString` that is no function. */
const plain = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
