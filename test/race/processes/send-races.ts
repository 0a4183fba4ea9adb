import { randomUUID } from 'node:crypto'
import { lifted, purpose, type RaceOptions, tally } from '../races.js'
import { type Crowd, guess, limitless } from './crowd.js'
import { type ControlledRace, differs, inRounds } from './race.js'
import type { Call } from './visitor.js'

const { sendsPerPhone: _, ...othersLifted } = lifted
/** The limits of a phone are the default ones. */
const onePhone: RaceOptions = { limits: othersLifted }

const hour = 3_600_000
const resends = (max: number): RaceOptions => ({
  limits: { ...lifted, sendsPerPhone: [{ max, windowMs: hour }] },
  purposes: { [purpose]: { resend: 'new' } },
})

const times = (call: Call): readonly Call[] => Array(1_000).fill(call)

/** Which of these codes opens the challenge, newest first. */
const opens = async (crowd: Crowd, sessionToken: string, codes: readonly string[]) => {
  const answers = await crowd.inTurn(codes.map((code) => guess(sessionToken, code)))
  return answers.map(({ ok }) => ok)
}

/** One challenge, 1 000 resends at once with a new code each, of which the limit lets some through. */
const resendAtOnce = async (crowd: Crowd, max: number) => {
  const rules = resends(max)
  const begun = await crowd.begin(rules)
  const { answers, sent } = await crowd.atOnce(times({ verb: 'resendCode', request: { sessionToken: begun.sessionToken } }), { rules })
  const codes = [begun.code, ...sent.map(({ code }) => code)].reverse()
  return { begun, counts: tally(answers), codes }
}

/** The races of sends, resends and redeems, 1 000 at once each. */
export const sendRaces: readonly ControlledRace[] = [
  {
    title: 'T-SND-01: of 1 000 sends to one phone exactly one SMS leaves',
    share: 100,
    control: /SMS ([2-9]|\d\d+) /,
    run: inRounds(async ({ crowd }, complain) => {
      const phone = crowd.freshPhone()
      const { answers, sent } = await crowd.atOnce(times({ verb: 'sendCode', request: { phone, purpose } }), { rules: onePhone })
      differs('SMS', sent.length, 1).forEach(complain)
      differs('answers', [tally(answers)['ok'], tally(answers)['rate_limited']], [1, 999]).forEach(complain)
    }),
  },
  {
    title: 'T-SND-01: of 1 000 sends with one idempotency key exactly one SMS leaves, and all are answered with its challenge',
    share: 70,
    control: /SMS ([2-9]|\d\d+) /,
    run: inRounds(async ({ crowd }, complain) => {
      const request = { phone: crowd.freshPhone(), purpose, idempotencyKey: randomUUID() }
      const { answers, sent, challenges } = await crowd.atOnce(times({ verb: 'sendCode', request }), { rules: limitless })
      differs('SMS', sent.length, 1).forEach(complain)
      differs('answers', tally(answers), { ok: 1_000 }).forEach(complain)
      differs('challenges', challenges.length, 1).forEach(complain)
      // Any two of the tokens are of one challenge: the code opens it by the first, and so no more by the second.
      const [first = '', second = ''] = [answers[0], answers[999]].map((answer) => answer?.sessionToken ?? '')
      const [opened, again] = await crowd.inTurn([first, second].map((token) => guess(token, sent[0]?.code ?? '')))
      differs('the code of the SMS', [opened?.ok, again?.reason], [true, 'already_used']).forEach(complain)
    }),
  },
  {
    title: 'T-RSN-02: of 1 000 resends one is accepted, and the newest SMS holds the code',
    share: 60,
    control: /SMS ([3-9]|\d\d+) /,
    run: inRounds(async ({ crowd }, complain) => {
      const { begun, counts, codes } = await resendAtOnce(crowd, 2)
      differs('SMS', codes.length, 2).forEach(complain)
      differs('answers', [counts['ok'], counts['rate_limited']], [1, 999]).forEach(complain)
      differs('codes that open, newest first', await opens(crowd, begun.sessionToken, codes.slice(0, 2)), [true, false]).forEach(complain)
    }),
  },
  {
    title: 'T-RSN-02: where the limit lets four of 1 000 resends through, five SMS leave and one code opens',
    share: 50,
    control: /SMS ([6-9]|\d\d+) /,
    run: inRounds(async ({ crowd }, complain) => {
      const { begun, counts, codes } = await resendAtOnce(crowd, 5)
      differs('SMS', codes.length, 5).forEach(complain)
      differs('answers', [counts['ok'], counts['rate_limited']], [4, 996]).forEach(complain)
      const opened = await opens(crowd, begun.sessionToken, codes.slice(0, 5))
      differs('codes that open', opened.filter(Boolean).length, 1).forEach(complain)
    }),
  },
  {
    title: 'T-RPL-02: of 1 000 redeems of one proof exactly one is accepted',
    share: 60,
    control: /redeemed ([2-9]|\d\d+) /,
    run: inRounds(async ({ crowd }, complain) => {
      const { sessionToken, code } = await crowd.begin()
      const [verified] = await crowd.inTurn([guess(sessionToken, code)])
      const redeem: Call = { verb: 'redeemProof', request: { proof: verified?.proof, purpose } }
      const { answers } = await crowd.atOnce(times(redeem))
      differs('redeemed', tally(answers)['ok'], 1).forEach(complain)
      differs('already_redeemed', tally(answers)['already_redeemed'], 999).forEach(complain)
      const [later] = await crowd.inTurn([redeem])
      differs('a later redeem', later?.reason, 'already_redeemed').forEach(complain)
    }),
  },
]
