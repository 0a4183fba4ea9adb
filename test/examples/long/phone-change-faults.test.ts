import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessions } from '../../../examples/accounts/sessions.js'
import { buildApp, type PhoneChangeService } from '../../../examples/phone-change/app.js'
import { createChangePhone } from '../../../examples/phone-change/change-phone.js'
import { openVerifier } from '../../../examples/service/verifier.js'
import * as faults from '../../fixtures/carrier/faults.js'
import { createPeople, type People, type Person, password } from '../phone-change-people.js'
import { startWorld, type World } from '../world.js'

let world: World
let people: People
let service: PhoneChangeService

beforeAll(async () => {
  world = await startWorld(async (parts) => {
    service = await buildApp(parts)
    return service
  })
  people = createPeople(world)
}, 60_000)
afterAll(() => world?.close())

const noticesOf = ({ id }: Pick<Person, 'id'>) =>
  world.database.query(
    `SELECT template, tries, notice.outcome, next_try_at IS NULL AS over FROM phone_change_notice notice
     JOIN phone_change ON phone_change.id = change_id WHERE account_id = $1 ORDER BY notice.id`,
    [id],
  )

describe('while the provider is away', () => {
  test('no code can be sent, and the next request is as if this one had not been', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    await world.carrier.unlisten()
    const refused = await people.request(person, phone)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    await world.carrier.listen()
    expect((await people.request(person, phone)).status).toBe(202)
  })

  test('a change is made all the same, and both numbers hear of it once the provider is back', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    const { sessionToken, code } = await people.pending(person, phone)
    await world.carrier.unlisten()
    expect((await people.confirm(person, sessionToken, code)).status).toBe(200)
    expect((await people.accountOf(person)).phone).toBe(phone)
    expect(people.textsTo(person.phone)).toEqual([])
    const failed = { tries: 1, outcome: 'unavailable', over: false }
    expect(await noticesOf(person)).toEqual([
      { ...failed, template: 'phone_changed_old' },
      { ...failed, template: 'phone_changed_new' },
    ])
    expect(world.logged.filter((line) => line.includes('"notice failed"') && line.includes('"phone_changed_old"'))).toHaveLength(1)

    // Not before a minute has passed; then twice that.
    await service.notices.sendDue()
    await world.advance(60_000)
    await service.notices.sendDue()
    expect((await noticesOf(person)).map((notice) => notice['tries'])).toEqual([2, 2])
    await world.carrier.listen()
    await world.advance(119_000)
    await service.notices.sendDue()
    expect(people.textsTo(person.phone)).toEqual([])
    await world.advance(2_000)
    // Two processes look at once: each text is one's alone.
    await Promise.all([service.notices.sendDue(), service.notices.sendDue()])
    expect(people.textsTo(person.phone)).toHaveLength(1)
    expect(people.textsTo(phone)).toHaveLength(2)
    await world.advance(600_000)
    await service.notices.sendDue()
    expect(people.textsTo(person.phone)).toHaveLength(1)

    // The link of the late text is the one whose hash was kept.
    expect((await people.undo(people.undoTokenTo(person.phone))).status).toBe(200)
  })

  test('a text that is of no use any more is tried no longer', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    await world.carrier.unlisten()
    await people.confirm(person, sessionToken, code)
    for (let time = 0; time < 15; time++) {
      await world.advance(3 * 3_600_000 * 2 ** time)
      await service.notices.sendDue()
    }
    await world.carrier.listen()
    const [old] = await noticesOf(person)
    expect(old).toEqual({ template: 'phone_changed_old', tries: 11, outcome: 'unavailable', over: true })
  })

  test('an old number that takes no texts any more stops nothing', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    const { sessionToken, code } = await people.pending(person, phone)
    const refusal = JSON.stringify({ code: 21610, message: 'x', more_info: 'x', status: 400 })
    world.carrier.misbehave(faults.answer({ status: 400, headers: { 'content-type': 'application/json' }, body: refusal }), { times: 1 })
    expect((await people.confirm(person, sessionToken, code)).status).toBe(200)
    expect(await noticesOf(person)).toEqual([
      { template: 'phone_changed_old', tries: 1, outcome: 'undeliverable', over: true },
      { template: 'phone_changed_new', tries: 1, outcome: 'accepted', over: true },
    ])
  })
})

