import { createHook } from 'node:async_hooks'
import { memoryStore } from 'phone-verify/store/memory'
import { createWindows } from '../floor/windows.js'
import { createMould, type Pressed } from '../mould.js'
import { type Report, scenario } from '../report.js'

interface Weight {
  readonly heap: number
  readonly resident: number
  readonly seconds: number
}

/** What a million more of them weigh, in bytes each. */
async function weigh(count: number, put: (pressed: Pressed) => Promise<unknown> | undefined, press: () => Pressed): Promise<Weight> {
  globalThis.gc?.()
  const before = process.memoryUsage()
  const start = performance.now()
  for (let index = 0; index < count; index++) await put(press())
  const seconds = (performance.now() - start) / 1_000
  globalThis.gc?.()
  const after = process.memoryUsage()
  return { heap: (after.heapUsed - before.heapUsed) / count, resident: (after.rss - before.rss) / count, seconds }
}

/** How many timers a store starts for so many challenges. */
async function timersOf(count: number, press: () => Pressed): Promise<number> {
  let timers = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'Timeout') timers += 1
    },
  }).enable()
  const store = memoryStore()
  for (let index = 0; index < count; index++) await store.open(press().record, [])
  hook.disable()
  return timers
}

await scenario(async ({ quick }): Promise<Report> => {
  const count = quick ? 200_000 : 1_000_000
  const press = await createMould()
  const alone = memoryStore({ maxRecords: count })
  const whole = memoryStore({ maxRecords: count * 10 })
  const pending = new Map<string, object>()
  const windows = createWindows()

  const challenge = await weigh(count, ({ record }) => alone.open(record, []), press)
  const withQuotas = await weigh(count, ({ record, quotas }) => whole.open(record, quotas), press)
  const byHand = await weigh(
    count,
    ({ record: { id, codeDigest, attempts, ttlMs, lifeMs } }) => {
      const at = Date.now()
      pending.set(id, { digest: codeDigest, attemptsLeft: attempts, closed: false, codeEndsAt: at + ttlMs, endsAt: at + lifeMs })
      return undefined
    },
    press,
  )
  const byHandWithQuotas = await weigh(
    count,
    ({ record: { id, codeDigest, attempts, ttlMs, lifeMs }, quotas }) => {
      const at = Date.now()
      pending.set(id, { digest: codeDigest, attemptsLeft: attempts, closed: false, codeEndsAt: at + ttlMs, endsAt: at + lifeMs })
      windows.take([...new Map(quotas.map(({ key, max, windowMs }) => [key, { key, windows: [{ max, windowMs }] }])).values()], at)
      return undefined
    },
    press,
  )

  const row = (name: string, { heap, resident, seconds }: Weight) => [name, heap, resident, (seconds * 1e6) / count]
  return {
    title: `Bytes for each of ${count} pending challenges, every one with a phone, a client and a prefix of its own`,
    columns: ['kept', 'heap B', 'resident B', 'wall µs each'],
    rows: [
      row('challenge', challenge),
      row('challenge, floor', byHand),
      row('challenge and quota records', withQuotas),
      row('challenge and quota records, floor', byHandWithQuotas),
    ],
    gates: [
      { name: 'heap of a challenge, bytes', value: challenge.heap, atMost: 400 },
      { name: 'heap with quota records, bytes', value: withQuotas.heap, atMost: 1_200 },
      { name: 'timers for a thousand records', value: await timersOf(1_000, press), atMost: 1 },
    ],
    notes: [],
  }
})
