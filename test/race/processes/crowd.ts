import type { WorkerPool } from '../../fixtures/worker-pool.js'
import { lifted, purpose, type RaceOptions } from '../races.js'
import { startBarrier } from './barrier.js'
import type { Place } from './open-store.js'
import { type Answer, type Call, leave, type Sent, type Visit, visitorAt } from './visitor.js'

/** How one race differs from the others. */
export interface Manner {
  readonly rules?: RaceOptions
  /** Everybody waits between the answer to an attempt and the next step. */
  readonly pausing?: boolean
  /** All calls from one process. */
  readonly alone?: boolean
  /** Called when all processes have been told to go. */
  readonly onGo?: () => void
}

export interface Begun {
  readonly phone: string
  readonly sessionToken: string
  readonly code: string
  readonly challenge: string
}

export interface Crowd {
  /** One send from this process. */
  begin(rules?: RaceOptions): Promise<Begun>
  /** One call after another, from this process. */
  inTurn(calls: readonly Call[], rules?: RaceOptions): Promise<readonly Answer[]>
  /** All at once, dealt out to the processes. Messages are those of all processes, oldest first. */
  atOnce(calls: readonly Call[], manner?: Manner): Promise<Visit>
  /** A phone that nobody has sent to. */
  freshPhone(): string
  end(): Promise<void>
}

const visitors = new URL('./visitor.ts', import.meta.url)
let phones = 0
const freshPhone = () => {
  phones += 1
  return `+1415${2_000_000 + phones}`
}

export const limitless: RaceOptions = { limits: lifted }

export const guess = (sessionToken: string, code: string): Call => ({ verb: 'verifyCode', request: { sessionToken, code, purpose } })

/** Four processes, and this one, at one place. */
export function crowdAt(pool: WorkerPool, place: Place): Crowd {
  const deal = <Item>(items: readonly Item[], players: number) =>
    Array.from({ length: pool.size }, (_, worker) => items.filter((_, index) => index % players === worker))

  return {
    freshPhone,

    async begin(rules = limitless) {
      const { ask, sent, challenges } = await visitorAt(place, rules)
      const phone = freshPhone()
      const { ok, reason, sessionToken = '' } = await ask({ verb: 'sendCode', request: { phone, purpose } })
      if (!ok) throw new Error(`the send was refused: ${reason}`)
      return { phone, sessionToken, code: sent[0]?.code ?? '', challenge: [...challenges][0] ?? '' }
    },

    async inTurn(calls, rules = limitless) {
      const { ask } = await visitorAt(place, rules)
      const answers: Answer[] = []
      for (const call of calls) answers.push(await ask(call))
      return answers
    },

    async atOnce(calls, { rules = limitless, pausing = false, alone = false, onGo } = {}) {
      const barrier = pausing ? await startBarrier(pool.size) : undefined
      try {
        const args = deal(calls, alone ? 1 : pool.size).map((some) => [place, rules, some, ...(barrier ? [barrier.port] : [])])
        const settled = await pool.runSettled<Visit>(visitors, 'visit', args, onGo)
        const visits = settled.map((one) => {
          if (one.status === 'rejected') throw one.reason
          return one.value
        })
        const sent: Sent[] = visits.flatMap((one) => one.sent)
        return {
          answers: visits.flatMap(({ answers }) => answers),
          sent: sent.sort((a, b) => (a.at < b.at ? -1 : 1)),
          challenges: [...new Set(visits.flatMap(({ challenges }) => challenges))],
        }
      } finally {
        barrier?.stop()
      }
    },

    async end() {
      await Promise.all([leave(place), pool.run(visitors, 'leave', Array(pool.size).fill([place]))])
    },
  }
}
