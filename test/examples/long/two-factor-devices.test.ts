import { parseSetCookie } from 'cookie'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setPasswordHash } from '../../../examples/accounts/account.js'
import { createPasswords } from '../../../examples/accounts/password.js'
import { buildApp } from '../../../examples/two-factor/app.js'
import { addAuthenticator, newPerson, password, signIn, signInFully, verifyLogin } from '../two-factor-person.js'
import { startWorld, type World } from '../world.js'

let world: World
beforeAll(async () => {
  world = await startWorld(buildApp)
}, 60_000)
afterAll(() => world.close())

const day = 24 * 3_600_000

/** Somebody on a device that is remembered. */
async function remembered(headers: Readonly<Record<string, string>> = {}) {
  const person = await newPerson(world)
  const app = await addAuthenticator(world, person)
  const { visitor, reply } = await signInFully(world, person, app, { remember_device: true }, world.visitor(headers))
  return { person, app, visitor, reply, cookie: visitor.cookies.get('device') ?? '' }
}

/** Whether a sign-in from this place asks for the second factor. */
const asks = async (person: { readonly email: string }, visitor = world.visitor()) =>
  (await signIn(world, person, visitor)).body.requires_2fa as boolean

describe('a remembered device', () => {
  test('signs in without the second factor, and only it', async () => {
    const { person, visitor, reply } = await remembered()
    const [line = ''] = reply.headers.getSetCookie()
    expect(parseSetCookie(line)).toMatchObject({ name: 'device', httpOnly: true, sameSite: 'strict', path: '/', maxAge: 30 * 86_400 })
    expect(await asks(person, visitor)).toBe(false)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(200)
    expect(await asks(person)).toBe(true)
  })

  test('is no key without the password', async () => {
    const { person, visitor } = await remembered()
    const { status } = await visitor.post('/api/auth/signin/', { email: person.email, password: 'wrong' })
    expect(status).toBe(401)
  })

  test('is none where nobody asked', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    for (const fields of [{}, { remember_device: false }]) {
      const { reply } = await signInFully(world, person, app, fields)
      expect(reply.headers.getSetCookie()).toEqual([])
    }
  })

  test('does nothing for another account', async () => {
    const { person: ann, visitor: anns, cookie } = await remembered()
    const bob = await newPerson(world)
    await addAuthenticator(world, bob)
    expect(await asks(bob, anns)).toBe(true)
    // Not even where everything but the account is the same.
    const [{ hash } = { hash: '' }] = await world.database.query<{ readonly hash: string }>(
      'SELECT password_hash AS hash FROM account WHERE id = $1',
      [ann.id],
    )
    await setPasswordHash(world.database, String(bob.id), hash)
    expect([await asks(bob, anns), await asks(ann, anns)]).toEqual([true, false])
    // Nor does its token in another's place of the database, for it is kept as a hash.
    expect(JSON.stringify(await world.database.query('SELECT * FROM two_factor_device'))).not.toContain(cookie)
    expect(cookie).toMatch(/^[\w-]{43}$/)
  })

  test('is a stranger after thirty days', async () => {
    const { person, visitor } = await remembered()
    await world.advance(30 * day - 60_000)
    expect(await asks(person, visitor)).toBe(false)
    await world.advance(60_000)
    expect(await asks(person, visitor)).toBe(true)
  })

  test('is a stranger once the password is another, whoever changed it', async () => {
    const { person, visitor } = await remembered()
    await setPasswordHash(world.database, String(person.id), await createPasswords(10).hash(password))
    expect(await asks(person, visitor)).toBe(true)
  })

  test('is a stranger once the backup codes are new', async () => {
    const { person, visitor } = await remembered()
    await visitor.post('/api/auth/2fa/regenerate-backup-codes/', { password })
    expect(await asks(person, visitor)).toBe(true)
  })

  test('is a stranger once the factors were ended, also when there are new ones', async () => {
    const { person, visitor } = await remembered()
    await visitor.post('/api/auth/2fa/disable/', { password })
    await addAuthenticator(world, { visitor })
    expect(await asks(person, visitor)).toBe(true)
  })

  test('cannot be made up', async () => {
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    for (const value of ['', 'a', '%00', "' OR 1=1 --", 'x'.repeat(3_000)]) {
      const visitor = world.visitor()
      visitor.cookies.set('device', value)
      expect(await asks(person, visitor)).toBe(true)
    }
  })

  test('is still let in while wrong codes lock the account', async () => {
    const { person, visitor } = await remembered()
    const { visitor: attacker } = await signIn(world, person)
    for (let guess = 0; guess < 6; guess += 1) await verifyLogin(attacker, { code: '000000' })
    expect(await asks(person, visitor)).toBe(false)
  })
})

