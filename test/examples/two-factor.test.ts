import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../examples/two-factor/app.js'
import { createSearch } from '../fixtures/canary.js'
import { addAuthenticator, addPhone, freshPhone, newPerson, password, signIn, signInFully, verifyLogin } from './two-factor-person.js'
import { startWorld, type World } from './world.js'

let world: World
beforeAll(async () => {
  world = await startWorld(buildApp)
}, 60_000)
afterAll(() => world.close())

const tokenNotValid = (type: 'access' | 'refresh') => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: type === 'access' ? 'AccessToken' : 'RefreshToken', token_type: type, message: 'Token is invalid or expired' }],
})

const valid = { password, confirm_password: password, first_name: 'John', last_name: 'Doe' }

describe('signing up', () => {
  test('answers with the account and its tokens', async () => {
    const visitor = world.visitor()
    const phone = freshPhone()
    const { status, body } = await visitor.post('/api/auth/signup/', {
      ...{ ...valid, email: 'John.Doe@Example.com', phone, language: 'en', timezone: 'America/New_York' },
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      message: 'Compte créé avec succès. Bienvenue !',
      user: {
        ...{ id: expect.any(Number), email: 'john.doe@example.com', first_name: 'John', last_name: 'Doe' },
        ...{ phone, avatar: null, is_verified: false, unverified_phone: phone, two_factor_enabled: false },
        ...{ language: 'en', timezone: 'America/New_York', email_notifications: true },
        ...{ created_at: expect.stringMatching(/^\d{4}-.*Z$/), last_activity: null },
      },
      tokens: { access: expect.any(String), refresh: expect.any(String) },
    })
    visitor.bear(body.tokens.access)
    expect((await visitor.get('/api/auth/profile/')).body).toEqual(body.user)
    expect(world.carrier.sms.some(({ to }) => to === phone)).toBe(false)
  })

  test('says everything that is wrong at once', async () => {
    const { email } = await newPerson(world)
    const { status, body } = await world
      .visitor()
      .post('/api/auth/signup/', { ...valid, email: email.toUpperCase(), password: 'court', confirm_password: 'autre' })
    expect(status).toBe(400)
    expect(body).toEqual({
      email: ['Un utilisateur avec cet email existe déjà.'],
      password: ['Ce mot de passe est trop court : il faut au moins 8 caractères.'],
      confirm_password: ['Les mots de passe ne correspondent pas.'],
    })
  })

  test.each([
    ['email', 'nobody'],
    ['first_name', ' '],
    ['phone', '+1234567890'],
    ['language', 'tlh'],
    ['timezone', 'Europe/Nowhere'],
  ])('a wrong %s is named', async (field, value) => {
    const { status, body } = await world.visitor().post('/api/auth/signup/', { ...valid, email: 'x@example.com', [field]: value })
    expect([status, Object.keys(body)]).toEqual([400, [field]])
  })

  test('speaks the language that is asked for', async () => {
    const visitor = world.visitor({ 'accept-language': 'en' })
    const { body } = await visitor.post('/api/auth/signup/', { ...valid, email: 'english@example.com' })
    expect([body.message, body.user.language]).toEqual(['Account created. Welcome!', 'en'])
  })
})

