import { twilioBackend } from 'phone-verify/sms/twilio'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answer, silence } from '../../fixtures/carrier/faults.js'
import { account } from '../../fixtures/carrier/twilio-account.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { on, startAlerts } from '../alerts-people.js'

let app: Awaited<ReturnType<typeof startAlerts>>
const wrong = { sender: false }
beforeAll(async () => {
  const { accountSid, authToken, from } = account
  app = await startAlerts({
    sms: ({ url }) => twilioBackend({ accountSid, authToken, from: () => (wrong.sender ? '' : from), baseUrl: url, timeoutMs: 1_000 }),
  })
}, 120_000)
afterEach(() => app.world.carrier.behave())
afterAll(() => app?.world.close())

const minute = 60_000

describe('a provider', () => {
  test('that is away: the text is held, gives its place back, and leaves once it answers', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 1 })
    app.world.carrier.misbehave(answer(twilioError(20429, 429)))
    const { body } = await app.raise(person, 'critical', { message: 'Couteau' })
    expect(on('sms', body.data.notifications)).toEqual(['held', 'provider_unavailable'])
    await app.flush()
    expect(app.textsTo(person)).toEqual([])
    app.world.carrier.behave()
    await app.advance(minute + 1_000, person)
    await app.flush()
    expect(app.textsTo(person)).toEqual(['Argus, alerte critique : Couteau'])
    expect(on('sms', await app.why(person, body.data.id))).toEqual(['sent', 'accepted'])
  })

  test('that is away for a text of several: they go apart, and together again', async () => {
    const person = await app.newcomer({ enabled_methods: ['sms'] })
    app.world.carrier.misbehave(answer(twilioError(20429, 429)))
    const { body } = await app.raise(person)
    await app.raise(person)
    await app.advance(minute + 1_000, person)
    await app.flush()
    expect(on('sms', await app.why(person, body.data.id))).toEqual(['held', 'provider_unavailable'])
    app.world.carrier.behave()
    await app.advance(5 * minute, person)
    await app.flush()
    expect(app.textsTo(person)).toEqual(['Argus : 2 alertes retenues (2 élevée). Un objet suspect a été détecté à 21:45'])
    expect((await person.visitor.get('/api/alerts/costs/')).body.data).toMatchObject({ texts: 1, segments: 1 })
  })

  test('whose sender is set up wrongly: the log says so, and texts leave once it is put right', async () => {
    const person = await app.newcomer()
    wrong.sender = true
    const { body } = await app.raise(person, 'critical')
    expect(on('sms', body.data.notifications)).toEqual(['held', 'sms_not_configured'])
    wrong.sender = false
    await app.advance(minute + 1_000, person)
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(1)
  })

  test.each([
    ['refuses our credentials', twilioError(20003, 401), 'credentials_refused'],
    ['refuses the account', { status: 403 }, 'credentials_refused'],
    ['wants to be paid: the credit is used up', { status: 402 }, 'credit_used_up'],
  ])('that %s: the log says so, and the text leaves once it is put right', async (_name, said, reason) => {
    const person = await app.newcomer({ enabled_methods: ['sms'] })
    app.world.carrier.misbehave(answer(said))
    const { body } = await app.raise(person, 'critical')
    app.world.carrier.behave()
    expect(on('sms', body.data.notifications)).toEqual(['held', reason])
    await app.advance(minute + 1_000, person)
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(1)
  })

  test('that refuses the number: it failed, and no one tries again', async () => {
    const person = await app.newcomer({ enabled_methods: ['sms'] })
    app.world.carrier.misbehave(answer(twilioError(21610)), { times: 1 })
    const { body } = await app.raise(person, 'critical')
    expect(on('sms', body.data.notifications)).toEqual(['failed', 'undeliverable'])
    await app.advance(5 * minute, person)
    await app.flush()
    expect(app.textsTo(person)).toEqual([])
  })

  test('that never answers: perhaps it was sent, and it is not sent twice', async () => {
    const person = await app.newcomer()
    app.world.carrier.misbehave(silence({ sent: true }))
    const { body } = await app.raise(person, 'critical')
    app.world.carrier.behave()
    expect(on('sms', body.data.notifications)).toEqual(['unknown', 'no_answer'])
    await app.advance(5 * minute, person)
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(1)
  })

  test('that is away for a day: the news is old, and the log says that it failed', async () => {
    const person = await app.newcomer({ enabled_methods: ['sms'] })
    app.world.carrier.misbehave(answer(twilioError(20429, 429)))
    const { body } = await app.raise(person, 'critical')
    for (let tries = 1; tries < 10; tries++) {
      await app.world.advance(2 ** tries * minute)
      await app.flush()
    }
    app.world.carrier.behave()
    await app.advance(24 * 60 * minute, person)
    await app.flush()
    expect(on('sms', await app.why(person, body.data.id))).toEqual(['failed', 'provider_unavailable'])
    expect(app.textsTo(person)).toEqual([])
  })
})

