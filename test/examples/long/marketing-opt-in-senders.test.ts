import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertAccount } from '../../../examples/accounts/account.js'
import { isQuiet } from '../../../examples/marketing-opt-in/quiet-hours.js'
import { readMarketing } from '../../../examples/marketing-opt-in/settings.js'
import { readSettings } from '../../../examples/service/settings.js'
import { openVerifier } from '../../../examples/service/verifier.js'
import {
  americanPhone,
  codeSender,
  frenchPhone,
  type MarketingWorld,
  marketingSender,
  msUntilHour,
  startMarketing,
} from '../marketing-opt-in-world.js'
import type { Visitor } from '../visitor.js'

let world: MarketingWorld
beforeAll(async () => {
  world = await startMarketing()
}, 120_000)
afterAll(() => world.close())

const english = () => world.visitor({ 'accept-language': 'en' })

const campaign = (staff: Visitor, program = 'offers') =>
  staff.post('/api/campaigns', { program, texts: { fr: 'Soldes samedi.', en: 'Sale on Saturday.' } })

describe('L9: codes and marketing have senders of their own', () => {
  /** Another app of the same house: it sends codes for signing in by the same sender. */
  const signIn = (phone: string) =>
    openVerifier(world.parts, { sms: world.parts.sms, appName: 'Acme', countries: ['FR', 'US'] }).sendCode({
      phone,
      purpose: 'login',
      client: { ip: '::1' },
    })

  test('a STOP to the marketing sender blocks no code, and the blocked state is shown', async () => {
    const phone = frenchPhone()
    await world.join(phone)
    await world.byTwilio(phone, 'STOP')
    world.blockAtCarrier(marketingSender, phone)
    await world.advance(60_000)
    try {
      expect(await signIn(phone)).toMatchObject({ ok: true, delivery: 'accepted' })
      await world.advance(60_000)
      const { reply, visitor } = await world.join(phone)
      expect(reply.body.message).toBe(
        `Subscription confirmed, but the carrier blocks our texts: text START to ${marketingSender} to get them.`,
      )
      expect(reply.body.data).toMatchObject({ confirmation_text: 'blocked', preferences: { blocked: true } })
      expect((await visitor.get('/api/preferences')).body.data.preferences.blocked).toBe(true)
      expect(world.carrier.sms.filter(({ to, from }) => to === phone && from === codeSender)).toHaveLength(3)
      world.carrier.behave()
      await world.byTwilio(phone, 'START')
      expect((await visitor.get('/api/preferences')).body.data.preferences.blocked).toBe(false)
    } finally {
      world.carrier.behave()
    }
  })

  test('where the sender of codes is blocked, the answer says so and names another way', async () => {
    const phone = frenchPhone()
    world.blockAtCarrier(codeSender, phone)
    try {
      expect(await signIn(phone)).toEqual({ ok: false, reason: 'undeliverable' })
      const visitor = english()
      const { version } = (await visitor.get('/api/disclosure')).body
      const reply = await visitor.post('/api/subscribe', { phone, consent: true, disclosure_version: version })
      expect([reply.status, reply.body.data.reason]).toEqual([400, 'undeliverable'])
      expect(reply.body.message).toMatch(/Text START to the sender of the codes, or use another number/)
    } finally {
      world.carrier.behave()
    }
  })

  test('one sender for both does not start', () => {
    const env = { TWILIO_ACCOUNT_SID: 'AC', TWILIO_AUTH_TOKEN: 'x', TWILIO_FROM: codeSender }
    const settings = readSettings('marketing-opt-in', env)
    expect(() => readMarketing(settings, env)).toThrow('MARKETING_FROM')
    expect(() => readMarketing(settings, { ...env, MARKETING_FROM: codeSender })).toThrow('another sender')
  })
})

