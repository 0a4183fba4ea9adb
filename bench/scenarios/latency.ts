import { type Phase, phases, stepsOf } from '../batch.js'
import type { Enter } from '../contestant.js'
import { median } from '../meter.js'
import { type Gate, type Report, scenario } from '../report.js'
import { farAway, isDistance } from '../server/distance.js'
import { type Ground, missing } from '../server/ground.js'
import { connectPostgres, postgresGround, postgresUrl } from '../server/postgres.js'
import { connectIoredis, ioredisGround, redisUrl } from '../server/redis.js'
import { visits } from '../visits.js'

const oneWayMs = 0.5

const timed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The bare round trip: the least that a call can take. */
async function roundTrip(ask: () => Promise<unknown>): Promise<number> {
  const times = []
  for (let turn = 0; turn < 300; turn++) times.push(await timed(ask))
  return median(times.slice(100))
}

type Times = Record<Phase, number[]>

/** One person after the other, and each step by everybody before the next: what slows the machine slows all of them. */
async function inTurns(contestants: readonly Enter[], people: number, warmUp: number): Promise<readonly Times[]> {
  const everybody = contestants.map((enter) => {
    const codes = new Map<string, string>()
    const contestant = enter(async (to, _text, code) => {
      codes.set(to, code)
    })
    const times: Times = { send: [], 'wrong guess': [], 'right guess': [], redeem: [] }
    return { contestant, times, steps: stepsOf(contestant, visits(people), (phone) => codes.get(phone) ?? '') }
  })
  for (let index = 0; index < people; index++) {
    for (const phase of phases) {
      for (let turn = 0; turn < everybody.length; turn++) {
        const { steps, times } = everybody[(turn + index) % everybody.length] as (typeof everybody)[number]
        const ms = await timed(() => steps[phase](index))
        if (index >= warmUp) times[phase].push(ms)
      }
    }
  }
  for (const { contestant } of everybody) await contestant.end()
  return everybody.map(({ times }) => times)
}

interface Place {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly ground: (url: string) => Promise<Ground | undefined>
  /** A bare call, and how to hang up. */
  readonly bare: (url: string) => Promise<readonly [() => Promise<unknown>, () => unknown] | undefined>
  readonly without: string
}

const places: readonly Place[] = [
  {
    ...{ name: 'Redis', url: redisUrl, port: 6379, ground: ioredisGround, without: missing.redis },
    async bare(url) {
      const client = await connectIoredis(url)
      return client && [() => client.ping(), () => client.disconnect()]
    },
  },
  {
    ...{ name: 'Postgres', url: postgresUrl, port: 5432, ground: postgresGround, without: missing.postgres },
    async bare(url) {
      const pool = await connectPostgres(url, 1)
      return pool && [() => pool.query('SELECT 1'), () => pool.end()]
    },
  },
]

async function bareRoundTrip({ bare }: Place, url: string): Promise<number | undefined> {
  const called = await bare(url)
  if (called === undefined) return undefined
  const [ask, end] = called
  const ms = await roundTrip(ask)
  await end()
  return ms
}

if (!isDistance())
  await scenario(async ({ quick }): Promise<Report> => {
    const [people, warmUp] = quick ? [250, 100] : [800, 200]
    const rows: (string | number)[][] = []
    const gates: Gate[] = []
    const notes: string[] = []
    for (const place of places) {
      const nearMs = await bareRoundTrip(place, place.url)
      if (nearMs === undefined) {
        notes.push(place.without)
        continue
      }
      const far = await farAway(place.url, place.port, oneWayMs)
      try {
        const farMs = (await bareRoundTrip(place, far.url)) ?? Number.NaN
        notes.push(`${place.name}: a bare call takes ${nearMs.toFixed(2)} ms near and ${farMs.toFixed(2)} ms far, median.`)
        const ground = await place.ground(far.url)
        if (ground === undefined) throw new Error(`${place.name} was there and is gone`)
        try {
          const [inOne, own, inTwo] = await inTurns([ground.floorInOne, ground.ours, ground.floorInTwo], people, warmUp)
          const p50 = (times: Times | undefined, phase: Phase) => median(times?.[phase] ?? [])
          for (const phase of phases) {
            const [one, two, ms] = [p50(inOne, phase), p50(inTwo, phase), p50(own, phase)]
            rows.push([`${place.name}: ${phase}`, one, two, ms, ms / one, ms / two])
            gates.push({ name: `${place.name}: ${phase}, ours / floor`, value: ms / two, atMost: 1.25 })
          }
        } finally {
          await ground.leave()
        }
      } finally {
        far.end()
      }
    }
    return {
      title: `One at a time, with the server ${2 * oneWayMs} ms away: median ms`,
      columns: ['step', 'floor in one call', 'floor in two', 'ours', 'ours / one', 'ours / two'],
      rows,
      gates,
      notes: [...notes, 'One call or two: only a right guess differs. Ours makes two; the gate is against the floor that does too.'],
    }
  })
