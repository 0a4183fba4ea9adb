import { afterAll, beforeAll } from 'vitest'
import { startWorkerPool, type WorkerPool } from '../../fixtures/worker-pool.js'
import { crowdAt } from '../processes/crowd.js'
import type { Place } from '../processes/open-store.js'
import { makePlace } from '../processes/place.js'
import { frameworks } from './app.js'
import type { Target, Targets } from './http-races.js'

const module = new URL('./served.ts', import.meta.url)
const processes = 2

/** The server processes of a file: one place after another is served by them. */
export function serverProcesses(): () => WorkerPool {
  let pool: WorkerPool | undefined
  beforeAll(async () => {
    pool = await startWorkerPool(processes)
  }, 60_000)
  afterAll(() => pool?.stop())
  return () => {
    if (pool === undefined) throw new Error('the server processes are not up')
    return pool
  }
}

/** Two server processes over one store, each with every framework. */
export function processField(serversOf: () => WorkerPool, server: Place['server'], url: string, naive = false): () => Targets {
  let targets: Targets
  let stop = async () => {}
  beforeAll(async () => {
    const [pool, own] = [serversOf(), await makePlace(server, url, naive)]
    const inAll = <Result>(name: string, ...args: readonly unknown[]) => pool.run<Result>(module, name, Array(processes).fill(args))
    const ports = await inAll<readonly number[]>('serve', own.place, frameworks)
    const crowd = crowdAt(pool, own.place)
    const target = (framework: number): Target => ({
      ports: ports.map((each) => each[framework] as number),
      begin: () => crowd.begin(),
      freshPhone: crowd.freshPhone,
      messages: async () => (await inAll<number>('messagesSent')).reduce((sum, count) => sum + count, 0),
    })
    targets = { express: target(0), fastify: target(1) }
    stop = async () => {
      await inAll('endServing', own.place)
      await crowd.end()
      await own.dispose()
    }
  }, 60_000)
  afterAll(() => stop(), 60_000)
  return () => targets
}
