import { admit, inFlight, type Phase, phases, wrong } from '../batch.js'
import type { Enter, Visit } from '../contestant.js'
import { floor } from '../floor/enter.js'
import { oursInMemory } from '../ours.js'
import { type Place, profile, type Samples } from '../profile.js'
import { type Report, scenario } from '../report.js'
import { visits } from '../visits.js'

/** What a place is part of; the innermost place that is part of anything decides. */
const parts: readonly (readonly [part: string, file: RegExp])[] = [
  ['phone parsing', /libphonenumber-js|phone-number\.ts|floor\/phone/],
  ['quota keys (HMAC)', /services\/quotas\.ts|floor\/quotas/],
  ['code, digest (HMAC)', /domain\/code\.ts|services\/codes\.ts|floor\/hmac/],
  ['tokens', /jwe\.ts|session-token\.ts|services\/proof\.ts|floor\/(?:token|claims)/],
  ['store', /store\/memory\.ts|floor\/windows/],
  ['deadlines', /deadline\.ts|guarded\.ts|services\/call\.ts|hand-over\.ts/],
  ['arguments', /domain\/field\.ts|domain\/client\.ts|domain\/locale\.ts|domain\/binding\.ts/],
  ['text', /services\/message\.ts/],
  ['driver', /bench\/(?:batch|ours|floor\/enter|scenarios)/],
]

const collector = 'garbage'
const rest = 'the rest'

function partOf(stack: readonly Place[]): string | undefined {
  const [leaf] = stack
  if (leaf?.name === '(garbage collector)') return collector
  if (leaf?.name === '(idle)' || leaf?.name === '(program)') return undefined
  // A keyed hash counts for whoever asked for it.
  const files = stack.map(({ file }) => file)
  for (const file of files) {
    const [part] = parts.find(([, pattern]) => pattern.test(file)) ?? []
    if (part !== undefined) return part
    if (/^src\/(?!domain\/keyring)|^bench\/floor\/floor/.test(file)) return rest
  }
  return rest
}

function shares(samples: Samples): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { stack, us } of samples) {
    const part = partOf(stack)
    if (part !== undefined) sums.set(part, (sums.get(part) ?? 0) + us)
  }
  return sums
}

/** The samples of each phase of one batch. */
async function profiled(enter: Enter, people: readonly Visit[]): Promise<Readonly<Record<Phase, Samples>>> {
  const { contestant, codeOf } = admit(enter)
  const tokens: string[] = []
  const proofs: string[] = []
  const at = (index: number) => people[index] as Visit
  const code = (index: number) => codeOf(at(index).phone)
  const token = (index: number) => tokens[index] as string
  const steps: Readonly<Record<Phase, (index: number) => Promise<void>>> = {
    send: async (index) => void (tokens[index] = await contestant.send(at(index))),
    'wrong guess': (index) => contestant.wrongGuess(token(index), wrong(code(index)), at(index)),
    'right guess': async (index) => void (proofs[index] = await contestant.rightGuess(token(index), code(index), at(index))),
    redeem: async (index) => void (await contestant.redeem(proofs[index] as string)),
  }
  const samples: Partial<Record<Phase, Samples>> = {}
  for (const phase of phases) samples[phase] = await profile(() => inFlight(people.length, 64, steps[phase]))
  await contestant.end()
  return samples as Record<Phase, Samples>
}

await scenario(async ({ quick }): Promise<Report> => {
  const people = visits(quick ? 4_000 : 16_000)
  const rows: (string | number)[][] = []
  const names = [...parts.map(([part]) => part), collector, rest]
  for (const [who, enter] of [['floor', floor], ['ours', oursInMemory]] as const) {
    await profiled(enter, visits(4_000))
    const samples = await profiled(enter, people)
    for (const phase of phases) {
      const sums = shares(samples[phase])
      const us = (part: string) => (sums.get(part) ?? 0) / people.length
      rows.push([`${phase}, ${who}`, ...names.map(us), names.reduce((sum, part) => sum + us(part), 0)])
    }
  }
  rows.sort(([a], [b]) => phases.findIndex((phase) => String(a).startsWith(phase)) - phases.findIndex((phase) => String(b).startsWith(phase)))
  return {
    title: 'Where the time of each step goes, in µs, by sampling the call stack',
    columns: ['step', ...names, 'sum'],
    rows,
    gates: [],
    notes: ['The profiler slows everything; the shares are what counts. The rest: the services themselves and promises.'],
  }
})
