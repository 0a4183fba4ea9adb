import SwaggerParser from '@apidevtools/swagger-parser'
import { countSegments } from 'phone-verify/sms/segments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wallClock } from '../../examples/alerts/quiet-hours.js'
import { on, startAlerts } from './alerts-people.js'

let app: Awaited<ReturnType<typeof startAlerts>>
beforeAll(async () => {
  app = await startAlerts()
}, 120_000)
afterAll(() => app?.world.close())

const minute = 60_000
const hour = 60 * minute

/** Quiet hours that began just now, in Paris, and end in two hours. */
const quietNow = () => ({
  quiet_hours_start: wallClock('Europe/Paris', app.world.parts.now()),
  quiet_hours_end: wallClock('Europe/Paris', app.world.parts.now() + 2 * hour),
})

describe('an alert', () => {
  test('comes by list, e-mail and text, and says so to who raised it', async () => {
    const person = await app.newcomer()
    const raised = await app.raise(person, 'critical', { message: 'Un objet suspect (knife) a été détecté à 21:45' })
    expect(raised.status).toBe(201)
    for (const channel of ['email', 'sms']) expect(on(channel, raised.body.data.notifications)).toEqual(['sent', 'accepted'])
    expect(on('web', raised.body.data.notifications)).toEqual(['sent', 'passed'])
    expect(app.textsTo(person)).toEqual(['Argus, alerte critique : Un objet suspect (knife) a été détecté à 21:45'])
    expect(app.lettersTo(person)[0]?.text).toContain('[critique] Objet suspect\nUn objet suspect (knife)')
    const { body } = await person.visitor.get('/api/alerts/')
    expect(body.data.alerts).toMatchObject([{ id: raised.body.data.id, severity: 'critical', kind: 'anomaly' }])
    expect((await person.visitor.get(`/api/alerts/?after=${body.data.cursor}`)).body.data.alerts).toEqual([])
  })

  test('reaches a list that waits', async () => {
    const person = await app.newcomer()
    const waiting = person.visitor.get('/api/alerts/?wait=1')
    const raised = await app.raise(person)
    expect((await waiting).body.data.alerts).toMatchObject([{ id: raised.body.data.id }])
  })

  test('speaks the language of its reader', async () => {
    const person = await app.newcomer({ language: 'en' })
    await app.raise(person, 'critical', { message: 'Knife' })
    expect(app.textsTo(person)).toEqual(['Argus, critical alert: Knife'])
  })

  test('is one, however often and at once the detector says it', async () => {
    const person = await app.newcomer()
    const replies = await Promise.all(Array.from({ length: 5 }, () => app.raise(person, 'high', { event_id: 'camera-7' })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
    expect(new Set(replies.map(({ body }) => body.data.id)).size).toBe(1)
    expect(app.textsTo(person)).toHaveLength(1)
  })

  test('is raised by staff alone, for accounts that are there', async () => {
    const person = await app.newcomer()
    const body = { account_id: Number(person.id), kind: 'anomaly', severity: 'high', title: 'a', message: 'b' }
    expect((await person.visitor.post('/api/alerts/', body)).status).toBe(403)
    expect((await app.world.visitor().post('/api/alerts/', body)).status).toBe(401)
    expect((await app.raise({ id: '99999999' })).status).toBe(404)
    await app.world.database.query('UPDATE account SET is_active = false WHERE id = $1', [person.id])
    expect((await app.raise(person)).status).toBe(404)
    expect(app.textsTo(person)).toEqual([])
  })

  test('is asked about by its owner alone', async () => {
    const [person, other] = [await app.newcomer(), await app.newcomer()]
    const { body } = await app.raise(person)
    expect((await other.visitor.get(`/api/alerts/${body.data.id}/why/`)).status).toBe(404)
    expect((await other.visitor.get('/api/alerts/')).body.data.alerts).toEqual([])
    expect((await other.visitor.get('/api/alerts/log/')).body.data.log).toEqual([])
    expect((await person.visitor.get('/api/alerts/nothing/why/')).status).toBe(404)
  })
})

describe('why did I not get this?', () => {
  test('a channel that is off, and a severity that is too low', async () => {
    const person = await app.newcomer({ enabled_methods: ['web', 'sms'], min_severity_sms: 'critical' })
    const { body } = await app.raise(person, 'high')
    const why = await app.why(person, body.data.id)
    expect(on('email', why)).toEqual(['dropped', 'method_disabled'])
    expect(on('sms', why)).toEqual(['dropped', 'below_minimum'])
    expect(why.find(({ channel }) => channel === 'sms')?.says).toBe('Sévérité trop basse : voyez min_severity.')
    expect(app.textsTo(person)).toEqual([])
  })

  test('no verified number: said when texts are switched on, and in the log', async () => {
    const person = await app.newcomer()
    await app.world.database.query('UPDATE account SET phone = NULL, phone_verified_at = NULL WHERE id = $1', [person.id])
    expect(on('sms', (await app.raise(person)).body.data.notifications)).toEqual(['dropped', 'no_phone'])
    for (const refused of [await app.prefer(person, {}), await person.visitor.post('/api/alerts/presets/', { preset: 'normal' })]) {
      expect([refused.status, refused.body.data]).toEqual([409, { reason: 'no_phone' }])
    }
    expect((await app.prefer(person, { enabled_methods: ['web'] })).status).toBe(200)
  })

  test('the log says what became of everything, newest first', async () => {
    const person = await app.newcomer({ enabled_methods: ['web', 'sms'] })
    await app.raise(person, 'critical')
    const { log } = (await person.visitor.get('/api/alerts/log/')).body.data
    expect(log.map((one: { channel: string; event: string; reason: string }) => `${one.channel} ${one.event} ${one.reason}`)).toEqual([
      'sms sent accepted',
      'sms pending passed',
      'email dropped method_disabled',
      'web sent passed',
    ])
  })
})

describe('quiet hours', () => {
  test('hold what is not critical, and let go of it in one text when they are over', async () => {
    const person = await app.newcomer(quietNow())
    const first = await app.raise(person, 'high', { message: 'Porte' })
    await app.raise(person, 'medium', { message: 'Couloir' })
    expect(on('sms', first.body.data.notifications)).toEqual(['held', 'quiet_hours'])
    await app.raise(person, 'critical', { message: 'Couteau' })
    await app.flush()
    expect(app.textsTo(person)).toEqual(['Argus, alerte critique : Couteau'])
    // The list shows all of them meanwhile.
    expect((await person.visitor.get('/api/alerts/')).body.data.alerts).toHaveLength(3)
    await app.advance(2 * hour + minute, person)
    await app.flush()
    expect(app.textsTo(person).slice(1)).toEqual(['Argus : 2 alertes retenues (1 élevée, 1 moyenne). Porte'])
    const why = await app.why(person, first.body.data.id)
    expect(why.find(({ channel }) => channel === 'sms')?.history.map(({ event, reason }) => `${event} ${reason}`)).toEqual([
      'held quiet_hours',
      'aggregated released',
      'pending released',
      'sent accepted',
    ])
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(2)
  })

  test('drop it where nothing is to be aggregated', async () => {
    const person = await app.newcomer({ ...quietNow(), enable_aggregation: false })
    expect(on('sms', (await app.raise(person)).body.data.notifications)).toEqual(['dropped', 'quiet_hours'])
  })
})

describe('the hourly cap', () => {
  test('holds the rest, what is critical too, until an hour has room: in one text that counts as one', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 2, enable_aggregation: false })
    for (const severity of ['high', 'high'] as const) await app.raise(person, severity)
    expect(on('sms', (await app.raise(person, 'high')).body.data.notifications)).toEqual(['dropped', 'hourly_cap'])
    for (const severity of ['critical', 'critical'] as const)
      expect(on('sms', (await app.raise(person, severity)).body.data.notifications)).toEqual(['held', 'hourly_cap'])
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(2)
    await app.advance(hour + 1_000, person)
    await app.flush()
    expect(app.textsTo(person)[2]).toMatch(/^Argus : 2 alertes retenues \(2 critique\)/)
    await app.raise(person)
    expect(app.textsTo(person)).toHaveLength(4)
    expect(on('sms', (await app.raise(person)).body.data.notifications)).toEqual(['dropped', 'hourly_cap'])
  })

  test('is each channel’s own', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 1, min_severity_sms: 'critical' })
    await app.raise(person, 'high')
    const { body } = await app.raise(person, 'critical')
    expect([on('email', body.data.notifications), on('sms', body.data.notifications)]).toEqual([
      ['held', 'hourly_cap'],
      ['sent', 'accepted'],
    ])
  })

  test('what was held is asked about anew: who switched texts off gets none', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 1 })
    await app.raise(person)
    const { body } = await app.raise(person)
    await app.prefer(person, { enabled_methods: ['web'] })
    await app.advance(hour + 1_000, person)
    await app.flush()
    expect(app.textsTo(person)).toHaveLength(1)
    expect(on('sms', await app.why(person, body.data.id))).toEqual(['dropped', 'method_disabled'])
  })
})

