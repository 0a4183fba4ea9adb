import SwaggerParser from '@apidevtools/swagger-parser'
import { decodeJwt } from 'jose'
import { countSegments } from 'phone-verify/sms/segments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../examples/registration/app.js'
import { createPeople, form, freshPhone, password } from './registration-people.js'
import { startWorld, type World } from './world.js'

let world: World
let people: ReturnType<typeof createPeople>

beforeAll(async () => {
  world = await startWorld(buildApp)
  people = createPeople(world)
}, 120_000)
afterAll(() => world?.close())

describe('from a form to a profile', () => {
  test('registers, activates, signs in and reads the profile, in the words of the reference', async () => {
    const visitor = world.visitor()
    const phone = freshPhone()
    const registered = await people.register(visitor, phone)
    expect(registered.status).toBe(201)
    expect(registered.body).toEqual({
      status: 'success',
      message: "Compte créé avec succès. Un code d'activation a été envoyé par SMS.",
      data: {
        registration_id: expect.stringMatching(/^[\da-f-]{36}$/),
        session_token: expect.any(String),
        expires_at: expect.stringMatching(/Z$/),
        resend_at: expect.stringMatching(/Z$/),
      },
    })
    const sms = world.carrier.sms.findLast(({ to }) => to === phone)
    const code = people.codeOf(phone)
    expect(sms?.text).toBe(`Votre code d'activation WaterBill est: ${code}. Ce code expire dans 10 minutes. Ne partagez pas ce code.`)

    expect(countSegments(sms?.text ?? '').segments).toBe(1)

    expect(await visitor.post('/api/login/', { phone, password })).toMatchObject({ status: 401 })
    const activated = await visitor.post('/api/activate/', people.activation(phone, registered))
    const user = {
      ...{ id: expect.any(Number), phone, first_name: 'John', last_name: 'Doe', full_name: 'John Doe', email: 'john@example.com' },
      ...{ address: '123 Main St, Port Moresby', apartment_name: 'A1', date_joined: expect.stringMatching(/^\d{4}-.*Z$/), is_active: true },
    }
    expect(activated.status).toBe(200)
    expect(activated.body).toEqual({
      status: 'success',
      message: 'Compte activé avec succès. Vous pouvez maintenant vous connecter.',
      data: { user },
    })

    const signedIn = await visitor.post('/api/login/', { phone: phone.slice(4), password })
    expect(signedIn.status).toBe(200)
    expect(signedIn.body).toEqual({
      status: 'success',
      message: 'Connexion réussie.',
      data: { user, tokens: { access: expect.any(String), refresh: expect.any(String) } },
    })
    const claims = decodeJwt(signedIn.body.data.tokens.access)
    expect(claims).toMatchObject({
      user_id: activated.body.data.user.id,
      phone,
      first_name: 'John',
      last_name: 'Doe',
      full_name: 'John Doe',
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900)

    visitor.bear(signedIn.body.data.tokens.access)
    const profile = await visitor.get('/api/profile/')
    expect(profile.status).toBe(200)
    expect(profile.body).toEqual({ status: 'success', message: 'Profil récupéré avec succès.', data: { user } })
  })

  test('speaks English where it is asked to, in replies and in texts', async () => {
    const visitor = world.visitor({ 'accept-language': 'en-GB,en;q=0.9' })
    const phone = freshPhone()
    const registered = await people.register(visitor, phone)
    expect(registered.body.message).toBe('Account created. An activation code was sent by text message.')
    expect(world.carrier.sms.findLast(({ to }) => to === phone)?.text).toMatch(
      /^Your WaterBill activation code is: \d{6}\. It expires in 10 minutes/,
    )
    expect((await visitor.post('/api/activate/', people.activation(phone, registered))).body.message).toBe(
      'Account activated. You can sign in now.',
    )
    const missing = await visitor.post('/api/register/', {})
    expect(missing.body.data.phone).toEqual(['The phone number is required.'])
  })

  test('is below /api/auth/ as well, and counts there with the same throttles', async () => {
    const visitor = world.visitor()
    const phone = freshPhone()
    await people.allow(phone)
    const registered = await visitor.post('/api/auth/register/', form(phone))
    expect(registered.status).toBe(201)
    const again = await visitor.post('/api/register/', {})
    expect(Number(again.headers.get('x-ratelimit-remaining'))).toBe(Number(registered.headers.get('x-ratelimit-remaining')) - 1)
    expect((await visitor.post('/api/auth/activate/', people.activation(phone, registered))).status).toBe(200)
    expect((await visitor.post('/api/auth/login/', { phone, password })).status).toBe(200)
  })
})

describe('a number', () => {
  const accepted = [
    ['675799743', '+237675799743'],
    ['675 799 743', '+237675799743'],
    ['675-799-743', '+237675799743'],
    ['(675) 799-743', '+237675799743'],
    ['237670000001', '+237670000001'],
    ['+237658552294', '+237658552294'],
    ['+33 6 12 34 56 78', '+33612345678'],
    ['+1 415 555 2671', '+14155552671'],
  ] as const
  test.each(accepted)('typed as %s is %s', async (typed, phone) => {
    const admin = await people.admin()
    const added = await admin.visitor.post('/api/auth/admin/whitelist/add/', { phone: typed })
    expect(added.body.data.whitelist_item.phone).toBe(phone)
  })

  const refused = [
    ['', 'Le numéro de téléphone est obligatoire.'],
    ['   ', 'Le numéro de téléphone est obligatoire.'],
    [undefined, 'Le numéro de téléphone est obligatoire.'],
    ['12345678', 'Le numéro de téléphone doit contenir entre 9 et 15 chiffres.'],
    ['1234567890123456', 'Le numéro de téléphone doit contenir entre 9 et 15 chiffres.'],
    ['999999999', 'Le numéro de téléphone est invalide.'],
    ['+447400123456', 'Les numéros de ce pays ne sont pas acceptés.'],
    ['222123456', 'Il faut un numéro de téléphone mobile.'],
  ] as const
  test.each(refused)('typed as %s: %s', async (typed, sentence) => {
    const reply = await world.visitor().post('/api/register/', { ...form(''), phone: typed })
    expect([reply.status, reply.body.status, reply.body.data]).toEqual([400, 'error', { phone: [sentence] }])
  })
})

describe('a form', () => {
  const wrong = [
    [{ first_name: '' }, { first_name: ['Ce champ est obligatoire.'] }],
    [{ last_name: undefined }, { last_name: ['Ce champ est obligatoire.'] }],
    [{ first_name: 'x'.repeat(151) }, { first_name: ['150 caractères au plus.'] }],
    [{ last_name: 'a\u0000b' }, { last_name: ['Ce texte contient des caractères interdits.'] }],
    [{ apartment_name: 'A123' }, { apartment_name: ['3 caractères au plus.'] }],
    [{ address: 'x'.repeat(501) }, { address: ['500 caractères au plus.'] }],
    [{ email: 'john@' }, { email: ['Saisissez une adresse e-mail valide.'] }],
    [{ password_confirm: 'other' }, { password_confirm: ['Les mots de passe ne correspondent pas.'] }],
    [{ password: 'short', password_confirm: 'short' }, { password: ['Ce mot de passe est trop court : il faut au moins 8 caractères.'] }],
    [{ password: '83920174', password_confirm: '83920174' }, { password: ['Ce mot de passe ne contient que des chiffres.'] }],
    [{ password: 'motdepasse', password_confirm: 'motdepasse' }, { password: ['Ce mot de passe est trop courant.'] }],
    [
      { password: 'johnny-be-good', password_confirm: 'johnny-be-good' },
      { password: ['Ce mot de passe ressemble trop à vos informations personnelles.'] },
    ],
  ] as const
  test.each(wrong)('with %j is answered %j', async (said, fields) => {
    const reply = await world.visitor().post('/api/register/', form(freshPhone(), said))
    expect([reply.status, reply.body]).toEqual([400, { status: 'error', message: 'Certains champs sont invalides.', data: fields }])
  })

  test('of what is needed alone registers, and 150 letters are a name', async () => {
    const phone = freshPhone()
    const said = { first_name: 'x'.repeat(150), email: '', address: null, apartment_name: undefined }
    const { activated } = await people.member(phone, said)
    expect(activated.body.data.user).toMatchObject({ first_name: 'x'.repeat(150), email: null, address: null, apartment_name: null })
  })
})

describe('the profile', () => {
  test('is changed in part by PATCH and as a whole by PUT', async () => {
    const { visitor, phone } = await people.member()
    const patched = await visitor.request('PATCH', '/api/profile/', { first_name: 'Jeanne', address: '' })
    expect([patched.status, patched.body.message]).toEqual([200, 'Profil mis à jour avec succès.'])
    expect(patched.body.data.user).toMatchObject({
      full_name: 'Jeanne Doe',
      email: 'john@example.com',
      address: null,
      apartment_name: 'A1',
    })
    const put = await visitor.put('/api/profile/', { first_name: 'Ada', last_name: 'Lovelace', apartment_name: 'B2' })
    expect(put.body.data.user).toMatchObject({ full_name: 'Ada Lovelace', email: null, address: null, apartment_name: 'B2', phone })
    expect((await visitor.get('/api/profile/')).body.data.user).toEqual(put.body.data.user)
    const half = await visitor.put('/api/profile/', { first_name: 'Ada' })
    expect([half.status, half.body.data]).toEqual([400, { last_name: ['Ce champ est obligatoire.'] }])
  })

  test('does not change the phone, nor what nobody may say of themselves', async () => {
    const { visitor, phone } = await people.member()
    const said = { phone: freshPhone(), is_staff: true, is_active: false, id: 999_999, date_joined: '2000-01-01T00:00:00Z' }
    const { body } = await visitor.request('PATCH', '/api/profile/', said)
    expect(body.data.user).toMatchObject({ phone, is_active: true })
    expect(body.data.user.id).not.toBe(999_999)
    const [row] = await world.database.query<{ is_staff: boolean }>('SELECT is_staff FROM account WHERE phone = $1', [phone])
    expect(row?.is_staff).toBe(false)
  })

  test('is its owner’s: nobody reads or changes it without an access token', async () => {
    const stranger = world.visitor()
    for (const method of ['GET', 'PUT', 'PATCH']) {
      const reply = await stranger.request(method, '/api/profile/', method === 'GET' ? undefined : {})
      expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
  })

  test('takes an e-mail address that is another’s as well: nobody has verified either', async () => {
    const [one, other] = [await people.member(), await people.member()]
    expect([one.activated.body.data.user.email, other.activated.body.data.user.email]).toEqual(['john@example.com', 'john@example.com'])
  })
})

describe('a session', () => {
  test('is refreshed by a token that works once; its second use ends the session', async () => {
    const { visitor, refresh } = await people.member()
    const renewed = await visitor.post('/api/token/refresh/', { refresh })
    expect([renewed.status, Object.keys(renewed.body).sort()]).toEqual([200, ['access', 'refresh']])
    visitor.bear(renewed.body.access)
    expect((await visitor.get('/api/profile/')).status).toBe(200)
    const reused = await visitor.post('/api/token/refresh/', { refresh })
    expect([reused.status, reused.body.status]).toEqual([400, 'error'])
    expect((await visitor.post('/api/token/refresh/', { refresh: renewed.body.refresh })).status).toBe(400)
    expect((await visitor.get('/api/profile/')).status).toBe(401)
  })

  test('ends with logout, for both of its tokens, and logs out once', async () => {
    const { visitor, refresh } = await people.member()
    const out = await visitor.post('/api/logout/', { refresh })
    expect([out.status, out.body.message]).toEqual([200, 'Déconnexion réussie'])
    expect((await visitor.post('/api/token/refresh/', { refresh })).status).toBe(400)
    expect((await visitor.post('/api/logout/', { refresh })).status).toBe(400)
    expect((await visitor.get('/api/profile/')).status).toBe(401)
  })
})

test('the document is valid and lists every route in both places', async () => {
  const { body } = await world.visitor().get('/openapi.json')
  const open = ['register', 'activate', 'resend-code', 'login', 'logout', 'token/refresh', 'profile']
  const staff = ['', '/add', '/check', '/remove'].map((path) => `admin/whitelist${path}`)
  const expected = ['/api', '/api/auth'].flatMap((base) => [...open, ...staff].map((path) => `${base}/${path}/`))
  expect(Object.keys(body.paths).sort()).toEqual([...expected, '/metrics'].sort())
  expect(Object.keys(body.paths['/api/profile/']).sort()).toEqual(['get', 'patch', 'put'])
  await expect(SwaggerParser.validate(structuredClone(body))).resolves.toBeDefined()
})
