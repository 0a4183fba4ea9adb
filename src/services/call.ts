import { setMaxListeners } from 'node:events'
import { settleWithin } from '../domain/deadline.js'
import { PhoneVerifyError } from '../errors.js'
import type { Call } from './challenge.js'
import type { Facts } from './events.js'
import type { WaitUntil } from './verbs.js'

const identifierLength = 22

/** A call with `ms` to settle, on the process's monotonic clock: deadlines do not follow a clock that somebody sets. */
export function createCall(ms: number, stop?: AbortSignal): Call {
  const start = performance.now()
  let signal = stop
  let waitUntil: WaitUntil | undefined
  const facts: { -readonly [Name in keyof Facts]: Facts[Name] } = {}
  const elapsedMs = () => performance.now() - start
  const remainingMs = () => Math.max(0, ms - elapsedMs())
  const timeout = () => new PhoneVerifyError('ERR_PV_TIMEOUT', `the call did not settle within ${ms} ms`)

  return {
    get waitUntil() {
      return waitUntil
    },
    get signal() {
      return signal
    },
    heed(given, keep) {
      // Many calls may share one signal, a server's shutdown say: that is no leak to warn of.
      if (given instanceof EventTarget) setMaxListeners(0, given)
      signal = given
      waitUntil = keep
    },
    facts,
    elapsedMs,
    remainingMs,
    limit: (work) => settleWithin(work, remainingMs(), timeout),
    check() {
      if (signal?.aborted) throw new PhoneVerifyError('ERR_PV_ABORTED', 'the caller aborted before anything was sent')
      if (remainingMs() === 0) throw timeout()
    },
    note(more) {
      const written: Record<string, unknown> = facts
      for (const name of Object.keys(more) as (keyof Facts)[]) if (more[name] !== undefined) written[name] = more[name]
    },
    about({ id, purpose, tenant, country, decoy, testNumber, policy }) {
      Object.assign(facts, { challenge: id.slice(-identifierLength), purpose })
      if (tenant !== undefined) facts.tenant = tenant
      if (country !== undefined) facts.country = country
      if (policy.delivery !== 'await') facts.decoy = decoy
      if (testNumber) facts.testNumber = true
    },
  }
}
