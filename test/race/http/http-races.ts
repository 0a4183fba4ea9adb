import { differs } from '../processes/race.js'
import { wrongCodes } from '../races.js'
import type { Framework } from './app.js'
import { reasonOf } from './raw-replies.js'
import { lastByteTogether, pipelined, post, type RawRequest } from './raw-sockets.js'

interface Begun {
  readonly sessionToken: string
  readonly code: string
}

/** Where the requests of a race go: one framework, in one process or more, over one store. */
export interface Target {
  readonly ports: readonly number[]
  /** One send past HTTP. */
  begin(): Promise<Begun>
  freshPhone(): string
  /** How many SMS have left, in all processes. */
  messages(): Promise<number>
}

export interface HttpRace {
  readonly title: string
  /** What the control is heard complaining of. */
  readonly control: RegExp
  /** Every broken promise of one round. */
  round(target: Target): Promise<readonly string[]>
}

export type Targets = Readonly<Record<Framework, Target>>

const crowd = 200
const line = 50
const senders = 100

const portOf = ({ ports }: Target, index: number) => ports[index % ports.length] as number

const guesses = (target: Target, { sessionToken }: Begun, codes: readonly string[]): readonly RawRequest[] =>
  codes.map((code, index) => post(portOf(target, index), '/phone/verify', { sessionToken, code }))

function tally(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const reason of reasons.toSorted()) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

/** The races of T-ATT-14 and of the header `Idempotency-Key`. A reply that is not well formed ends the round with an error. */
export const httpRaces: readonly HttpRace[] = [
  {
    title: `T-ATT-14: of ${crowd} wrong guesses whose last bytes arrive together exactly five are evaluated`,
    control: /replies \{"incorrect_code":([6-9]|\d\d+)/,
    async round(target) {
      const begun = await target.begin()
      const replies = await lastByteTogether(guesses(target, begun, wrongCodes(begun.code, crowd)))
      const left = replies.flatMap(({ body }) => (JSON.parse(body) as { readonly attemptsLeft?: number }).attemptsLeft ?? [])
      return [
        ...differs('replies', tally(replies.map(reasonOf)), { incorrect_code: 5, too_many_attempts: crowd - 5 }),
        ...differs('attemptsLeft', left.toSorted(), [0, 1, 2, 3, 4]),
      ]
    },
  },
  {
    title: `T-ATT-14: of ${crowd} right guesses whose last bytes arrive together exactly one succeeds, with one proof`,
    control: /successes ([2-9]|\d\d+) /,
    async round(target) {
      const begun = await target.begin()
      const replies = await lastByteTogether(guesses(target, begun, Array<string>(crowd).fill(begun.code)))
      const { ok = 0, already_used: used = 0, too_many_attempts: tooMany = 0 } = tally(replies.map(reasonOf))
      const proofs = replies.flatMap(({ body }) => (JSON.parse(body) as { readonly proof?: string }).proof ?? [])
      return [
        ...differs('successes', ok, 1),
        ...differs('proofs', new Set(proofs).size, 1),
        ...differs('refused', used + tooMany, crowd - 1),
      ]
    },
  },
  {
    title: `T-ATT-14: of ${line} wrong guesses in one piece on one connection exactly five are evaluated`,
    control: /replies \{"incorrect_code":([6-9]|\d\d+)/,
    async round(target) {
      const begun = await target.begin()
      const alone = { ...target, ports: target.ports.slice(0, 1) }
      const replies = await pipelined(guesses(alone, begun, wrongCodes(begun.code, line)))
      return differs('replies', tally(replies.map(reasonOf)), { incorrect_code: 5, too_many_attempts: line - 5 })
    },
  },
  {
    title: `of ${senders} sends with one Idempotency-Key at once one SMS leaves, for one challenge`,
    control: /messages ([2-9]|\d\d+) /,
    async round(target) {
      const [before, phone] = [await target.messages(), target.freshPhone()]
      const headers = { 'idempotency-key': `visit-${phone.slice(1)}` }
      const sends = Array.from({ length: senders }, (_, index) => post(portOf(target, index), '/phone/send', { phone }, headers))
      const replies = await lastByteTogether(sends)
      const tokens = replies.flatMap(({ body }) => (JSON.parse(body) as { readonly sessionToken?: string }).sessionToken ?? [])
      // A guess with every token: only of one challenge are no more than five evaluated.
      const guessed = await lastByteTogether(
        tokens.map((sessionToken, index) => post(portOf(target, index), '/phone/verify', { sessionToken, code: '000000' })),
      )
      const { ok = 0, incorrect_code: incorrect = 0 } = tally(guessed.map(reasonOf))
      return [
        ...differs('replies', tally(replies.map(reasonOf)), { ok: senders }),
        ...differs('messages', (await target.messages()) - before, 1),
        // One time in a million the code is 000000.
        ...(ok === 1 ? [] : differs('evaluated', incorrect, 5)),
      ]
    },
  },
]
