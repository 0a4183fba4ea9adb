import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { memoryStore } from 'phone-verify/store/memory'
import { createMould } from '../mould.js'
import { type Report, scenario } from '../report.js'

const dayMs = 24 * 3_600_000

/** The longest that anything else had to wait meanwhile, in milliseconds. */
async function longestDelay(ms: number): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  await pause(ms)
  delays.disable()
  return delays.max / 1e6
}

async function expire(count: number) {
  let skewMs = 0
  globalThis.gc?.()
  const empty = process.memoryUsage().heapUsed
  const store = memoryStore({ maxRecords: count * 2, now: () => performance.now() + skewMs })
  const press = await createMould()
  for (let index = 0; index < count; index++) await store.open(press().record, [])
  globalThis.gc?.()
  const full = process.memoryUsage().heapUsed

  const idle = await longestDelay(1_000)
  skewMs = dayMs
  // The sweep frees a thousand records every ten milliseconds, after half a second at the most.
  const sweeping = await longestDelay(1_000 + count / 60)
  globalThis.gc?.()
  const freed = (full - process.memoryUsage().heapUsed) / (full - empty)
  await store.close('nobody')
  return { idle, sweeping, freed }
}

await scenario(async ({ quick }): Promise<Report> => {
  const count = quick ? 100_000 : 1_000_000
  const runs = []
  for (let run = 0; run < 3; run++) runs.push(await expire(count))
  // Other work on the machine only adds: the least of the runs is nearest to the truth.
  const idleMs = Math.min(...runs.map(({ idle }) => idle))
  const sweepingMs = Math.min(...runs.map(({ sweeping }) => sweeping))
  const noise = idleMs > 5 && { inconclusive: 'the idle loop was late as well' }
  return {
    title: `The event loop while ${count} records expire`,
    columns: ['run', 'longest delay idle, ms', 'longest delay sweeping, ms', 'freed, %'],
    rows: runs.map(({ idle, sweeping, freed }, run) => [String(run + 1), idle, sweeping, freed * 100]),
    gates: [
      { name: 'longest delay beyond idle, ms', value: Math.max(0, sweepingMs - idleMs), atMost: 5, ...noise },
      { name: 'freed, %', value: Math.min(...runs.map(({ freed }) => freed * 100)), atLeast: 95 },
    ],
    notes: [],
  }
})
