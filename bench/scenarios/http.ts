import { type ChildProcess, fork } from 'node:child_process'
import { type Framework, frameworks } from '../http/listen.js'
import { connections, type LoadOrder, load } from '../http/load.js'
import { contestants, type ServerTask, type Serving, serve, type Who } from '../http/server.js'
import { median } from '../meter.js'
import { type Gate, type Report, scenario } from '../report.js'
import { missing } from '../server/ground.js'
import { connectIoredis } from '../server/redis.js'

/** Every challenge is guessed at so often; the first time warms up. */
const attempts = 5

const leastRatio: Readonly<Record<Framework, number>> = { fastify: 0.6, express: 0.7 }

interface Size {
  /** Requests of a round. */
  readonly width: number
  /** Rounds are made with so many different sets of challenges. */
  readonly sets: number
}

interface Spent {
  readonly wallUs: number
  readonly cpuUs: number
}

/** What each has spent in one round; `again` is the bare route once more: how far a ratio can be wrong. */
type Round = Readonly<Record<Who | 'again', Spent>>

/** Another process of this scenario. */
function start(role: 'serve' | 'load', task: object): ChildProcess {
  const env = { ...process.env, NODE_ENV: 'production' }
  const execArgv = process.execArgv.filter((flag) => flag !== '--expose-gc')
  return fork(process.argv[1] as string, [role, JSON.stringify(task)], { env, execArgv, serialization: 'advanced' })
}

/** The next word of a process. */
const said = <Word>(child: ChildProcess) =>
  new Promise<Word>((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`a process ended with ${code}`))
    child.once('exit', fail)
    child.once('message', (word) => {
      child.off('exit', fail)
      resolve(word as Word)
    })
  })

function ask<Word>(child: ChildProcess, question: unknown): Promise<Word> {
  const answer = said<Word>(child)
  child.send(question as object)
  return answer
}

/** All in processes of their own, in turns. */
async function compare(framework: Framework, over: ServerTask['over'], { width, sets }: Size): Promise<readonly Round[]> {
  const loading = start('load', {})
  const servers = contestants.map((who) => ({
    who,
    child: start('serve', { framework, over, people: width * sets, who } satisfies ServerTask),
  }))
  const children = [loading, ...servers.map(({ child }) => child)]
  const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  try {
    const [serving] = await Promise.all([Promise.all(servers.map(({ child }) => said<Serving>(child))), said(loading)])
    for (const [index, { who }] of servers.entries())
      await ask(loading, { at: who, guesses: (serving[index] as Serving).guesses } satisfies LoadOrder)

    const spend = async (who: Who, set: number): Promise<Spent> => {
      const index = contestants.indexOf(who)
      const [{ child }, { port }] = [servers[index] as (typeof servers)[number], serving[index] as Serving]
      const before = await ask<number>(child, 'cpu')
      // The bare route is told what ours are told.
      const order: LoadOrder = { at: who === 'bare' ? 'ours' : who, port, from: set * width, to: (set + 1) * width }
      const wallUs = await ask<number>(loading, order)
      return { wallUs: wallUs / width, cpuUs: ((await ask<number>(child, 'cpu')) - before) / width }
    }
    const rounds: Round[] = []
    for (let round = 0; round < sets * attempts; round++) {
      const set = round % sets
      const [bare, core, ours, again] = [
        await spend('bare', set),
        await spend('core', set),
        await spend('ours', set),
        await spend('bare', set),
      ]
      if (round >= sets) rounds.push({ bare, core, ours, again })
    }
    return rounds
  } finally {
    for (const child of children) if (child.connected) child.disconnect()
    await Promise.all(gone)
  }
}

const [role, task] = process.argv.slice(2)
if (role === 'serve') await serve(JSON.parse(task ?? '{}'))
else if (role === 'load') load()
else
  await scenario(async ({ quick }): Promise<Report> => {
    const size: Size = quick ? { width: 1_000, sets: 1 } : { width: 2_000, sets: 3 }
    const rows: (string | number)[][] = []
    const gates: Gate[] = []
    const there = await connectIoredis()
    there?.disconnect()
    for (const over of there === undefined ? (['memory'] as const) : (['redis', 'memory'] as const))
      for (const framework of frameworks) {
        const rounds = await compare(framework, over, size)
        const of = (who: keyof Round, kind: keyof Spent) => rounds.map((round) => round[who][kind])
        const bare = (kind: keyof Spent) => rounds.map((round) => (round.bare[kind] + round.again[kind]) / 2)
        const ratio = (to: readonly number[], who: keyof Round, kind: keyof Spent) =>
          median(of(who, kind).map((us, round) => (to[round] as number) / us))
        const rate = (us: readonly number[]) => Math.round(1e6 / median(us))
        const controls = rounds.map((round) => round.bare.wallUs / round.again.wallUs)
        const control = median(controls)
        const name = over === 'redis' ? `${framework}, Redis` : `${framework}, memory`
        const value = ratio(bare('wallUs'), 'ours', 'wallUs')
        rows.push([
          ...[name, rate(bare('wallUs')), rate(of('core', 'wallUs')), rate(of('ours', 'wallUs')), value],
          ratio(of('core', 'wallUs'), 'ours', 'wallUs'),
          ...[median(bare('cpuUs')), median(of('core', 'cpuUs')), median(of('ours', 'cpuUs'))],
          `${control.toFixed(2)} (${Math.min(...controls).toFixed(2)}..${Math.max(...controls).toFixed(2)})`,
        ])
        if (over === 'memory') continue
        const noise = control > 0.8 && control < 1.25 ? {} : { inconclusive: 'the bare route differs from itself' }
        gates.push({ name: `${name}: wrong guess / bare route`, value, atLeast: leastRatio[framework], ...noise })
      }
    return {
      title: `A wrong guess over HTTP, ${connections} connections that are kept alive`,
      columns: [
        'server',
        'bare /s',
        'core /s',
        'ours /s',
        'ours / bare',
        'ours / core',
        'bare CPU µs',
        'core CPU µs',
        'ours CPU µs',
        'bare / bare',
      ],
      rows,
      gates,
      notes: [
        ...(there === undefined ? [missing.redis] : []),
        "The bare route parses the same body with the framework's parser, makes one EVALSHA (none in memory) and answers as many bytes. The core is",
        'a bare route that asks our verifier instead: ours / core is the price of the adapter. CPU is that of the server process.',
      ],
    }
  })
