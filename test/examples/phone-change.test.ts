import SwaggerParser from '@apidevtools/swagger-parser'
import { countSegments } from 'phone-verify/sms/segments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../examples/phone-change/app.js'
import { textsOf } from '../../examples/phone-change/texts.js'
import { base, createPeople, type People, password } from './phone-change-people.js'
import { startWorld, type World } from './world.js'

let world: World
let people: People

beforeAll(async () => {
  world = await startWorld(buildApp)
  people = createPeople(world)
}, 60_000)
afterAll(() => world?.close())

describe('a change of number', () => {
  test('is asked for with the password, confirmed with the code, and told to both numbers', async () => {
    const person = await people.newcomer()
    const other = await people.signIn(person.phone)
    const phone = people.freshPhone()

    const requested = await people.request(person, phone)
    expect(requested.status).toBe(202)
    expect(requested.body).toEqual({
      status: 'success',
      message: 'Un code de vérification a été envoyé au nouveau numéro.',
      data: { session_token: expect.any(String), expires_at: expect.any(String), resend_at: expect.any(String) },
    })
    expect(people.textsTo(phone)).toEqual([expect.stringMatching(/^\d{6} : votre code WaterBill pour changer de numéro\./)])
    expect(people.textsTo(person.phone)).toEqual([])
    expect((await people.accountOf(person)).phone).toBe(person.phone)

    const confirmed = await people.confirm(person, requested.body.data.session_token, people.codeTo(phone))
    expect(confirmed.status).toBe(200)
    expect(confirmed.body).toEqual({ status: 'success', message: 'Numéro de téléphone modifié avec succès.', data: { phone } })
    expect(people.textsTo(person.phone)).toEqual([
      expect.stringMatching(
        /^Le numéro de votre compte WaterBill a changé\. .* sous 24 h : http:\/\/127\.0\.0\.1:\d+\/phone\/undo#[\w-]{16}$/,
      ),
    ])
    expect(people.textsTo(phone)[1]).toMatch(/^Ce numéro est maintenant celui de votre compte WaterBill\./)
    expect(people.textsTo(phone)[1]).not.toContain('#')

    const changed = await people.accountOf(person)
    expect([changed.phone, changed.phoneVerifiedAt?.getTime()]).toEqual([phone, expect.closeTo(world.parts.now(), -5)])
    expect(await people.changesOf(person)).toEqual([{ old_phone: person.phone, new_phone: phone, outcome: null }])

    // The session that did it stays, the other one is over.
    const profile = await person.visitor.get('/api/profile/')
    expect(profile.body.data.user.phone).toBe(phone)
    expect((await other.visitor.get('/api/profile/')).status).toBe(401)
    expect((await world.visitor().post('/api/login/', { phone: person.phone, password })).status).toBe(401)
    expect((await people.signIn(phone)).access).toEqual(expect.any(String))
  })

  test('speaks English to whoever asks for it', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    const headers = { 'accept-language': 'en' }
    const { body } = await person.visitor.post(`${base}/request/`, { new_phone: phone, password }, { headers })
    expect(body.message).toBe('A verification code was sent to the new number.')
    expect(people.textsTo(phone)).toEqual([expect.stringMatching(/is your WaterBill code to change your number/)])
    const code = people.codeTo(phone)
    const confirmed = await person.visitor.post(`${base}/confirm/`, { session_token: body.data.session_token, code }, { headers })
    expect(confirmed.body.message).toBe('Phone number changed.')
    expect(people.textsTo(person.phone)).toEqual([expect.stringMatching(/^The number of your WaterBill account was changed\./)])
  })

  test('takes a national number, and the own one is refused in either form', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    for (const own of [person.phone, person.phone.replace('+237', '')]) {
      const refused = await people.request(person, own)
      expect([refused.status, refused.body.data]).toEqual([400, { new_phone: ['C’est déjà votre numéro.'] }])
    }
    expect((await people.request(person, phone.replace('+237', ''))).status).toBe(202)
    expect(people.textsTo(phone)).toHaveLength(1)
  })

  test.each([
    ['+33123456789', 'number_type_not_allowed'],
    ['+819012345678', 'country_not_allowed'],
    ['12', 'invalid_phone_number'],
  ])('sends nothing to %s', async (phone, reason) => {
    const refused = await people.request(await people.newcomer(), phone)
    expect([refused.status, refused.body.data.reason]).toEqual([400, reason])
    expect(people.textsTo(phone)).toEqual([])
  })
})

