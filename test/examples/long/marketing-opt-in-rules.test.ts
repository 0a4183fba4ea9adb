import { createHash } from 'node:crypto'
import { countSegments } from 'phone-verify/sms/segments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../fixtures/carrier/faults.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { americanPhone, frenchPhone, type MarketingWorld, startMarketing } from '../marketing-opt-in-world.js'

let world: MarketingWorld
beforeAll(async () => {
  world = await startMarketing()
}, 120_000)
afterAll(() => world.close())

const english = () => world.visitor({ 'accept-language': 'en' })

describe('L1: a separate, unticked consent box, tied to nothing else', () => {
  test.each(['en', 'fr'])('the page in %s', async (language) => {
    const { text, headers } = await world.visitor({ 'accept-language': language }).get('/')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    const boxes = text.match(/<input[^>]*type="checkbox"[^>]*>/g) ?? []
    expect(boxes.filter((box) => box.includes('name="consent"'))).toHaveLength(1)
    expect(boxes.join()).not.toContain('checked')
    expect(text).toContain('<label for="phone">')
    expect(text).toMatch(/<input id="phone"[^>]*autocomplete="tel" inputmode="tel"/)
    // Of the content security policy: a script of the site's own, and none in the page.
    expect(text.match(/<script[^>]*>[^<]*/g)).toEqual(['<script type="module" src="/subscribe.js">'])
    expect(text).not.toMatch(/ on\w+=/)
  })

  test.each([false, 'true', 'on', 1, null, undefined])('consent that says %j is none', async (consent) => {
    const visitor = english()
    const { version } = (await visitor.get('/api/disclosure')).body
    const reply = await visitor.post('/api/subscribe', { phone: frenchPhone(), consent, disclosure_version: version })
    expect(reply.status).toBe(400)
    expect(reply.body.data).toEqual({ consent: ['Tick the box to give your consent.'] })
  })
})

describe('L2: the disclosure at the box', () => {
  test.each(['en', 'fr'])('says everything in %s, the same on the page and in the record', async (language) => {
    const visitor = world.visitor({ 'accept-language': language })
    const { text, version } = (await visitor.get('/api/disclosure')).body
    const parts = { en: enParts, fr: frParts }[language] ?? []
    for (const part of parts) expect(text).toContain(part)
    expect(version).toBe(createHash('sha256').update(text).digest('base64url'))
    const page = (await visitor.get('/')).text
    const label = /<label for="consent" id="disclosure">([^<]*)<\/label>/
      .exec(page)?.[1]
      ?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    expect([label, page.includes(`data-version="${version}"`)]).toEqual([text, true])
    for (const [, link = ''] of text.matchAll(/(\/(?:terms|privacy))/g)) expect((await visitor.get(link)).status).toBe(200)
  })

  test('who agreed to another text has not agreed', async () => {
    const reply = await english().post('/api/subscribe', { phone: frenchPhone(), consent: true, disclosure_version: 'of last year' })
    expect([reply.status, reply.body.data.disclosure.language]).toEqual([409, 'en'])
    // Nor to one that changed while the code was on its way.
    const { version } = (await english().get('/api/disclosure')).body
    const phone = frenchPhone()
    const visitor = english()
    const asked = await visitor.post('/api/subscribe', { phone, consent: true, disclosure_version: version })
    await world.database.query("UPDATE opt_in_request SET text_version = 'of last year'")
    const late = await visitor.post('/api/confirm', { ...asked.body.data, code: world.carrier.lastCode(phone) })
    expect([late.status, await world.programsOf(phone)]).toEqual([400, undefined])
  })
})

describe('L3: double opt-in, and a text that repeats the terms', () => {
  test.each([
    ['en', /^Acme: .*recurring automated marketing.*up to 4 msgs\/month.*Msg & data rates may apply.*HELP for help, STOP to cancel\.$/],
    ['fr', /^Acme : .*SMS publicitaires automatisés.*4\/mois max.*Frais de messagerie et données possibles.*AIDE.*STOP/],
  ])('in %s', async (language, said) => {
    const phone = frenchPhone()
    await world.join(phone, {}, world.visitor({ 'accept-language': language }))
    const texts = world.marketingTo(phone)
    expect(texts).toEqual([expect.stringMatching(said)])
    expect(countSegments(texts[0] ?? '').segments).toBe(1)
  })
})

