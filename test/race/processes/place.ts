import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { postgresSchema } from 'phone-verify/store/postgres'
import type { Place } from './open-store.js'

export interface OwnPlace {
  readonly place: Place
  /** What the server has of a challenge, read past the store. */
  attemptsLeft(challenge: string): Promise<number>
  /** Takes everything away that was written there. */
  dispose(): Promise<void>
}

const freshName = () => `pv_race_${randomBytes(6).toString('hex')}`

/** A prefix or a schema that nobody else uses. */
export const makePlace = (server: Place['server'], url: string, naive = false): Promise<OwnPlace> =>
  server === 'redis' ? inRedis(url, naive) : inPostgres(url, naive)

async function inRedis(url: string, naive: boolean): Promise<OwnPlace> {
  const redis = new Redis(url)
  const space = `${freshName()}:`
  const keys = async (pattern: string) => {
    const found: string[] = []
    for await (const some of redis.scanStream({ match: `${space}${pattern}`, count: 1_000 })) found.push(...(some as string[]))
    return found
  }
  const records = new Map<string, string>()
  return {
    place: { server: 'redis', url, space, naive },
    async attemptsLeft(challenge) {
      const [key = ''] = records.has(challenge) ? [records.get(challenge)] : await keys(`c:*${challenge}`)
      records.set(challenge, key)
      return Number(await redis.hget(key, 'n'))
    },
    async dispose() {
      const all = await keys('*')
      while (all.length > 0) await redis.unlink(...all.splice(0, 1_000))
      redis.disconnect()
    },
  }
}

async function inPostgres(url: string, naive: boolean): Promise<OwnPlace> {
  const pool = new Pool({ connectionString: url, max: 1 })
  const space = freshName()
  const kept = `CREATE SCHEMA ${space}; CREATE TABLE ${space}.kept (key text PRIMARY KEY, value text NOT NULL)`
  await pool.query(naive ? kept : postgresSchema({ schema: space }))
  return {
    place: { server: 'postgres', url, space, naive },
    async attemptsLeft(challenge) {
      const { rows } = await pool.query(`SELECT attempts_left FROM ${space}.record WHERE right(id, $1) = $2`, [challenge.length, challenge])
      return Number(rows[0]?.attempts_left)
    },
    async dispose() {
      await pool.query(`DROP SCHEMA ${space} CASCADE`)
      await pool.end()
    },
  }
}
