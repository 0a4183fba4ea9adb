import { createPhoneVerifier, type Store } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import type { Job } from '../../fixtures/worker-pool.js'
import type { RaceOptions } from '../races.js'
import { joinBarrier } from './barrier.js'
import { type OpenedStore, openStore, type Place } from './open-store.js'

export interface Call {
  readonly verb: 'sendCode' | 'resendCode' | 'verifyCode' | 'redeemProof'
  readonly request: object
}

export interface Outcome {
  readonly ok: boolean
  readonly reason?: string
  readonly attemptsLeft?: number
  readonly sessionToken?: string
  readonly proof?: string
}

/** What one call came to. One that threw is not ok, and the code of its error is the reason. */
export interface Answer extends Outcome {
  readonly ms: number
}

export interface Sent {
  readonly code: string
  /** On the clock that all processes of the machine share. */
  readonly at: bigint
}

export interface Visit {
  readonly answers: readonly Answer[]
  readonly sent: readonly Sent[]
  /** The challenges that its sends were answered with. */
  readonly challenges: readonly string[]
}

const longMs = 600_000
const opened = new Map<string, Promise<OpenedStore>>()

/** One store a process and place, as in an application. */
export function storeAt(place: Place): Promise<OpenedStore> {
  const name = JSON.stringify(place)
  const known = opened.get(name) ?? openStore(place)
  opened.set(name, known)
  return known
}

export async function leave(place: Place): Promise<void> {
  const known = opened.get(JSON.stringify(place))
  opened.delete(JSON.stringify(place))
  await (await known)?.end()
}

/** A verifier like those of the other processes, with a carrier of its own. */
export async function visitorAt(place: Place, rules: RaceOptions, watch: (store: Store) => Store = (store) => store) {
  const { store } = await storeAt(place)
  const outbox = outboxBackend()
  const sent: Sent[] = []
  const challenges = new Set<string>()
  const verifier = createPhoneVerifier({
    ...{ appName: 'Race', countries: '*', secret: 'a secret of races, 32 bytes long', store: watch(store) },
    sms: {
      name: outbox.name,
      async send(message, signal) {
        sent.push({ code: message.code ?? '', at: process.hrtime.bigint() })
        return outbox.send(message, signal)
      },
    },
    onEvent: (event) => {
      if (event.type === 'send' && event.challenge !== undefined) challenges.add(event.challenge)
    },
    deadlines: { send: longMs, verify: longMs, redeem: longMs, store: longMs, provider: longMs },
    ...rules,
  })
  await verifier.ready()
  const ask = async ({ verb, request }: Call): Promise<Answer> => {
    const start = performance.now()
    const outcome: Outcome = await (verifier[verb] as (given: object) => Promise<Outcome>)(request).catch((error) => ({
      ok: false,
      reason: String(error?.code),
    }))
    return { ...outcome, ms: performance.now() - start }
  }
  return { ask, sent, challenges }
}

/** All these calls at once. With a barrier, whoever has the answer to an attempt waits until everybody has theirs, in every process. */
export async function visit(place: Place, rules: RaceOptions, calls: readonly Call[], barrierPort?: number): Promise<Job<Visit>> {
  const barrier = barrierPort === undefined ? undefined : await joinBarrier(barrierPort)
  let answered = 0
  let all: (value?: Promise<void>) => void = () => {}
  const everybody = new Promise<void>((resolve) => {
    all = resolve
  })
  const pausing = (store: Store): Store => ({
    ...store,
    async attempt(id, quotas) {
      try {
        return await store.attempt(id, quotas)
      } finally {
        answered += 1
        if (answered === calls.length) all(barrier?.arrive())
        await everybody
      }
    },
  })
  const { ask, sent, challenges } = await visitorAt(place, rules, barrier && pausing)
  return {
    go: async () => ({ answers: await Promise.all(calls.map(ask)), sent, challenges: [...challenges] }),
    end: () => barrier?.leave(),
  }
}
