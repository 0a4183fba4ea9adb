import { memoryStore } from 'phone-verify/store/memory'
import { expect, test } from 'vitest'
import { guessAtOnce, lifted, line, type MakeStore, purpose, tally, wrongCodes } from './races.js'

const memory: MakeStore = (now) => memoryStore({ now })
const rounds = Array.from({ length: 20 }, (_, index) => index)

test('T-ATT-01: of 1 000 wrong guesses at once exactly five are evaluated', { timeout: 60_000 }, async () => {
  for (const _ of rounds) {
    const { outcomes, counts } = await guessAtOnce(memory, (code) => wrongCodes(code, 1_000))
    expect(counts).toEqual({ incorrect_code: 5, too_many_attempts: 995 })
    const left = outcomes.flatMap((outcome) => ('attemptsLeft' in outcome ? [outcome.attemptsLeft] : []))
    expect(left.sort()).toEqual([0, 1, 2, 3, 4])
  }
})

test('T-ATT-02: of 1 000 copies of the right code at once exactly one succeeds, with one proof', { timeout: 60_000 }, async () => {
  for (const _ of rounds) {
    const { counts, proofs } = await guessAtOnce(memory, (code) => Array<string>(1_000).fill(code))
    expect(counts['ok']).toBe(1)
    expect(proofs).toHaveLength(1)
    expect((counts['already_used'] ?? 0) + (counts['too_many_attempts'] ?? 0)).toBe(999)
  }
})

test('T-ATT-02: the right code among 999 wrong ones succeeds once, or is one of those that were not evaluated', {
  timeout: 60_000,
}, async () => {
  for (const round of rounds) {
    const { counts } = await guessAtOnce(memory, (code) => wrongCodes(code, 999).toSpliced(round % 10, 0, code))
    expect(counts['ok'] ?? 0).toBe(round % 10 < 5 ? 1 : 0)
    expect((counts['ok'] ?? 0) + (counts['incorrect_code'] ?? 0)).toBeLessThanOrEqual(5)
  }
})

// Five of 1 000 distinct guesses are evaluated, so a round succeeds with probability 0.005 and 200 rounds once in the mean. By Poisson's law
// P(7 or more) = 1 - e^-1 (1/0! + 1/1! + … + 1/6!) = 8.3e-5. A store that reads, compares and writes succeeds 200 times.
test('T-ATT-04: 200 rounds of 1 000 distinct guesses, the right one among them, succeed at most six times', {
  timeout: 120_000,
}, async () => {
  let successes = 0
  for (let round = 0; round < 200; round++) {
    const { counts } = await guessAtOnce(memory, (code) => wrongCodes(code, 999).toSpliced(Math.floor(Math.random() * 1_000), 0, code))
    successes += counts['ok'] ?? 0
  }
  expect(successes).toBeLessThanOrEqual(6)
})

test('T-ATT-03: with a barrier before and after every attempt, still five are evaluated and one succeeds', async () => {
  const callers = 200
  const barrier = () => {
    let open = () => {}
    let arrived = 0
    const all = new Promise<void>((resolve) => {
      open = resolve
    })
    return () => {
      arrived += 1
      if (arrived === callers) open()
      return all
    }
  }
  const behindBarriers: MakeStore = (now) => {
    const store = memoryStore({ now })
    const [before, after] = [barrier(), barrier()]
    const attempt: typeof store.attempt = async (id, quotas) => {
      await before()
      const answer = await store.attempt(id, quotas)
      await after()
      return answer
    }
    return { ...store, attempt }
  }
  const wrong = await guessAtOnce(behindBarriers, (code) => wrongCodes(code, callers))
  expect(wrong.counts).toEqual({ incorrect_code: 5, too_many_attempts: 195 })
  const right = await guessAtOnce(behindBarriers, (code) => Array<string>(callers).fill(code))
  expect(right.counts['ok']).toBe(1)
})

test('T-ATT-07: 1 000 guesses at three live challenges of one phone fill one ledger, and no guess more', { timeout: 60_000 }, async () => {
  const { begin, guess, clock, end } = line(memory, { limits: { ...lifted, failuresPerPhone: [{ max: 10, windowMs: 900_000 }] } })
  const challenges = [await begin(), await begin(), await begin()]
  const guesses = challenges.flatMap(({ sessionToken, code }) => wrongCodes(code, 334).map((wrong) => () => guess(sessionToken, wrong)))
  const counts = tally(await Promise.all(guesses.map((run) => run())))
  expect(counts).toEqual({ incorrect_code: 10, too_many_attempts: counts['too_many_attempts'], locked: counts['locked'] })
  clock.advance(1)
  for (const { sessionToken, code } of challenges) {
    const { ok, reason } = (await guess(sessionToken, code)) as { readonly ok: boolean; readonly reason?: string }
    expect([ok, reason]).toEqual([false, expect.stringMatching(/^(locked|too_many_attempts)$/)])
  }
  end()
})

test('T-ATT-08: guesses without the session of the victim cost the victim nothing', async () => {
  const { begin, guess, verifier, end } = line(memory)
  const { sessionToken, code } = await begin()
  const forged = [
    undefined,
    '',
    'x',
    sessionToken.slice(0, -1),
    `${sessionToken}x`,
    sessionToken.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
  ]
  const outcomes = await Promise.all(forged.map((token) => verifier.verifyCode({ sessionToken: token, code, purpose })))
  expect(tally(outcomes)).toEqual({ invalid_session: forged.length })
  expect((await guess(sessionToken, code)).ok).toBe(true)
  end()
})
