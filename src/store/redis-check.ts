import { misconfigured } from '../errors.js'
import type { RunScript } from './redis-client.js'
import { scripts } from './redis-scripts.js'
import type { StoreWarning } from './store.js'

export interface RedisCheckParts {
  readonly run: RunScript
  /** A key of another slot every time. */
  readonly someKey: () => string
  readonly fence: boolean
}

/** So many keys find every master of a cluster of sixteen, all but surely. */
const keysOfCluster = 256

const unfit = (message: string) => misconfigured([{ option: 'store', message }])

/** What a server says of itself, every server of a cluster once. */
async function servers({ run, someKey }: RedisCheckParts): Promise<readonly ReadonlyMap<string, string>[]> {
  const ask = async () => {
    const [text] = await run(scripts.info, [someKey()], [])
    return new Map(
      String(text)
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  }
  const first = await ask()
  if (first.get('cluster_enabled') !== '1') return [first]
  const others = await Promise.all(Array.from({ length: keysOfCluster }, ask))
  return [...new Map([first, ...others].map((server) => [server.get('run_id'), server])).values()]
}

/** Refuses servers that may evict a counter or are read only; warns of what a restart would lose. */
export async function checkRedis(parts: RedisCheckParts, warn: (warning: StoreWarning) => void): Promise<void> {
  const asked = await servers(parts).catch((error: unknown) => {
    if (!/NOPERM|can't run this command|not allowed/i.test(String((error as Partial<Error> | undefined)?.message))) throw error
    if (parts.fence) throw unfit('Redis refuses INFO, which the fence against restarts reads: grant +info, or type fence: false')
    return []
  })
  for (const server of asked) {
    const policy = server.get('maxmemory_policy')
    if (policy !== 'noeviction') throw unfit(`Redis may evict counters: maxmemory-policy is ${policy}, it must be noeviction`)
    if (server.get('role') !== 'master') throw unfit('Redis is a replica, which cannot record: connect to the master')
  }
  if (!parts.fence) warn('store_unfenced')
  if (asked.some((server) => server.get('aof_enabled') !== '1')) warn('store_not_persistent')
}
