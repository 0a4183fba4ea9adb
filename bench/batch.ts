import type { Contestant, Enter, Visit } from './contestant.js'
import { expect } from './contestant.js'
import { type Cost, measure } from './meter.js'

export const phases = ['send', 'wrong guess', 'right guess', 'redeem'] as const

export type Phase = (typeof phases)[number]

export type Costs = Readonly<Record<Phase, Cost>>

/** Runs a step for every index, `width` of them in flight. */
export async function inFlight(count: number, width: number, step: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await step(next++)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

/** A guess that is a code, and not this one. */
export const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** A contestant and the codes that reached the phones. */
export function admit(enter: Enter): { readonly contestant: Contestant; readonly codeOf: (phone: string) => string } {
  const codes = new Map<string, string>()
  const contestant = enter(async (to, _text, code) => {
    codes.set(to, code)
  })
  return { contestant, codeOf: (phone) => codes.get(phone) ?? '' }
}

/** Everybody sends, then everybody guesses wrong, then right, then redeems: one figure for each. */
export async function runBatch(enter: Enter, visits: readonly Visit[], width: number): Promise<Costs> {
  const { contestant, codeOf } = admit(enter)
  const tokens: string[] = []
  const proofs: string[] = []
  const verified: string[] = []
  const at = (index: number) => visits[index] as Visit
  const phase = (step: (index: number) => Promise<unknown>) => measure(() => inFlight(visits.length, width, step))

  const send = await phase(async (index) => {
    tokens[index] = await contestant.send(at(index))
  })
  const codes = visits.map(({ phone }) => codeOf(phone))
  const guess = (index: number) => contestant.wrongGuess(tokens[index] as string, wrong(codes[index] as string), at(index))
  const wrongGuess = await phase(guess)
  const rightGuess = await phase(async (index) => {
    proofs[index] = await contestant.rightGuess(tokens[index] as string, codes[index] as string, at(index))
  })
  const redeem = await phase(async (index) => {
    verified[index] = await contestant.redeem(proofs[index] as string)
  })

  expect(
    visits.every(({ phone }, index) => verified[index] === phone),
    'every phone is verified',
    verified.length,
  )
  await contestant.end()
  return { send, 'wrong guess': wrongGuess, 'right guess': rightGuess, redeem }
}
