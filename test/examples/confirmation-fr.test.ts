import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCode } from '../../examples/confirmation-fr/code.js'
import { createSessionCookie } from '../../examples/confirmation-fr/session-cookie.js'
import { answer } from '../fixtures/carrier/faults.js'
import { twilioError } from '../fixtures/carrier/twilio-api.js'
import { base, type ConfirmationWorld, minute, startConfirmationWorld, wrong } from './confirmation-fr-world.js'
import type { Visitor } from './visitor.js'

let world: ConfirmationWorld

beforeAll(async () => {
  world = await startConfirmationWorld()
}, 120_000)
afterAll(() => world?.close())

const send = `${base}/envoyer-code-confirmation/`
const verify = `${base}/verifier-code-confirmation/`
const invalid = { success: false, message: 'Code de confirmation invalide ou expiré' }

const check = (visitor: Visitor, telephone: string, code: string) => visitor.post(verify, { telephone, code })

describe('the walk of the reference', () => {
  test('62046725 is told its code by name, and confirms with the five digits', async () => {
    const visitor = world.visitor()
    const sent = await visitor.post(send, { telephone: '62046725', prenom: 'Jean-luc' })
    // The reply never has the code.
    expect([sent.status, sent.body]).toEqual([
      200,
      { success: true, message: 'Code de confirmation envoyé avec succès', telephone: '62046725' },
    ])
    const [text = ''] = world.textsTo('62046725')
    expect(text).toMatch(/^Bonjour Jean-luc, votre code de confirmation est: UF-CCF-PSW-\d{5}$/)
    const checked = await check(visitor, '62046725', readCode(text.slice(-16)))
    expect([checked.status, checked.body]).toEqual([200, { success: true, message: 'Code de confirmation valide', telephone: '62046725' }])
    expect(visitor.cookies.size).toBe(0)
  })

  test.each(['UF-CCF-PSW-', 'uf-ccf-psw-', ' UF-CCF-PSW-', ''])('a code is taken with %j before it', async (prefix) => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    expect((await check(visitor, telephone, `${prefix}${code}`)).status).toBe(200)
  })

  test.each(['+235', '235', '00235'])('a number is the same with %s before it', async (prefix) => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    expect((await check(visitor, `${prefix}${telephone}`, code)).status).toBe(200)
  })

  test('the session token is in a cookie that no script and no other site reads', async () => {
    const { headers } = await world.visitor().post(send, { telephone: world.fresh() })
    expect(headers.get('set-cookie')).toMatch(/^confirmation=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Strict$/)
    const secure = createSessionCookie({ publicUrl: new URL('https://example.com') }, 'confirmation')
    expect(secure.keep('token')['set-cookie']).toMatch(/^__Host-confirmation=token; .*; HttpOnly; Secure; SameSite=Strict$/)
  })
})

describe('the unit tests of the reference', () => {
  test('a code has exactly five digits, and is shown behind its prefix', async () => {
    const telephone = world.fresh()
    const code = await world.send(world.visitor(), telephone)
    expect(code).toMatch(/^\d{5}$/)
    expect(world.textsTo(telephone)[0]?.endsWith(` UF-CCF-PSW-${code}`)).toBe(true)
  })

  test('a wrong code is rejected, the right one after it accepted, and removed', async () => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    const refused = await check(visitor, telephone, wrong(code))
    expect([refused.status, refused.body]).toEqual([400, invalid])
    const { cookies } = visitor
    const kept = new Map(cookies)
    expect((await check(visitor, telephone, code)).status).toBe(200)
    for (const [name, value] of kept) cookies.set(name, value)
    const again = await check(visitor, telephone, code)
    expect([again.status, again.body]).toEqual([400, invalid])
  })
})