describe('preferences', () => {
  test('begin without texts, and are kept', async () => {
    const person = await app.newcomer()
    await app.world.database.query('DELETE FROM alert_preferences WHERE account_id = $1', [person.id])
    expect((await person.visitor.get('/api/alerts/preferences/')).body.data).toMatchObject({ enabled_methods: ['web', 'email'] })
    const quiet = { quiet_hours_start: '22:00', quiet_hours_end: '07:00', time_zone: 'Africa/Douala' }
    await app.prefer(person, quiet)
    expect((await person.visitor.get('/api/alerts/preferences/')).body.data).toMatchObject({
      ...quiet,
      enabled_methods: ['web', 'email', 'sms'],
    })
  })

  test('presets', async () => {
    const person = await app.newcomer({ quiet_hours_start: '22:00', quiet_hours_end: '07:00' })
    const preset = async (name: string) => (await person.visitor.post('/api/alerts/presets/', { preset: name })).body.data
    expect(await preset('normal')).toMatchObject({
      min_severity_sms: 'critical',
      max_notifications_per_hour: 5,
      quiet_hours_start: '22:00',
    })
    expect(await preset('intensive')).toMatchObject({ min_severity_sms: 'medium', quiet_hours_start: null, enable_aggregation: false })
    expect(await preset('development')).toMatchObject({ enabled_methods: ['web'], max_notifications_per_hour: 3 })
    expect((await person.visitor.post('/api/alerts/presets/', { preset: 'loud' })).status).toBe(400)
  })

  test.each([
    [{ quiet_hours_start: '22:00' }, 'quiet_hours_end', 'Donnez le début et la fin, ou aucun des deux.'],
    [{ quiet_hours_start: '22:00', quiet_hours_end: '22:00' }, 'quiet_hours_end', 'Le début et la fin sont les mêmes.'],
    [{ quiet_hours_start: '24:00', quiet_hours_end: '07:00' }, 'quiet_hours_start', 'Donnez une heure comme 22:00.'],
    [{ time_zone: 'Mars/Olympus' }, 'time_zone', 'Fuseau horaire inconnu. Exemple : Europe/Paris.'],
  ])('%j are refused in words', async (some, field, sentence) => {
    const person = await app.newcomer()
    const reply = await app.prefer(person, some)
    expect([reply.status, reply.body.data]).toEqual([400, { [field]: [sentence] }])
  })
})

