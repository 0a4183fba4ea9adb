import type { Store } from 'phone-verify'
import { postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import { type Phase, phases, runBatch } from '../batch.js'
import { type Cost, measure, median } from '../meter.js'
import { createMould } from '../mould.js'
import { ours } from '../ours.js'
import { type Gate, type Report, scenario } from '../report.js'
import { missing } from '../server/ground.js'
import { connectPostgres, dropSchemas, ownSchema } from '../server/postgres.js'
import { createPostgresLoad } from '../server/postgres-load.js'
import { connectIoredis, deletePrefix, ownPrefix } from '../server/redis.js'
import { createRedisLoad } from '../server/redis-load.js'
import { visits } from '../visits.js'

const width = 64
const few = 1_000

/** A store, and how others come to be pending in it without a million calls. */
interface Pending {
  readonly store: Store
  challenges(from: number, to: number): Promise<void>
  quotas(from: number, to: number): Promise<void>
  usedBytes(): Promise<number>
  unload(): Promise<void>
  leave(): Promise<void>
}

type Micros = Readonly<Record<Phase, number>>

/** Nobody comes twice: what a batch left behind is used. */
function visitors(before: number, measured: number, batches: number) {
  const people = visits((before + measured) * batches)
  let next = 0
  return () => {
    const from = next
    next += before + measured
    return people.slice(from, next)
  }
}

async function grow(
  name: string,
  pending: Pending,
  many: number,
  atMost: number,
  size: { before: number; measured: number; batches: number },
) {
  const { before, measured, batches } = size
  const visit = visitors(before, measured, 3 * batches + 1)
  const cost = async (): Promise<Micros> => {
    const costs: Awaited<ReturnType<typeof runBatch<Cost>>>[] = []
    for (let batch = 0; batch < batches; batch++)
      costs.push(await runBatch((carrier) => ours(pending.store, carrier), visit(), width, measure, before))
    return Object.fromEntries(phases.map((phase) => [phase, median(costs.map((one) => one[phase].wallUs / measured))])) as Micros
  }
  const add = async (from: number, to: number) => {
    const empty = await pending.usedBytes()
    await pending.challenges(from, to)
    const alone = await pending.usedBytes()
    await pending.quotas(from, to)
    const whole = await pending.usedBytes()
    return { alone: (alone - empty) / (to - from), whole: (whole - empty) / (to - from) }
  }
  await runBatch((carrier) => ours(pending.store, carrier), visit(), width, measure, before)
  // Few, many, and few again: what differs between the two fews is not growth.
  await add(0, few)
  const first = await cost()
  await pending.unload()
  const bytes = await add(0, many)
  const large = await cost()
  await pending.unload()
  await add(0, few)
  const last = await cost()

  const small = (phase: Phase) => (first[phase] + last[phase]) / 2
  const rows = phases.map((phase) => {
    const control = last[phase] / first[phase]
    return [`${name}: ${phase}`, small(phase), large[phase], large[phase] / small(phase), control]
  })
  const gates: Gate[] = phases.map((phase) => {
    const control = last[phase] / first[phase]
    const still = control > 0.8 && control < 1.25
    const noise = still ? {} : { inconclusive: `before and after it differs by ${control.toFixed(2)}` }
    return { name: `${name}: ${phase} at ${many} / at ${few}`, value: large[phase] / small(phase), atMost, ...noise }
  })
  return {
    rows,
    gates,
    note: `${name}: ${bytes.alone.toFixed(0)} bytes for a challenge alone, ${bytes.whole.toFixed(0)} with its quota records.`,
  }
}

async function inRedis(): Promise<Pending | undefined> {
  const client = await connectIoredis()
  if (client === undefined) return undefined
  const prefix = `${ownPrefix}growth:`
  const load = await createRedisLoad(client, prefix, (await createMould())())
  return {
    ...load,
    store: redisStore(client, { prefix }),
    async leave() {
      await deletePrefix(client, ownPrefix)
      client.disconnect()
    },
  }
}

async function inPostgres(): Promise<Pending | undefined> {
  const pool = await connectPostgres()
  if (pool === undefined) return undefined
  await dropSchemas(pool)
  await pool.query(postgresSchema({ schema: ownSchema }))
  const load = await createPostgresLoad(pool, ownSchema, (await createMould())())
  return {
    ...load,
    store: postgresStore(pool, { schema: ownSchema }),
    async leave() {
      await dropSchemas(pool)
      await pool.end()
    },
  }
}

await scenario(async ({ quick }): Promise<Report> => {
  const many = quick ? 100_000 : 1_000_000
  const plans = [
    {
      name: 'Redis',
      make: inRedis,
      atMost: 1.3,
      size: { before: 1_000, measured: quick ? 2_000 : 4_000, batches: quick ? 3 : 7 },
      without: missing.redis,
    },
    {
      name: 'Postgres',
      make: inPostgres,
      atMost: 1.4,
      size: { before: 500, measured: quick ? 1_000 : 2_000, batches: quick ? 3 : 5 },
      without: missing.postgres,
    },
  ]
  const rows: (string | number)[][] = []
  const gates: Gate[] = []
  const notes: string[] = []
  for (const { name, make, atMost, size, without } of plans) {
    const pending = await make()
    if (pending === undefined) {
      notes.push(without)
      continue
    }
    try {
      const found = await grow(name, pending, many, atMost, size)
      rows.push(...found.rows)
      gates.push(...found.gates)
      notes.push(found.note)
    } finally {
      await pending.leave()
    }
  }
  return {
    title: `Wall µs of each step, ${width} in flight, while others are pending, each with quota records`,
    columns: ['step', `at ${few}`, `at ${many}`, 'ratio', `at ${few}, after / before`],
    rows,
    gates,
    notes,
  }
})
