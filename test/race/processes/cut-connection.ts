import { setTimeout as sleep } from 'node:timers/promises'
import { purpose, type RaceOptions, tally, wrongCodes } from '../races.js'
import { crowdAt, guess, limitless } from './crowd.js'
import { behindProxy } from './frozen-store.js'
import type { Place } from './open-store.js'
import type { Race } from './race.js'

const attempts = 10
const rules: RaceOptions = { ...limitless, maxAttempts: attempts, deadlines: {} }

/**
 * So many guesses in flight in one process when its connections are reset: after the server has acted upon them, before it is heard. They are
 * asked in another process than this one, so that one that does not survive it is seen.
 */
export const cutConnection = (client: NonNullable<Place['client']>, guesses: number): Race => ({
  title: `T-ATT-10: ${guesses} in flight when ${client} loses its connection: each is counted once, and the process lives`,
  share: 10,
  async run({ pool, own, crowd }, rounds) {
    const complaints: string[] = []
    const { proxy, far } = await behindProxy(own.place)
    const distant = crowdAt(pool, { ...far, client, timeoutMs: 1_000 })
    const later = () => [{ verb: 'sendCode', request: { phone: crowd.freshPhone(), purpose } }] as const
    try {
      for (let round = 0; round < rounds; round++) {
        const { sessionToken, code, challenge } = await crowd.begin(rules)
        const spent = async () => attempts - (await own.attemptsLeft(challenge))
        let [cut, answered] = [Promise.resolve(), false]
        const cutWhenCounted = async () => {
          while (!answered && (await spent()) < guesses) await sleep(1)
          proxy.reset()
          proxy.dropReplies(false)
        }
        const onGo = () => {
          proxy.dropReplies()
          cut = cutWhenCounted()
        }
        const calls = wrongCodes(code, guesses).map((each) => guess(sessionToken, each))
        try {
          const { answers } = await distant.atOnce(calls, { rules, onGo, alone: true })
          answered = true
          await cut
          // What a client sends again of its own accord has been sent when a later call of its is answered.
          while (!(await distant.atOnce(later(), { rules, alone: true })).answers[0]?.ok) await sleep(5)
          const [counted, counts] = [await spent(), tally(answers)]
          if (counted !== guesses) complaints.push(`round ${round}: counted ${counted} for ${guesses}: ${JSON.stringify(counts)}`)
          const others = Object.keys(counts).filter((name) => name !== 'ERR_PV_STORE' && name !== 'incorrect_code')
          if (others.length > 0) complaints.push(`round ${round}: answers ${others}`)
        } catch (error) {
          complaints.push(`round ${round}: ${(error as Error).message}`)
          answered = true
          await cut
          await pool.respawn(0)
        }
        // The next round begins with connections that are all there.
        await distant.end()
      }
    } finally {
      proxy.stop()
    }
    return complaints
  },
})
