import { createHmac, createSecretKey } from 'node:crypto'
import type { DeliveryReport } from '../services/report-delivery.js'
import { readJsonObject } from './json-object.js'
import { hasDigest, isSame, readWebhookBody } from './webhook-body.js'
import { asForm, type Form, readForm } from './webhook-form.js'
import type { Received } from './webhooks.js'
import type { WireRequest } from './wire.js'

const stages: ReadonlyMap<unknown, DeliveryReport['status']> = new Map([
  ...(['accepted', 'scheduled', 'queued', 'sending'] as const).map((status) => [status, 'accepted'] as const),
  ['sent', 'sent'],
  ...(['delivered', 'read'] as const).map((status) => [status, 'delivered'] as const),
  ...(['failed', 'undelivered', 'canceled'] as const).map((status) => [status, 'failed'] as const),
])

/**
 * Status callbacks of Twilio: a form whose fields are signed together with the address, or JSON whose digest stands in the address that is
 * signed. https://www.twilio.com/docs/usage/webhooks/webhooks-security
 *
 * @param publicUrl the base path as Twilio reaches it, without a slash at its end
 * @param authToken of the account
 */
export function createTwilioWebhook(publicUrl: string, authToken: string): (request: WireRequest) => Promise<Received> {
  const addresses = addressesOf(`${publicUrl}/webhooks/twilio`)
  const key = createSecretKey(authToken, 'utf8')
  const isSigned = (signature: string, query: string, fields: string) =>
    addresses.some((address) =>
      spellingsOf(query).some((spelling) => {
        const signed = `${address}${spelling === '' ? '' : `?${spelling}`}${fields}`
        return isSame(signature, createHmac('sha1', key).update(signed).digest('base64'))
      }),
    )

  return async (request) => {
    const signature = request.header('x-twilio-signature') ?? ''
    const [type = ''] = (request.header('content-type') ?? '').toLowerCase().split(/[ \t]*;/)
    // Two signatures are one list here, and no signature.
    if (!/^[\w+/]{27}=$/.test(signature)) return { refused: 'forbidden' }

    if (type === 'application/json') {
      const [digest, ...others] = new URLSearchParams(request.query).getAll('bodySHA256')
      if (digest === undefined || others.length > 0 || !isSigned(signature, request.query, '')) return { refused: 'forbidden' }
      const body = await readWebhookBody(request)
      if ('refused' in body) return body
      if (!('bytes' in body && hasDigest(body.bytes, digest))) return { refused: 'forbidden' }
      const read = readJsonObject(body.bytes)
      return { report: 'error' in read ? undefined : reportOf((name) => read.fields[name]) }
    }

    if (type !== 'application/x-www-form-urlencoded') return { refused: 'forbidden' }
    const body = await readWebhookBody(request)
    if ('refused' in body) return body
    const form = 'bytes' in body ? readForm(body.bytes) : asForm(body.parsed)
    if (form === undefined || !isSigned(signature, request.query, written(form))) return { refused: 'forbidden' }
    return { report: reportOf((name) => onlyOne(form.get(name))) }
  }
}

/** How Twilio writes a form to sign it: each name, and its value behind it. */
const written = (form: Form): string => [...form].map(([name, values]) => values.map((value) => name + value).join('')).join('')

/** A field that came with two values says neither. */
const onlyOne = (values: readonly string[] | undefined): unknown => (values?.length === 1 ? values[0] : values)

/** The address as it was said and as the URL standard writes it, each without a port and with one, as Twilio's own libraries try it. */
function addressesOf(address: string): readonly string[] {
  const forms = [address, new URL(address).href].flatMap((form) => {
    const [, scheme = '', host = '', port, path = ''] = /^(https?:\/\/)(\[[^\]]*\]|[^:/]*)(:\d*)?(.*)$/i.exec(form) ?? []
    return [scheme + host + path, scheme + host + (port ?? (/^https/i.test(scheme) ? ':443' : ':80')) + path]
  })
  return [...new Set(forms)]
}

/** The URL standard escapes an apostrophe in a query, which not everybody does: a framework may show another spelling than was signed. */
const spellingsOf = (query: string): readonly string[] => [...new Set([query, query.replaceAll("'", '%27'), query.replaceAll('%27', "'")])]

/** What a signed body says of a message, if it does: an inbound message has no status. */
function reportOf(field: (name: string) => unknown): DeliveryReport | undefined {
  const messageId = field('MessageSid') ?? field('SmsSid')
  const status = stages.get(field('MessageStatus'))
  // The shape of an id of theirs: nothing else may end up in an event, least of all a number.
  if (status === undefined || typeof messageId !== 'string' || !/^[SM]M[0-9a-f]{32}$/i.test(messageId)) return undefined
  const code = field('ErrorCode')
  // JSON may write it as a number, and may hold anything else there.
  const isCode = (typeof code === 'string' || typeof code === 'number') && /^[1-9]\d{0,5}$/.test(String(code))
  return { backend: 'twilio', messageId, status, ...(status === 'failed' && isCode && { providerCode: String(code) }) }
}
