import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SecondFactor } from '../../../examples/accounts/second-factor.js'
import { buildApp } from '../../../examples/phone-change/app.js'
import { base, createPeople, type People, password } from '../phone-change-people.js'
import { startWorld, type World } from '../world.js'

/** Accounts with an authenticator, each with the code that it shows now. */
const authenticators = new Map<string, string>()
const secondFactor: SecondFactor = {
  isEnabled: async (_sql, accountId) => authenticators.has(accountId),
  async check(_sql, accountId, code) {
    const isRight = authenticators.get(accountId) === code
    if (isRight) authenticators.set(accountId, 'used up')
    return isRight
  },
}

let world: World
let people: People

beforeAll(async () => {
  world = await startWorld((parts) => buildApp(parts, { secondFactor, frontendUrl: new URL('https://waterbill.app') }))
  people = createPeople(world)
}, 60_000)
afterAll(() => world?.close())

describe('who it is', () => {
  test('nobody without an access token', async () => {
    for (const path of ['request', 'resend', 'confirm']) {
      const reply = await world.visitor().post(`${base}/${path}/`, {})
      expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
  })

  test('a stolen access token alone changes nothing', async () => {
    const victim = await people.newcomer()
    const thief = world.visitor()
    thief.bear(victim.access)
    const phone = people.freshPhone()
    for (const body of [{ new_phone: phone }, { new_phone: phone, password: '' }, { new_phone: phone, password: 'a guess' }]) {
      expect((await thief.post(`${base}/request/`, body)).status).toBe(400)
    }
    expect(people.textsTo(phone)).toEqual([])
    expect((await people.accountOf(victim)).phone).toBe(victim.phone)
  })

  test('a password is guessed at five times, from however many addresses', async () => {
    const victim = await people.newcomer()
    const guess = (tried: string) => {
      const thief = world.visitor()
      thief.bear(victim.access)
      return thief.post(`${base}/request/`, { new_phone: people.freshPhone(), password: tried })
    }
    for (let time = 0; time < 5; time++) {
      const wrong = await guess(`guess ${time}`)
      expect([wrong.status, wrong.body.data]).toEqual([400, { password: ['Mot de passe incorrect.'] }])
    }
    const throttled = await guess(password)
    expect([throttled.status, Number(throttled.headers.get('retry-after'))]).toEqual([429, expect.closeTo(900, -2)])
    await world.advance(15 * 60_000)
    const { visitor } = await people.signIn(victim.phone)
    expect((await people.request({ visitor }, people.freshPhone())).status).toBe(202)
  })

  test('five guesses at once are five', async () => {
    const victim = await people.newcomer()
    const body = { new_phone: people.freshPhone(), password: 'a guess' }
    const replies = await Promise.all(Array.from({ length: 9 }, () => victim.visitor.post(`${base}/request/`, body)))
    expect(replies.map(({ status }) => status).sort()).toEqual([...Array(5).fill(400), ...Array(4).fill(429)])
  })

  test('an account with a second factor gives that too, once, and only after its password', async () => {
    const person = await people.newcomer()
    authenticators.set(person.id, '204816')
    const phone = people.freshPhone()
    const without = await people.request(person, phone)
    expect([without.status, Object.keys(without.body.data)]).toEqual([400, ['totp_code']])
    const wrongPassword = await people.request(person, phone, { password: 'a guess', totp_code: '204816' })
    expect(Object.keys(wrongPassword.body.data)).toEqual(['password'])
    expect((await people.request(person, phone, { totp_code: '999999' })).status).toBe(400)
    expect(people.textsTo(phone)).toEqual([])
    expect((await people.request(person, phone, { totp_code: '204816' })).status).toBe(202)
    expect((await people.request(person, people.freshPhone(), { totp_code: '204816' })).status).toBe(400)
  })

  test.each(['request', 'resend', 'confirm', 'undo'])('%s from another site is refused', async (path) => {
    const person = await people.newcomer()
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const reply = await person.visitor.post(`${base}/${path}/`, { new_phone: people.freshPhone(), password }, { headers })
      expect(reply.status).toBe(403)
    }
  })
})

