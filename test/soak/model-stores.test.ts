import fc from 'fast-check'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { Pool } from 'pg'
import { afterAll, describe, test } from 'vitest'
import { clockedSchema } from '../fixtures/clocked-postgres.js'
import { describeWith } from '../fixtures/services.js'
import { onKeyv, onPostgres, onRedis } from '../model/benches.js'
import { answersLikeTheReference } from '../model/property.js'

// T-MOD-01 and T-MOD-04 in full: one reference, so identical outcomes on all.

const timeout = 1_800_000

describeWith('on Redis', 'redis', ({ redis: url }) => {
  const redis = new Redis(url)
  afterAll(() => redis.quit())

  test('5 000 sequences are answered as the reference answers them', { timeout }, async () => {
    await fc.assert(answersLikeTheReference(onRedis(redis)), { numRuns: 5_000 })
  })
})

describeWith('on Postgres', 'postgres', ({ postgres: connectionString }) => {
  const pool = new Pool({ connectionString })
  afterAll(() => pool.end())

  test('1 000 sequences are answered as the reference answers them', { timeout }, async () => {
    const schema = await clockedSchema(pool)
    await fc.assert(answersLikeTheReference(onPostgres(pool, schema)), { numRuns: 1_000 }).finally(schema.dispose)
  })
})

describe('on Keyv', () => {
  test('500 sequences are answered as the reference answers them', { timeout }, async () => {
    await fc.assert(answersLikeTheReference(onKeyv(() => new Keyv())), { numRuns: 500 })
  })
})
