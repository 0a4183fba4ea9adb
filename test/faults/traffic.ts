import { setTimeout as sleep } from 'node:timers/promises'
import { wrong } from '../fixtures/rig.js'
import { nameOf, nextPhone, purpose, type Visits } from './visits.js'

export interface Call {
  readonly verb: 'send' | 'verify' | 'redeem'
  readonly phone: string
  readonly begunAt: number
  readonly endedAt: number
  readonly outcome: string
}

/** What one visitor had: all of it more than once is a fault of ours. */
export interface Visit {
  readonly phone: string
  successes: number
  redeems: number
}

export interface Traffic {
  readonly calls: readonly Call[]
  readonly visits: readonly Visit[]
  /** Lets every visit come to its end. */
  stop(): Promise<void>
}

/** A visitor thinks before the next try, so that what fails at once does not spin. */
const thinkMs = 10

/** Milliseconds that a call may take. */
export type Deadlines = Readonly<Record<Call['verb'], number>>
export const defaults: Deadlines = { send: 10_000, verify: 3_000, redeem: 2_000 }

/**
 * Visitors, so many at once, each with a phone of its own: a send, a wrong guess, the right code twice at once, the proof twice at once.
 * Every call goes to one of the processes by turns.
 */
export function startTraffic(processes: readonly Visits[], atOnce = 6): Traffic {
  const calls: Call[] = []
  const visits: Visit[] = []
  let stopped = false
  let turn = 0

  const next = () => processes[turn++ % processes.length] as Visits
  const timed = async (verb: Call['verb'], phone: string, work: Promise<{ readonly ok: boolean; readonly reason?: string }>) => {
    const begunAt = performance.now()
    const outcome = await nameOf(work)
    calls.push({ verb, phone, begunAt, endedAt: performance.now(), outcome })
    return outcome
  }

  const visit = async () => {
    const phone = nextPhone()
    const seen: Visit = { phone, successes: 0, redeems: 0 }
    visits.push(seen)
    const sender = next()
    const sending = sender.verifier.sendCode({ phone, purpose })
    await timed('send', phone, sending)
    const sent = await sending.catch(() => undefined)
    if (!sent?.ok) return
    const code = sender.codeOf(phone)
    const challenge = { phone, sessionToken: sent.sessionToken, code }
    await timed('verify', phone, next().guess(challenge, wrong(code)))
    const proofs: string[] = []
    const verify = async () => {
      const verifying = next().guess(challenge)
      if ((await timed('verify', phone, verifying)) !== 'ok') return
      seen.successes += 1
      const verified = await verifying
      if (verified.ok) proofs.push(verified.proof)
    }
    await Promise.all([verify(), verify()])
    const redeem = async (proof: string) => {
      if ((await timed('redeem', phone, next().verifier.redeemProof({ proof, purpose }))) === 'ok') seen.redeems += 1
    }
    await Promise.all(proofs.flatMap((proof) => [redeem(proof), redeem(proof)]))
  }
  const lane = async () => {
    while (!stopped) {
      await visit()
      await sleep(thinkMs)
    }
  }
  const lanes = Promise.all(Array.from({ length: atOnce }, lane))

  return {
    ...{ calls, visits },
    async stop() {
      stopped = true
      await lanes
    },
  }
}

/** How much later than its deadline the latest call settled, in milliseconds; 0 when none was late. */
export const latestBy = (calls: readonly Call[], deadlines = defaults): number =>
  Math.round(Math.max(0, ...calls.map(({ verb, begunAt, endedAt }) => endedAt - begunAt - deadlines[verb])))

/** Everything that must never be seen, whatever the fault. */
export function violations({ calls, visits }: Traffic, processes: readonly Visits[], deadlines = defaults) {
  const sent = new Map<string, number>()
  for (const { messages } of processes) for (const { to } of messages) sent.set(to, (sent.get(to) ?? 0) + 1)
  return {
    doubleSuccesses: visits.filter(({ successes }) => successes > 1).length,
    doubleRedeems: visits.filter(({ redeems }) => redeems > 1).length,
    doubleSms: visits.filter(({ phone }) => (sent.get(phone) ?? 0) > 1).length,
    lateCalls: calls.filter(({ verb, begunAt, endedAt }) => endedAt - begunAt > deadlines[verb] + 100).length,
    strangeErrors: calls.filter(({ outcome }) => outcome.startsWith('ERR_') && outcome !== 'ERR_PV_STORE').length,
  }
}

export const noViolations = { doubleSuccesses: 0, doubleRedeems: 0, doubleSms: 0, lateCalls: 0, strangeErrors: 0 }