describe('L10: quiet hours', () => {
  const paris = (hour: string) => Date.parse(`2026-07-01T${hour}:00+02:00`)
  test.each([
    ['08:59', true],
    ['09:00', false],
    ['19:59', false],
    ['20:00', true],
    ['23:59', true],
    ['00:00', true],
  ])('in Paris at %s', (hour, quiet) => expect(isQuiet('+33612345678' as never, null, paris(hour))).toBe(quiet))

  test('where a country has several zones, the strictest counts, unless the reader said which', () => {
    const [us, noonInNewYork, ninePmUtc] = ['+14155552671' as never, Date.parse('2026-07-01T16:00Z'), Date.parse('2026-07-01T20:00Z')]
    expect([isQuiet(us, null, noonInNewYork), isQuiet(us, 'America/New_York', noonInNewYork), isQuiet(us, null, ninePmUtc)]).toEqual([
      true,
      false,
      false,
    ])
    // A country whose hours nobody entered sleeps always.
    expect(isQuiet('+819012345678' as never, null, ninePmUtc)).toBe(true)
  })

  test('a campaign texts who is awake, subscribed and not gone, each once; the rest in the morning', async () => {
    await world.database.query("UPDATE subscriber SET programs = '{}'")
    await world.advance(msUntilHour(world.parts.now(), 10))
    const staff = await world.staff()
    const [french, american, reader, gone] = [frenchPhone(), americanPhone(), frenchPhone(), frenchPhone()]
    for (const phone of [french, american, gone]) await world.join(phone, { programs: ['offers'] })
    await world.join(reader, { programs: ['news'] })
    await world.byTwilio(gone, 'STOP')
    const renew = async () => (await world.staff()).post(`/api/campaigns/${started.body.data.id}/resume`)
    const started = await campaign(staff)
    expect(started.body.data).toMatchObject({ sent: 1, waiting: 1, refused: 0, stopped: false })
    expect(world.marketingTo(french).at(-1)).toBe('Acme: Sale on Saturday. Reply STOP to cancel')
    await world.advance(msUntilHour(world.parts.now(), 21))
    const runs = await Promise.all([renew(), renew(), renew()])
    expect(runs.map(({ body }) => body.data.sent).sort()).toEqual([0, 0, 1])
    const campaigns = (phone: string) => world.marketingTo(phone).filter((text) => text.includes('Sale'))
    expect([french, american, reader, gone].map((phone) => campaigns(phone).length)).toEqual([1, 1, 0, 0])
    expect((await english().post('/api/campaigns', {})).status).toBe(401)
    expect((await staff.post('/api/campaigns/x/resume')).status).toBe(401)
    expect((await (await world.staff()).post('/api/campaigns/x/resume')).status).toBe(404)
  })

  test('who leaves while a campaign runs gets nothing any more, and a blocked number is left alone', async () => {
    await world.database.query("UPDATE subscriber SET programs = '{}'")
    await world.advance(msUntilHour(world.parts.now(), 10))
    const phones = [frenchPhone(), frenchPhone(), frenchPhone()]
    for (const phone of phones) await world.join(phone, { programs: ['offers'] })
    const staff = await world.staff()
    const texted: string[] = []
    // Whoever is reached first, the others say STOP before their turn comes.
    world.carrier.misbehave(
      async (visit) => {
        const verdict = await visit.read()
        texted.push(verdict.sms?.to ?? '')
        await world.database.query("UPDATE subscriber SET programs = '{}' WHERE phone <> $1", [verdict.sms?.to])
        visit.deliver(verdict)
        visit.reply(verdict.reply)
      },
      { times: 1 },
    )
    expect((await campaign(staff)).body.data).toMatchObject({ sent: 1 })
    expect(phones.flatMap((phone) => world.marketingTo(phone)).filter((text) => text.includes('Sale'))).toHaveLength(1)
    world.blockAtCarrier(marketingSender, texted[0] ?? '')
    expect((await campaign(staff)).body.data).toMatchObject({ sent: 0, refused: 1 })
    world.carrier.behave()
    expect((await campaign(staff)).body.data).toMatchObject({ sent: 0, refused: 0 })
  })
})

