import { setTimeout as sleep } from 'node:timers/promises'
import { startTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.js'
import { lifted, type RaceOptions, tally, wrongCodes } from '../races.js'
import { crowdAt, guess } from './crowd.js'
import { evaluated } from './guess-races.js'
import type { Place } from './open-store.js'
import { type ControlledRace, differs } from './race.js'

const frozenMs = 2_000
const verifyMs = 3_000
const slackMs = 100
/** The default deadlines, of the store too: here it is they that are tried. */
const impatient: RaceOptions = { limits: lifted, deadlines: { verify: verifyMs, store: 1_000 } }

/** The same records, by a way that can be made bad. */
export async function behindProxy(place: Place): Promise<{ readonly proxy: TcpProxy; readonly far: Place }> {
  const url = new URL(place.url)
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.host = `${proxy.host}:${proxy.port}`
  return { proxy, far: { ...place, url: String(url) } }
}

/** In the first round before anything was asked, then anywhere in a race. */
export const atRandom = (round: number) => (round === 0 ? 0 : 5 + Math.random() * 200)

/** 500 guesses at a store that stops answering so many milliseconds after they began. */
export const frozenStore = (freezeAtMs: (round: number) => number): ControlledRace => ({
  title: 'T-ATT-09: of 500 guesses at a store that freezes for two seconds none succeeds for want of an answer',
  share: 20,
  least: 2,
  control: /evaluated \d+, more than 5/,
  async run({ pool, own, crowd }, rounds) {
    const complaints: string[] = []
    let timedOut = 0
    const { proxy, far } = await behindProxy(own.place)
    const distant = crowdAt(pool, { ...far, timeoutMs: 1_000 })
    try {
      for (let round = 0; round < rounds; round++) {
        const complain = (about: string) => complaints.push(`round ${round}: ${about}`)
        const { sessionToken, code } = await crowd.begin()
        // In every other round the right code is guessed, and nobody may learn it from a store that says nothing.
        const right = round % 2 === 0
        const codes = right ? Array<string>(500).fill(code) : wrongCodes(code, 500)
        let thawed = Promise.resolve()
        const atMs = freezeAtMs(round)
        const freeze = async () => {
          if (atMs > 0) await sleep(atMs)
          proxy.freeze()
          await sleep(frozenMs)
          proxy.thaw()
        }
        const onGo = () => {
          thawed = freeze()
        }
        const calls = codes.map((each) => guess(sessionToken, each))
        const { answers } = await distant.atOnce(calls, { rules: impatient, onGo })
        await thawed

        const counts = tally(answers)
        const { ok = 0, ERR_PV_STORE: lost = 0 } = counts
        timedOut += lost
        const known = ['ok', 'incorrect_code', 'too_many_attempts', 'already_used', 'ERR_PV_STORE']
        const unknown = Object.keys(counts).filter((name) => !known.includes(name))
        differs('other answers', unknown, []).forEach(complain)
        if (atMs === 0) differs('answers of a store that says nothing', counts, { ERR_PV_STORE: 500 }).forEach(complain)
        if (evaluated(answers) > 5) complain(`evaluated ${evaluated(answers)}, more than 5`)
        if (ok > 1) complain(`successes ${ok}`)
        if (right && counts['incorrect_code']) complain('the right code was called incorrect')
        const late = answers.filter(({ ms }) => ms > verifyMs + slackMs)
        differs('calls beyond their deadline', late.length, 0).forEach(complain)

        // What the store counted while nobody heard it is counted: with what is left, never more than five in all.
        const after = await crowd.inTurn(wrongCodes(code, 6).map((each) => guess(sessionToken, each)))
        const sum = evaluated(answers) + evaluated(after)
        if (sum > 5) complain(`evaluated ${sum} in all, more than 5`)
      }
    } finally {
      await distant.end()
      proxy.stop()
    }
    return timedOut > 0 ? complaints : [...complaints, 'no call met the frozen store']
  },
})
