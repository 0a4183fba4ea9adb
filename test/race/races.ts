import { createPhoneVerifier, type PhoneVerifierOptions, type SmsBackend, type Store } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { fakeClock } from 'phone-verify/testing'

/** Makes the store of one race; it tells the time by `now`. */
export type MakeStore = (now: () => number) => Store

export type RaceOptions = Partial<Pick<PhoneVerifierOptions, 'limits' | 'purposes' | 'maxAttempts' | 'deadlines'>>

export const phone = '+14155552671'
export const purpose = 'login'

const hour = 3_600_000

/** Every limit that a race may set aside, on purpose. */
export const lifted = {
  sendsPerPhone: [],
  sendsPerClient: [],
  sendsPerPrefix: [],
  sendsPerTenant: [],
  sendsPerSubject: [],
  checksPerClient: [],
  failuresPerPhone: [],
}

/** A verifier and what a race needs of it. Deadlines are long: a slow machine is no finding here. */
export function line(makeStore: MakeStore, options: RaceOptions = {}) {
  const clock = fakeClock()
  const sms = outboxBackend()
  /** What stands in for the next send; later ones arrive. */
  const carrier: { next?: (() => Promise<never>) | undefined } = {}
  const store = makeStore(clock.now)
  const backend: SmsBackend = {
    name: sms.name,
    send(message, signal) {
      const { next = () => sms.send(message, signal) } = carrier
      carrier.next = undefined
      return next()
    },
  }
  const verifier = createPhoneVerifier({
    ...{ store, sms: backend, now: clock.now, appName: 'Race', countries: '*', secret: 'a secret of races, 32 bytes long' },
    deadlines: { send: 600_000, verify: 600_000, redeem: 600_000, store: 600_000, provider: 600_000 },
    ...options,
  })

  const begin = async (to = phone) => {
    const sent = await verifier.sendCode({ phone: to, purpose })
    if (!sent.ok) throw new Error(`the send was refused: ${sent.reason}`)
    const code = sms.last(to)?.code ?? ''
    return { sessionToken: sent.sessionToken, code }
  }
  const guess = (sessionToken: string, code: string) => verifier.verifyCode({ sessionToken, code, purpose })

  return {
    ...{ verifier, store, clock, sms, carrier, begin, guess },
    /** The store lets go of everything, and of its timer. */
    end: () => clock.advance(31 * 24 * hour + hour),
  }
}

/** So many distinct codes that are not this one. */
export const wrongCodes = (code: string, times: number): readonly string[] =>
  Array.from({ length: times }, (_, index) => String((Number(code) + 1 + index) % 10 ** code.length).padStart(code.length, '0'))

/** How often each reason came; `ok` for those that were accepted. */
export function tally(outcomes: readonly { readonly ok: boolean; readonly reason?: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { ok, reason = '' } of outcomes) {
    const name = ok ? 'ok' : reason
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** One challenge, and all these guesses at once. */
export async function guessAtOnce(
  makeStore: MakeStore,
  guessesFor: (code: string) => readonly string[],
  options: RaceOptions = { limits: lifted },
) {
  const { begin, guess, end } = line(makeStore, options)
  const { sessionToken, code } = await begin()
  const outcomes = await Promise.all(guessesFor(code).map((each) => guess(sessionToken, each)))
  end()
  const proofs = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.proof] : []))
  return { outcomes, counts: tally(outcomes), proofs }
}

/** So many sends at once, to these phones in turn. */
export async function sendAtOnce(makeStore: MakeStore, times: number, phones: readonly string[] = [phone], options: RaceOptions = {}) {
  const { verifier, sms, end } = line(makeStore, options)
  const outcomes = await Promise.all(
    Array.from({ length: times }, (_, index) => verifier.sendCode({ phone: phones[index % phones.length], purpose })),
  )
  end()
  return { outcomes, counts: tally(outcomes), sms: sms.messages }
}

/** One challenge, and so many resends at once as soon as one is accepted; then every code that arrived is tried, newest first. */
export async function resendAtOnce(
  makeStore: MakeStore,
  times: number,
  options: RaceOptions = { purposes: { [purpose]: { resend: 'new' } } },
) {
  const { verifier, sms, clock, begin, guess, end } = line(makeStore, options)
  const { sessionToken } = await begin()
  clock.advance(30_000)
  const outcomes = await Promise.all(Array.from({ length: times }, () => verifier.resendCode({ sessionToken })))
  const codes = sms.messages.map(({ code = '' }) => code).reverse()
  const newest = await guess(sessionToken, codes[0] as string)
  end()
  return { counts: tally(outcomes), sms: sms.messages, newest }
}

/** One success, and so many redeems of its proof at once. */
export async function redeemAtOnce(makeStore: MakeStore, times: number) {
  const { verifier, begin, guess, end } = line(makeStore)
  const { sessionToken, code } = await begin()
  const verified = await guess(sessionToken, code)
  if (!verified.ok) throw new Error(`the right code was refused: ${verified.reason}`)
  const { proof } = verified
  const outcomes = await Promise.all(Array.from({ length: times }, () => verifier.redeemProof({ proof, purpose })))
  const later = await verifier.redeemProof({ proof, purpose })
  end()
  return { counts: tally(outcomes), later }
}
