import { afterAll, beforeAll, expect, test } from 'vitest'
import { base, newPassword, oldPassword, type Person, type ResetWorld, startResetWorld, typed, wrong } from '../password-reset-world.js'

let world: ResetWorld

beforeAll(async () => {
  world = await startResetWorld()
}, 60_000)
afterAll(() => world.close())

const request = `${base}/password/change/request/`
const confirm = `${base}/password/change/confirm/`

/** Somebody who is signed in. */
async function member(person?: Person) {
  const { phone, account } = person ?? (await world.person())
  const visitor = world.visitor()
  const tokens = await world.signIn(visitor, phone, oldPassword)
  visitor.bear(tokens?.access)
  return { phone, account, visitor, refresh: tokens?.refresh }
}

/** Asks for a code as a member does. */
async function started() {
  const who = await member()
  const sent = await who.visitor.post(request, { current_password: oldPassword })
  expect(sent.status).toBe(202)
  return { ...who, session: { session_token: sent.body.data.session_token, code: await world.codeTo(who.phone) } }
}

test('a member who knows the password and has the phone sets another one', async () => {
  const { phone, account, visitor, refresh, session } = await started()
  const elsewhere = await member({ phone, account, totp: () => '' })
  const done = await visitor.post(confirm, { ...session, ...typed(newPassword) })
  expect([done.status, done.body.message]).toEqual([200, 'Mot de passe modifié. Vos autres appareils sont déconnectés.'])
  // This session stays, the others are over.
  expect((await visitor.post(request, { current_password: 'x' })).status).toBe(400)
  expect((await visitor.post(`${base}/token/refresh/`, { refresh })).status).toBe(200)
  expect((await elsewhere.visitor.post(request, { current_password: 'x' })).status).toBe(401)
  expect((await elsewhere.visitor.post(`${base}/token/refresh/`, { refresh: elsewhere.refresh })).status).toBe(400)
  expect(await world.signIn(world.visitor(), phone, oldPassword)).toBeUndefined()
  expect(await world.signIn(world.visitor(), phone, newPassword)).toBeDefined()
  const notices = world.carrier.sms.filter(({ to, text }) => to === phone && /a été modifié\. Ce n'était pas vous \?/.test(text))
  expect(notices).toHaveLength(1)
  expect(world.letters.filter(({ to }) => to === account.email).map(({ subject }) => subject)).toEqual(['Votre mot de passe a été modifié'])
})

test('nobody else asks or confirms', async () => {
  const { session } = await started()
  for (const [path, body] of [
    [request, { current_password: oldPassword }],
    [confirm, { ...session, ...typed(newPassword) }],
  ] as const) {
    expect((await world.visitor().post(path, body)).status).toBe(401)
    const { visitor } = await member()
    if (path === confirm) expect((await visitor.post(path, body)).body.data).toEqual({ reason: 'invalid_session' })
  }
})

test('a stolen session is not enough: without the password no text leaves, and guesses are counted', async () => {
  const { phone, visitor } = await member()
  const statuses: number[] = []
  for (let guess = 0; guess < 11; guess++) statuses.push((await visitor.post(request, { current_password: 'deviné ?' })).status)
  expect(statuses).toEqual([...Array(10).fill(400), 429])
  expect(world.carrier.sms.filter(({ to }) => to === phone)).toEqual([])
})

test('a password that cannot be used costs no code', async () => {
  const { visitor, session } = await started()
  for (const password of ['court', 'motdepasse', 'quartzfeld-2030']) {
    const refused = await visitor.post(confirm, { ...session, ...typed(password) })
    expect([refused.status, Object.keys(refused.body.data)]).toEqual([400, ['new_password']])
  }
  expect((await visitor.post(confirm, { ...session, ...typed(newPassword) })).status).toBe(200)
})

test('five wrong codes, then too many; and a right one too late', async () => {
  const { phone, visitor, session } = await started()
  const left: unknown[] = []
  for (let guess = 0; guess < 6; guess++) {
    const { body } = await visitor.post(confirm, { ...session, code: wrong(session.code), ...typed(newPassword) })
    left.push(body.data.attempts_left ?? body.data.reason)
  }
  expect(left).toEqual([4, 3, 2, 1, 0, 'too_many_attempts'])
  expect((await visitor.post(confirm, { ...session, ...typed(newPassword) })).body.data).toEqual({ reason: 'too_many_attempts' })
  expect(await world.signIn(world.visitor(), phone, oldPassword)).toBeDefined()
})

test('of five confirmations at once one sets its password', async () => {
  const { phone, visitor, session } = await started()
  const passwords = Array.from({ length: 5 }, (_, one) => `un secret numéro ${one}`)
  const done = await Promise.all(passwords.map((password) => visitor.post(confirm, { ...session, ...typed(password) })))
  expect(done.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await world.signIn(world.visitor(), phone, passwords[done.findIndex(({ status }) => status === 200)] ?? '')).toBeDefined()
})

test('a code of a reset changes nothing here, and one of a change resets nothing', async () => {
  const { phone, visitor, session } = await started()
  await world.advance(31_000)
  expect((await world.visitor().post(`${base}/password/reset/confirm/`, { ...session, ...typed(newPassword) })).status).toBe(400)
  const reset = await world.forget(phone)
  expect((await visitor.post(confirm, { ...reset, ...typed(newPassword) })).body.data).toEqual({ reason: 'invalid_session' })
  expect(await world.signIn(world.visitor(), phone, oldPassword)).toBeDefined()
})

test('a reset ends a change that is under way', async () => {
  const { phone, session } = await started()
  await world.advance(31_000)
  const reset = await world.visitor().post(`${base}/password/reset/confirm/`, { ...(await world.forget(phone)), ...typed(newPassword) })
  expect(reset.status).toBe(200)
  const visitor = world.visitor()
  visitor.bear((await world.signIn(visitor, phone, newPassword))?.access)
  expect((await visitor.post(confirm, { ...session, ...typed('encore un autre 3') })).body.data).toEqual({ reason: 'invalid_session' })
})

test('without a provider 503, and the next try finds room', async () => {
  const { visitor } = await member()
  await world.carrier.unlisten()
  const away = await visitor.post(request, { current_password: oldPassword })
  await world.carrier.listen()
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5'])
  expect((await visitor.post(request, { current_password: oldPassword })).status).toBe(202)
})
