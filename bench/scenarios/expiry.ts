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

  const idle = await longestDelay(2_000)
  skewMs = dayMs
  // The sweep frees a thousand records every ten milliseconds, after half a second at the most.
  const sweeping = await longestDelay(1_000 + count / 60)
  globalThis.gc?.()
  const freed = (full - process.memoryUsage().heapUsed) / (full - empty)
  await store.close('nobody')
  return { idle, sweeping, freed }
}

await scenario(async ({ quick }): Promise<Report> => {
  const count = quick ? 200_000 : 1_000_000
  const runs = []
  for (let run = 0; run < (quick ? 1 : 3); run++) runs.push(await expire(count))
  const [least] = runs.toSorted((a, b) => a.sweeping - a.idle - (b.sweeping - b.idle))
  return {
    title: `The event loop while ${count} records expire`,
    columns: ['run', 'longest delay idle, ms', 'longest delay sweeping, ms', 'freed, %'],
    rows: runs.map(({ idle, sweeping, freed }, run) => [String(run + 1), idle, sweeping, freed * 100]),
    gates: [
      // Other work on the machine only adds: the least of the runs is nearest to the truth.
      { name: 'delay beyond idle, ms', value: Math.max(0, (least?.sweeping ?? Infinity) - (least?.idle ?? 0)), atMost: 5 },
      { name: 'freed, %', value: Math.min(...runs.map(({ freed }) => freed * 100)), atLeast: 95 },
    ],
    notes: [],
  }
})