describe('the code', () => {
  test('is sent again once its time has come, for the account that asked', async () => {
    const person = await people.newcomer()
    const { sessionToken } = await people.pending(person, people.freshPhone())
    const early = await person.visitor.post(`${base}/resend/`, { session_token: sessionToken })
    expect([early.status, Number(early.headers.get('retry-after'))]).toEqual([429, expect.closeTo(30, -1)])
    await world.advance(31_000)
    const stranger = await people.newcomer()
    expect((await stranger.visitor.post(`${base}/resend/`, { session_token: sessionToken })).body.data.reason).toBe('invalid_session')
    const again = await person.visitor.post(`${base}/resend/`, { session_token: sessionToken })
    expect([again.status, again.body.message]).toEqual([202, 'Le code a été renvoyé.'])
  })

  test('is guessed at five times, and the right one comes too late', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    const wrong = code === '000000' ? '000001' : '000000'
    for (const left of [4, 3, 2, 1, 0]) {
      const { status, body } = await people.confirm(person, sessionToken, wrong)
      expect([status, body.data]).toEqual([400, { reason: 'incorrect_code', attempts_left: left }])
    }
    const late = await people.confirm(person, sessionToken, code)
    expect([late.status, late.body.data.reason]).toEqual([400, 'too_many_attempts'])
    expect((await people.accountOf(person)).phone).toBe(person.phone)
  })

  test('ends after ten minutes', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    await world.advance(600_000)
    const late = await people.confirm(person, sessionToken, code)
    expect([late.status, late.body.data.reason]).toEqual([400, 'expired'])
  })

  test('is good once', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    expect((await people.confirm(person, sessionToken, code)).status).toBe(200)
    const again = await people.confirm(person, sessionToken, code)
    expect([again.status, again.body.data.reason]).toEqual([400, 'already_used'])
    expect(await people.changesOf(person)).toHaveLength(1)
  })
})

describe('texts', () => {
  const link = 'https://waterbill.app/phone/undo#AAAAAAAAAAAAAAAA'
  const values = { code: '482913', app: 'WaterBill', minutes: '10', undo: link, page: 'https://waterbill.app/change-phone' }
  const texts = [true, false].flatMap((hasPage) =>
    Object.entries(textsOf(hasPage).resources ?? {}).flatMap(([language, { code, notice }]) =>
      Object.entries({ ...code, ...notice }).map(([name, text]) => [`${language} ${name}`, String(text)] as const),
    ),
  )
  test.each(texts)('%s is one segment', (_name, text) => {
    const filled = text.replace(/\{\{(\w+)\}\}/g, (_whole, name: keyof typeof values) => values[name])
    expect(countSegments(filled)).toMatchObject({ encoding: 'GSM-7', segments: 1 })
  })
})

test('the document is valid, and lists the routes', async () => {
  const { body } = await world.visitor().get('/openapi.json')
  const document = await SwaggerParser.validate(structuredClone(body))
  expect(
    Object.entries(document.paths ?? {}).flatMap(([path, operations]) => Object.keys(operations ?? {}).map((one) => `${one} ${path}`)),
  ).toEqual([
    ...['post /api/login/', 'post /api/token/refresh/', 'post /api/logout/', 'get /api/profile/'],
    ...[`post ${base}/request/`, `post ${base}/resend/`, `post ${base}/confirm/`, `post ${base}/undo/`],
    ...['get /phone/undo/', 'get /phone/undo.js'],
  ])
})

test('no log line holds a number, a code, a token or a password', () => {
  expect(people.secrets.size).toBeGreaterThan(30)
  expect(world.logged.length).toBeGreaterThan(50)
  expect(people.leaks()).toEqual([])
})
