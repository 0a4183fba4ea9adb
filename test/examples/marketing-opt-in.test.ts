import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeInBrowser } from '../fixtures/browser.js'
import { frenchPhone, type MarketingWorld, startMarketing } from './marketing-opt-in-world.js'
import type { Visitor } from './visitor.js'

let world: MarketingWorld
beforeAll(async () => {
  world = await startMarketing()
}, 120_000)
afterAll(() => world.close())

const version = async (visitor: Visitor) => (await visitor.get('/api/disclosure')).body.version
const english = () => world.visitor({ 'accept-language': 'en' })

const wrong = (code: string | undefined) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('the way in', () => {
  test('subscribe, confirm, preferences, unsubscribe', async () => {
    const phone = frenchPhone()
    const { reply, visitor } = await world.join(phone, { programs: ['offers'], time_zone: 'Europe/Paris' })
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({
      message: 'Subscription confirmed!',
      data: { preferences: { programs: ['offers'], time_zone: 'Europe/Paris', blocked: false }, confirmation_text: 'sent' },
    })
    expect(await world.programsOf(phone)).toEqual(['offers'])
    expect((await visitor.get('/api/preferences')).body.data.preferences.programs).toEqual(['offers'])

    const left = await english().post('/api/unsubscribe', { phone })
    expect(left.status).toBe(200)
    expect(await world.programsOf(phone)).toEqual([])
  })

  test('nobody is on the list, and nothing is changed, before the code', async () => {
    const { phone } = await world.ask()
    expect(await world.programsOf(phone)).toBeUndefined()
    const member = frenchPhone()
    await world.join(member, { programs: ['news'] })
    await world.advance(60_000)
    const stranger = english()
    const body = { phone: member, preferences: { programs: ['offers'] }, consent: true, disclosure_version: await version(stranger) }
    expect((await stranger.post('/api/subscribe', body)).status).toBe(202)
    expect(await world.programsOf(member)).toEqual(['news'])
  })

  test('five wrong codes, and the right one is too late', async () => {
    const { phone, confirm } = await world.ask()
    const code = world.carrier.lastCode(phone)
    for (const left of [4, 3, 2, 1, 0]) {
      const reply = await confirm(wrong(code))
      expect(reply.status).toBe(400)
      expect(reply.body.data).toEqual({ reason: 'incorrect_code', attempts_left: left })
    }
    const late = await confirm(code)
    expect([late.status, late.body.data.reason]).toEqual([400, 'too_many_attempts'])
    expect(await world.programsOf(phone)).toBeUndefined()
  })

  test('a code that is sent again is the one that counts, and not at once', async () => {
    const { phone, visitor, session_token } = await world.ask()
    const resend = () => visitor.post('/api/subscribe/resend', { session_token })
    const early = await resend()
    expect([early.status, Number(early.headers.get('retry-after')) > 0]).toEqual([429, true])
    await world.advance(31_000)
    const again = await resend()
    expect(again.status).toBe(202)
    expect(world.carrier.sms.filter(({ to }) => to === phone)).toHaveLength(2)
    const confirmed = await visitor.post('/api/confirm', { ...again.body.data, code: world.carrier.lastCode(phone) })
    expect(confirmed.status).toBe(200)
  })

  test('a code ends after ten minutes', async () => {
    const { phone, confirm } = await world.ask()
    await world.advance(600_000)
    const late = await confirm(world.carrier.lastCode(phone))
    expect([late.status, late.body.data.reason]).toEqual([400, 'expired'])
  })

  test('of twenty confirmations at once one counts, and one welcome leaves', async () => {
    const { phone, confirm } = await world.ask()
    const code = world.carrier.lastCode(phone)
    const replies = await Promise.all(Array.from({ length: 20 }, () => confirm(code)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(replies.map(({ status }) => status))).toEqual(
      new Set([200, 400, 429].filter((s) => replies.some((r) => r.status === s))),
    )
    expect(await world.records(phone)).toHaveLength(1)
    expect(world.marketingTo(phone)).toHaveLength(1)
    const replay = await confirm(code)
    expect(replay.body.data.reason).toBe('already_used')
    expect(await world.records(phone)).toHaveLength(1)
  })

  test('a code for preferences subscribes nobody, and one to subscribe opens no preferences', async () => {
    const { phone, visitor, session_token, confirm } = await world.ask()
    const code = world.carrier.lastCode(phone)
    expect((await visitor.post('/api/preferences/token', { session_token, code })).status).toBe(400)
    expect((await confirm(code)).status).toBe(200)
    const opening = await visitor.post('/api/preferences/code', { phone: frenchPhone() })
    expect((await visitor.post('/api/confirm', { ...opening.body.data, code })).status).toBe(400)
  })
})

describe('preferences', () => {
  test('a fresh code opens them, later and elsewhere', async () => {
    const phone = frenchPhone()
    await world.join(phone, { programs: ['news'] })
    await world.advance(60_000)
    const elsewhere = english()
    const sent = await elsewhere.post('/api/preferences/code', { phone })
    expect(sent.status).toBe(202)
    await expect.poll(() => world.carrier.sms.findLast(({ to }) => to === phone)?.text).toContain('manage texts')
    const code = world.carrier.lastCode(phone)
    const opened = await elsewhere.post('/api/preferences/token', { ...sent.body.data, code })
    expect(opened.status, opened.text).toBe(200)
    elsewhere.bear(opened.body.data.manage_token)
    expect((await elsewhere.get('/api/preferences')).body.data.preferences.programs).toEqual(['news'])
    expect((await elsewhere.post('/api/preferences/token', { ...sent.body.data, code })).status).toBe(400)
    await world.advance(31 * 60_000)
    expect((await elsewhere.get('/api/preferences')).status).toBe(401)
  })

  test('a program is left freely and joined by consent', async () => {
    const phone = frenchPhone()
    const { visitor } = await world.join(phone, { programs: ['news'] })
    const join = { programs: ['news', 'offers'] }
    const bare = await visitor.put('/api/preferences', join)
    expect([bare.status, bare.body.data.reason]).toEqual([400, 'consent_needed'])
    expect((await visitor.put('/api/preferences', { ...join, consent: true, disclosure_version: 'old' })).status).toBe(400)
    const consent = { consent: true, disclosure_version: await version(visitor) }
    expect((await visitor.put('/api/preferences', { ...join, ...consent, time_zone: 'america/NEW_york' })).status).toBe(200)
    const left = await visitor.put('/api/preferences', { programs: ['offers'] })
    expect(left.body.data.preferences).toMatchObject({ programs: ['offers'], time_zone: 'America/New_York' })
    expect((await visitor.put('/api/preferences', { programs: [] })).body.data.preferences.programs).toEqual([])
    const said = (await world.records(phone)).map(({ kind, scope, programs }) => [kind, scope, programs])
    expect(said).toEqual([
      ['consent', 'program', ['news']],
      ['consent', 'program', ['offers']],
      ['revocation', 'program', ['news']],
      ['revocation', 'all', ['offers']],
    ])
  })

  test('who is on the list is not told: neither by a code nor by leaving', async () => {
    const member = frenchPhone()
    await world.join(member)
    await world.advance(60_000)
    const ask = async (path: string, phone: string) => {
      const { status, body, headers } = await world.visitor().post(path, { phone })
      const { session_token: token = '', ...data } = body.data
      const names = [...headers.keys()].filter((name) => name !== 'date')
      return { status, message: body.message, data: Object.keys(data), length: token.length, names }
    }
    const stranger = frenchPhone()
    for (const path of ['/api/preferences/code', '/api/unsubscribe']) expect(await ask(path, stranger)).toEqual(await ask(path, member))
    // Whoever was asked about last has the texts; the one before got none.
    await expect.poll(() => world.carrier.sms.filter(({ to }) => to === member).length).toBe(4)
    expect(world.carrier.sms.filter(({ to }) => to === stranger)).toEqual([])
  })

  test('without a token, with a forged one, or with one of staff: 401', async () => {
    const { reply, visitor } = await world.join(frenchPhone())
    const [head, claims, signature = ''] = String(reply.body.data.manage_token).split('.')
    for (const token of [undefined, 'x', `${head}.${claims}.${[...signature].reverse().join('')}`, `${head}.${claims}.`]) {
      visitor.bear(token)
      for (const { status } of [
        await visitor.get('/api/preferences'),
        await visitor.get('/api/me/export'),
        await visitor.delete('/api/me'),
      ])
        expect(status).toBe(401)
    }
  })
})

describeInBrowser('the page in a browser', (browser) => {
  test('a phone, the box, a code: subscribed; and out again', async () => {
    const phone = frenchPhone()
    const page = await browser().newPage({ locale: 'en' })
    const complaints: string[] = []
    page.on('console', (line) => complaints.push(line.text()))
    await page.goto(world.url)
    await page.fill('#phone', phone)
    await page.check('text=News')
    // Without the box nothing leaves.
    await page.click('#subscribe button')
    expect(world.carrier.lastCode(phone)).toBeUndefined()
    await page.check('#consent')
    await page.click('#subscribe button')
    await page.waitForSelector('#confirm:not([hidden])')
    await page.fill('#code', world.carrier.lastCode(phone) ?? '')
    await page.click('#confirm button[type=submit]')
    await page.waitForSelector('text=Subscription confirmed!')
    expect(await world.programsOf(phone)).toEqual(['news'])
    await page.fill('#leaving', phone)
    await page.click('#unsubscribe button')
    await page.waitForSelector('text=it no longer is')
    expect([await world.programsOf(phone), complaints]).toEqual([[], []])
    await page.close()
  })
})