describe('while the database fails between proof and change', () => {
  /** Every update of an account fails, as on a server that runs out of room. */
  const failUpdates = () =>
    world.database.run(`
      CREATE FUNCTION fail_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER fail_update BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION fail_update()`)
  const mend = () => world.database.run('DROP TRIGGER fail_update ON account; DROP FUNCTION fail_update')

  test('nothing has happened, and the proof is as good as before', async () => {
    const person = await people.newcomer()
    const other = await people.signIn(person.phone)
    const phone = people.freshPhone()
    const { sessionToken, code } = await people.pending(person, phone)
    const verifier = openVerifier(world.parts, { sms: world.parts.sms, appName: 'WaterBill', countries: ['CM'] })
    const sessions = createSessions(world.parts)
    const changePhone = createChangePhone({ parts: world.parts, verifier, sessions, notices: service.notices })
    const verified = await verifier.verifyCode({ sessionToken, code, purpose: 'phone_change', subject: person.id })
    if (!verified.ok) throw new Error(verified.reason)
    const change = {
      accountId: person.id,
      sessionId: await people.sessionOf(person),
      proof: verified.proof,
      language: 'fr',
    } as const

    await failUpdates()
    await expect(changePhone(change)).rejects.toMatchObject({ code: '53100' })
    await mend()
    expect((await people.accountOf(person)).phone).toBe(person.phone)
    expect([await people.changesOf(person), await noticesOf(person)]).toEqual([[], []])
    expect((await other.visitor.get('/api/profile/')).status).toBe(200)

    // A proof of this account opens no other one.
    const stranger = await people.newcomer()
    expect(await changePhone({ ...change, accountId: stranger.id })).toEqual({ ok: false, reason: 'invalid_proof' })
    // Nor does it open this one for a session that has ended.
    const ended = await people.sessionOf(other)
    await createSessions(world.parts).revokeAll(world.database, person.id, change.sessionId)
    expect(await changePhone({ ...change, sessionId: ended })).toEqual({ ok: false, reason: 'signed_out' })
    expect(await changePhone(change)).toMatchObject({ ok: true, phone })
    await world.advance(24 * 3_600_000)
    const late = await changePhone(change)
    expect(late).toMatchObject({ ok: false, reason: 'expired' })
    await verifier.close()
  })

  test('a proof is redeemed once', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    const verifier = openVerifier(world.parts, { sms: world.parts.sms, appName: 'WaterBill', countries: ['CM'] })
    const sessions = createSessions(world.parts)
    const changePhone = createChangePhone({ parts: world.parts, verifier, sessions, notices: service.notices })
    const verified = await verifier.verifyCode({ sessionToken, code, purpose: 'phone_change', subject: person.id })
    if (!verified.ok) throw new Error(verified.reason)
    const change = {
      accountId: person.id,
      sessionId: await people.sessionOf(person),
      proof: verified.proof,
      language: 'fr',
    } as const
    expect(await changePhone(change)).toMatchObject({ ok: true })
    // As if the day had passed: the proof alone must not be good again.
    await world.database.run('ALTER TABLE phone_change DISABLE TRIGGER phone_change_stands')
    await world.database.query('UPDATE phone_change SET undo_until = changed_at WHERE account_id = $1', [person.id])
    await world.database.run('ALTER TABLE phone_change ENABLE TRIGGER phone_change_stands')
    expect(await changePhone(change)).toEqual({ ok: false, reason: 'already_redeemed' })
    await verifier.close()
  })

  test('the visitor hears 503, and starts anew', async () => {
    const person = await people.newcomer()
    const phone = people.freshPhone()
    const { sessionToken, code } = await people.pending(person, phone)
    await failUpdates()
    const failed = await people.confirm(person, sessionToken, code)
    await mend()
    expect([failed.status, failed.body.status, failed.headers.get('retry-after')]).toEqual([503, 'error', '5'])
    expect((await people.accountOf(person)).phone).toBe(person.phone)
    await world.advance(31_000)
    expect((await people.changeTo(person, phone)).status).toBe(200)
  })
})

test('no log line holds a number, a code, a token or a password', () => {
  expect(people.leaks()).toEqual([])
  // The control: what would be found, were it there.
  expect(world.carrier.sms.map(({ text }) => text).join()).toContain([...people.secrets].find((secret) => /^[\w-]{16}$/.test(secret)))
  expect(world.logged.join('')).not.toContain(password)
})
