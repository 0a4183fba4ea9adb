import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { Pool } from 'pg'
import { afterAll, describe, test } from 'vitest'
import { clockedSchema } from '../fixtures/clocked-postgres.js'
import { describeWith } from '../fixtures/services.js'
import { onKeyv, onPostgres, onRedis } from './benches.js'
import { answersLikeTheReference, runs } from './property.js'

// T-MOD-01 and T-MOD-04: every store answers the sequences as the one reference does, in every field of every outcome, and so as each other.
// The full counts are in the soak.

const timeout = 120_000

describeWith('on Redis', 'redis', ({ redis: url }) => {
  const redis = new Redis(url)
  afterAll(() => redis.quit())

  test('200 sequences are answered as the reference answers them', { timeout }, async () => {
    await fc.assert(answersLikeTheReference(onRedis(redis)), runs(200))
  })
})

describeWith('on Postgres', 'postgres', ({ postgres: connectionString }) => {
  const pool = new Pool({ connectionString })
  afterAll(() => pool.end())

  test('60 sequences are answered as the reference answers them', { timeout }, async () => {
    const schema = await clockedSchema(pool)
    await fc.assert(answersLikeTheReference(onPostgres(pool, schema)), runs(60)).finally(schema.dispose)
  })
})

describe('on PGlite', () => {
  test('20 sequences are answered as the reference answers them', { timeout }, async () => {
    const database = new PGlite()
    const schema = await clockedSchema(database)
    await fc.assert(answersLikeTheReference(onPostgres(database, schema)), runs(20)).finally(() => database.close())
  })
})

describe('on Keyv', () => {
  test('30 sequences are answered as the reference answers them', { timeout }, async () => {
    await fc.assert(answersLikeTheReference(onKeyv(() => new Keyv())), runs(30))
  })
})
