import type { SmsBackend } from 'phone-verify'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { vonageBackend } from 'phone-verify/sms/vonage'
import { z } from 'zod'

const text = z.string().min(1).max(200)
const common = { sender: text, base_url: z.string().max(200).optional() }

const schema = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('twilio'), account_sid: text, auth_token: text, ...common }),
  z.strictObject({ provider: z.literal('vonage'), api_key: text, api_secret: text, ...common }),
  // The account of the service itself, for an organization that has none: chosen by name, never fallen back to.
  z.strictObject({ provider: z.literal('house') }),
])

/** With whom an organization sends, and as whom. */
export type Account = z.infer<typeof schema>

export interface Accounts {
  /** What the administrator may say. */
  readonly schema: z.ZodType<Account>
  /**
   * The backend that sends by an account.
   *
   * @throws where the provider's credentials or sender cannot be, or the base URL is not allowed
   */
  open(account: Account): SmsBackend
}

/**
 * @param baseUrls the only addresses besides the providers' own that credentials and codes may be sent to, letter by letter: whoever
 * could name another makes this server call whatever stands in its network
 */
export function createAccounts(baseUrls: readonly string[], house: SmsBackend): Accounts {
  const open = (account: Account): SmsBackend => {
    if (account.provider === 'house') return house
    const { base_url: baseUrl, sender: from } = account
    // At every opening, not only when it is said: the list may have become shorter since.
    if (baseUrl !== undefined && !baseUrls.includes(baseUrl)) throw new Error('the base URL is not allowed')
    const sender = { from, ...(baseUrl !== undefined && { baseUrl }) }
    return account.provider === 'twilio'
      ? twilioBackend({ accountSid: account.account_sid, authToken: account.auth_token, ...sender })
      : vonageBackend({ apiKey: account.api_key, apiSecret: account.api_secret, ...sender })
  }
  const opens = (account: Account) => {
    try {
      return open(account) !== undefined
    } catch {
      return false
    }
  }
  return { open, schema: schema.refine(opens, { error: 'account', path: ['account'] }) }
}
