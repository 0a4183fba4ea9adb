import type { Store } from 'phone-verify'
import { type Deadlines, defaults, latestBy, noViolations, startTraffic, type Traffic, violations } from './traffic.js'
import { until } from './until.js'
import { makeVisits, type Visits } from './visits.js'

/** A store that goes away and comes back. */
export interface Fault {
  away(): unknown
  back(): unknown
}

export interface OutageOptions {
  /** The store is away before anybody asks for it. */
  readonly fromTheStart?: boolean
  /** How long it is away at least, in milliseconds. */
  readonly awayMs: number
  readonly deadlines?: Deadlines
}

/** What was allowed although nothing could be recorded; and how soon all is well again. */
export interface Outage {
  readonly sends: number
  readonly sms: number
  readonly successes: number
  readonly refusedCalls: number
  readonly recoveryMs: number
  readonly latestByMs: number
  readonly violations: ReturnType<typeof violations>
}

export const failedClosed = { sends: 0, sms: 0, successes: 0, violations: noViolations }

/** Calls that were made and answered while the store was away. */
const within = ({ calls }: Traffic, fromAt: number, toAt: number) =>
  calls.filter(({ begunAt, endedAt }) => begunAt >= fromAt && endedAt <= toAt)

const smsOf = ({ messages }: Visits, traffic: Traffic, fromAt: number, toAt: number) => {
  const begun = new Set(traffic.calls.filter(({ verb, begunAt }) => verb === 'send' && begunAt >= fromAt).map(({ phone }) => phone))
  return messages.filter(({ to, at }) => at <= toAt && begun.has(to)).length
}

/** Takes the store away under traffic, and gives it back. */
export async function outage(
  store: Store,
  { away, back }: Fault,
  { fromTheStart = false, awayMs, deadlines = defaults }: OutageOptions,
): Promise<Outage> {
  const visits = makeVisits(store, { deadlines })
  if (fromTheStart) await away()
  let awayAt = performance.now()
  const traffic = startTraffic([visits])
  if (!fromTheStart) {
    await until('the store works', () => traffic.calls.some(({ verb, outcome }) => verb === 'redeem' && outcome === 'ok'))
    await away()
    awayAt = performance.now()
  }
  const enough = () => performance.now() - awayAt >= awayMs && within(traffic, awayAt, performance.now()).length >= 6
  await until('calls were refused', enough, awayMs + 30_000)
  await back()
  const backAt = performance.now()
  const recovered = () => traffic.calls.find(({ verb, outcome, endedAt }) => verb === 'redeem' && outcome === 'ok' && endedAt > backAt)
  await until('the store works again', () => recovered() !== undefined)
  await traffic.stop()
  await visits.verifier.close()

  const refused = within(traffic, awayAt, backAt)
  const ok = (verb: string) => refused.filter((call) => call.verb === verb && call.outcome === 'ok').length
  return {
    sends: ok('send'),
    sms: smsOf(visits, traffic, awayAt, backAt),
    successes: ok('verify') + ok('redeem'),
    refusedCalls: refused.length,
    recoveryMs: Math.round((recovered()?.endedAt ?? Number.NaN) - backAt),
    latestByMs: latestBy(traffic.calls, deadlines),
    violations: violations(traffic, [visits], deadlines),
  }
}
