import { openBackend } from '../service/backend.js'
import type { Settings } from '../service/settings.js'
import type { MarketingOptions } from './marketing.js'

/**
 * What the environment says of the marketing sender. Without an account of a provider, it is drawn on the terminal.
 *
 * @throws an error that names the variable, where the marketing sender is missing or is the one of codes
 */
export function readMarketing({ twilio, vonage }: Settings, env: Readonly<Record<string, string | undefined>>): MarketingOptions {
  const account = twilio ?? vonage
  const from = env['MARKETING_FROM'] || undefined
  if (account !== undefined && from === undefined) throw new Error('set MARKETING_FROM to the sender of marketing texts')
  // A STOP to a shared sender would block the codes of everybody who ever said it.
  if (account !== undefined && from === account.from) throw new Error('MARKETING_FROM must be another sender than that of codes')
  const sender = from ?? '+15005550006'
  const secret = env['VONAGE_SIGNATURE_SECRET'] || undefined
  if (vonage !== undefined && secret === undefined) throw new Error('set VONAGE_SIGNATURE_SECRET to the signature secret of the account')
  return {
    sender,
    marketing: openBackend({
      twilio: twilio && { ...twilio, from: sender },
      vonage: twilio === undefined && vonage ? { ...vonage, from: sender } : undefined,
    }),
    webhooks: {
      ...(twilio && { twilio: { authToken: twilio.authToken } }),
      ...(vonage && secret !== undefined && { vonage: { signatureSecret: secret, apiKey: vonage.apiKey } }),
    },
  }
}
