import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/two-factor/app.js'
import { describeWith } from '../../fixtures/services.js'
import { addAuthenticator, addPhone, freshPhone, newPerson, password, signIn, verifyLogin } from '../two-factor-person.js'
import type { Reply } from '../visitor.js'
import { startWorld, type World, type WorldOptions } from '../world.js'

const times = <Made>(count: number, make: (index: number) => Made) => Array.from({ length: count }, (_, index) => make(index))

/** How many of each status. */
const tally = (replies: readonly Reply[]) => {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const sessionsOf = async ({ database }: World, id: number) => {
  const [row] = await database.query<{ readonly count: number }>(
    'SELECT count(*)::int AS count FROM account_session WHERE account_id = $1 AND revoked_at IS NULL',
    [id],
  )
  return row!.count
}

function races(options: WorldOptions) {
  let world: World
  beforeAll(async () => {
    world = await startWorld(buildApp, options)
  }, 60_000)
  afterAll(() => world.close())

  test('twenty with one code and one pre-login: one session', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signIn(world, person)
    const code = await app.nextCode()
    const before = await sessionsOf(world, person.id)
    const replies = await Promise.all(times(20, () => verifyLogin(visitor, { code })))
    expect(tally(replies)[200]).toBe(1)
    expect(replies.filter(({ body }) => body.tokens)).toHaveLength(1)
    expect(await sessionsOf(world, person.id)).toBe(before + 1)
  })

  test('twenty with one code and as many pre-logins: one session', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const visitors = await Promise.all(times(20, async () => (await signIn(world, person)).visitor))
    const code = await app.nextCode()
    const before = await sessionsOf(world, person.id)
    const replies = await Promise.all(visitors.map((visitor) => verifyLogin(visitor, { code })))
    expect(tally(replies)[200]).toBe(1)
    expect(await sessionsOf(world, person.id)).toBe(before + 1)
  })

  test('control: reading the step, comparing and writing it down lets several in', async () => {
    const { database } = world
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    const naive = async (step: number) => {
      const [row] = await database.query<{ readonly last: string }>(
        'SELECT last_step AS last FROM account_authenticator WHERE account_id = $1',
        [person.id],
      )
      if (Number(row!.last) >= step) return false
      await database.query('UPDATE account_authenticator SET last_step = $2 WHERE account_id = $1', [person.id, step])
      return true
    }
    const winners = (await Promise.all(times(20, () => naive(Number.MAX_SAFE_INTEGER)))).filter(Boolean)
    expect(winners.length).toBeGreaterThan(1)
  })

  test('one pre-login and four right factors at once: one session', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signIn(world, person)
    const codes = [await app.nextCode(), ...app.backupCodes.slice(0, 3)]
    const before = await sessionsOf(world, person.id)
    const replies = await Promise.all(codes.map((code) => verifyLogin(visitor, { code })))
    expect(tally(replies)).toEqual({ 200: 1, 401: 3 })
    expect(await sessionsOf(world, person.id)).toBe(before + 1)
  })

  test('one backup code twice at once: one session', async () => {
    const person = await newPerson(world)
    const { backupCodes } = await addAuthenticator(world, person)
    const visitors = await Promise.all(times(2, async () => (await signIn(world, person)).visitor))
    const replies = await Promise.all(visitors.map((visitor) => verifyLogin(visitor, { code: backupCodes[0] })))
    expect(tally(replies)).toEqual({ 200: 1, 400: 1 })
  })

  test('of two hundred wrong codes at once five are compared', { timeout: 90_000 }, async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor, body } = await signIn(world, person)
    const right = await app.nextCode()
    const wrong = times(200, (index) => String((Number(right) + 500_000 + index) % 1_000_000).padStart(6, '0'))
    const authorization = `Bearer ${body.pre_login_token}`
    // Each from an address of its own: what stops them is the count of the account.
    const guess = (code: string) => world.visitor({ authorization }).post('/api/auth/2fa/verify-login/', { code })
    expect(tally(await Promise.all(wrong.map(guess)))).toEqual({ 400: 5, 429: 195 })
    expect((await verifyLogin(visitor, { code: right })).status).toBe(429)
  })

  test('control: reading the count, comparing and counting then compares more', async () => {
    const { database } = world
    const person = await newPerson(world)
    await database.query('INSERT INTO account_factor_ledger (account_id, failures) VALUES ($1, 0)', [person.id])
    const naive = async () => {
      const [row] = await database.query<{ readonly failures: number }>(
        'SELECT failures FROM account_factor_ledger WHERE account_id = $1',
        [person.id],
      )
      if (row!.failures >= 5) return false
      await database.query('UPDATE account_factor_ledger SET failures = $2 WHERE account_id = $1', [person.id, row!.failures + 1])
      return true
    }
    expect((await Promise.all(times(50, naive))).filter(Boolean).length).toBeGreaterThan(5)
  })

  test('of two accounts that prove one number at once, one has it', async () => {
    const phone = freshPhone()
    const people = await Promise.all(times(2, () => newPerson(world)))
    const tries: object[] = []
    for (const { visitor } of people) {
      const { body } = await visitor.post('/api/auth/2fa/sms/setup/', { phone })
      tries.push({ code: world.carrier.lastCode(phone), session_token: body.session_token })
      await world.advance(91_000)
    }
    const replies = await Promise.all(people.map(({ visitor }, index) => visitor.post('/api/auth/2fa/sms/verify-setup/', tries[index])))
    expect(tally(replies)).toEqual({ 200: 1, 409: 1 })
    expect(await world.database.query('SELECT 1 FROM account WHERE phone = $1', [phone])).toHaveLength(1)
  })

  test('one code by text, ten times at once: one session', async () => {
    const person = await newPerson(world)
    const phone = await addPhone(world, person)
    await world.advance(31_000)
    const { visitor } = await signIn(world, person)
    const { body } = await visitor.post('/api/auth/2fa/sms/send/')
    const guess = { code: world.carrier.lastCode(phone), session_token: body.session_token }
    expect(tally(await Promise.all(times(10, () => verifyLogin(visitor, guess))))[200]).toBe(1)
  })

  test('a factor that was ended and set up anew: the old backup codes are none', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    await person.visitor.post('/api/auth/2fa/disable/', { password })
    const again = await addAuthenticator(world, person)
    expect(again.secret).not.toBe(app.secret)
    await world.advance(30_000)
    const { visitor } = await signIn(world, person)
    expect((await verifyLogin(visitor, { code: app.backupCodes[0] })).status).toBe(400)
    expect((await verifyLogin(visitor, { code: again.backupCodes[0] })).status).toBe(200)
  })

  test('one address signs up ten times at once: one account', async () => {
    const names = { first_name: 'Ada', last_name: 'Byron' }
    const body = { email: 'once@example.com', password, confirm_password: password, ...names }
    const replies = await Promise.all(times(10, () => world.visitor().post('/api/auth/signup/', body)))
    expect(tally(replies)).toEqual({ 201: 1, 400: 9 })
    for (const reply of replies.filter(({ status }) => status === 400)) {
      expect(reply.body).toEqual({ email: ['Un utilisateur avec cet email existe déjà.'] })
    }
  })
}

describe('embedded', () => races({}))

describeWith('on a Postgres server', 'postgres', ({ postgres }) => races({ postgres }))
