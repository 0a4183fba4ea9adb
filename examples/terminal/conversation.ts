import type { CodeSent, CodeVerified } from 'phone-verify'
import type { Demo } from './demo.js'
import { duration, explain, type Refused, shortened } from './sentences.js'
import type { Terminal } from './terminal.js'

/** `anew`: this verification is over, another may begin. */
type Ending = 'verified' | 'left' | 'anew'

/** Refusals after which no code and no resend can help. */
const final: ReadonlySet<Refused['reason']> = new Set(['too_many_attempts', 'already_used', 'invalid_session'])

/** Asks for a number, then for the code, until one is verified (true) or the person leaves (false). */
export async function converse(demo: Demo, { ask, say }: Terminal): Promise<boolean> {
  const { verifier, purpose, payload, now, settled } = demo

  const refuse = (refused: Refused) => say(explain(refused), 'bad')

  const announce = async ({ expiresAt, resendAt }: CodeSent) => {
    await settled()
    const [lifeMs, resendMs] = [expiresAt.getTime() - now(), resendAt.getTime() - now()]
    say(`The code is good for ${duration(lifeMs)}. It can be sent again ${resendMs > 0 ? `in ${duration(resendMs)}` : 'now'}.`)
  }

  const askForNumber = async (): Promise<Ending> => {
    const phone = await ask('Phone number (q leaves): ')
    if (phone === undefined || isQuit(phone)) return 'left'
    const sent = await verifier.sendCode({ phone, purpose, payload })
    if (!sent.ok) {
      refuse(sent)
      return 'anew'
    }
    await announce(sent)
    return askForCode(sent.sessionToken)
  }

  const askForCode = async (sessionToken: string): Promise<Ending> => {
    const typed = await ask('Code (r resends, n starts anew, q leaves): ')
    if (typed === undefined || isQuit(typed)) return 'left'
    if (/^n$/i.test(typed)) return 'anew'
    if (/^r$/i.test(typed)) return resend(sessionToken)

    const outcome = await verifier.verifyCode({ sessionToken, code: typed, purpose, payload })
    if (outcome.ok) {
      say(`verified ${outcome.phone} for ${outcome.purpose}`, 'good')
      return useProof(outcome)
    }
    refuse(outcome)
    if (final.has(outcome.reason)) return startAnew()
    if (outcome.reason === 'expired') say('r sends it again while there is time, n starts anew.')
    return askForCode(sessionToken)
  }

  const resend = async (sessionToken: string): Promise<Ending> => {
    const sent = await verifier.resendCode({ sessionToken })
    if (sent.ok) await announce(sent)
    else refuse(sent)
    // No resend outlives the challenge, so here `expired` is the end.
    if (!sent.ok && (sent.reason === 'expired' || final.has(sent.reason))) return startAnew()
    return askForCode(sent.ok ? sent.sessionToken : sessionToken)
  }

  const startAnew = (): Ending => {
    say('You can start anew with a number.')
    return 'anew'
  }

  /** What the application does with a proof: redeems it where the number is put to use. A second time it is worth nothing. */
  const useProof = async ({ proof, proofExpiresAt, phone }: CodeVerified): Promise<Ending> => {
    const approved = Object.entries(payload ?? {}).map(([name, value]) => `, ${name} ${value}`)
    say(`proof    ${shortened(proof)}`)
    say(`scope    ${phone}, ${purpose}${approved.join('')}; one use within ${duration(proofExpiresAt.getTime() - now())}`)
    const redeemed = await verifier.redeemProof({ proof, purpose, payload })
    if (!redeemed.ok) {
      refuse(redeemed)
      return startAnew()
    }
    say(`redeemed ${redeemed.phone} for ${redeemed.purpose}`, 'good')
    const again = await verifier.redeemProof({ proof, purpose, payload })
    say(`again    ${again.ok ? 'redeemed twice, which must not be' : explain(again)}`)
    return 'verified'
  }

  say('This demo verifies a phone number. No SMS leaves this machine: it is drawn here.')
  for (;;) {
    const ending = await askForNumber()
    if (ending === 'verified') return true
    if (ending === 'left') {
      say('Bye.')
      return false
    }
  }
}

const isQuit = (typed: string) => /^q$/i.test(typed)
