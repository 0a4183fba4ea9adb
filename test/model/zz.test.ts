import fc from 'fast-check'
import { test } from 'vitest'
import { commands } from './commands.js'
import { onMemory } from './property.js'
import { setups, start } from './system.js'

test('x', async () => {
  let bad = 0,
    n = 0
  await fc.assert(
    fc.asyncProperty(setups, commands, async (setup, sequence) => {
      const pair = await start(setup, onMemory)
      n++
      try {
        await fc.asyncModelRun(() => pair, sequence)
      } catch {
        bad++
      } finally {
        await pair.real.bench.dispose?.()
      }
    }),
    { numRuns: 1000 },
  )
  console.log('RATE', process.env['PV_NAME'], bad, 'of', n)
}, 600_000)
