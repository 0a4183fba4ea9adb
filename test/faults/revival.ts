import type { Store } from 'phone-verify'
import { expect } from 'vitest'
import { wrong } from '../fixtures/rig.js'
import { type Challenge, makeVisits, nameOf, purpose, type Visits } from './visits.js'

/** What was spent after a snapshot was taken, and is there unspent in the snapshot. */
export interface Spent {
  readonly guessed: Challenge
  readonly consumed: Challenge
  readonly proof: string
}

/** How many came back to life. */
export interface Revived {
  readonly attempts: number
  readonly guessed: number
  readonly consumed: number
  readonly proofs: number
}

export const nothing: Revived = { attempts: 0, guessed: 0, consumed: 0, proofs: 0 }
export const everything = (rounds: number): Revived => ({ attempts: rounds, guessed: rounds, consumed: rounds, proofs: rounds })

/** Three challenges, one of them verified: `spend` uses them up. */
export async function issue(visits: Visits) {
  const [guessed, consumed, proven] = [await visits.start(), await visits.start(), await visits.start()]
  const verified = await visits.guess(proven)
  const proof = verified.ok ? verified.proof : ''

  /** Four wrong guesses on one, the right code of another, and the proof of the third. */
  const spend = async (): Promise<Spent> => {
    const wrongs: string[] = []
    for (let guess = 0; guess < 4; guess++) wrongs.push(await nameOf(visits.guessWrong(guessed)))
    expect(wrongs).toEqual(Array(4).fill('incorrect_code'))
    expect([await nameOf(visits.guess(consumed)), await nameOf(visits.verifier.redeemProof({ proof, purpose }))]).toEqual(['ok', 'ok'])
    return { guessed, consumed, proof }
  }
  return { spend }
}

/** Tries again what was spent, in a process that knows nothing of it. */
export async function retry(store: Store, { guessed, consumed, proof }: Spent): Promise<Revived> {
  const visits = makeVisits(store)
  const again = await visits.guess(guessed, wrong(guessed.code))
  const count = (outcome: string) => Number(outcome === 'ok')
  return {
    // One was left, so that one more guess must leave none.
    attempts: Number(!again.ok && again.reason === 'incorrect_code' && again.attemptsLeft > 0),
    guessed: count(await nameOf(visits.guess(guessed))),
    consumed: count(await nameOf(visits.guess(consumed))),
    proofs: count(await nameOf(visits.verifier.redeemProof({ proof, purpose }))),
  }
}

export const sum = (all: readonly Revived[]): Revived =>
  all.reduce(
    (total, one) => ({
      attempts: total.attempts + one.attempts,
      guessed: total.guessed + one.guessed,
      consumed: total.consumed + one.consumed,
      proofs: total.proofs + one.proofs,
    }),
    nothing,
  )
