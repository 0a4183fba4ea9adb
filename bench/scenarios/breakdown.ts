import { type ByPhase, phases, runBatch, runUp } from '../batch.js'
import type { Enter, Visit } from '../contestant.js'
import { floor } from '../floor/enter.js'
import { measure } from '../meter.js'
import { oursInMemory } from '../ours.js'
import { type Place, profile, type Share } from '../profile.js'
import { type Report, scenario } from '../report.js'
import { visits } from '../visits.js'

/** What a place is part of. The innermost place that is part of anything decides, so a keyed hash counts for whoever asked for it. */
const parts: readonly (readonly [part: string, is: (place: Place) => boolean])[] = [
  ['phone', ({ file }) => /libphonenumber-js|phone-number\.ts|floor\/phone/.test(file)],
  ['random ids', ({ name }) => name.startsWith('randomId')],
  ['quota keys', ({ file, name }) => name === 'hidden' || /services\/quotas\.ts|floor\/quotas/.test(file)],
  ['code, digest', ({ file }) => /domain\/code\.ts|services\/codes\.ts|floor\/hmac/.test(file)],
  ['tokens', ({ file }) => /jwe\.ts|session-token\.ts|services\/proof\.ts|floor\/(?:token|claims)/.test(file)],
  ['store', ({ file }) => /store\/memory|floor\/windows/.test(file)],
  ['deadlines', ({ file }) => /deadline\.ts|guarded\.ts|services\/call\.ts|hand-over\.ts/.test(file)],
  ['arguments', ({ file }) => /domain\/(?:field|client|locale|binding)\.ts/.test(file)],
  ['garbage', ({ name }) => name === '(garbage collector)'],
  ['services', ({ file }) => /^src\/(?!domain\/keyring)|floor\/floor/.test(file)],
]

const names = [...parts.map(([part]) => part), 'promises']

function partOf(stack: readonly Place[]): string {
  for (const place of stack) {
    const [part] = parts.find(([, is]) => is(place)) ?? []
    if (part !== undefined) return part
  }
  return 'promises'
}

interface Spent {
  readonly shares: readonly Share[]
  readonly cpuUs: number
}

async function spend(enter: Enter, people: readonly Visit[]): Promise<ByPhase<Spent>> {
  return runBatch(enter, people, 64, async (work) => {
    let shares: readonly Share[] = []
    const { cpuUs } = await measure(async () => {
      shares = await profile(work)
    })
    return { shares, cpuUs: cpuUs / (people.length - runUp) }
  })
}

await scenario(async ({ quick }): Promise<Report> => {
  const people = visits(quick ? 6_000 : 20_000)
  const contestants = { floor, ours: oursInMemory }
  const rows: (string | number)[][] = []
  for (const [who, enter] of Object.entries(contestants)) {
    for (let warmUp = 0; warmUp < 2; warmUp++) await spend(enter, visits(4_000))
    const spent = await spend(enter, people)
    for (const phase of phases) {
      const { shares, cpuUs } = spent[phase]
      const us = (part: string) => shares.reduce((sum, { stack, share }) => sum + (partOf(stack) === part ? share * cpuUs : 0), 0)
      rows.push([`${phase}, ${who}`, ...names.map(us), cpuUs])
    }
  }
  const order = ([name]: readonly (string | number)[]) => phases.findIndex((phase) => String(name).startsWith(phase))
  return {
    title: 'Where the time of each step goes, CPU µs by sampling the stack',
    columns: ['step', ...names, 'sum'],
    rows: rows.toSorted((a, b) => order(a) - order(b)),
    gates: [],
    notes: ['The profiler slows everything: the shares count, not the sums. Promises: what no function of ours is on the stack of.'],
  }
})