describe('signing in and out', () => {
  test('without a second factor takes one step', async () => {
    const person = await newPerson(world)
    const { visitor, body } = await signIn(world, person)
    expect(body).toEqual({
      message: 'Connexion réussie.',
      user: { id: person.id, email: person.email, first_name: 'Ada', last_name: 'Byron', two_factor_enabled: false },
      tokens: { access: expect.any(String), refresh: expect.any(String) },
      requires_2fa: false,
    })
    expect((await visitor.get('/api/auth/profile/')).body.last_activity).not.toBeNull()
  })

  test('a wrong password and an unknown address are told apart by nothing', async () => {
    const { email } = await newPerson(world)
    const replies = await Promise.all(
      [email, 'nobody@example.com'].map((address) =>
        world.visitor().post('/api/auth/signin/', { email: address, password: 'wrong' }, { headers: { 'x-forwarded-for': '10.9.9.9' } }),
      ),
    )
    const [known, unknown] = replies.map(({ status, text, headers }) => [status, text, [...headers.keys()]])
    expect(known).toEqual(unknown)
    expect(replies[0]?.body).toEqual({ error: 'Adresse e-mail ou mot de passe incorrect.' })
  })

  test('a refresh token gives new ones, once; a second time ends the session', async () => {
    const { visitor, refresh } = await newPerson(world)
    const renewed = await visitor.post('/api/auth/token/refresh/', { refresh })
    expect([renewed.status, Object.keys(renewed.body)]).toEqual([200, ['access', 'refresh']])
    visitor.bear(renewed.body.access)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(200)
    const again = await visitor.post('/api/auth/token/refresh/', { refresh })
    expect([again.status, again.body]).toEqual([401, tokenNotValid('refresh')])
    expect((await visitor.get('/api/auth/profile/')).status).toBe(401)
  })

  test('signing out ends the session', async () => {
    const { visitor, refresh } = await newPerson(world)
    const out = await visitor.post('/api/auth/logout/', { refresh_token: refresh })
    expect([out.status, out.body]).toEqual([200, { message: 'Déconnexion réussie.' }])
    const profile = await visitor.get('/api/auth/profile/')
    expect([profile.status, profile.body]).toEqual([401, tokenNotValid('access')])
    expect((await visitor.post('/api/auth/logout/', { refresh_token: refresh })).status).toBe(401)
  })

  test('an access token lasts fifteen minutes', async () => {
    const { visitor } = await newPerson(world)
    await world.advance(15 * 60_000 + 1_000)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(401)
  })

  test('guesses at a password are counted, by address and by account', async () => {
    const { email } = await newPerson(world)
    const guess = (visitor = world.visitor()) => visitor.post('/api/auth/signin/', { email, password: 'wrong' })
    const one = world.visitor()
    const byAddress = await Promise.all(Array.from({ length: 20 }, () => guess(one)))
    expect(byAddress.filter(({ status }) => status === 401)).toHaveLength(15)
    const byAccount = await Promise.all(Array.from({ length: 20 }, () => guess()))
    expect(byAccount.filter(({ status }) => status === 401)).toHaveLength(15)
    const refused = byAccount.find(({ status }) => status === 429)
    expect([Object.keys(refused?.body), Number(refused?.headers.get('retry-after')) > 0]).toEqual([['error'], true])
  })
})

describe('the profile', () => {
  test('changes what is said and leaves the rest', async () => {
    const { visitor } = await newPerson(world)
    const before = (await visitor.get('/api/auth/profile/')).body
    const phone = freshPhone()
    const changes = {
      first_name: 'Jane',
      last_name: 'Smith',
      phone,
      language: 'en',
      timezone: 'America/New_York',
      email_notifications: false,
    }
    const { status, body } = await visitor.put('/api/auth/profile/update/', changes)
    expect([status, body.message]).toEqual([200, 'Profil mis à jour avec succès.'])
    expect(body.user).toEqual({ ...before, ...changes, unverified_phone: phone })
    const { body: again } = await visitor.put('/api/auth/profile/update/', { email_notifications: true })
    expect(again.user).toEqual({ ...body.user, email_notifications: true })
  })

  test('no word about what is decided elsewhere is heard', async () => {
    const { visitor } = await newPerson(world)
    const before = (await visitor.get('/api/auth/profile/')).body
    const said = { is_verified: true, two_factor_enabled: true, email: 'other@example.com', id: 1, is_staff: true, isStaff: true }
    expect((await visitor.put('/api/auth/profile/update/', said)).body.user).toEqual(before)
  })
})