describe('the list of devices', () => {
  test('names them, and tells which one asks', async () => {
    const { person, app, visitor } = await remembered({ 'user-agent': 'the laptop' })
    const { visitor: phone } = await signInFully(
      world,
      person,
      app,
      { remember_device: true },
      world.visitor({ 'user-agent': 'the phone' }),
    )
    const { status, body } = await phone.get('/api/auth/devices/')
    expect(status).toBe(200)
    const times = { created_at: expect.any(String), last_used: expect.any(String), expires_at: expect.any(String) }
    expect(body.devices).toEqual([
      { id: expect.any(String), name: 'the phone', ...times, is_current: true },
      { id: expect.any(String), name: 'the laptop', ...times, is_current: false },
    ])
    // The phone's owner forgets the laptop, and the laptop asks again.
    expect((await phone.delete(`/api/auth/devices/${body.devices[1].id}/`)).status).toBe(200)
    expect((await phone.delete(`/api/auth/devices/${body.devices[1].id}/`)).status).toBe(404)
    expect([await asks(person, visitor), await asks(person, phone)]).toEqual([true, false])
    expect((await phone.delete('/api/auth/devices/')).status).toBe(200)
    expect((await phone.get('/api/auth/devices/')).body).toEqual({ devices: [] })
    expect(await asks(person, phone)).toBe(true)
  })

  test('is its owner’s alone', async () => {
    const { visitor: anns, person } = await remembered()
    const [{ id }] = (await anns.get('/api/auth/devices/')).body.devices
    const { visitor: bobs } = await remembered()
    expect((await bobs.get('/api/auth/devices/')).body.devices).toHaveLength(1)
    for (const other of [id, 'x', '%00', `${id}'`, '0']) {
      const { status } = await bobs.delete(`/api/auth/devices/${other}/`)
      expect([400, 404]).toContain(status)
    }
    await bobs.delete('/api/auth/devices/')
    expect(await asks(person, anns)).toBe(false)
  })

  test('a device that is remembered twice is one', async () => {
    const { person, app, visitor } = await remembered()
    await signIn(world, person, visitor, { second_factor: true })
    const { body } = await verifyLogin(visitor, { code: await app.nextCode(), remember_device: true })
    visitor.bear(body.tokens.access)
    expect((await visitor.get('/api/auth/devices/')).body.devices).toHaveLength(1)
  })
})

describe('another site’s page', () => {
  test.each([{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }])(
    'with %j posts nothing, cookie or not',
    async (headers) => {
      const { person, visitor } = await remembered()
      visitor.bear(undefined)
      const signin = await visitor.post('/api/auth/signin/', { email: person.email, password }, { headers })
      expect([signin.status, Object.keys(signin.body)]).toEqual([403, ['error']])
      for (const [method, path] of [
        ['DELETE', 'devices/'],
        ['POST', '2fa/verify-login/'],
        ['POST', '2fa/disable/'],
        ['PUT', 'profile/update/'],
      ] as const) {
        expect((await visitor.request(method, `/api/auth/${path}`, {}, { headers })).status).toBe(403)
      }
      // Control: its own page may.
      const own = { headers: { 'sec-fetch-site': 'same-origin', origin: world.url } }
      expect((await visitor.post('/api/auth/signin/', { email: person.email, password }, own)).body.requires_2fa).toBe(false)
    },
  )
})

test('over TLS the cookie is for this host alone, and never sent without TLS', async () => {
  const secure = await startWorld((parts) => buildApp({ ...parts, publicUrl: new URL('https://accounts.example') }))
  try {
    const person = await newPerson(secure)
    const app = await addAuthenticator(secure, person)
    const { reply, visitor } = await signInFully(secure, person, app, { remember_device: true })
    const [line = ''] = reply.headers.getSetCookie()
    expect(parseSetCookie(line)).toMatchObject({ name: '__Host-device', httpOnly: true, secure: true, sameSite: 'strict', path: '/' })
    expect(parseSetCookie(line).domain).toBeUndefined()
    expect((await signIn(secure, person, visitor)).body.requires_2fa).toBe(false)
  } finally {
    await secure.close()
  }
}, 60_000)
