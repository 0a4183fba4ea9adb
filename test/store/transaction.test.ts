import { PGlite } from '@electric-sql/pglite'
import { Pool } from 'pg'
import { createPhoneVerifier, type PhoneVerifier } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { type PostgresClient, postgresSchema, postgresStore } from 'phone-verify/store/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshSchema, runAll, type Sql } from '../fixtures/clocked-postgres.js'
import { describeWith } from '../fixtures/services.js'

const phone = '+14155552671'
const purpose = 'phone_change'
const subject = 'ann'

/** A verifier, and a proof from it. */
function verifierOn(store: Parameters<typeof createPhoneVerifier>[0]['store']) {
  const sms = outboxBackend()
  const verifier = createPhoneVerifier({
    ...{ store, sms, appName: 'Acme', countries: '*', secret: 'a secret of transactions, 32 bytes', requireReach: 'process' },
    limits: { sendsPerPhone: [], sendsPerSubject: [] },
    deadlines: { store: 30_000, send: 60_000, verify: 60_000, redeem: 60_000 },
  })
  const prove = async (to: string) => {
    const sent = await verifier.sendCode({ phone: to, purpose, subject })
    if (!sent.ok) throw new Error(sent.reason)
    const verified = await verifier.verifyCode({ sessionToken: sent.sessionToken, code: sms.last(to)?.code ?? '', purpose, subject })
    if (!verified.ok) throw new Error(verified.reason)
    return verified.proof
  }
  return { verifier, prove }
}

/** Runs work in a transaction of the application: committed when it resolves, rolled back when it rejects. */
type InTransaction = (work: (transaction: Sql) => Promise<void>) => Promise<void>

function together(client: () => PostgresClient & Sql, inTransaction: InTransaction) {
  const schema = freshSchema()
  let made: { verifier: PhoneVerifier; prove: (to: string) => Promise<string> }
  let numbers = 0
  const freshPhone = () => `+1415555${String(1000 + numbers++)}`

  beforeAll(async () => {
    await runAll(client(), `${postgresSchema({ schema })} CREATE TABLE ${schema}.account (phone text);`)
    made = verifierOn(postgresStore(client(), { schema, timeoutMs: 30_000 }))
  })
  afterAll(() => runAll(client(), `DROP SCHEMA ${schema} CASCADE`))

  const change = (proof: string, to: string) => async (transaction: Sql) => {
    const redeemed = await made.verifier.redeemProof({ proof, purpose, subject, transaction })
    expect(redeemed).toMatchObject({ ok: true, phone: to })
    await transaction.query(`INSERT INTO ${schema}.account VALUES ($1)`, [to])
  }
  const accounts = async (to: string) => (await client().query(`SELECT phone FROM ${schema}.account WHERE phone = $1`, [to])).rows
  const again = (proof: string) => made.verifier.redeemProof({ proof, purpose, subject })

  test('proof and update commit together', async () => {
    const to = freshPhone()
    const proof = await made.prove(to)
    await inTransaction(change(proof, to))
    expect(await accounts(to)).toEqual([{ phone: to }])
    expect(await again(proof)).toEqual({ ok: false, reason: 'already_redeemed' })
  })

  test('a rollback leaves neither: the proof is good for another try', async () => {
    const to = freshPhone()
    const proof = await made.prove(to)
    const failing = inTransaction(async (transaction) => {
      await change(proof, to)(transaction)
      throw new Error('the application failed')
    })
    await expect(failing).rejects.toThrow('the application failed')
    expect(await accounts(to)).toEqual([])
    expect(await again(proof)).toMatchObject({ ok: true })
  })

  test('what is no open transaction is an argument error', async () => {
    const proof = await made.prove(freshPhone())
    for (const transaction of [{}, null, 'BEGIN', client()]) {
      const redeem = made.verifier.redeemProof({ proof, purpose, subject, transaction })
      await expect(redeem).rejects.toMatchObject({ code: 'ERR_PV_ARGUMENT', field: 'transaction' })
    }
    expect(await again(proof)).toMatchObject({ ok: true })
  })
}

describe('on PGlite', () => {
  const database = new PGlite()
  afterAll(() => database.close())
  together(
    () => database,
    (work) => database.transaction((transaction) => work(transaction)),
  )
})

describeWith('on Postgres', 'postgres', ({ postgres: connectionString }) => {
  const pool = new Pool({ connectionString })
  afterAll(() => pool.end())
  together(
    () => pool,
    async (work) => {
      const connection = await pool.connect()
      try {
        await connection.query('BEGIN')
        await work(connection)
        await connection.query('COMMIT')
      } catch (error) {
        await connection.query('ROLLBACK')
        throw error
      } finally {
        connection.release()
      }
    },
  )
})

test('a store that cannot join says so', async () => {
  const { verifier, prove } = verifierOn(memoryStore())
  const proof = await prove(phone)
  const redeem = verifier.redeemProof({ proof, purpose, subject, transaction: {} })
  await expect(redeem).rejects.toMatchObject({ code: 'ERR_PV_ARGUMENT', message: 'transaction: needs a store that can join it' })
})
