import type { SmsMessage } from './backend.js'
import { countSegments } from './segments.js'
import type { Api } from './vonage-answers.js'

/** What the SDK is given for one message: in its spelling, not in that of the wire. */
export function createRequest(api: Api, message: SmsMessage, from: string, webhookUrl: string | undefined): object {
  const { text, purpose } = message
  const isPlain = countSegments(text).encoding === 'GSM-7'
  const seconds = lifeSeconds(message)
  const common = {
    // Vonage writes numbers without the plus.
    to: message.to.slice(1),
    from: from.replace(/^\+(?=\d)/, ''),
    text,
    // Reports repeat it, and a purpose says nothing of the person.
    clientRef: purpose.slice(0, 40),
  }
  if (api === 'sms') {
    return {
      ...common,
      type: isPlain ? 'text' : 'unicode',
      ...(seconds !== undefined && { ttl: seconds * 1000 }),
      ...(webhookUrl !== undefined && { callback: webhookUrl, statusReportReq: true }),
    }
  }
  return {
    channel: 'sms',
    messageType: 'text',
    ...common,
    sms: { encodingType: isPlain ? 'text' : 'unicode' },
    ...(seconds !== undefined && { ttl: seconds }),
    ...(webhookUrl !== undefined && { webhookUrl }),
  }
}

/** The least that Vonage takes, https://developer.vonage.com/en/api/sms. */
const leastSeconds = 20

/** A code that comes after it has expired only confuses. */
function lifeSeconds({ expiresInMs }: SmsMessage): number | undefined {
  if (expiresInMs === undefined || !Number.isFinite(expiresInMs)) return undefined
  return Math.max(leastSeconds, Math.floor(expiresInMs / 1000))
}
