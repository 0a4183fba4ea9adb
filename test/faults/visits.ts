import { createPhoneVerifier, type PhoneVerifierOptions, type PhoneVerifyEvent, type SmsMessage, type Store } from 'phone-verify'
import { unlimited, wrong } from '../fixtures/rig.js'

export type VisitOptions = Partial<Omit<PhoneVerifierOptions, 'store' | 'sms'>>

/** What a visitor has after a send: what the client holds, and what the phone shows. */
export interface Challenge {
  readonly phone: string
  readonly sessionToken: string
  readonly code: string
}

export const purpose = 'login'
export const secret = 'a secret of faults, 32 bytes long'

const areas = [212, 310, 415, 512, 646, 702, 718, 808, 917]
let phones = 0

/** Another phone every time. */
export function nextPhone(): string {
  phones += 1
  return `+1${areas[Math.floor(phones / 10_000) % areas.length]}555${String(phones % 10_000).padStart(4, '0')}`
}

/** What a call came to: `ok`, the reason, or the code of the error. */
export const nameOf = (work: Promise<{ readonly ok: boolean; readonly reason?: string }>): Promise<string> =>
  work.then(
    ({ ok, reason }) => (ok ? 'ok' : String(reason)),
    (error: { readonly code?: string }) => String(error.code ?? error),
  )

/** A verifier on a store, without limits, whose phones are all at hand. Every one has the same secret: together they are one application. */
export function makeVisits(store: Store, options: VisitOptions = {}) {
  const messages: (SmsMessage & { readonly at: number })[] = []
  const events: PhoneVerifyEvent[] = []
  const verifier = createPhoneVerifier({
    ...{ store, secret, appName: 'Fault', countries: '*', limits: unlimited },
    sms: {
      name: 'phone',
      async send(message) {
        messages.push({ ...message, at: performance.now() })
        return { backend: 'phone', messageId: null }
      },
    },
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const guess = ({ sessionToken, code }: Challenge, typed = code) => verifier.verifyCode({ sessionToken, code: typed, purpose })

  return {
    ...{ verifier, messages, events, guess },
    guessWrong: (challenge: Challenge) => guess(challenge, wrong(challenge.code)),
    /** The newest code that reached a phone. */
    codeOf: (phone: string) => messages.findLast(({ to }) => to === phone)?.code ?? '',
    /** A send that must be accepted. */
    async start(phone = nextPhone()): Promise<Challenge> {
      const sent = await verifier.sendCode({ phone, purpose })
      if (!sent.ok) throw new Error(`the send was refused: ${sent.reason}`)
      return { phone, sessionToken: sent.sessionToken, code: messages.findLast(({ to }) => to === phone)?.code ?? '' }
    },
    /** The whole flow once, and whether it came through. */
    async passes(): Promise<boolean> {
      const phone = nextPhone()
      const sent = await verifier.sendCode({ phone, purpose }).catch(() => undefined)
      if (!sent?.ok) return false
      const code = messages.findLast(({ to }) => to === phone)?.code
      const verified = await verifier.verifyCode({ sessionToken: sent.sessionToken, code, purpose }).catch(() => undefined)
      if (!verified?.ok) return false
      return (await nameOf(verifier.redeemProof({ proof: verified.proof, purpose }))) === 'ok'
    },
  }
}

export type Visits = ReturnType<typeof makeVisits>
