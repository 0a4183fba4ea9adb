import { type ChildProcess, fork } from 'node:child_process'
import { inFlight, stepsOf } from '../batch.js'
import type { Enter } from '../contestant.js'
import { median } from '../meter.js'
import { type Gate, type Report, scenario } from '../report.js'
import { missing } from '../server/ground.js'
import { ioredisGround } from '../server/redis.js'
import { visits } from '../visits.js'

/** Five attempts a challenge: the first warms up. */
const rounds = 4
const who = ['floor', 'ours'] as const

type Who = (typeof who)[number]

interface Work {
  readonly from: number
  readonly to: number
  readonly width: number
}

/** A client process: sends, then guesses wrong when it is told to, and says when it is done. */
async function work({ from, to, width }: Work): Promise<void> {
  const ground = await ioredisGround()
  if (ground === undefined) return
  const people = visits(to).slice(from)
  const prepare = async (enter: Enter) => {
    const codes = new Map<string, string>()
    const contestant = enter(async (phone, _text, code) => {
      codes.set(phone, code)
    })
    const steps = stepsOf(contestant, people, (phone) => codes.get(phone) ?? '')
    await inFlight(0, people.length, width, steps.send)
    return { contestant, guess: () => inFlight(0, people.length, width, steps['wrong guess']) }
  }
  const contestants = { floor: await prepare(ground.floorInTwo), ours: await prepare(ground.ours) }
  process.on('message', async (one: Who) => {
    await contestants[one].guess()
    process.send?.('done')
  })
  // Dismissed, or left alone by a parent that failed: either way nothing stays behind.
  process.on('disconnect', async () => {
    for (const { contestant } of Object.values(contestants)) await contestant.end()
    await ground.leave()
    process.exit()
  })
  process.send?.('ready')
}

/** The next word of a client process. */
const said = (child: ChildProcess) =>
  new Promise<void>((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`a client process ended with ${code}`))
    child.once('exit', fail)
    child.once('message', () => {
      child.off('exit', fail)
      resolve()
    })
  })

/** So many processes at once: microseconds for each guess, of everybody in each round. */
async function spend(processes: number, width: number, people: number): Promise<Record<Who, number[]>> {
  const share = people / processes
  const children = Array.from({ length: processes }, (_, index) => {
    const task: Work = { from: index * share, to: (index + 1) * share, width }
    return fork(process.argv[1] as string, ['work', JSON.stringify(task)], { execArgv: process.execArgv })
  })
  const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  const spent: Record<Who, number[]> = { floor: [], ours: [] }
  try {
    await Promise.all(children.map(said))
    for (let round = 0; round <= rounds; round++) {
      for (const one of round % 2 === 0 ? who : who.toReversed()) {
        const done = children.map(said)
        const start = performance.now()
        for (const child of children) child.send(one)
        await Promise.all(done)
        if (round > 0) spent[one].push(((performance.now() - start) * 1_000) / people)
      }
    }
  } finally {
    for (const child of children) if (child.connected) child.disconnect()
    await Promise.all(gone)
  }
  return spent
}

if (process.argv[2] === 'work') await work(JSON.parse(process.argv[3] ?? '{}'))
else
  await scenario(async ({ quick }): Promise<Report> => {
    const people = quick ? 6_000 : 16_000
    const rows: (string | number)[][] = []
    const gates: Gate[] = []
    const there = await ioredisGround()
    await there?.leave()
    const plans =
      there === undefined
        ? []
        : [1, 2, 4].flatMap((count) => (count === 1 ? [[1, 64] as const] : [[count, 64 / count] as const, [count, 64] as const]))
    for (const [processes, width] of plans) {
      const { floor, ours } = await spend(processes, width, people)
      const ratio = median(ours.map((us, round) => (floor[round] ?? 0) / us))
      const name = `${processes} ${processes === 1 ? 'process' : 'processes'}, ${width} in flight in each`
      rows.push([name, Math.round(1e6 / median(floor)), Math.round(1e6 / median(ours)), ratio])
      gates.push({ name: `${name}: wrong guess / floor`, value: ratio, atLeast: 0.6 })
    }
    return {
      title: 'Client processes on one Redis, wrong guesses at challenges of their own',
      columns: ['clients', 'floor /s', 'ours /s', 'ratio wall'],
      rows,
      gates,
      notes: there === undefined ? [missing.redis] : [],
    }
  })
