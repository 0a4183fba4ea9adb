import type { PhoneVerifier } from 'phone-verify'
import { localized } from 'phone-verify/sms/localized'
import type { Parts } from '../service/parts.js'
import { openVerifier } from '../service/verifier.js'
import { defaultCountry } from './phone-field.js'
import { texts } from './texts.js'

const hour = 3_600_000

/** Five digits, as the texts of this service have always had: three guesses each, and three sends an hour to a number. */
export const openFrenchVerifier = (parts: Parts): PhoneVerifier =>
  openVerifier(parts, {
    sms: localized({ fallbackLocale: 'fr', resources: texts }, parts.sms),
    appName: 'UF-CCF',
    // Chad and the neighbours that its people phone from: every other country is a bill that somebody else runs up.
    countries: [defaultCountry, 'CM', 'FR'],
    defaultCountry,
    codeLength: 5,
    allowShortCodes: true,
    maxAttempts: 3,
    purposes: { confirmation: { ttlMs: 300_000 } },
    limits: {
      sendsPerPhone: [
        { max: 3, windowMs: hour },
        { max: 10, windowMs: 24 * hour },
      ],
    },
  })