describe('L4: the consent record', () => {
  test('holds text and version, time, method, phone, user, address, browser, locale, programs and evidence', async () => {
    const phone = frenchPhone()
    const visitor = world.visitor({ 'accept-language': 'en', 'user-agent': 'Browser/2.0', 'x-forwarded-for': '192.0.2.7' })
    await world.join(phone, { programs: ['news'] }, visitor)
    const { text, version } = (await english().get('/api/disclosure')).body
    const [record] = await world.records(phone)
    expect(record).toMatchObject({ kind: 'consent', method: 'web_form', text, text_version: version, locale: 'en', programs: ['news'] })
    expect(Math.abs(world.parts.now() - Number(record?.['at']))).toBeLessThan(60_000)
    const evidence = record?.['evidence'] as Record<string, string>
    expect(Object.keys(evidence).sort()).toEqual(['challenge', 'proof', 'request', 'verified_at'])
    // The thread to the log of the verifier's decisions.
    const decided = world.logged
      .map((line) => JSON.parse(line))
      .find(({ type, challenge }) => type === 'verify' && challenge === evidence['challenge'])
    expect(decided).toMatchObject({ outcome: 'ok', purpose: 'marketing_opt_in' })
    const [exported] = (await visitor.get('/api/me/export')).body.data.consent_records
    expect(exported.person).toEqual({ phone, account: null, ip: '192.0.2.7', user_agent: 'Browser/2.0', confirmed_from: '192.0.2.7' })
    // Of the table alone, nobody learns whose it is.
    expect(JSON.stringify(record)).not.toMatch(new RegExp(`${phone.slice(1)}|192\\.0\\.2\\.7|Browser`))
  })

  test('names the account of who is signed in', async () => {
    const phone = frenchPhone()
    const visitor = await world.staff()
    await world.join(phone, {}, visitor)
    expect((await visitor.get('/api/me/export')).body.data.consent_records[0].person.account).toMatch(/^\d+$/)
  })

  test('is only added to: not by us, not by anybody who may write to the table', async () => {
    const phone = frenchPhone()
    await world.join(phone)
    for (const sql of ['UPDATE consent_record SET text = NULL', 'DELETE FROM consent_record', 'TRUNCATE consent_record'])
      await expect(world.database.query(sql)).rejects.toThrow('the consent log is only added to')
    expect(await world.records(phone)).toHaveLength(1)
  })
})

