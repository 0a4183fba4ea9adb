import SwaggerParser from '@apidevtools/swagger-parser'
import { countSegments } from 'phone-verify/sms/segments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../fixtures/carrier/faults.js'
import { base, newPassword, oldPassword, type ResetWorld, startResetWorld, typed, wrong } from './password-reset-world.js'

let world: ResetWorld

beforeAll(async () => {
  world = await startResetWorld()
}, 60_000)
afterAll(() => world.close())

const confirm = `${base}/password/reset/confirm/`
const verify = `${base}/password/reset/verify/`
const invalid = { status: 'error', message: 'Code incorrect, expiré ou déjà utilisé. Réessayez, ou demandez un nouveau code.', data: {} }

describe('a forgotten password', () => {
  test('is another after one step, which signs nobody in', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const session = await world.forget(phone, visitor)
    const done = await visitor.post(confirm, { ...session, ...typed(newPassword) })
    expect(done.status).toBe(200)
    expect(done.body).toEqual({
      status: 'success',
      message: 'Mot de passe réinitialisé. Vous pouvez maintenant vous connecter.',
      data: {},
    })
    expect(visitor.cookies.size).toBe(0)
    expect(await world.signIn(visitor, phone, oldPassword)).toBeUndefined()
    expect(await world.signIn(visitor, phone, newPassword)).toBeDefined()
  })

  test('is another after two steps', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const proven = await visitor.post(verify, await world.forget(phone, visitor))
    expect(proven.status).toBe(200)
    expect(proven.body.data).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/), expires_in: 600, totp_required: false })
    expect((await visitor.post(confirm, { token: proven.body.data.token, ...typed(newPassword) })).status).toBe(200)
    expect(await world.signIn(visitor, phone, newPassword)).toBeDefined()
  })

  test('ends every session and its refresh tokens', async () => {
    const { phone } = await world.person()
    const elsewhere = world.visitor()
    const tokens = await world.signIn(elsewhere, phone, oldPassword)
    elsewhere.bear(tokens?.access)
    const change = `${base}/password/change/request/`
    expect((await elsewhere.post(change, { current_password: 'x' })).status).toBe(400)
    await world.visitor().post(confirm, { ...(await world.forget(phone)), ...typed(newPassword) })
    expect((await elsewhere.post(change, { current_password: 'x' })).status).toBe(401)
    expect((await elsewhere.post(`${base}/token/refresh/`, { refresh: tokens?.refresh })).status).toBe(400)
  })

  test('is told to every address on file, with what to do', async () => {
    const { phone, account } = await world.person()
    await world.visitor().post(confirm, { ...(await world.forget(phone)), ...typed(newPassword) })
    const [text, ...others] = world.carrier.sms.filter((sms) => sms.to === phone && /a été réinitialisé/.test(sms.text))
    expect(others).toEqual([])
    expect(text?.text).toContain(`Ce n'était pas vous ? Réinitialisez-le ici : ${world.url}/reset-password`)
    expect(countSegments(text?.text ?? '').segments).toBe(1)
    const letters = world.letters.filter(({ to }) => to === account.email)
    expect(letters).toHaveLength(1)
    expect(letters[0]?.text).toContain(`${world.url}/reset-password`)
  })

  test('is another even when the notice cannot be sent', async () => {
    const { phone } = await world.person()
    const session = await world.forget(phone)
    world.carrier.misbehave(answer({ status: 503 }), { times: 1 })
    expect((await world.visitor().post(confirm, { ...session, ...typed(newPassword) })).status).toBe(200)
    world.carrier.behave()
    expect(await world.signIn(world.visitor(), phone, newPassword)).toBeDefined()
  })
})

describe('the text', () => {
  test.each([
    ['fr', /^(\d{6}) : votre code Acme de réinitialisation, 10 min\. Ne le donnez à personne\./],
    ['en', /^(\d{6}) is your Acme code to reset your password, 10 min\. Give it to nobody\./],
  ])('in %s brings the code for our site, and a link without a secret', async (language, sentence) => {
    const { phone } = await world.person()
    const visitor = world.visitor({ 'accept-language': language })
    const { code, session_token: token } = await world.forget(phone, visitor)
    const text = world.carrier.sms.find((sms) => sms.to === phone)?.text ?? ''
    expect(text).toMatch(sentence)
    expect(text.endsWith(`\n@127.0.0.1 #${code}`)).toBe(true)
    const [link] = /http\S+/.exec(text) ?? []
    expect(link).toBe(`${world.url}/reset-password`)
    expect(text).not.toContain(token)
    expect(countSegments(text).segments).toBe(1)
  })

  test('leads to a page whose script is its own file', async () => {
    const page = await world.visitor().get('/reset-password')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.text).toMatch(/autocomplete="one-time-code" inputmode="numeric"/)
    expect(page.text).not.toMatch(/<script>|style=|onclick/)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect((await world.visitor().get('/reset-password.js')).headers.get('content-type')).toMatch(/javascript/)
  })
})