describe('L11: a number verified for security is not on the list', () => {
  test('neither by an account nor by a code for signing in', async () => {
    const phone = frenchPhone()
    const names = { firstName: '', lastName: '', email: null, passwordHash: 'x', createdAt: new Date(world.parts.now()) }
    await insertAccount(world.database, { ...names, phone: phone as never })
    const verifier = openVerifier(world.parts, { sms: world.parts.sms, appName: 'Acme', countries: ['FR'] })
    const sent = await verifier.sendCode({ phone, purpose: 'login', client: { ip: '::1' } })
    const session_token = sent.ok ? sent.sessionToken : ''
    // Its code does not confirm a subscription either.
    expect((await english().post('/api/confirm', { session_token, code: world.carrier.lastCode(phone) })).status).toBe(400)
    const verified = await verifier.verifyCode({ sessionToken: session_token, code: world.carrier.lastCode(phone), purpose: 'login' })
    expect(verified.ok).toBe(true)
    await world.advance(msUntilHour(world.parts.now(), 10))
    await campaign(await world.staff())
    await world.byTwilio(phone, 'START')
    expect([await world.programsOf(phone), world.marketingTo(phone).filter((text) => text.includes('Sale'))]).toEqual([undefined, []])
    const joined = await world.database.query(
      "SELECT 1 FROM information_schema.table_constraints c JOIN information_schema.constraint_column_usage u USING (constraint_name) WHERE c.constraint_type = 'FOREIGN KEY' AND c.table_name IN ('subscriber', 'consent_record', 'suppression') AND u.table_name = 'account'",
    )
    expect(joined).toEqual([])
  })

  test('no code advertises anything', async () => {
    const phone = frenchPhone()
    const { visitor } = await world.join(phone)
    await world.advance(60_000)
    await visitor.post('/api/preferences/code', { phone })
    await expect.poll(() => world.carrier.sms.filter(({ to, from }) => to === phone && from === codeSender)).toHaveLength(2)
    const texts = world.carrier.sms
      .filter(({ to, from }) => to === phone && from === codeSender)
      .map(({ text }) => text.replace(/\d{6}/, '#'))
    expect(texts).toEqual([
      '# is your code to confirm that you want texts from Acme. It expires in 10 min.',
      '# is your code to manage texts from Acme. It expires in 5 min. Do not share it.',
    ])
  })
})

describe('L12: export and erasure', () => {
  test('everything comes out; then only a keyed hash is left, and a log that nobody can read', async () => {
    const phone = frenchPhone()
    const { visitor } = await world.join(phone, { programs: ['news'] })
    await world.byTwilio(phone, 'what is this')
    const { data } = (await visitor.get('/api/me/export')).body
    expect(data).toMatchObject({ subscriber: { phone, programs: ['news'] }, messages_to_us: [{ words: 'what is this' }] })
    const [before] = await world.records(phone)
    expect((await visitor.delete('/api/me')).status).toBe(200)
    expect((await visitor.get('/api/me/export')).status).toBe(401)

    const dump = JSON.stringify(await everything())
    expect(dump).not.toContain(phone.slice(1))
    expect((await world.records(phone)).map(({ kind }) => kind)).toEqual(['consent', 'erasure'])
    expect(dump.split(String(before?.['phone_key'])).length - 1).toBe(3)
    await world.byTwilio(phone, 'START')
    expect(await world.programsOf(phone)).toBeUndefined()

    // Who comes back of their own accord is welcome, and does not find what was forgotten.
    await world.advance(60_000)
    const again = await world.join(phone, { programs: ['news'] })
    const { consent_records: kept } = (await again.visitor.get('/api/me/export')).body.data
    expect(kept.map(({ person }: { readonly person: object | null }) => person !== null)).toEqual([false, false, true])
  })

  test('retention is stated, and kept: five years after the end, by the clock of the database', async () => {
    expect((await english().get('/privacy')).text).toContain('five years after your consent has ended')
    const add = (key: string, years: number) =>
      world.database.query(
        `INSERT INTO consent_record (at, said_at, kind, method, phone_key, scope, programs, evidence)
         VALUES (now() - make_interval(years => $2), now(), 'consent', 'web_form', $1, 'all', '{}', '{}')`,
        [key, years],
      )
    await add('old', 6)
    await add('young', 4)
    const service = await world.rebuilt({})
    await service.close()
    const left = await world.database.query("SELECT phone_key FROM consent_record WHERE phone_key IN ('old', 'young')")
    expect(left).toEqual([{ phone_key: 'young' }])
  })

  async function everything(): Promise<readonly unknown[]> {
    const tables = [
      'subscriber',
      'suppression',
      'opt_in_request',
      'consent_record',
      'inbound',
      'reply',
      'inbox',
      'campaign',
      'campaign_text',
    ]
    return Promise.all(tables.map((table) => world.database.query(`SELECT * FROM ${table}`)))
  }
})