describe('L5: every word and every reasonable manner', () => {
  const ways = ['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe', 'stopall', 'optout', 'remove', 'arret', 'td'].flatMap(
    (word) => [word, ` ${word.toUpperCase()}! `],
  )
  test('each of them revokes', async () => {
    const phone = frenchPhone()
    const { visitor } = await world.join(phone)
    const { version } = (await visitor.get('/api/disclosure')).body
    for (const way of [...ways, 'Arrêt', 'S.T.O.P', 'please stop texting me']) {
      expect((await world.byTwilio(phone, way)).status).toBe(204)
      expect(await world.programsOf(phone), way).toEqual([])
      await visitor.put('/api/preferences', { programs: ['news'], consent: true, disclosure_version: version })
    }
  })

  test('START returns, HELP answers, what is unclear waits for a person', async () => {
    const phone = americanPhone()
    await world.join(phone, { programs: ['news'] })
    await world.byTwilio(phone, 'Stop')
    await world.byTwilio(phone, 'START')
    expect(await world.programsOf(phone)).toEqual(['news'])
    expect(await world.records(phone)).toMatchObject([
      { method: 'web_form' },
      { kind: 'revocation' },
      { method: 'sms_keyword', programs: ['news'] },
    ])
    await world.byTwilio(phone, 'help')
    expect(world.marketingTo(phone).at(-1)).toMatch(/Help: http.*STOP/)
    await world.byTwilio(phone, 'my code was 123456, thanks')
    expect(await world.programsOf(phone)).toEqual(['news'])

    const staff = await world.staff()
    const { messages } = (await staff.get('/api/inbox')).body.data
    const { id, words: said } = messages.find((one: { readonly words: string }) => one.words.startsWith('my code'))
    expect(said).toBe('my code was ####, thanks')
    const answers = await Promise.all([1, 2, 3].map(() => staff.post(`/api/inbox/${id}`, { meant: 'stop' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404])
    expect(await world.programsOf(phone)).toEqual([])
    expect((await english().get('/api/inbox')).status).toBe(401)
  })

  test('START of somebody who never consented subscribes nobody', async () => {
    const phone = frenchPhone()
    await world.byTwilio(phone, 'START')
    expect([await world.programsOf(phone), await world.records(phone)]).toEqual([undefined, []])
  })
})

describe('L6: at once, and one confirmation', () => {
  test('one text, at once, that says no more than it must; within the hour no second', async () => {
    const phone = frenchPhone()
    await world.join(phone)
    await world.byTwilio(phone, 'STOP')
    expect(await world.programsOf(phone)).toEqual([])
    expect(world.marketingTo(phone).slice(1)).toEqual([
      'Acme: you are unsubscribed and will get no more marketing texts. Reply START to come back.',
    ])
    // Two machines that answer each other.
    for (let round = 0; round < 5; round += 1) await world.byTwilio(phone, 'STOP')
    expect(world.marketingTo(phone)).toHaveLength(2)
    await world.advance(3_600_000)
    await world.byTwilio(phone, 'STOP')
    expect(world.marketingTo(phone)).toHaveLength(3)
  })

  test('a confirmation that found the provider away leaves within five minutes or never', async () => {
    const [soon, late] = [frenchPhone(), frenchPhone()]
    for (const [phone, ms] of [
      [soon, 240_000],
      [late, 301_000],
    ] as const) {
      await world.join(phone)
      world.carrier.misbehave(answer(twilioError(20429, 429)), { times: 1 })
      expect((await world.byTwilio(phone, 'STOP')).status).toBe(204)
      expect(await world.programsOf(phone)).toEqual([])
      await world.advance(ms)
      await world.byTwilio(frenchPhone(), 'HELP')
    }
    expect([world.marketingTo(soon).length, world.marketingTo(late).length]).toEqual([2, 1])
  })
})

test('L6: who leaves before the welcome could be sent is not welcomed', async () => {
  const phone = frenchPhone()
  const { confirm } = await world.ask(phone)
  world.carrier.misbehave(answer(twilioError(20429, 429)), { times: 1 })
  expect((await confirm(world.carrier.lastCode(phone))).body.data.confirmation_text).toBe('pending')
  await world.byTwilio(phone, 'STOP')
  expect(world.marketingTo(phone)).toEqual([expect.stringContaining('unsubscribed')])
})

describe('L7: other ways out work the same', () => {
  test('the form, the preferences and a person end it as a STOP does', async () => {
    const phone = frenchPhone()
    await world.join(phone)
    expect((await english().post('/api/unsubscribe', { phone: phone.replace('+33', '+33 (0)') })).status).toBe(200)
    expect(await world.programsOf(phone)).toEqual([])
    await expect.poll(() => world.marketingTo(phone)).toHaveLength(2)
    const other = frenchPhone()
    const { visitor } = await world.join(other)
    await visitor.put('/api/preferences', { programs: [] })
    const kept = await world.database.query('SELECT phone_key FROM suppression')
    const keys = await Promise.all([phone, other].map(async (one) => (await world.records(one))[0]?.['phone_key']))
    expect(kept.map((row) => row['phone_key'])).toEqual(expect.arrayContaining(keys))
  })

  test('a number that never was subscribed gets no text', async () => {
    const phone = frenchPhone()
    await english().post('/api/unsubscribe', { phone })
    const member = frenchPhone()
    await world.join(member)
    await english().post('/api/unsubscribe', { phone: member })
    // The one that comes after it is there, so this one is not on its way.
    await expect.poll(() => world.marketingTo(member)).toHaveLength(2)
    expect(world.marketingTo(phone)).toEqual([])
  })
})

test('L8: the scope is all marketing, or one program', async () => {
  const phone = frenchPhone()
  await world.join(phone)
  await english().post('/api/unsubscribe', { phone, program: 'news' })
  expect(await world.programsOf(phone)).toEqual(['offers'])
  await world.byTwilio(phone, 'STOP')
  expect(await world.programsOf(phone)).toEqual([])
  expect((await world.records(phone)).map(({ scope }) => scope)).toEqual(['program', 'program', 'all'])
})

const enParts = [
  'Acme',
  'recurring automated marketing texts',
  'up to 4 a month',
  'not a condition of any purchase',
  'Message and data rates may apply',
].concat('STOP', 'HELP', '/terms', '/privacy')
const frParts = [
  'Acme',
  'SMS publicitaires automatisés',
  '4 par mois',
  'la condition d’aucun achat',
  'Des frais de messagerie et de données',
].concat('STOP', 'AIDE', '/terms', '/privacy')
