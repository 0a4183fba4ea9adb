import { randomInt } from 'node:crypto'
import { tally, wrongCodes } from '../races.js'
import { guess } from './crowd.js'
import { poissonBound } from './poisson-bound.js'
import { type ControlledRace, differs, inRounds } from './race.js'
import type { Answer } from './visitor.js'

export const evaluated = (answers: readonly Answer[]): number => {
  const { ok = 0, incorrect_code: incorrect = 0 } = tally(answers)
  return ok + incorrect
}

/** So many distinct guesses, the right one among them, in any order. */
export function randomGuesses(code: string, times: number): readonly string[] {
  const guesses = new Set([code])
  while (guesses.size < times) guesses.add(String(randomInt(10 ** code.length)).padStart(code.length, '0'))
  const [, ...others] = guesses
  return others.toSpliced(randomInt(times), 0, code)
}

const allWrong = (pausing: boolean) =>
  inRounds(async ({ crowd }, complain) => {
    const { sessionToken, code } = await crowd.begin()
    const { answers } = await crowd.atOnce(
      wrongCodes(code, 1_000).map((each) => guess(sessionToken, each)),
      { pausing },
    )
    differs('evaluated', evaluated(answers), 5).forEach(complain)
    differs('too_many_attempts', tally(answers)['too_many_attempts'], 995).forEach(complain)
    const left = answers.flatMap(({ attemptsLeft }) => attemptsLeft ?? []).sort()
    differs('attemptsLeft', left, [0, 1, 2, 3, 4]).forEach(complain)
  })

const allRight = (pausing: boolean) =>
  inRounds(async ({ crowd }, complain) => {
    const { sessionToken, code } = await crowd.begin()
    const { answers } = await crowd.atOnce(Array(1_000).fill(guess(sessionToken, code)), { pausing })
    const { ok = 0, already_used: used = 0, too_many_attempts: tooMany = 0 } = tally(answers)
    differs('successes', ok, 1).forEach(complain)
    differs('proofs', new Set(answers.flatMap(({ proof }) => proof ?? [])).size, 1).forEach(complain)
    differs('already_used and too_many_attempts', used + tooMany, 999).forEach(complain)
  })

/** The races of guesses, 1 000 at once each. */
export const guessRaces: readonly ControlledRace[] = [
  {
    title: 'T-ATT-01: of 1 000 wrong guesses exactly five are evaluated',
    share: 150,
    control: /evaluated ([6-9]|\d\d+) instead/,
    run: allWrong(false),
  },
  {
    title: 'T-ATT-02: of 1 000 right guesses exactly one succeeds, with one proof',
    share: 150,
    control: /successes ([2-9]|\d\d+) /,
    run: allRight(false),
  },
  {
    title: 'T-ATT-03: five are evaluated though all wait after the attempt',
    share: 75,
    control: /evaluated ([6-9]|\d\d+) instead/,
    run: allWrong(true),
  },
  {
    title: 'T-ATT-03: one succeeds though all wait after the attempt',
    share: 75,
    control: /successes ([2-9]|\d\d+) /,
    run: allRight(true),
  },
  {
    // Five of 1 000 distinct guesses are evaluated, so a round succeeds with probability 0.005: Poisson's law with a mean of rounds × 0.005.
    // P(more than k) = 1 - e^-mean (mean^0/0! + … + mean^k/k!). A store that reads, compares and writes succeeds in every round.
    title: 'T-ATT-04: the right code among 1 000 distinct guesses is found no oftener than by chance',
    share: 200,
    least: 6,
    control: /successes ([2-9]|\d\d+) /,
    async run({ crowd }, rounds) {
      let successes = 0
      for (let round = 0; round < rounds; round++) {
        const { sessionToken, code } = await crowd.begin()
        const { answers } = await crowd.atOnce(randomGuesses(code, 1_000).map((each) => guess(sessionToken, each)))
        successes += tally(answers)['ok'] ?? 0
      }
      const most = poissonBound(rounds * 0.005)
      return successes > most ? [`successes ${successes} in ${rounds} rounds, at most ${most} by chance`] : []
    },
  },
]
