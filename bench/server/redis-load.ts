import type { Redis } from 'ioredis'
import { redisStore } from 'phone-verify/store/redis'
import { hashesOf, type Pressed } from '../mould.js'
import { deletePrefix } from './redis.js'

/** Where the hash of a challenge, a phone, a client or a block stands in a key. */
const mark = '@'

/** Makes ARGV[2] copies of every value under new keys, on the server: half a million commands a second would not leave a client. */
const copy = `
local first, count, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
for index = first, first + count - 1 do
  local hash = string.sub(redis.sha1hex(prefix .. index), 1, 22)
  for at = 4, #ARGV, 3 do
    redis.call('RESTORE', string.gsub(ARGV[at], '${mark}', hash), ARGV[at + 1], ARGV[at + 2], 'ABSTTL')
  end
end
`

/** Fills a prefix with what one real open wrote, so often, in whatever form the store keeps it. */
export async function createRedisLoad(client: Redis, prefix: string, { record, quotas }: Pressed) {
  const opened = await redisStore(client, { prefix }).open(record, quotas)
  if (opened.status !== 'opened') throw new Error(`the store answered ${opened.status}`)
  const hashes = hashesOf({ record, quotas })
  const written: { key: string; expiresAt: number; value: Buffer; isChallenge: boolean }[] = []
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 5_000 })) {
    for (const key of keys as string[]) {
      const [value, ttlMs] = [await client.dumpBuffer(key), await client.pttl(key)]
      const hash = hashes.find((one) => key.includes(one))
      if (value === null || hash === undefined) throw new Error('a key of the store is not named after what it holds')
      written.push({ key: key.replace(hash, mark), expiresAt: Date.now() + ttlMs, value, isChallenge: key.includes(record.id) })
    }
  }
  await deletePrefix(client, prefix)

  const load = async (parts: typeof written, from: number, to: number) => {
    const values = parts.flatMap(({ key, expiresAt, value }) => [key, String(expiresAt), value])
    const step = 1_000
    for (let first = from; first < to; first += step)
      await client.eval(copy, 0, String(first), String(Math.min(step, to - first)), prefix, ...values)
  }
  return {
    challenges: (from: number, to: number) =>
      load(
        written.filter((one) => one.isChallenge),
        from,
        to,
      ),
    quotas: (from: number, to: number) =>
      load(
        written.filter((one) => !one.isChallenge),
        from,
        to,
      ),
    usedBytes: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    unload: () => deletePrefix(client, prefix),
  }
}
