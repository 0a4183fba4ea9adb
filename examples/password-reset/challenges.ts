import { randomInt } from 'node:crypto'
import type { PhoneVerifier, PhoneVerifierOptions } from 'phone-verify'
import { autofill } from 'phone-verify/sms/autofill'
import { localized } from 'phone-verify/sms/localized'
import type { Parts } from '../service/parts.js'
import { openVerifier } from '../service/verifier.js'
import { smsTexts } from './sms-texts.js'

/** Why a forgotten password's phone is verified. It has a tenant of its own: were sends to members counted with these, a full count would tell of an account. */
export const forgotten = { purpose: 'password_reset', tenant: 'forgotten' } as const

export interface Challenges {
  readonly verifier: PhoneVerifier
  /** A session token like every other, whose challenge no code opens: for whoever is sent nothing and must not notice. */
  hollow(locale: string): Promise<string>
  close(): Promise<void>
}

const appName = 'Acme'
const hour = 3_600_000

/** Where people read on. */
export const resetLink = ({ publicUrl }: Pick<Parts, 'publicUrl'>): string => `${publicUrl.origin}/reset-password`

export function openChallenges(parts: Parts): Challenges {
  const sms = localized({ fallbackLocale: 'fr', resources: smsTexts }, autofill({ domain: parts.publicUrl.hostname }, parts.sms))
  const open = (limits: PhoneVerifierOptions['limits']) =>
    openVerifier(parts, {
      ...{ sms, appName, limits },
      // Texts go to numbers of accounts alone, each of which was verified before.
      countries: '*',
      purposes: { password_change: { ttlMs: 600_000, ledger: 'subject' } },
    })
  // Decoys take hits as well and cost nothing: the brake is for floods, not for a morning on which many forgot.
  const verifier = open({ sendsPerTenant: [{ max: 1_000, windowMs: hour }] })
  // The same secret and store: its tokens are read, resent and refused as the others are.
  const unlimited = open({ sendsPerPhone: [], sendsPerClient: [], sendsPerPrefix: [], sendsPerTenant: [], sendsPerSubject: [] })

  return {
    verifier,
    async hollow(locale) {
      const phone = `+33612${randomInt(1_000_000).toString().padStart(6, '0')}`
      const context = { link: resetLink(parts) }
      const sent = await unlimited.sendCode({
        ...forgotten,
        phone,
        decoy: true,
        context,
        locale,
        subject: 'x'.repeat(43),
        client: { ip: '::' },
      })
      if (!sent.ok) throw Object.assign(new Error('no challenge could be opened'), { code: 'ERR_PV_STORE' })
      return sent.sessionToken
    },
    async close() {
      await Promise.all([verifier.close(), unlimited.close()])
    },
  }
}
