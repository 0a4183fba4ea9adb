import { memoryStore } from 'phone-verify/store/memory'
import { redisStore } from 'phone-verify/store/redis'
import { connectIoredis, deletePrefix, ownPrefix } from '../server/redis.js'
import { bare, spendInRedis } from './bare.js'
import type { Guess } from './guess.js'
import { type Framework, listen } from './listen.js'
import { oursOver } from './ours.js'

/** A bare route, a bare route that asks our verifier, our own routes. */
export const contestants = ['bare', 'core', 'ours'] as const

export type Who = (typeof contestants)[number]

export interface ServerTask {
  readonly framework: Framework
  readonly who: Who
  readonly over: 'redis' | 'memory'
  /** How many challenges are made by whoever keeps any. */
  readonly people: number
}

/** The first thing that a server process says. */
export interface Serving {
  readonly port: number
  readonly guesses: readonly Guess[]
}

/** A server process: it says where it listens, and what it has spent whenever it is asked. */
export async function serve({ framework, who, over, people }: ServerTask): Promise<void> {
  const client = over === 'redis' ? await connectIoredis() : undefined
  if (over === 'redis' && client === undefined) throw new Error('Redis was there and is gone')
  // Dismissed, or left alone by a parent that failed: either way nothing stays behind.
  process.on('disconnect', async () => {
    if (client !== undefined) await deletePrefix(client, ownPrefix)
    process.exit()
  })
  if (!process.connected) process.exit()

  const prepare = async () => {
    if (who === 'bare') return { mount: bare(client === undefined ? () => 4 : await spendInRedis(client, ownPrefix)), guesses: [] }
    const store = client === undefined ? memoryStore({ maxRecords: 1_000_000 }) : redisStore(client, { prefix: ownPrefix })
    const { adapter, core, guesses } = await oursOver(store, people)
    return { mount: who === 'ours' ? adapter : core, guesses }
  }
  const { mount, guesses } = await prepare()
  const port = await listen(framework, mount)

  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.send?.({ port, guesses } satisfies Serving)
}