describe('whose number it is', () => {
  test('the number that changes is the one that was proven, never the one that was asked for last', async () => {
    const victim = await people.newcomer()
    const attacker = await people.newcomer()
    const own = people.freshPhone()
    const proven = await people.pending(attacker, own)
    const wanted = (await people.request(attacker, victim.phone)).body.data.session_token
    // The code of the own number does not open the challenge of the other's.
    expect((await people.confirm(attacker, wanted, proven.code)).body.data.reason).toBe('incorrect_code')
    const confirmed = await people.confirm(attacker, proven.sessionToken, proven.code)
    expect(confirmed.body.data).toEqual({ phone: own })
    expect((await people.accountOf(attacker)).phone).toBe(own)
    expect((await people.accountOf(victim)).phone).toBe(victim.phone)
  })

  test('a challenge belongs to the account that opened it: nobody else uses it, or uses it up', async () => {
    const [victim, attacker] = [await people.newcomer(), await people.newcomer()]
    const { sessionToken, code } = await people.pending(victim, people.freshPhone())
    for (let time = 0; time < 7; time++) {
      const refused = await people.confirm(attacker, sessionToken, code)
      expect([refused.status, refused.body.data.reason]).toEqual([400, 'invalid_session'])
    }
    expect((await people.accountOf(attacker)).phone).toBe(attacker.phone)
    expect((await people.confirm(victim, sessionToken, code)).status).toBe(200)
  })

  test('who proves an own number changes no other account by it', async () => {
    const [victim, attacker] = [await people.newcomer(), await people.newcomer()]
    const { sessionToken, code } = await people.pending(attacker, people.freshPhone())
    // With a stolen access token, but not the password: the attacker's challenge in the victim's session.
    const thief = world.visitor()
    thief.bear(victim.access)
    expect((await thief.post(`${base}/confirm/`, { session_token: sessionToken, code })).body.data.reason).toBe('invalid_session')
    const named = { session_token: sessionToken, code, user_id: Number(victim.id), account_id: victim.id, phone: people.freshPhone() }
    expect((await attacker.visitor.post(`${base}/confirm/`, named)).status).toBe(200)
    expect((await people.accountOf(victim)).phone).toBe(victim.phone)
  })

  test('a session that has ended confirms nothing', async () => {
    const person = await people.newcomer()
    const { sessionToken, code } = await people.pending(person, people.freshPhone())
    await world.database.query('UPDATE account_session SET revoked_at = $2 WHERE account_id = $1', [person.id, new Date()])
    expect((await people.confirm(person, sessionToken, code)).status).toBe(401)
    expect((await people.accountOf(person)).phone).toBe(person.phone)
  })

  test('whether a number has an account is said to nobody but who reads its texts', async () => {
    const [holder, curious] = [await people.newcomer(), await people.newcomer()]
    const headersOf = ({ headers }: { readonly headers: Headers }) => [...headers.keys()].sort()
    const free = await people.request(curious, people.freshPhone())
    const taken = await people.request(curious, holder.phone)
    expect([taken.status, taken.body.message, Object.keys(taken.body.data)]).toEqual([
      ...[free.status, free.body.message, Object.keys(free.body.data)],
    ])
    expect(headersOf(taken)).toEqual(headersOf(free))
    // What comes back is as long for one as for the other.
    expect(taken.text.length).toBe(free.text.length)

    const told = await people.confirm(curious, taken.body.data.session_token, people.codeTo(holder.phone))
    expect([told.status, told.body.data]).toEqual([409, { reason: 'taken' }])
    expect((await people.accountOf(curious)).phone).toBe(curious.phone)
    expect((await people.accountOf(holder)).phone).toBe(holder.phone)
    expect(await people.changesOf(curious)).toEqual([])
  })

  test('a number that was verified long ago is not taken over either: the support decides', async () => {
    const [holder, next] = [await people.newcomer(), await people.newcomer()]
    await world.database.query('UPDATE account SET phone_verified_at = $2 WHERE id = $1', [
      ...[holder.id, new Date(world.parts.now() - 400 * 24 * 3_600_000)],
    ])
    const told = await people.changeTo(next, holder.phone)
    expect([told.status, told.body.message]).toEqual([409, expect.stringContaining('support')])
    expect((await people.accountOf(holder)).phone).toBe(holder.phone)
  })
})

test('the link in the text leads to the page and carries no token', async () => {
  const person = await people.newcomer()
  const phone = people.freshPhone()
  await people.request(person, phone)
  expect(people.textsTo(phone)).toEqual([expect.stringContaining('à saisir sur https://waterbill.app/change-phone. Valable 10 min.')])
})

describe('garbage', () => {
  const garbage: readonly unknown[] = [
    ...[null, true, 0, -1, 1.5, 1e308, [], ['+237670000000'], {}, { $ne: null }, '', ' ', '\u0000', '\ud800', '__proto__'],
    ...['x'.repeat(9_000), '+', '٠١٢٣٤٥', "'; DROP TABLE account; --", '🙈'.repeat(100)],
  ]
  const fields = {
    request: ['new_phone', 'password', 'totp_code'],
    resend: ['session_token'],
    confirm: ['session_token', 'code'],
    undo: ['token'],
  } as const
  test.each(Object.entries(fields))('in %s is the visitor’s mistake', async (path, names) => {
    const person = await people.newcomer()
    authenticators.set(person.id, '204816')
    const good = { new_phone: people.freshPhone(), password, totp_code: 'no', session_token: 'no', code: '123456', token: 'no' }
    for (const name of names) {
      for (const value of garbage) {
        // Each from an address of its own, so that not everything is a throttle's.
        const visitor = world.visitor()
        visitor.bear(person.access)
        const { status } = await visitor.post(`${base}/${path}/`, { ...good, [name]: value })
        expect([name, value, status]).toEqual([name, value, expect.toBeOneOf([400, 429])])
        if (typeof value !== 'string') expect([name, value, status]).toEqual([name, value, 400])
      }
    }
    for (const raw of ['', '{', '[]', 'null', '"x"', '{"a":'.repeat(2_000), `{"token":"${'x'.repeat(20_000)}"}`]) {
      const visitor = world.visitor()
      visitor.bear(person.access)
      const { status } = await visitor.post(`${base}/${path}/`, undefined, { raw })
      expect([raw.slice(0, 20), status]).toEqual([raw.slice(0, 20), expect.toBeOneOf([400, 413])])
    }
    expect((await people.accountOf(person)).phone).toBe(person.phone)
  })
})

test('no log line holds a number, a code, a token or a password', () => {
  expect(people.leaks()).toEqual([])
  expect(world.logged.join('')).not.toContain('"level":"error"')
})
