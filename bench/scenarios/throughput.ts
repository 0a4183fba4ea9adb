import { type Phase, phases, runUp } from '../batch.js'
import { floor } from '../floor/enter.js'
import { median } from '../meter.js'
import { oursInMemory } from '../ours.js'
import { type Gate, type Report, scenario } from '../report.js'
import { runRounds } from '../rounds.js'
import { visits } from '../visits.js'

const width = 64
const gated: readonly Phase[] = ['send', 'wrong guess', 'right guess']

await scenario(async ({ quick }): Promise<Report> => {
  const measured = quick ? 4_000 : 8_000
  // The floor runs twice: how far it differs from itself is how far a ratio can be wrong.
  const options = { rounds: quick ? 5 : 9, warmUp: 2, patience: quick ? 2 : 18, width, visits: visits(runUp + measured) }
  const { costs, repeated, foreignCores } = await runRounds([floor, oursInMemory, floor], options)
  const [first = [], own = [], second = []] = costs

  const rows: (string | number)[][] = []
  const gates: Gate[] = []
  for (const phase of phases) {
    const per = (who: typeof own, kind: 'cpuUs' | 'wallUs') => who.map((round) => round[phase][kind] / measured)
    const ratios = (kind: 'cpuUs' | 'wallUs') =>
      per(own, kind).map((us, round) => ((per(first, kind)[round] ?? 0) + (per(second, kind)[round] ?? 0)) / 2 / us)
    const control = per(first, 'cpuUs').map((us, round) => us / (per(second, 'cpuUs')[round] ?? 0))
    const ratio = median(ratios('cpuUs'))
    const rate = (who: typeof own) => Math.round(1e6 / median(per(who, 'wallUs')))
    rows.push([
      phase,
      median(per(first, 'cpuUs')),
      median(per(own, 'cpuUs')),
      rate(first),
      rate(own),
      ratio,
      median(ratios('wallUs')),
      `${median(control).toFixed(2)} (${Math.min(...control).toFixed(2)}..${Math.max(...control).toFixed(2)})`,
    ])
    const still = median(control) > 0.8 && median(control) < 1.25
    if (gated.includes(phase))
      gates.push({ name: `${phase} / floor`, value: ratio, atLeast: 0.5, ...(!still && { inconclusive: 'the floor differs from itself' }) })
  }

  return {
    title: `Memory store, ${width} in flight, ${measured} people, ${options.rounds} rounds`,
    columns: ['step', 'floor CPU µs', 'ours CPU µs', 'floor /s', 'ours /s', 'ratio CPU', 'ratio wall', 'floor / floor'],
    rows,
    gates,
    notes: [`${repeated} rounds run again; at most ${foreignCores.toFixed(2)} cores were busy with other work in those that count.`],
  }
})