test('texts, segments and cents of the month', async () => {
  const person = await app.newcomer({ max_notifications_per_hour: 60 })
  for (let count = 0; count < 3; count++) await app.raise(person, 'high', { message: 'ж'.repeat(300) })
  for (const text of app.textsTo(person)) expect(countSegments(text).segments).toBe(1)
  const { data } = (await person.visitor.get('/api/alerts/costs/')).body
  const at = new Date(app.world.parts.now())
  expect(data).toMatchObject({ month: at.toISOString().slice(0, 7), texts: 3, segments: 3, cents: 15 })
  expect(data.projected_cents).toBeGreaterThanOrEqual(15)
  await app.advance(32 * 24 * hour, person)
  expect((await person.visitor.get('/api/alerts/costs/')).body.data).toMatchObject({ texts: 0, cents: 0, projected_cents: 0 })
})

test('garbage in any field is refused, and breaks nothing', async () => {
  const person = await app.newcomer()
  const garbage = [null, 0, -1, 1.5, 1e300, '', 'x'.repeat(400), '\u0000', [], {}, true, ['sms', 7], '__proto__']
  const fields = ['account_id', 'kind', 'severity', 'title', 'message', 'event_id']
  const statuses = new Set<number>()
  for (const field of fields) for (const value of garbage) statuses.add((await app.raise(person, 'low', { [field]: value })).status)
  expect([...statuses].filter((status) => status >= 500)).toEqual([])
  expect(statuses).toContain(400)
  for (const value of garbage.filter((one) => !(Array.isArray(one) && one.length === 0))) {
    expect((await app.prefer(person, { enabled_methods: value as never })).status).toBe(400)
    expect((await app.prefer(person, { time_zone: value as never })).status).toBe(400)
    expect((await app.prefer(person, { max_notifications_per_hour: value as never })).status).toBe(400)
  }
  expect((await app.prefer(person, { isStaff: true } as never)).status).toBe(400)
  expect((await person.visitor.get('/api/alerts/?after=-1')).status).toBe(400)
  expect((await person.visitor.get('/api/alerts/%00/why/')).status).toBe(400)
})

test('the list and everything of one’s own want a sign-in, and no other site may write', async () => {
  const stranger = app.world.visitor()
  for (const path of ['', 'preferences/', 'log/', 'costs/', '1/why/']) expect((await stranger.get(`/api/alerts/${path}`)).status).toBe(401)
  const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } }
  expect((await stranger.post('/api/alerts/presets/', { preset: 'normal' }, crossSite)).status).toBe(403)
})

test('the document is valid, and lists the routes', async () => {
  const { body } = await app.world.visitor().get('/openapi.json')
  await expect(SwaggerParser.validate(structuredClone(body))).resolves.toMatchObject({ openapi: '3.1.0' })
  expect(Object.keys(body.paths).sort()).toEqual([
    ...['/api/alerts/', '/api/alerts/costs/', '/api/alerts/log/', '/api/alerts/preferences/', '/api/alerts/presets/'],
    ...['/api/alerts/{id}/why/', '/api/login/', '/api/logout/', '/api/token/refresh/'],
  ])
})
