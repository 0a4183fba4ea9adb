import { type Contestant, type Enter, expect, type Visit } from './contestant.js'

export const phases = ['send', 'wrong guess', 'right guess', 'redeem'] as const

export type Phase = (typeof phases)[number]

/** Something for each phase. */
export type ByPhase<Figure> = Readonly<Record<Phase, Figure>>

/** Runs a step for every index of a range, `width` of them in flight. */
export async function inFlight(from: number, to: number, width: number, step: (index: number) => Promise<void>): Promise<void> {
  let next = from
  const lane = async () => {
    while (next < to) await step(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

/** A guess that is a code, and not this one. */
export const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** What one person does in each phase, with what came of the phases before. */
export function stepsOf(contestant: Contestant, visits: readonly Visit[], codeOf: (phone: string) => string) {
  const tokens: string[] = []
  const proofs: string[] = []
  const visit = (index: number) => visits[index] as Visit
  const code = (index: number) => codeOf(visit(index).phone)

  return {
    async send(index: number) {
      tokens[index] = await contestant.send(visit(index))
    },
    'wrong guess': (index: number) => contestant.wrongGuess(tokens[index] as string, wrong(code(index)), visit(index)),
    async 'right guess'(index: number) {
      proofs[index] = await contestant.rightGuess(tokens[index] as string, code(index), visit(index))
    },
    async redeem(index: number) {
      const phone = await contestant.redeem(proofs[index] as string)
      expect(phone === visit(index).phone, 'the phone that was verified', phone)
    },
  }
}

/** So many go first in each phase and are not measured: what was idle is compiled anew. */
export const runUp = 2_000

/** Everybody sends, then everybody guesses wrong, then right, then redeems: `measure` gets each phase without its run-up. */
export async function runBatch<Figure>(
  enter: Enter,
  visits: readonly Visit[],
  width: number,
  measure: (work: () => Promise<void>) => Promise<Figure>,
  before = runUp,
): Promise<ByPhase<Figure>> {
  const codes = new Map<string, string>()
  const contestant = enter(async (to, _text, code) => {
    codes.set(to, code)
  })
  const steps = stepsOf(contestant, visits, (phone) => codes.get(phone) ?? '')
  const figures: Partial<Record<Phase, Figure>> = {}
  for (const phase of phases) {
    await inFlight(0, before, width, steps[phase])
    figures[phase] = await measure(() => inFlight(before, visits.length, width, steps[phase]))
  }
  await contestant.end()
  return figures as ByPhase<Figure>
}
