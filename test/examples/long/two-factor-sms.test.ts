import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/two-factor/app.js'
import { answer, html } from '../../fixtures/carrier/faults.js'
import { addAuthenticator, addPhone, freshPhone, newPerson, password, signIn, signInFully, verifyLogin } from '../two-factor-person.js'
import { startWorld, type World } from '../world.js'

let world: World
beforeAll(async () => {
  world = await startWorld(buildApp)
}, 60_000)
afterAll(() => world.close())

const textsTo = (phone: string) => world.carrier.sms.filter(({ to }) => to === phone).map(({ text }) => text)

/** Past the cooldown of a number. */
const cooled = () => world.advance(31_000)

/** Another code than this one. */
const other = (code = '') => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')

/** Somebody whose factor is a phone, at the second step, with a code on the way. */
async function waiting() {
  const person = await newPerson(world)
  const phone = await addPhone(world, person)
  await cooled()
  const { visitor, body } = await signIn(world, person)
  const sent = await visitor.post('/api/auth/2fa/sms/send/')
  expect(sent.status).toBe(200)
  const session_token: string = sent.body.session_token
  return { person, phone, visitor, signedIn: body, sent, session_token, code: world.carrier.lastCode(phone) }
}

describe('a number', () => {
  test('that is typed is a contact and no more', async () => {
    const phone = freshPhone()
    const { visitor, id } = await newPerson(world, { phone })
    expect((await visitor.get('/api/auth/profile/')).body).toMatchObject({ phone, is_verified: false, two_factor_enabled: false })
    expect(await world.database.query('SELECT phone FROM account WHERE id = $1', [id])).toEqual([{ phone: null }])
    expect(textsTo(phone)).toEqual([])
  })

  test('that is proven is the account’s, and a factor, with backup codes for whoever has none', async () => {
    const phone = freshPhone()
    const person = await newPerson(world, { phone })
    const { visitor: elsewhere } = await signIn(world, person)
    // The contact of the profile, where none is said.
    const sent = await person.visitor.post('/api/auth/2fa/sms/setup/', {})
    expect(sent.body).toEqual({
      ...{ message: 'Code envoyé par SMS.', session_token: expect.any(String), phone: `+33•••••••${phone.slice(-2)}` },
      ...{ expires_at: expect.any(String), resend_at: expect.any(String) },
    })
    const [text] = textsTo(phone)
    const code = world.carrier.lastCode(phone)
    expect(text).toBe(`${code} : votre code pour recevoir les codes de connexion Acme sur ce numéro. Valable 5 min.`)
    const { status, body } = await person.visitor.post('/api/auth/2fa/sms/verify-setup/', { code, ...sent.body })
    expect([status, body.verification_method, body.backup_codes.length]).toEqual([200, 'sms', 10])
    expect(body.user).toMatchObject({ phone, is_verified: true, two_factor_enabled: true, unverified_phone: null })
    expect((await person.visitor.get('/api/auth/2fa/status/')).body).toMatchObject({ is_enabled: true, methods: ['sms', 'backup_code'] })
    expect(textsTo(phone)[1]).toContain('La double authentification Acme est active.')
    expect((await elsewhere.get('/api/auth/profile/')).status).toBe(401)
  })

  test('that is another account’s is refused after the proof, and nothing is said before', async () => {
    const phone = await addPhone(world, await newPerson(world))
    await cooled()
    const { visitor, id } = await newPerson(world, { phone })
    const sent = await visitor.post('/api/auth/2fa/sms/setup/', {})
    expect(Object.keys(sent.body)).toEqual(['message', 'session_token', 'phone', 'expires_at', 'resend_at'])
    const { session_token } = sent.body
    const code = world.carrier.lastCode(phone)
    const wrong = await visitor.post('/api/auth/2fa/sms/verify-setup/', { code: other(code), session_token })
    expect([wrong.status, Object.keys(wrong.body)]).toEqual([400, ['code']])
    const { status, body } = await visitor.post('/api/auth/2fa/sms/verify-setup/', { code, session_token })
    expect([status, Object.keys(body)]).toEqual([409, ['error']])
    expect(await world.database.query('SELECT phone FROM account WHERE id = $1', [id])).toEqual([{ phone: null }])
    expect((await visitor.get('/api/auth/2fa/status/')).body.is_enabled).toBe(false)
  })

  test('that is verified is replaced by no word in the profile', async () => {
    const person = await newPerson(world)
    const phone = await addPhone(world, person)
    const typed = freshPhone()
    const { body } = await person.visitor.put('/api/auth/profile/update/', { phone: typed })
    expect(body.user).toMatchObject({ phone, is_verified: true, unverified_phone: typed })
    await cooled()
    const { visitor } = await signIn(world, person)
    expect((await visitor.post('/api/auth/2fa/sms/send/')).body.phone).toContain(phone.slice(-2))
    expect(textsTo(typed)).toEqual([])
  })

  test('that is replaced hears of it', async () => {
    const person = await newPerson(world)
    const before = await addPhone(world, person)
    const after = await addPhone(world, person)
    expect(textsTo(before).at(-1)).toContain('Le numéro de téléphone de votre compte Acme a été modifié.')
    expect((await person.visitor.get('/api/auth/profile/')).body.phone).toBe(after)
  })

  test.each(['+33123456789', '+447700900123', '+1234567890', 'nobody', ''])('%s is none for codes', async (phone) => {
    const { visitor } = await newPerson(world)
    const { status, body } = await visitor.post('/api/auth/2fa/sms/setup/', { phone })
    expect([status, Object.keys(body)]).toEqual([400, ['phone']])
  })
})

