import type { SmsBackend } from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { outboxBackend } from 'phone-verify/sms/outbox'

/** A phone that shows its messages here, and can be asked for the last code: a script has no eyes. */
export interface Phone extends SmsBackend {
  lastCode(): string | undefined
}

/** A backend is an object with a name and `send`, so two of them make a third. */
export function createPhone(write: (text: string) => void): Phone {
  const screen = consoleBackend({ write })
  const memory = outboxBackend()

  return {
    name: 'phone',
    async send(message, signal) {
      const receipt = await screen.send(message, signal)
      // What is on the screen was sent, so no signal may stop it from being kept.
      await memory.send(message)
      return receipt
    },
    lastCode: () => memory.last()?.code,
  }
}
