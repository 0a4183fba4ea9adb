import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertAccount } from '../../../examples/accounts/account.js'
import { createPasswords } from '../../../examples/accounts/password.js'
import { createSessions } from '../../../examples/accounts/sessions.js'
import { buildApp } from '../../../examples/phone-change/app.js'
import { createChangePhone, wasChangedLately } from '../../../examples/phone-change/change-phone.js'
import { createNotices } from '../../../examples/phone-change/notices.js'
import { openVerifier, redeemWithin } from '../../../examples/service/verifier.js'
import { type RedisServer, startRedis } from '../../fixtures/redis-server.js'
import { describeWith } from '../../fixtures/services.js'
import { createPeople, type People, type Person, password } from '../phone-change-people.js'
import { startWorld, type World, type WorldOptions } from '../world.js'

/** A world for the tests of a suite. */
function inWorld(options: WorldOptions) {
  const here: { world: World; people: People } = Object.create(null)
  beforeAll(async () => {
    here.world = await startWorld(buildApp, options)
    here.people = createPeople(here.world)
  }, 60_000)
  afterAll(() => here.world?.close())
  return here
}

/** What holds wherever accounts and verification live. */
function journey(here: { readonly world: World; readonly people: People }) {
  test('a change, its texts, its undo', async () => {
    const { people, world } = here
    const person = await people.newcomer()
    const phone = people.freshPhone()
    expect((await people.changeTo(person, phone)).status).toBe(200)
    expect((await people.accountOf(person)).phone).toBe(phone)
    expect(people.textsTo(phone)).toHaveLength(2)
    const undone = await people.undo(people.undoTokenTo(person.phone))
    expect(undone.status).toBe(200)
    expect((await people.accountOf(person)).phone).toBe(person.phone)
    expect((await person.visitor.get('/api/profile/')).status).toBe(401)
    expect((await world.visitor().post('/api/login/', { phone: person.phone, password })).status).toBe(401)
  })

  test('of confirmations that come at once, one changes the number', async () => {
    const { people } = here
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    const replies = await Promise.all(Array.from({ length: 6 }, () => people.confirm(person, sessionToken, code)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(400)])
    expect(await people.changesOf(person)).toHaveLength(1)
    expect(people.textsTo(person.phone)).toHaveLength(1)
  })

  test('of two challenges of one account that are confirmed at once, one changes the number', async () => {
    const { people } = here
    const person = await people.newcomer()
    const pending = [await people.pending(person, people.freshPhone()), await people.pending(person, people.freshPhone())]
    const replies = await Promise.all(pending.map(({ sessionToken, code }) => people.confirm(person, sessionToken, code)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(await people.changesOf(person)).toHaveLength(1)
  })

  test('two people do not swap their numbers', async () => {
    const { people } = here
    const [one, other] = [await people.newcomer(), await people.newcomer()]
    const swaps = [await people.pending(one, other.phone), await people.pending(other, one.phone)]
    const replies = await Promise.all([one, other].map((person, index) => people.confirm(person, ...both(swaps[index]))))
    expect(replies.map(({ status }) => status)).toEqual([409, 409])
  })
}

const both = (pending: { readonly sessionToken: string; readonly code: string } | undefined) =>
  [pending?.sessionToken ?? '', pending?.code ?? ''] as const

/** Two accounts that want the same number, each with a code of its own for it. */
async function rivals({ world, people }: { readonly world: World; readonly people: People }) {
  const phone = people.freshPhone()
  const people2: Person[] = [await people.newcomer(), await people.newcomer()]
  const pending: { readonly sessionToken: string; readonly code: string }[] = []
  for (const person of people2) {
    pending.push(await people.pending(person, phone))
    await world.advance(31_000)
  }
  return {
    phone,
    rivals: people2,
    confirmAll: () => Promise.all(people2.map((person, index) => people.confirm(person, ...both(pending[index])))),
  }
}

async function oneOfTwoGetsIt(here: { readonly world: World; readonly people: People }) {
  const { phone, rivals: both, confirmAll } = await rivals(here)
  const replies = await confirmAll()
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(replies.find(({ status }) => status === 409)?.body.data).toEqual({ reason: 'taken' })
  const phones = await Promise.all(both.map(async (person) => (await here.people.accountOf(person)).phone))
  expect(phones.filter((one) => one === phone)).toHaveLength(1)
}

describe('embedded', () => {
  const here = inWorld({})
  journey(here)
  test('of two accounts that prove the same number at once, one gets it', () => oneOfTwoGetsIt(here))
})

describeWith('with a Postgres server', 'postgres', ({ postgres }) => {
  const here = inWorld({ postgres })
  journey(here)
  test('of two accounts that prove the same number at once, one gets it', () => oneOfTwoGetsIt(here))

  test('only the lock on the account keeps two proofs from two changes', async () => {
    const { world, people } = here
    const { parts, database } = world
    const verifier = openVerifier(parts, { sms: parts.sms, appName: 'WaterBill', countries: ['CM'] })
    const changePhone = createChangePhone({ parts, verifier, sessions: createSessions(parts), notices: createNotices(parts, verifier) })
    const twoProofs = async () => {
      const person = await people.newcomer()
      const proofs: string[] = []
      for (let count = 0; count < 2; count++) {
        const { sessionToken, code } = await people.pending(person, people.freshPhone())
        const verified = await verifier.verifyCode({ sessionToken, code, purpose: 'phone_change', subject: person.id })
        if (verified.ok) proofs.push(verified.proof)
      }
      return { person, proofs }
    }
    // The control looks first and locks nothing: both look before either has written.
    const naive = await twoProofs()
    let looked = 0
    let open = () => {}
    const bothLooked = new Promise<void>((resolve) => {
      open = resolve
    })
    const careless = await Promise.all(
      naive.proofs.map((proof) =>
        database.transaction(async (transaction) => {
          const lately = await wasChangedLately(transaction, naive.person.id, parts.now())
          looked += 1
          if (looked === 2) open()
          await bothLooked
          const redeemed = await redeemWithin(verifier, parts)(transaction, { proof, purpose: 'phone_change', subject: naive.person.id })
          if (lately || !redeemed.ok) return false
          await transaction.query('UPDATE account SET phone = $2 WHERE id = $1', [naive.person.id, redeemed.phone])
          return true
        }),
      ),
    )
    expect(careless).toEqual([true, true])

    const { person, proofs } = await twoProofs()
    const sessionId = await people.sessionOf(person)
    const changed = await Promise.all(proofs.map((proof) => changePhone({ accountId: person.id, sessionId, proof, language: 'fr' })))
    expect(changed.map((outcome) => (outcome.ok ? 'ok' : outcome.reason)).sort()).toEqual(['changed_lately', 'ok'])
    await verifier.close()
  })

  test('an undo that meets a sign-up with the old number waits for it, and closes the account', async () => {
    const { world, people } = here
    const person = await people.newcomer()
    await people.changeTo(person, people.freshPhone())
    const token = people.undoTokenTo(person.phone)
    const passwordHash = await createPasswords(world.parts.passwordCost).hash(password)
    const next = {
      phone: person.phone,
      email: null,
      passwordHash,
      firstName: 'Next',
      lastName: 'Holder',
      createdAt: new Date(world.parts.now()),
    }
    const undone = await world.database.transaction(async (transaction) => {
      await insertAccount(transaction, next)
      const undoing = people.undo(token)
      // It is seen to wait for the row that is not committed yet; then this transaction commits.
      const waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'"
      await expect.poll(async () => (await world.database.query(waiting)).length, { timeout: 10_000 }).toBeGreaterThan(0)
      return { undoing }
    })
    const reply = await undone.undoing
    expect([reply.status, reply.body.data]).toEqual([409, { reason: 'taken' }])
    expect((await people.accountOf(person)).isActive).toBe(false)
  })
})

describeWith('with Redis for verification', 'redis', ({ redis }) => {
  const here = inWorld({ redis })
  journey(here)
})

describeWith('with a Redis that hangs', 'redisServer', () => {
  const patience = 60_000
  let server: RedisServer
  let world: World
  beforeAll(async () => {
    server = await startRedis()
    world = await startWorld(buildApp, { redis: server.url })
  }, patience)
  afterAll(async () => {
    await world?.close()
    await server?.stop()
  })

  test('nobody changes a number meanwhile, and the code is as good as before when it answers again', { timeout: patience }, async () => {
    const people = createPeople(world)
    const person = await people.newcomer()
    const phone = people.freshPhone()
    const { sessionToken, code } = await people.pending(person, phone)
    server.pause()
    const refused = [await people.confirm(person, sessionToken, code), await people.request(person, people.freshPhone())]
    expect(refused.map(({ status }) => status)).toEqual([503, 503])
    expect((await people.accountOf(person)).phone).toBe(person.phone)
    // Who is signed in stays so: accounts live elsewhere.
    expect((await person.visitor.get('/api/profile/')).status).toBe(200)
    server.resume()
    expect((await people.confirm(person, sessionToken, code)).status).toBe(200)
    expect((await people.accountOf(person)).phone).toBe(phone)
  })
})
