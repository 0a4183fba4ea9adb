import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { faultyCarrier } from '../../src/testing/carrier.js'

/** A leaf that can be made to fail or wait. Its messages are the truth about what phones got. */
export function makeLeaf(name: string) {
  const { messages, send } = outboxBackend()
  let sent = 0
  const leaf: SmsBackend = {
    name,
    async send(message, signal) {
      await send(message, signal)
      sent += 1
      return { backend: name, messageId: `${name}-${sent}` }
    },
  }
  return { carrier: faultyCarrier(leaf), messages }
}

export const makeMessage = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 482913',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme' },
  mustContain: ['482913'],
  ...over,
})

/** What a send came to, in a word: the leaf that sent it, or the code of the error. */
export const outcomeOf = (sending: Promise<{ readonly backend: string }>): Promise<string> =>
  sending.then(
    ({ backend }) => backend,
    (error) => String(error.code),
  )
