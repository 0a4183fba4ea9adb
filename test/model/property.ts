import fc from 'fast-check'
import { createPhoneVerifier } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { commands } from './commands.js'
import { type MakeBench, setups, start } from './system.js'

/** Every sequence of commands is answered as the reference answers it. Independent of the store: give a bench over another one. */
export const answersLikeTheReference = (makeBench: MakeBench) =>
  fc.asyncProperty(setups, commands, async (setup, sequence) => {
    const pair = await start(setup, makeBench)
    try {
      await fc.asyncModelRun(() => pair, sequence)
    } finally {
      await pair.real.bench.dispose?.()
    }
  })

export const onMemory: MakeBench = (clock) => {
  const store = memoryStore({ now: clock.now })
  return {
    makeVerifier: (options) => createPhoneVerifier({ ...options, store }),
    // A store whose time stands still sweeps itself for ever.
    dispose: () => clock.advance(40 * 86_400_000),
  }
}

const isSabotaged = process.env['PHONE_VERIFY_SABOTAGE'] !== undefined

/** So many runs; fewer where a defect is looked for that every fiftieth run meets, and without the shrinking that is for people. */
export const runs = (times: number) => ({ numRuns: isSabotaged ? Math.min(times, 1_000) : times, endOnFailure: isSabotaged })
