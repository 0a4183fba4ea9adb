import { type Phase, phases } from '../batch.js'
import { checkFloor } from '../floor/self-check.js'
import { median } from '../meter.js'
import { type Gate, type Report, scenario } from '../report.js'
import { runRounds } from '../rounds.js'
import { type Ground, missing } from '../server/ground.js'
import { postgresGround } from '../server/postgres.js'
import { ioredisGround, nodeRedisGround } from '../server/redis.js'
import { visits } from '../visits.js'

const width = 64

interface Size {
  readonly before: number
  readonly measured: number
  readonly rounds: number
}

/** Everybody on one server, in turns. */
async function compare(ground: Ground, atLeast: number, { before, measured, rounds }: Size) {
  await checkFloor(ground.kept(), ground.name)
  // What the server does is other work to this process, so no round is noisy: the floor under two names says how far a ratio can be wrong.
  const options = { rounds, warmUp: 1, patience: 0, width, before, visits: visits(before + measured) }
  const { costs } = await runRounds([ground.floorInOne, ground.ours, ground.floorInTwo], options)
  const [inOne = [], own = [], inTwo = []] = costs

  const rows: (string | number)[][] = []
  const gates: Gate[] = []
  const row = (step: string, phase: Phase, floors: readonly (typeof own)[], gated: boolean) => {
    const per = (who: typeof own, kind: 'cpuUs' | 'wallUs') => who.map((round) => round[phase][kind] / measured)
    const byHand = (kind: 'cpuUs' | 'wallUs') => own.map((_, round) => median(floors.map((who) => per(who, kind)[round] ?? 0)))
    const ratio = (kind: 'cpuUs' | 'wallUs') => median(byHand(kind).map((us, round) => us / (per(own, kind)[round] ?? 0)))
    const rate = (wallUs: readonly number[]) => Math.round(1e6 / median(wallUs))
    // Both floors do the same but for a right guess.
    const controls = per(inOne, 'wallUs').map((us, round) => us / (per(inTwo, 'wallUs')[round] ?? 0))
    const control = phase === 'right guess' ? undefined : median(controls)
    const still = control === undefined || (control > 0.8 && control < 1.25)
    rows.push([
      `${ground.name}: ${step}`,
      rate(byHand('wallUs')),
      rate(per(own, 'wallUs')),
      ratio('wallUs'),
      median(byHand('cpuUs')),
      median(per(own, 'cpuUs')),
      ratio('cpuUs'),
      control === undefined ? '' : `${control.toFixed(2)} (${Math.min(...controls).toFixed(2)}..${Math.max(...controls).toFixed(2)})`,
    ])
    if (gated) {
      const name = `${ground.name}: ${step} / floor`
      gates.push({ name, value: ratio('wallUs'), atLeast, ...(!still && { inconclusive: 'the floor differs from itself' }) })
    }
  }
  for (const phase of phases) {
    if (phase === 'right guess') row('right guess, floor in one call', phase, [inOne], false)
    row(phase, phase, phase === 'right guess' ? [inTwo] : [inOne, inTwo], true)
  }
  return { rows, gates }
}

await scenario(async ({ quick }): Promise<Report> => {
  const redis = { before: 1_000, measured: quick ? 3_000 : 8_000, rounds: quick ? 3 : 7 }
  const postgres = { before: 500, measured: quick ? 1_000 : 3_000, rounds: quick ? 3 : 7 }
  const plans = [
    { make: ioredisGround, atLeast: 0.6, size: redis, without: missing.redis },
    { make: nodeRedisGround, atLeast: 0.6, size: redis, without: missing.redis },
    { make: postgresGround, atLeast: 0.7, size: postgres, without: missing.postgres },
  ]
  const rows: (string | number)[][] = []
  const gates: Gate[] = []
  const notes: string[] = []
  for (const { make, atLeast, size, without } of plans) {
    const ground = await make()
    if (ground === undefined) {
      notes.push(without)
      continue
    }
    try {
      const found = await compare(ground, atLeast, size)
      rows.push(...found.rows)
      gates.push(...found.gates)
    } finally {
      await ground.leave()
    }
  }
  return {
    title: `Stores on servers, ${width} in flight`,
    columns: ['step', 'floor /s', 'ours /s', 'ratio wall', 'floor CPU µs', 'ours CPU µs', 'ratio CPU', 'floor / floor'],
    rows,
    gates,
    notes: [
      ...notes,
      'CPU is that of this process alone. A right guess is two calls of ours; the floor that is gated makes two as well, the other one.',
    ],
  }
})
