import type { SmsBackend } from 'phone-verify'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { vonageBackend } from 'phone-verify/sms/vonage'
import { startCarrier } from '../../test/fixtures/carrier/carrier.js'
import type { DemoOptions } from './options.js'
import { createPhone } from './phone.js'

/** What sends, and what a script can read of it. */
export interface OpenBackend {
  readonly sms: SmsBackend
  /** The last code that arrived on this screen; undefined where a real phone got it. */
  lastCode(): string | undefined
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

/** The provider's own SDK, with the account of the environment; without one, against a carrier on this machine. */
const providers: Readonly<Record<'twilio' | 'vonage', (env: Environment, baseUrl?: string) => SmsBackend | undefined>> = {
  twilio({ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: from }, baseUrl) {
    if (baseUrl !== undefined)
      return twilioBackend({ accountSid: `AC${'0'.repeat(32)}`, authToken: 'no-account-of-anybody', from: 'Acme', baseUrl })
    return accountSid && authToken && from ? twilioBackend({ accountSid, authToken, from }) : undefined
  },
  vonage({ VONAGE_API_KEY: apiKey, VONAGE_API_SECRET: apiSecret, VONAGE_FROM: from }, baseUrl) {
    if (baseUrl !== undefined) return vonageBackend({ apiKey: 'nobody00', apiSecret: 'no-account-of-anybody', from: 'Acme', baseUrl })
    return apiKey && apiSecret && from ? vonageBackend({ apiKey, apiSecret, from }) : undefined
  },
}

/** The backend that the command line names. */
export async function openBackend(
  name: DemoOptions['backend'],
  write: (text: string) => void,
  env: Environment = process.env,
): Promise<OpenBackend> {
  const phone = createPhone(write)
  if (name === 'console') return { sms: phone, lastCode: phone.lastCode, close: async () => {} }
  const real = providers[name](env)
  if (real !== undefined) return { sms: real, lastCode: () => undefined, close: async () => {} }
  // The SDK's own request, over a socket; the phone is drawn where the carrier would ring.
  const carrier = await startCarrier({
    onSms: ({ to, text }) => {
      const code = /\d{4,10}/.exec(text)?.[0]
      void phone.send({ to, text, purpose: 'demo', context: {}, ...(code !== undefined && { code }) } as Parameters<typeof phone.send>[0])
    },
  })
  const sms = providers[name](env, carrier.url)
  if (sms === undefined) throw new Error(`no ${name}`)
  return { sms, lastCode: phone.lastCode, close: carrier.close }
}