test('a mail server that is away holds the letter alone', async () => {
  const person = await app.newcomer()
  app.mail.isAway = true
  const { body } = await app.raise(person, 'critical')
  app.mail.isAway = false
  expect(on('email', body.data.notifications)).toEqual(['held', 'mail_unavailable'])
  expect(on('sms', body.data.notifications)).toEqual(['sent', 'accepted'])
  await app.advance(minute + 1_000, person)
  await app.flush()
  expect(app.lettersTo(person)).toHaveLength(1)
})

test('a process that dies while it sends: another sends it, after two minutes', async () => {
  const person = await app.newcomer({ enabled_methods: ['sms'] })
  const { body } = await app.raise(person, 'critical')
  await app.world.database.query(`UPDATE alert_notification SET status = 'pending' WHERE alert_id = $1 AND channel = 'sms'`, [body.data.id])
  await app.flush()
  expect(app.textsTo(person)).toHaveLength(1)
  await app.advance(2 * minute + 1_000, person)
  await app.flush()
  expect(app.textsTo(person)).toHaveLength(2)
  const why = await app.why(person, body.data.id)
  expect(why.find(({ channel }) => channel === 'sms')?.history.map(({ reason }) => reason)).toEqual([
    ...['passed', 'accepted', 'interrupted', 'released', 'accepted'],
  ])
})

test('a number that was changed while an alert was held gets nothing any more', async () => {
  const person = await app.newcomer({ enabled_methods: ['sms'], max_notifications_per_hour: 1 })
  await app.raise(person)
  await app.raise(person)
  const phone = '+33698765432'
  await app.world.database.query('UPDATE account SET phone = $2 WHERE id = $1', [person.id, phone])
  await app.world.advance(61 * minute)
  await app.flush()
  expect(app.textsTo(person)).toHaveLength(1)
  expect(app.world.carrier.sms.filter(({ to }) => to === phone)).toHaveLength(1)
})

test('no number, address or message stands in a log line', async () => {
  const person = await app.newcomer()
  app.world.carrier.misbehave(answer(twilioError(20429, 429)))
  await app.raise(person, 'critical', { message: 'un mot rare: xylophone' })
  app.world.carrier.behave()
  const log = app.world.logged.join('')
  expect(log).toContain('alert not sent')
  for (const secret of [person.phone.slice(1), person.email, 'xylophone']) expect(log).not.toContain(secret)
})

test('a store that is away holds texts; the list and e-mail are as ever', { timeout: 120_000 }, async () => {
  const other = await startAlerts({ redis: 'redis://127.0.0.1:1' })
  try {
    const person = await other.newcomer()
    const { body } = await other.raise(person, 'critical')
    expect(['web', 'email', 'sms'].map((channel) => on(channel, body.data.notifications)[0])).toEqual(['sent', 'sent', 'held'])
    expect(other.textsTo(person)).toEqual([])
  } finally {
    await other.world.close()
  }
})