describe('signing in by text', () => {
  test('says the risk, sends to the verified number, and takes its code once', async () => {
    const { person, phone, visitor, signedIn, sent, code, session_token } = await waiting()
    expect(signedIn).toMatchObject({ tokens: null, requires_2fa: true, methods: ['sms', 'backup_code'] })
    expect(signedIn.notice).toContain('intercepté')
    expect(JSON.stringify(sent.body)).not.toContain(phone.slice(3))
    expect(textsTo(phone).at(-1)).toBe(`${code} est votre code de sécurité Acme. Valable 5 min. Ne le communiquez à personne.`)
    const reply = await verifyLogin(visitor, { code, session_token })
    expect([reply.status, reply.body.verification_method]).toEqual([200, 'sms'])
    const again = await signIn(world, person)
    expect((await verifyLogin(again.visitor, { code, session_token })).status).toBe(400)
  })

  test('the app comes first where there is one', async () => {
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    await addPhone(world, person)
    expect((await signIn(world, person)).body.methods).toEqual(['totp', 'sms', 'backup_code'])
  })

  test('speaks the language of the profile', async () => {
    const person = await newPerson(world, { language: 'en' })
    const phone = await addPhone(world, person)
    expect(textsTo(phone).at(-1)).toBe('Two-factor sign-in to Acme is on. If this was not you, change your password.')
    await cooled()
    await (await signIn(world, person)).visitor.post('/api/auth/2fa/sms/send/')
    expect(textsTo(phone).at(-1)).toMatch(/is your Acme security code/)
  })

  test('a resend repeats the code', async () => {
    const { phone, visitor, session_token, code } = await waiting()
    const tooSoon = await visitor.post('/api/auth/2fa/sms/resend/', { session_token })
    expect([tooSoon.status, Number(tooSoon.headers.get('retry-after')) > 0]).toEqual([429, true])
    await world.advance(61_000)
    const resent = await visitor.post('/api/auth/2fa/sms/resend/', { session_token })
    expect([resent.status, world.carrier.lastCode(phone)]).toEqual([200, code])
    expect((await verifyLogin(visitor, { code, session_token: resent.body.session_token })).status).toBe(200)
  })

  test('a code is over after five minutes', async () => {
    const { person, visitor, session_token, code } = await waiting()
    await world.advance(299_000 - 60_000)
    const late = await signIn(world, person)
    await world.advance(61_000)
    const { status, body } = await verifyLogin(late.visitor, { code, session_token })
    expect([status, Object.keys(body)]).toEqual([400, ['session_token']])
    expect((await verifyLogin(visitor, { code, session_token })).status).toBe(401)
  })

  test('five wrong codes lock the account, and its backup codes with it', async () => {
    const { visitor, session_token, code } = await waiting()
    for (let guess = 0; guess < 5; guess += 1) {
      expect((await verifyLogin(visitor, { code: other(code), session_token })).status).toBe(400)
    }
    expect((await verifyLogin(visitor, { code, session_token })).status).toBe(429)
    expect((await verifyLogin(visitor, { code: 'AAAA-AAAA-AAAA-AAAA' })).status).toBe(429)
  })

  test('is no way in where texts are no factor', async () => {
    const person = await newPerson(world, { phone: freshPhone() })
    await addAuthenticator(world, person)
    const { visitor } = await signIn(world, person)
    expect((await visitor.post('/api/auth/2fa/sms/send/')).status).toBe(403)
  })

  test('while no provider answers nothing is spent, and the app still opens', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    await addPhone(world, person)
    await cooled()
    const { visitor } = await signIn(world, person)
    await world.carrier.unlisten()
    const { status, body, headers } = await visitor.post('/api/auth/2fa/sms/send/')
    await world.carrier.listen()
    expect([status, Object.keys(body), headers.get('retry-after')]).toEqual([503, ['error'], '5'])
    expect((await visitor.post('/api/auth/2fa/sms/send/')).status).toBe(200)
    expect((await verifyLogin(visitor, { code: await app.nextCode() })).status).toBe(200)
  })

  test('a provider that fails to tell the owner undoes nothing', async () => {
    const person = await newPerson(world)
    await addPhone(world, person)
    world.carrier.misbehave(answer(html(500)))
    const { status } = await person.visitor.post('/api/auth/2fa/disable/', { password })
    world.carrier.behave()
    expect(status).toBe(200)
    expect((await signIn(world, person)).body.requires_2fa).toBe(false)
  })

  test('owners hear by text of what changes', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const phone = await addPhone(world, person)
    const { visitor } = await signIn(world, person)
    await verifyLogin(visitor, { code: app.backupCodes[0] })
    expect(textsTo(phone).at(-1)).toContain('Un code de secours Acme a servi')
    await person.visitor.post('/api/auth/2fa/regenerate-backup-codes/', { password })
    expect(textsTo(phone).at(-1)).toContain('Vos codes de secours Acme ont été remplacés.')
    const { visitor: signedIn } = await signInFully(world, person, app)
    await signedIn.post('/api/auth/2fa/disable/', { password })
    expect(textsTo(phone).at(-1)).toContain('La double authentification Acme est désactivée.')
  })
})

