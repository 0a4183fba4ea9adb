import { createHash, timingSafeEqual } from 'node:crypto'
import { jwtVerify } from 'jose'
import { z } from 'zod'
import type { Inbound } from './inbound.js'
import type { Signed } from './webhooks.js'

/** https://developer.vonage.com/en/api/messages#inbound-message */
const message = z.object({
  message_uuid: z.string().regex(/^[\w-]{1,64}$/),
  from: z.string().regex(/^\d{7,15}$/),
  channel: z.literal('sms'),
  message_type: z.literal('text'),
  text: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
})

const isSame = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other)

/**
 * A message that came in by Vonage's Messages API: a JWT names the SHA-256 of the body. The package of Vonage checks the signature alone;
 * here age, account and body count too. https://developer.vonage.com/en/getting-started/concepts/webhooks
 *
 * @returns nothing where the signature is not of this account; `'other'` where it is no text of a person
 */
export async function readVonageInbound(
  { signatureSecret, apiKey }: { readonly signatureSecret: string; readonly apiKey: string },
  { header, bytes, now }: Signed,
): Promise<Inbound | 'other' | undefined> {
  const [, token = ''] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header('authorization') ?? '') ?? []
  const options = { algorithms: ['HS256'], maxTokenAge: '5m', clockTolerance: 5, currentDate: new Date(now) }
  const claims = await jwtVerify<Readonly<Record<string, unknown>>>(token, Buffer.from(signatureSecret), options).then(
    ({ payload }) => payload,
    () => undefined,
  )
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (claims?.['api_key'] !== apiKey || !isSame(Buffer.from(String(claims['payload_hash'])), Buffer.from(digest))) return undefined
  const read = message.safeParse(parsedOf(bytes))
  if (!read.success) return 'other'
  const { message_uuid: messageId, from, text, timestamp } = read.data
  // Nobody spoke in the future, however the clock over there goes.
  const saidAt = new Date(Math.min(Date.parse(timestamp), now))
  return { provider: 'vonage', messageId, from: `+${from}`, words: text, saidAt, answered: undefined }
}

function parsedOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
