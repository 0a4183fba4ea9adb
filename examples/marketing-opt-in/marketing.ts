import type { SmsBackend } from 'phone-verify'
import { localized } from 'phone-verify/sms/localized'
import { brand } from './programs.js'
import { marketingTexts } from './texts.js'

/** What the app is told besides its parts. */
export interface MarketingOptions {
  /** Sends marketing, and what answers it. Another sender than that of codes: a STOP to it must not block them (L9). */
  readonly marketing: SmsBackend
  /** What that sender is called on a phone: where START is texted to. */
  readonly sender: string
  /** Whose messages come in, and what signs them. */
  readonly webhooks: {
    readonly twilio?: { readonly authToken: string }
    readonly vonage?: { readonly signatureSecret: string; readonly apiKey: string }
  }
}

/** What texts of the marketing sender are made of. */
export interface Marketing {
  readonly texts: SmsBackend
  readonly brand: string
  readonly site: string
  readonly sender: string
}

export const createMarketing = ({ marketing, sender }: MarketingOptions, site: string): Marketing => ({
  texts: localized({ resources: marketingTexts, fallbackLocale: 'fr' }, marketing),
  ...{ brand, site, sender },
})