describe('what a stranger tries', () => {
  test('after three wrong codes the right one opens nothing', async () => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    for (let guess = 0; guess < 3; guess++) expect((await check(visitor, telephone, wrong(code))).status).toBe(400)
    expect((await check(visitor, telephone, code)).body).toEqual(invalid)
  })

  test('the fourth send in an hour is refused, wherever it comes from, and the next hour has room', async () => {
    const telephone = world.fresh()
    for (let sends = 0; sends < 3; sends++) await world.send(world.visitor(), telephone)
    const fourth = await world.visitor().post(send, { telephone: `+235${telephone}` })
    expect([fourth.status, fourth.body]).toEqual([429, { success: false, message: 'Trop de tentatives. Réessayez dans 1 heure.' }])
    expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(3_500)
    expect(world.textsTo(telephone)).toHaveLength(3)
    await world.advance(61 * minute)
    await world.send(world.visitor(), telephone)
  })

  test('a code ends after five minutes', async () => {
    const [early, late] = [world.visitor(), world.visitor()]
    const [one, other] = [world.fresh(), world.fresh()]
    const [code, lateCode] = [await world.send(early, one), await world.send(late, other)]
    await world.advance(4.9 * minute)
    expect((await check(early, one, code)).status).toBe(200)
    await world.advance(0.2 * minute)
    expect((await check(late, other, lateCode)).body).toEqual(invalid)
  })

  test('whoever knows the code but has no cookie, or the cookie of another number, confirms nothing', async () => {
    const [visitor, telephone, mine] = [world.visitor(), world.fresh(), world.fresh()]
    const code = await world.send(visitor, telephone)
    expect((await check(world.visitor(), telephone, code)).body).toEqual(invalid)
    const stranger = world.visitor()
    const own = await world.send(stranger, mine)
    expect((await check(stranger, telephone, own)).body).toEqual(invalid)
    expect((await check(stranger, telephone, code)).body).toEqual(invalid)
    expect((await check(visitor, telephone, code)).status).toBe(200)
  })

  test('of eight checks at once one confirms', async () => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    const replies = await Promise.all(Array.from({ length: 8 }, () => check(visitor, telephone, code)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
  })

  test('a page of another site sends nothing', async () => {
    const telephone = world.fresh()
    const options = { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } }
    expect((await world.visitor().post(send, { telephone }, options)).status).toBe(403)
    expect((await world.visitor().post(verify, { telephone, code: '12345' }, options)).status).toBe(403)
    expect(world.textsTo(telephone)).toEqual([])
  })

  test.each(['Voir evil.example', 'Appelez le 66', 'a\nb', 'Jean https://e.td', 'x'.repeat(31), '', 7, null])(
    'the first name %j is not sent to anybody',
    async (prenom) => {
      const telephone = world.fresh()
      const refused = await world.visitor().post(send, { telephone, prenom })
      expect([refused.status, refused.body]).toEqual([400, { prenom: ['Prénom invalide. Utilisez 30 lettres au plus.'] }])
      expect(world.textsTo(telephone)).toEqual([])
    },
  )

  test.each([
    ['Hélène', 'Bonjour Hélène,'],
    ['Zoë', 'Bonjour Zoe,'],
    ["N'Djékoundadé Ali", "Bonjour N'Djékoundadé Ali,"],
  ])('%s is greeted within one segment', async (prenom, greeting) => {
    const telephone = world.fresh()
    await world.visitor().post(send, { telephone, prenom })
    expect(world.textsTo(telephone)[0]).toContain(greeting)
  })

  const garbage = [
    undefined,
    null,
    7,
    true,
    [],
    {},
    '',
    'abc',
    '1'.repeat(16),
    '6204672',
    '٦'.repeat(40),
    '\u0000'.repeat(9),
    'x'.repeat(5_000),
  ]
  test.each(garbage)('%j is no number', async (telephone) => {
    const problem = { telephone: ['Format de numéro invalide. Utilisez 8 à 15 chiffres, avec ou sans le préfixe +'] }
    for (const path of [send, verify]) {
      const refused = await world.visitor().post(path, { telephone, code: '12345' })
      expect([refused.status, refused.body]).toEqual([400, problem])
    }
  })

  test('garbage is no code', async () => {
    const [visitor, telephone] = [world.visitor(), world.fresh()]
    const code = await world.send(visitor, telephone)
    for (const typed of [null, 7, [], {}, '', 'abcde', '123456', 'UF-CCF-PSW-', 'x'.repeat(5_000), '\u0000']) {
      expect((await visitor.post(verify, { telephone, code: typed })).status).toBe(400)
    }
    visitor.cookies.set('confirmation', 'x'.repeat(3_000))
    expect((await check(visitor, telephone, code)).body).toEqual(invalid)
    for (const raw of ['{', '[]', '"x"', '']) expect((await visitor.post(verify, undefined, { raw })).status).toBeLessThan(500)
  })
})

test('a number of another country is not texted', async () => {
  const refused = await world.visitor().post(send, { telephone: '+447400123456' })
  expect([refused.status, Object.keys(refused.body)]).toEqual([400, ['telephone']])
})

test('while the provider is away nothing is sent or counted', async () => {
  const [visitor, telephone] = [world.visitor(), world.fresh()]
  // Not taken, and said so.
  world.carrier.misbehave(answer(twilioError(20429, 429)))
  const replies = [await visitor.post(send, { telephone }), await visitor.post(send, { telephone })]
  world.carrier.behave()
  for (const { status, body } of replies) {
    expect([status, body]).toEqual([503, { success: false, message: 'Service SMS indisponible. Réessayez plus tard.' }])
  }
  for (let sends = 0; sends < 3; sends++) await world.send(visitor, telephone)
})

test('the document is valid, and lists the routes', async () => {
  const document = await SwaggerParser.validate(structuredClone((await world.visitor().get('/openapi.json')).body))
  const verbs = [
    'envoyer-code-confirmation',
    'verifier-code-confirmation',
    'demander-reinitialisation-mdp',
    'confirmer-reinitialisation-mdp',
  ]
  expect(Object.keys(document.paths ?? {})).toEqual(
    [...verbs, 'activer-2fa-connexion', 'verifier-2fa-connexion'].map((verb) => `${base}/${verb}/`),
  )
})
