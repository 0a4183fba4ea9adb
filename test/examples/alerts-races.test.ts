import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountById } from '../../examples/accounts/account.js'
import { decide } from '../../examples/alerts/decide.js'
import { circumstancesOf } from '../../examples/alerts/notifications.js'
import { preferencesOf } from '../../examples/alerts/preferences.js'
import { describeWith } from '../fixtures/services.js'
import { on, startAlerts } from './alerts-people.js'

describeWith('with a Postgres server', 'postgres', ({ postgres }) => {
  let app: Awaited<ReturnType<typeof startAlerts>>
  beforeAll(async () => {
    app = await startAlerts({ postgres })
  }, 120_000)
  afterAll(() => app?.world.close())
  const hour = 3_600_000

  test('of twenty alerts at once, no more than the cap are sent; the rest comes in one text', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 5 })
    const replies = await Promise.all(Array.from({ length: 20 }, () => app.raise(person, 'critical')))
    expect(replies.every(({ status }) => status === 201)).toBe(true)
    const outcomes = replies.map(({ body }) => on('sms', body.data.notifications).join(' ')).sort()
    expect(outcomes).toEqual([...Array(15).fill('held hourly_cap'), ...Array(5).fill('sent accepted')])
    expect([app.textsTo(person).length, app.lettersTo(person).length]).toEqual([5, 5])
    expect((await person.visitor.get('/api/alerts/')).body.data.alerts).toHaveLength(20)

    await app.advance(hour + 1_000, person)
    // Several processes look at the same time.
    await Promise.all([app.flush(), app.flush(), app.flush()])
    expect(app.textsTo(person).slice(5)).toEqual([expect.stringMatching(/^Argus : 15 alertes retenues/)])
    expect(app.lettersTo(person)).toHaveLength(6)
  })

  test('only the lock on the account keeps two who count at once from one place', async () => {
    const person = await app.newcomer({ max_notifications_per_hour: 1 })
    const { database, parts } = app.world
    let counted = 0
    let open = () => {}
    const bothCounted = new Promise<void>((resolve) => {
      open = resolve
    })
    // The control locks nothing: both count before either has taken its place.
    const careless = () =>
      database.transaction(async (transaction) => {
        const account = await accountById(transaction, person.id)
        if (account === undefined) throw new Error('no such account')
        const known = await circumstancesOf(transaction, account, 'sms', parts.now())
        counted += 1
        if (counted === 2) open()
        await bothCounted
        return decide({ kind: 'anomaly', severity: 'critical' }, 'sms', await preferencesOf(transaction, person.id), known).verdict
      })
    expect(await Promise.all([careless(), careless()])).toEqual(['deliver', 'deliver'])
    const replies = await Promise.all([app.raise(person, 'critical'), app.raise(person, 'critical')])
    expect(replies.map(({ body }) => on('sms', body.data.notifications)[0]).sort()).toEqual(['held', 'sent'])
  })

  test('of one event that is said ten times at once, one alert is made', async () => {
    const person = await app.newcomer()
    const replies = await Promise.all(Array.from({ length: 10 }, () => app.raise(person, 'high', { event_id: 'camera-7' })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(app.textsTo(person)).toHaveLength(1)
  })
})
