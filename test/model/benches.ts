import { randomUUID } from 'node:crypto'
import type { PGlite } from '@electric-sql/pglite'
import type { Redis } from 'ioredis'
import type { Pool } from 'pg'
import { createPhoneVerifier } from 'phone-verify'
import { keyvStore } from 'phone-verify/store/keyv'
import { postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import type { ClockedSchema } from '../fixtures/clocked-postgres.js'
import { clockedRedis } from '../fixtures/clocked-redis.js'
import type { MakeBench } from './system.js'

/** The scripts on a real Redis, each sequence with keys of its own. */
export const onRedis =
  (redis: Redis): MakeBench =>
  async () => {
    const { client, advance, dispose } = await clockedRedis(redis)
    // A name of its own: whoever tidies a shared server must not tidy this away.
    const store = redisStore(client, { prefix: `pv-model:${randomUUID()}:` })
    return { makeVerifier: (options) => createPhoneVerifier({ ...options, store }), advance, dispose }
  }

/** The procedures on a real Postgres or PGlite, one sequence after another in one schema. */
export const onPostgres =
  (client: Pool | PGlite, { schema, advance, empty }: ClockedSchema): MakeBench =>
  () => {
    const store = postgresStore(client, { schema })
    return { makeVerifier: (options) => createPhoneVerifier({ ...options, store }), advance, dispose: empty }
  }

/** A Keyv over a Map. */
export const onKeyv =
  (makeKeyv: () => Parameters<typeof keyvStore>[0]): MakeBench =>
  (clock) => {
    const store = keyvStore(makeKeyv(), { now: clock.now })
    return { makeVerifier: (options) => createPhoneVerifier({ ...options, store }) }
  }