describe('what a visitor may send', () => {
  const endpoints = [
    ['POST', 'signup/', ['email', 'password', 'confirm_password', 'first_name', 'last_name', 'phone', 'language', 'timezone']],
    ['POST', 'signin/', ['email', 'password', 'second_factor']],
    ['POST', 'token/refresh/', ['refresh']],
    ['POST', 'logout/', ['refresh_token']],
    ['PUT', 'profile/update/', ['first_name', 'phone', 'timezone', 'email_notifications']],
    ['POST', '2fa/verify-setup/', ['code']],
    ['POST', '2fa/sms/setup/', ['phone']],
    ['POST', '2fa/sms/verify-setup/', ['code', 'session_token']],
    ['POST', '2fa/sms/resend/', ['session_token']],
    ['POST', '2fa/verify-login/', ['code', 'session_token', 'remember_device']],
  ] as const
  const garbage = [
    null,
    0,
    -1,
    1e300,
    true,
    [],
    [[]],
    {},
    { $ne: null },
    '\0',
    '💥',
    '\ud800',
    "'; DROP TABLE account; --",
    'x'.repeat(9_000),
  ]

  test.each(endpoints)('%s %s takes garbage in every field without breaking', { timeout: 60_000 }, async (method, path, fields) => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { body: signedIn } = await signIn(world, person)
    const authorization = `Bearer ${path === '2fa/verify-login/' ? signedIn.pre_login_token : (await signInFully(world, person, app)).reply.body.tokens.access}`
    const good: Readonly<Record<string, unknown>> = { ...valid, email: 'good@example.com', code: '000000', session_token: 'any' }
    for (const field of fields) {
      for (const value of garbage) {
        const body = { ...good, [field]: value }
        const { status, text } = await world.visitor({ authorization }).request(method, `/api/auth/${path}`, body)
        expect([path, field, value, status < 500]).toEqual([path, field, value, true])
        expect(text).not.toMatch(/stack|SELECT|node_modules/)
      }
    }
    for (const raw of ['', '{', 'null', '[]', '"x"', '1', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, 'x'.repeat(20_000)]) {
      const { status, body } = await world.visitor({ authorization }).request(method, `/api/auth/${path}`, undefined, {
        ...{ raw, headers: { 'content-type': 'application/json' } },
      })
      expect([path, raw.slice(0, 20), status < 500, typeof body]).toEqual([path, raw.slice(0, 20), true, 'object'])
    }
    expect(world.logged.filter((line) => line.includes('"failed"'))).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['a scheme alone', 'Bearer '],
    ['what is no JWT', 'Bearer a.b.c'],
    ['another scheme', 'Basic eDp4'],
    ['a long text', `Bearer ${'x'.repeat(5_000)}`],
  ])('%s is nobody’s token', async (_, value) => {
    const visitor = world.visitor({ authorization: value })
    const { status, body, headers } = await visitor.get('/api/auth/profile/')
    expect([status, body, headers.get('www-authenticate')]).toEqual([401, tokenNotValid('access'), 'Bearer'])
  })
})

test('no line that is logged holds a number, a code, a token or a password', async () => {
  const person = await newPerson(world)
  const app = await addAuthenticator(world, person)
  const phone = await addPhone(world, person)
  const { reply, visitor } = await signInFully(world, person, app, { remember_device: true })
  const first = await signIn(world, person)
  const sent = await first.visitor.post('/api/auth/2fa/sms/send/')
  expect(sent.status).toBe(200)
  await verifyLogin(first.visitor, { code: '000000' })
  const secrets = {
    ...{ phone: [phone], password: [password], email: [person.email], secret: [app.secret], backup: app.backupCodes },
    device: [visitor.cookies.get('device') ?? ''],
    token: [reply.body.tokens.access, reply.body.tokens.refresh, first.body.pre_login_token, sent.body.session_token],
  }
  const search = createSearch(secrets)
  const lines = world.logged.join('\n')
  expect(lines.length).toBeGreaterThan(1_000)
  expect(search(lines)).toEqual([])
  const codes = [app.code(), world.carrier.lastCode(phone)].map((code) => new RegExp(`(?<!\\w)${code}(?!\\w)`))
  for (const code of codes) expect(lines).not.toMatch(code)
  // Control: it finds what is there.
  expect(search(`${lines} ${phone}`)).toEqual(['phone'])
  expect(`${lines} ${app.code()}`).toMatch(codes[0]!)
})

test('the document is valid and lists every route', async () => {
  const { body } = await world.visitor().get('/openapi.json')
  await expect(SwaggerParser.validate(structuredClone(body))).resolves.toBeDefined()
  const listed = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/auth', '')}`),
  )
  expect(listed.toSorted()).toEqual([
    ...['DELETE /devices/', 'DELETE /devices/{id}/', 'GET /2fa/status/', 'GET /devices/', 'GET /profile/'],
    ...['POST /2fa/disable/', 'POST /2fa/regenerate-backup-codes/', 'POST /2fa/setup/'],
    ...['POST /2fa/sms/resend/', 'POST /2fa/sms/send/', 'POST /2fa/sms/setup/', 'POST /2fa/sms/verify-setup/'],
    ...['POST /2fa/verify-login/', 'POST /2fa/verify-setup/', 'POST /logout/', 'POST /signin/', 'POST /signup/', 'POST /token/refresh/'],
    'PUT /profile/update/',
  ])
})
