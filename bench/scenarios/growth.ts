import { fork } from 'node:child_process'
import { memoryStore } from 'phone-verify/store/memory'
import { type Phase, phases, runBatch, runUp } from '../batch.js'
import { measure, median } from '../meter.js'
import { createMould } from '../mould.js'
import { ours } from '../ours.js'
import { type Report, scenario } from '../report.js'
import { visits } from '../visits.js'

type Micros = Readonly<Record<Phase, number>>

const measured = 2_000
const warmUp = 2

/** CPU of each step while so many others are pending, each with its quota records. */
async function costAt(pending: number): Promise<Micros> {
  // Far from full: a store that is half full sweeps with every call, and the two would not do the same work.
  const store = memoryStore({ maxRecords: pending * 16 + 1_000_000 })
  const press = await createMould()
  for (let index = 0; index < pending; index++) {
    const { record, quotas } = press()
    await store.open(record, quotas)
  }
  const batch = runUp + measured
  const people = visits(batch * (warmUp + 5))
  const costs = []
  for (let from = 0; from < people.length; from += batch)
    costs.push(await runBatch((carrier) => ours(store, carrier), people.slice(from, from + batch), 64, measure))
  const counted = costs.slice(warmUp)
  const cpuUs = (phase: Phase) => median(counted.map((costs) => costs[phase].cpuUs / measured))
  return Object.fromEntries(phases.map((phase) => [phase, cpuUs(phase)])) as Micros
}

/** A process for each measurement: the garbage collector of a small heap knows nothing of a large one. */
const apart = (pending: number) =>
  new Promise<Micros>((resolve, reject) => {
    const child = fork(process.argv[1] as string, ['at', String(pending)], { execArgv: process.execArgv })
    child.once('message', (micros) => resolve(micros as Micros))
    child.once('exit', (code) => reject(new Error(`growth ended with ${code}`)))
  })

const [, , how, given] = process.argv
if (how === 'at') process.send?.(await costAt(Number(given)), () => process.disconnect())
else
  await scenario(async ({ quick }): Promise<Report> => {
    const sizes = [1_000, quick ? 100_000 : 1_000_000] as const
    const runs: Micros[][] = [[], []]
    for (let run = 0; run < (quick ? 1 : 3); run++) for (const [index, size] of sizes.entries()) runs[index]?.push(await apart(size))
    const [small = [], large = []] = runs
    const at = (costs: readonly Micros[], phase: Phase) => median(costs.map((micros) => micros[phase]))
    const ratio = (phase: Phase) => at(large, phase) / at(small, phase)
    return {
      title: `CPU µs of each step, 64 in flight, while others are pending`,
      columns: ['step', ...sizes.map((size) => `at ${size}`), 'ratio'],
      rows: phases.map((phase) => [phase, at(small, phase), at(large, phase), ratio(phase)]),
      gates: phases.map((phase) => ({ name: `${phase} at ${sizes[1]} / at ${sizes[0]}`, value: ratio(phase), atMost: 1.4 })),
      notes: [],
    }
  })