describe('a code', () => {
  test('is not spent on a password that nobody may use', async () => {
    const { phone } = await world.person()
    const session = await world.forget(phone)
    for (const [password, problems] of [
      ['court', 1],
      ['12345', 2],
      ['1234567890', 1],
      ['motdepasse123', 1],
      ['x'.repeat(129), 1],
    ] as const) {
      const refused = await world.visitor().post(confirm, { ...session, ...typed(password) })
      expect(refused.status).toBe(400)
      expect(Object.keys(refused.body.data)).toEqual(['new_password'])
      expect(refused.body.data.new_password).toHaveLength(problems)
    }
    const differ = await world.visitor().post(confirm, { ...session, new_password: newPassword, new_password_confirm: 'x' })
    expect(Object.keys(differ.body.data)).toEqual(['new_password_confirm'])
    expect((await world.visitor().post(confirm, { ...session, ...typed(newPassword) })).status).toBe(200)
  })

  test('that was spent on a password made of its owner’s name leaves a token for another try', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const session = await world.forget(phone)
    const personal = typed('quartzfeld-2030')
    // Who has no code learns nothing about the name.
    expect((await visitor.post(confirm, { ...session, code: wrong(session.code), ...personal })).body).toEqual(invalid)
    const refused = await visitor.post(confirm, { ...session, ...personal })
    expect(refused.status).toBe(400)
    expect(refused.body.data.new_password).toEqual(['Ce mot de passe ressemble trop à vos informations personnelles.'])
    const { token } = refused.body.data
    expect((await visitor.post(confirm, { token, ...typed(newPassword) })).status).toBe(200)
  })

  test('pasted with what nobody sees is read', async () => {
    const { phone } = await world.person()
    const { session_token: token, code } = await world.forget(phone)
    const session = { session_token: `\ufeff ${token}\r\n`, code: `\u200b${code.slice(0, 3)}\u2060 ${code.slice(3)}` }
    expect((await world.visitor().post(verify, session)).status).toBe(200)
  })

  test('comes again on resend, the same', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const { session_token: token, code } = await world.forget(phone, visitor)
    await world.advance(31_000)
    const again = await visitor.post(`${base}/password/reset/resend/`, { session_token: token })
    expect(again.status).toBe(202)
    expect(await world.codeTo(phone, 2)).toBe(code)
    expect((await visitor.post(confirm, { session_token: again.body.data.session_token, code, ...typed(newPassword) })).status).toBe(200)
  })

  test('that was asked for twice in a row is one, and either token takes it', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const { code } = await world.forget(phone, visitor)
    const second = await visitor.post(`${base}/password/forgot/`, { phone })
    expect((await visitor.post(verify, { session_token: second.body.data.session_token, code })).status).toBe(200)
    expect(world.carrier.sms.filter(({ to }) => to === phone)).toHaveLength(1)
  })

  test('is taken once', async () => {
    const { phone } = await world.person()
    const session = await world.forget(phone)
    expect((await world.visitor().post(verify, session)).status).toBe(200)
    const again = await world.visitor().post(verify, session)
    expect([again.status, again.body]).toEqual([400, invalid])
  })

  test('dies after five wrong guesses, of which nothing is told', async () => {
    const { phone } = await world.person()
    const session = await world.forget(phone)
    const visitor = world.visitor()
    for (let guess = 0; guess < 6; guess++) {
      const { status, body } = await visitor.post(verify, { ...session, code: wrong(session.code) })
      expect([status, body]).toEqual([400, invalid])
    }
    expect((await visitor.post(verify, session)).body).toEqual(invalid)
  })

  test('ends after ten minutes, and so does the token it was traded for', async () => {
    const { phone } = await world.person()
    const [session, visitor] = [await world.forget(phone), world.visitor()]
    await world.advance(601_000)
    expect((await visitor.post(verify, session)).body).toEqual(invalid)
    const { body } = await visitor.post(verify, await world.forget(phone))
    await world.advance(601_000)
    expect((await visitor.post(confirm, { token: body.data.token, ...typed(newPassword) })).body).toEqual(invalid)
    expect((await visitor.post(`${base}/password/reset/resend/`, session)).body).toEqual(invalid)
  })
})

describe('the world', () => {
  test('without a provider: 202 all the same, and the code comes once it is back', async () => {
    const { phone } = await world.person()
    await world.carrier.unlisten()
    const unknown = await world.visitor().post(`${base}/password/forgot/`, { phone: world.freshPhone() })
    const known = await world.visitor().post(`${base}/password/forgot/`, { phone })
    await world.carrier.listen()
    expect([unknown.status, known.status]).toEqual([202, 202])
    expect(known.body.message).toBe(unknown.body.message)
    const session = { session_token: known.body.data.session_token, code: await world.codeTo(phone) }
    expect((await world.visitor().post(verify, session)).status).toBe(200)
  })

  test('another site’s page may not ask', async () => {
    const { phone } = await world.person()
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const [path, body] of [
      ['forgot', { phone }],
      ['reset/verify', { session_token: 'x', code: '123456' }],
    ] as const) {
      expect((await world.visitor().post(`${base}/password/${path}/`, body, { headers })).status).toBe(403)
    }
    expect(world.carrier.sms.filter(({ to }) => to === phone)).toEqual([])
  })

  test('the document is valid and lists the routes', async () => {
    const { body } = await world.visitor().get('/openapi.json')
    await expect(SwaggerParser.validate(structuredClone(body))).resolves.toBeDefined()
    const names = ['login', 'token/refresh', 'logout', 'password/forgot', 'password/reset/resend', 'password/reset/verify']
    const paths = [...names, 'password/reset/confirm', 'password/change/request', 'password/change/confirm'].map(
      (name) => `${base}/${name}/`,
    )
    expect(Object.keys(body.paths).sort()).toEqual(['/reset-password', '/reset-password.js', ...paths].sort())
  })

  test('an address asks ten times an hour, for whomever', async () => {
    const visitor = world.visitor()
    const statuses: number[] = []
    for (let asked = 0; asked < 11; asked++) {
      if (asked % 5 === 0) await world.advance(61_000)
      statuses.push((await visitor.post(`${base}/password/forgot/`, { phone: world.freshPhone() })).status)
    }
    expect(statuses).toEqual([...Array(10).fill(202), 429])
  })
})
