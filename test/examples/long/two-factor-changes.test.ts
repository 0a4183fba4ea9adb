import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/two-factor/app.js'
import { addAuthenticator, newPerson, password, signIn, signInFully, verifyLogin } from '../two-factor-person.js'
import { startWorld, type World } from '../world.js'

let world: World
beforeAll(async () => {
  world = await startWorld(buildApp)
}, 60_000)
afterAll(() => world.close())

const locked = { error: 'Votre compte est temporairement verrouillé. Veuillez réessayer plus tard.' }

describe('wrong codes', () => {
  test('five lock the account, for every method and every pre-login, and the right code too', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    await world.advance(30_000)
    const { visitor } = await signIn(world, person)
    // What can be no code costs nothing.
    for (const code of ['', 'abc', '12345', '1234567']) expect((await verifyLogin(visitor, { code })).status).toBe(400)
    for (let guess = 0; guess < 3; guess += 1) expect((await verifyLogin(visitor, { code: '000000' })).status).toBe(400)
    const { visitor: other } = await signIn(world, person)
    expect((await verifyLogin(other, { code: 'AAAA-AAAA-AAAA-AAAA' })).status).toBe(400)
    expect((await verifyLogin(other, { code: '000000', session_token: 'nobody’s' })).status).toBe(400)

    for (const from of [visitor, other, (await signIn(world, person)).visitor]) {
      for (const guess of [{ code: app.code() }, { code: app.backupCodes[0] }, { code: '000000', session_token: 'nobody’s' }]) {
        const reply = await verifyLogin(from, guess)
        expect([reply.status, reply.body]).toEqual([429, locked])
        const wait = Number(reply.headers.get('retry-after'))
        expect(wait > 890 && wait <= 900).toBe(true)
      }
    }
    await world.advance(15 * 60_000)
    const { visitor: later } = await signIn(world, person)
    expect((await verifyLogin(later, { code: app.code() })).status).toBe(200)
  })

  test('lock for longer each time, until a right one', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const fail = async () => {
      const { visitor } = await signIn(world, person)
      const statuses = []
      for (let guess = 0; guess < 5; guess += 1) statuses.push((await verifyLogin(visitor, { code: '000000' })).status)
      expect(statuses).toEqual([400, 400, 400, 400, 400])
      return Number((await verifyLogin(visitor, { code: '000000' })).headers.get('retry-after'))
    }
    const near = (seconds: number, expected: number) => expect(expected - seconds).toBeLessThan(10)
    for (const expected of [900, 3_600, 86_400, 86_400]) {
      const wait = await fail()
      near(wait, expected)
      await world.advance(wait * 1_000)
    }
    await signInFully(world, person, app)
    near(await fail(), 900)
  })

  test('after a hundred in a row time alone unlocks nothing', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    await world.database.query('INSERT INTO account_factor_ledger (account_id, failures) VALUES ($1, 99)', [person.id])
    const { visitor } = await signIn(world, person)
    expect((await verifyLogin(visitor, { code: '000000' })).status).toBe(400)
    await world.advance(100 * 24 * 3_600_000)
    const { visitor: later } = await signIn(world, person)
    expect((await verifyLogin(later, { code: await app.nextCode() })).status).toBe(429)
  })
})

describe('changing factors', () => {
  test('disable takes the password, and ends factors, devices and other sessions', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signInFully(world, person, app, { remember_device: true })
    const pending = await signIn(world, person)
    expect(await visitor.post('/api/auth/2fa/disable/', { password: 'wrong' })).toMatchObject({
      ...{ status: 400, body: { password: ['Mot de passe incorrect.'] } },
    })
    const { status, body } = await visitor.post('/api/auth/2fa/disable/', { password })
    expect([status, body]).toEqual([200, { message: 'Authentification à deux facteurs désactivée avec succès.' }])
    expect((await person.visitor.get('/api/auth/profile/')).status).toBe(401)
    expect((await verifyLogin(pending.visitor, { code: await app.nextCode() })).status).toBe(401)
    expect((await visitor.get('/api/auth/devices/')).body).toEqual({ devices: [] })
    expect((await visitor.get('/api/auth/2fa/status/')).body).toMatchObject({ is_enabled: false, backup_codes_count: 0 })
    expect((await signIn(world, person)).body.requires_2fa).toBe(false)
    const again = await visitor.post('/api/auth/2fa/disable/', { password })
    expect([again.status, again.body]).toEqual([403, { error: "L'authentification à deux facteurs n'est pas activée." }])
  })

  test('new backup codes end the old ones', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { status, body } = await person.visitor.post('/api/auth/2fa/regenerate-backup-codes/', { password })
    expect([status, body.message, new Set(body.backup_codes).size]).toEqual([200, 'Codes de secours régénérés avec succès.', 10])
    const { visitor } = await signIn(world, person)
    expect((await verifyLogin(visitor, { code: app.backupCodes[0] })).status).toBe(400)
    expect((await verifyLogin(visitor, { code: body.backup_codes[0] })).status).toBe(200)
  })

  test.each(['disable', 'regenerate-backup-codes'])('%s: guesses at the password are counted', async (verb) => {
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    const guesses = Array.from({ length: 12 }, () => person.visitor.post(`/api/auth/2fa/${verb}/`, { password: 'wrong' }))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([...Array(5).fill(400), ...Array(7).fill(429)])
    expect((await person.visitor.post(`/api/auth/2fa/${verb}/`, { password })).status).toBe(429)
  })

  test.each(['disable', 'regenerate-backup-codes'])('%s takes a recent sign-in', async (verb) => {
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    await world.advance(15 * 60_000)
    const { refresh } = person
    person.visitor.bear((await person.visitor.post('/api/auth/token/refresh/', { refresh })).body.access)
    expect((await person.visitor.get('/api/auth/profile/')).status).toBe(200)
    expect((await person.visitor.post(`/api/auth/2fa/${verb}/`, { password })).status).toBe(403)
  })
})