describe('taking an account over by one’s own number', () => {
  test('a code and token that the attacker got by own right open nobody else’s account', async () => {
    const attacker = await waiting()
    const victim = await waiting()
    // The victim's password is known: the attacker stands at the victim's second step, with a code that was truly sent, to the own phone.
    const { status, body } = await verifyLogin(victim.visitor, { code: attacker.code, session_token: attacker.session_token })
    expect([status, Object.keys(body)]).toEqual([400, ['session_token']])
    // Nor does the attacker's code fit the victim's token, nor the victim's code and token the attacker's step.
    const crossed = await verifyLogin(victim.visitor, { code: other(victim.code), session_token: victim.session_token })
    expect(crossed.status).toBe(400)
    expect((await verifyLogin(attacker.visitor, { code: victim.code, session_token: victim.session_token })).status).toBe(400)
    expect((await attacker.visitor.post('/api/auth/2fa/sms/resend/', { session_token: victim.session_token })).status).toBe(400)
    // Control: each by own right.
    expect((await verifyLogin(attacker.visitor, { code: attacker.code, session_token: attacker.session_token })).status).toBe(200)
    expect((await verifyLogin(victim.visitor, { code: victim.code, session_token: victim.session_token })).status).toBe(200)
  })

  test('a number in a body is not looked at', async () => {
    const own = freshPhone()
    const { visitor, phone, session_token, code } = await waiting()
    await world.advance(61_000)
    const sent = await visitor.post('/api/auth/2fa/sms/send/', { phone: own, phone_number: own })
    expect([sent.status, textsTo(own)]).toEqual([200, []])
    expect(textsTo(phone).length).toBeGreaterThan(2)
    expect((await verifyLogin(visitor, { code, session_token, phone_number: own })).status).toBe(200)
  })

  test('a code that binds a number signs nobody in, and one that signs in binds none', async () => {
    const { person, visitor, session_token, code } = await waiting()
    const own = freshPhone()
    const setup = await person.visitor.post('/api/auth/2fa/sms/setup/', { phone: own })
    const binding = { code: world.carrier.lastCode(own), session_token: setup.body.session_token }
    expect((await verifyLogin(visitor, binding)).status).toBe(400)
    expect((await person.visitor.post('/api/auth/2fa/sms/verify-setup/', { code, session_token })).status).toBe(400)
    expect((await person.visitor.post('/api/auth/2fa/sms/verify-setup/', binding)).status).toBe(200)
    // The code that waits was sent to the number before: it is none any more.
    expect((await verifyLogin(visitor, { code, session_token })).status).toBe(400)
  })

  test('a session that gave no factor changes none', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signInFully(world, person, app, { remember_device: true })
    const { body } = await signIn(world, person, visitor)
    expect(body.requires_2fa).toBe(false)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(200)
    for (const [path, said] of [
      ['sms/setup', { phone: freshPhone() }],
      ['sms/verify-setup', { code: '123456', session_token: 'any' }],
      ['setup', {}],
      ['disable', { password }],
      ['regenerate-backup-codes', { password }],
    ] as const) {
      const reply = await visitor.post(`/api/auth/2fa/${path}/`, said)
      expect([path, reply.status, Object.keys(reply.body)]).toEqual([path, 403, ['error']])
    }
    // Whoever asks for the second factor gives it, and may.
    const again = await signIn(world, person, visitor, { second_factor: true })
    expect(again.body.requires_2fa).toBe(true)
    const reply = await verifyLogin(visitor, { code: await app.nextCode() })
    visitor.bear(reply.body.tokens.access)
    expect((await visitor.post('/api/auth/2fa/disable/', { password })).status).toBe(200)
  })
})
