import { type ByPhase, runBatch } from './batch.js'
import type { Enter, Visit } from './contestant.js'
import { type Cost, measure } from './meter.js'

export interface Rounds {
  /** For each contestant, in the order given, the costs of each round that counts. */
  readonly costs: readonly (readonly ByPhase<Cost>[])[]
  /** Rounds that were run again because others used the machine. */
  readonly repeated: number
  /** The most that others used in a round that counts, in cores. */
  readonly foreignCores: number
}

export interface RoundsOptions {
  readonly rounds: number
  /** The first rounds warm the process and do not count. */
  readonly warmUp: number
  /** How many rounds may be run again for the noise of others. */
  readonly patience: number
  readonly width: number
  /** How many go first in each phase and are not measured; without it, as many as `runUp`. */
  readonly before?: number
  readonly visits: readonly Visit[]
}

const quietCores = 0.15

/** Every contestant once a round, in an order that rotates; a round in which others were busy is run again while there is patience. */
export async function runRounds(contestants: readonly Enter[], options: RoundsOptions): Promise<Rounds> {
  const { rounds, warmUp, width, visits, before } = options
  const costs: ByPhase<Cost>[][] = contestants.map(() => [])
  let { patience } = options
  let foreignCores = 0

  for (let round = 0; round < warmUp + rounds; ) {
    const measured: ByPhase<Cost>[] = []
    for (let turn = 0; turn < contestants.length; turn++) {
      const who = (turn + round) % contestants.length
      measured[who] = await runBatch(contestants[who] as Enter, visits, width, measure, before)
    }
    const noise = Math.max(...measured.flatMap((phases) => Object.values(phases).map((cost) => cost.foreignCores ?? 0)))
    if (round >= warmUp && noise > quietCores && patience > 0) {
      patience -= 1
      continue
    }
    round += 1
    if (round <= warmUp) continue
    for (const [who, phases] of measured.entries()) costs[who]?.push(phases)
    foreignCores = Math.max(foreignCores, noise)
  }
  return { costs, repeated: options.patience - patience, foreignCores }
}
