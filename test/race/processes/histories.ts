import { randomInt, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { linearize, type Operation } from '../linearizable.js'
import { startBarrier } from './barrier.js'
import { challengeModel, type Input } from './challenge-model.js'
import type { Field } from './race.js'
import type { Script } from './recorder.js'

const module = new URL('./recorder.ts', import.meta.url)
const most = 12
const batch = 50

const digest = fc.constantFrom('a', 'b', 'c')
const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('open' as const), digest }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('renew' as const), digest }, { requiredKeys: ['verb'] }) },
  { weight: 5, arbitrary: fc.record({ verb: fc.constant('attempt' as const) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('close' as const), release: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('release' as const) }) },
)

/** What every process does in one history: at most a dozen steps in all, the first of them an opening. */
const parts = (processes: number) => {
  const each = fc.record({ inputs: fc.array(input, { minLength: 1, maxLength: most / processes }), inTurn: fc.boolean() })
  const first: Input = { verb: 'open', digest: 'a' }
  return fc
    .array(each, { minLength: processes, maxLength: processes })
    .map((all) => all.map((one, index) => (index === 0 ? { ...one, inputs: [first, ...one.inputs.slice(1)] } : one)))
}

const shown = (history: readonly Operation<Input>[]) => {
  const [first = 0n] = history.map(({ from }) => from).sort((a, b) => (a < b ? -1 : 1))
  const us = (at: bigint) => (at - first) / 1_000n
  return history.map(({ input, answer, from, to }) => `${us(from)}–${us(to)} µs ${JSON.stringify(input)} → ${answer}`).join('; ')
}

/** Records so many histories of four processes at one challenge each, and answers those that no order explains. */
export async function unexplained({ pool, own }: Field, times: number) {
  const seed = randomInt(2 ** 31)
  const scripts = fc.sample(parts(pool.size), { numRuns: times, seed }).map((all) => {
    const name = randomUUID()
    return all.map((one): Script => ({ name, ...one }))
  })
  const found: string[] = []
  let overlapping = 0
  const barrier = await startBarrier(pool.size)
  try {
    for (let from = 0; from < times; from += batch) {
      const some = scripts.slice(from, from + batch)
      const args = Array.from({ length: pool.size }, (_, index) => [own.place, some.map((all) => all[index]), barrier.port])
      const recorded = await pool.run<readonly Operation<Input>[][]>(module, 'record', args)
      for (const [index] of some.entries()) {
        const history = recorded.flatMap((one) => one[index] ?? [])
        if (areAtOnce(recorded.map((one) => one[index] ?? []))) overlapping += 1
        if (linearize(history, challengeModel) === undefined) found.push(`seed ${seed}, history ${from + index}: ${shown(history)}`)
      }
    }
  } finally {
    barrier.stop()
  }
  return { found, overlapping }
}

/** Whether steps of two processes were under way at one moment: histories without that prove little. */
function areAtOnce(processes: readonly (readonly Operation<Input>[])[]): boolean {
  const all = processes.flatMap((steps, process) => steps.map((step) => ({ ...step, process })))
  return all.some((one) => all.some((other) => one.process !== other.process && one.from < other.to && other.from < one.to))
}
