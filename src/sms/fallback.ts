import { PhoneVerifyError } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { type Attempted, attempt } from './fallback-attempt.js'
import { type CircuitBreaker, createCircuitBreaker, type Ending, type Leave } from './fallback-breaker.js'
import { errorOf, type Failure } from './fallback-failure.js'
import { type FallbackOptions, type FallbackSettings, readOptions } from './fallback-options.js'
import { createOrder } from './fallback-order.js'

export type { FallbackFailure, FallbackOptions } from './fallback-options.js'
export type { FallbackOrder } from './fallback-order.js'

/** A backend of the list, and its breaker. */
interface Member {
  readonly name: string
  readonly backend: SmsBackend
  readonly breaker: CircuitBreaker
}

/** A backend whose turn it is. */
interface Turn {
  readonly member: Member
  readonly leave: Leave
}

/**
 * Passes a message to the first of several backends that takes it. A message goes to a backend at most once.
 *
 * | a backend says | what happens |
 * |---|---|
 * | `ERR_PV_SMS_UNAVAILABLE`: certainly not sent | the next is tried |
 * | `ERR_PV_SMS_UNKNOWN`, silence, anything else: may have been sent | rejects; with `failoverOnUnknown` one more SMS at most |
 * | `ERR_PV_SMS_REFUSED`, `ERR_PV_CONFIGURATION` | rejects |
 *
 * When nobody has sent, the error is unknown if any backend may have sent, else what the last one said. It is made anew and names the
 * leaf. The receipt is the leaf's own.
 *
 * **Breakers.** After `failures` failures in a row a backend is asked last for `coolDownMs`, then by one message at a time, at most one a
 * second, until one succeeds. A breaker never takes a message's last chance: when all others have failed or are open too, those behind
 * open breakers are tried as well, first the one that opened longest ago. Each process has its own breakers.
 *
 * **Time.** The verifier gives a backend `deadlines.provider` (5 s), this one with all its attempts, and reports what outlasts it as
 * unknown. So `timeoutMs` has to be shorter, as its default is; for more, raise both: `deadlines: { provider: 9_000 }` for
 * `timeoutMs: 8_500`. A backend whose share is over is aborted.
 *
 * @param backends in the order in which they are tried unless `order` says otherwise. For two of one name: `{ ...backend, name: 'other' }`
 * @returns a backend named `fallback`
 * @throws `ERR_PV_CONFIGURATION` when the list is empty, two names are the same, or an option is wrong or unknown
 *
 * @example
 * ```ts
 * import { parsePhoneNumber } from 'phone-verify'
 * import type { SmsBackend } from 'phone-verify'
 * import { fallback } from 'phone-verify/sms/fallback'
 *
 * export const inTurn = (twilio: SmsBackend, vonage: SmsBackend) => fallback([twilio, vonage])
 * export const shared = (twilio: SmsBackend, vonage: SmsBackend) =>
 *   fallback([twilio, vonage], { order: { weights: { twilio: 80, vonage: 20 } } })
 * export const byCallingCode = (twilio: SmsBackend, vonage: SmsBackend) =>
 *   fallback([twilio, vonage], { order: { byPrefix: { '+33': ['vonage', 'twilio'], '+1': ['twilio'] } } })
 *
 * // Countries that share a calling code are told apart by the whole number.
 * const countryOf = (to: string) => {
 *   const parsed = parsePhoneNumber(to)
 *   return parsed.ok ? parsed.country : undefined
 * }
 * export const byCountry = (twilio: SmsBackend, vonage: SmsBackend) =>
 *   fallback([twilio, vonage], { order: ({ to }) => (countryOf(to) === 'CA' ? ['vonage'] : ['twilio', 'vonage']) })
 * ```
 */
export function fallback(backends: readonly SmsBackend[], options: FallbackOptions = {}): SmsBackend {
  const settings = readOptions(backends, options)
  const name = 'fallback'
  const members = new Map(backends.map((backend) => [backend.name, memberOf(backend, settings)]))
  const orderOf = createOrder(settings.order, [...members.keys()])

  return {
    name,
    async send(message, signal) {
      if (signal?.aborted) throw new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', `${name}: aborted before the send`, { backend: name })
      const listed = orderOf(message).map((one) => members.get(one) as Member)
      return sendInTurn(listed, message, signal, settings)
    },
  }
}

const memberOf = (backend: SmsBackend, settings: FallbackSettings): Member => ({
  name: backend.name,
  backend,
  breaker: createCircuitBreaker(settings),
})

async function sendInTurn(members: readonly Member[], message: SmsMessage, signal: AbortSignal | undefined, settings: FallbackSettings) {
  const { now, timeoutMs, attemptTimeoutMs } = settings
  const failures: Failure[] = []
  const turns = turnsOf(members)
  const nextTurn = (): Turn | undefined => turns.next().value
  const endsAt = now() + timeoutMs

  for (let turn = nextTurn(); turn !== undefined; ) {
    const { member, leave }: Turn = turn
    const beganAt = now()
    const shareMs = Math.min(attemptTimeoutMs, (endsAt - beganAt) / (members.length - failures.length))
    const attempted = await attempt(member.backend, message, shareMs, signal)
    leave(endingOf(attempted, now() - beganAt, shareMs))
    if ('receipt' in attempted) return attempted.receipt

    const { failure } = attempted
    failures.push(failure)
    const goesOn = isRetriable(failures, settings) && !signal?.aborted && now() < endsAt
    turn = goesOn ? nextTurn() : undefined
    report({ backend: member.name, code: failure.code, providerCode: failure.providerCode, next: turn?.member.name }, settings)
  }
  throw errorOf(failures)
}

/** Whose turn it is, decided when it comes: first those whose breakers let them, then, as a last resort, the others. */
function* turnsOf(members: readonly Member[]): Generator<Turn, undefined> {
  const skipped: Member[] = []
  for (const member of members) {
    const leave = member.breaker.enter()
    if (leave) yield { member, leave }
    else skipped.push(member)
  }
  const openedAt = ({ breaker }: Member) => breaker.openedAt() ?? Number.NEGATIVE_INFINITY
  for (const member of skipped.toSorted((one, other) => openedAt(one) - openedAt(other))) yield { member, leave: member.breaker.force() }
}

/** Whether another backend may be asked after the last of these failures. Two that may have sent are the most. */
function isRetriable(failures: readonly Failure[], { failoverOnUnknown }: FallbackSettings): boolean {
  const code = failures.at(-1)?.code
  if (code === 'ERR_PV_SMS_UNKNOWN') return failoverOnUnknown && failures.filter((one) => one.code === code).length < 2
  return code === 'ERR_PV_SMS_UNAVAILABLE'
}

/** A provider that refuses a number works. A caller who leaves early, or a wrong text, says nothing about it. */
function endingOf(attempted: Attempted, tookMs: number, shareMs: number): Ending {
  if ('receipt' in attempted || attempted.failure.code === 'ERR_PV_SMS_REFUSED') return 'well'
  const isEarly = attempted.isCut && tookMs < shareMs / 2
  return isEarly || attempted.failure.code === 'ERR_PV_CONFIGURATION' ? 'undecided' : 'badly'
}

function report(failure: Parameters<FallbackSettings['onFailure']>[0], { onFailure }: FallbackSettings): void {
  // Within a promise, so that an async function's rejection is ignored too.
  new Promise((done) => done(onFailure(failure))).catch(() => {})
}
