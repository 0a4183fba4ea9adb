import { Redis } from 'ioredis'
import { redisStore } from 'phone-verify/store/redis'
import { createClient } from 'redis'
import { serverFloor } from '../floor/enter.js'
import { loadFloorScripts, redisKept, type ScriptCaller } from '../floor/redis-kept.js'
import { ours } from '../ours.js'
import type { Ground } from './ground.js'

export const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

/** Everything that this process writes begins with this. */
export const ownPrefix = `pvbench${process.pid}:`

/** An ioredis client, or undefined where no server answers. */
export async function connectIoredis(url = redisUrl): Promise<Redis | undefined> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null })
  client.on('error', () => {})
  return client.connect().then(
    () => client,
    () => undefined,
  )
}

export async function connectNodeRedis(url = redisUrl) {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Deletes what begins with this, wherever it is. */
export async function deletePrefix(client: Redis, prefix: string): Promise<void> {
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 5_000 })) {
    if (keys.length > 0) await client.unlink(...keys)
  }
}

type Client = Parameters<typeof redisStore>[0]

function ground(name: string, client: Client, caller: ScriptCaller, admin: Redis, leave: () => Promise<void>): Ground {
  let places = 0
  const place = () => {
    places += 1
    return `${ownPrefix}${name}${places}:`
  }
  const floorWith =
    (guessing: 'in one' | 'in two'): Ground['ours'] =>
    (carrier) => {
      const prefix = place()
      return serverFloor(redisKept(caller, prefix), guessing, () => deletePrefix(admin, prefix))(carrier)
    }
  return {
    name,
    ours(carrier) {
      const prefix = place()
      const contestant = ours(redisStore(client, { prefix }), carrier)
      return {
        ...contestant,
        async end() {
          await contestant.end()
          await deletePrefix(admin, prefix)
        },
      }
    },
    floorInOne: floorWith('in one'),
    floorInTwo: floorWith('in two'),
    kept: () => redisKept(caller, place()),
    async leave() {
      await deletePrefix(admin, ownPrefix)
      await leave()
      admin.disconnect()
    },
  }
}

/** Through ioredis; undefined where no server answers. */
export async function ioredisGround(url = redisUrl): Promise<Ground | undefined> {
  const admin = await connectIoredis()
  if (admin === undefined) return undefined
  const client = await connectIoredis(url)
  if (client === undefined) throw new Error('Redis was there and is gone')
  const caller: ScriptCaller = {
    load: (text) => client.script('LOAD', text),
    run: (sha, keys, values) => client.evalsha(sha, keys.length, ...keys, ...values),
  }
  await loadFloorScripts(caller)
  return ground('ioredis', client, caller, admin, async () => client.disconnect())
}

/** Through node-redis; undefined where no server answers. */
export async function nodeRedisGround(url = redisUrl): Promise<Ground | undefined> {
  const admin = await connectIoredis()
  if (admin === undefined) return undefined
  const client = await connectNodeRedis(url)
  const caller: ScriptCaller = {
    load: (text) => client.scriptLoad(text),
    run: (sha, keys, values) => client.evalSha(sha, { keys, arguments: values }),
  }
  await loadFloorScripts(caller)
  return ground('node-redis', client, caller, admin, async () => client.destroy())
}
