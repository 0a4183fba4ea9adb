import { createPhoneVerifier } from 'phone-verify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSubjects } from '../../../examples/accounts/subjects.js'
import { base, day, newPassword, oldPassword, type ResetWorld, startResetWorld, typed, wrong } from '../password-reset-world.js'

let world: ResetWorld

beforeAll(async () => {
  world = await startResetWorld()
}, 60_000)
afterAll(() => world.close())

const verify = `${base}/password/reset/verify/`
const confirm = `${base}/password/reset/confirm/`
const resetTo = (password: string, by: object) => world.visitor().post(confirm, { ...by, ...typed(password) })
const grantOf = async (phone: string) => {
  const { body } = await world.visitor().post(verify, await world.forget(phone))
  return { token: String(body.data.token) }
}
const opensWith = async (phone: string, password: string) => (await world.signIn(world.visitor(), phone, password)) !== undefined

describe('somebody else’s account', () => {
  test('is not opened by the code of one’s own phone, in whatever order it is asked for', async () => {
    const [victim, attacker] = [await world.person(), await world.person()]
    const visitor = world.visitor()
    const first = await world.forget(attacker.phone, visitor)
    // The newest request of this visitor is the victim's; what a session remembers would now be the victim.
    const second = await visitor.post(`${base}/password/forgot/`, { phone: victim.phone })
    const { session_token: session } = second.body.data
    expect((await visitor.post(confirm, { session_token: session, code: first.code, ...typed(newPassword) })).status).toBe(400)
    const extras = { phone: victim.phone, user_id: victim.account.id, account_id: victim.account.id, subject: victim.account.id }
    expect((await visitor.post(confirm, { ...first, ...extras, ...typed(newPassword) })).status).toBe(200)
    expect(await opensWith(victim.phone, newPassword)).toBe(false)
    expect(await opensWith(victim.phone, oldPassword)).toBe(true)
    expect(await opensWith(attacker.phone, newPassword)).toBe(true)
  })

  test.each(['login', 'registration', 'phone_change', 'password_change'])('is not opened by a code or a proof of %s', async (purpose) => {
    const { phone, account } = await world.person()
    const grant = await grantOf(phone)
    // Another app on the same store and secret, and of all that is bound only the purpose is another.
    const { store, sms, secrets, now } = world.parts
    const app = { store, sms, now, secret: secrets.verification, appName: 'Other', countries: '*' } as const
    const other = createPhoneVerifier({ ...app, limits: { sendsPerPhone: [] }, purposes: { password_change: {} } })
    const bound = { purpose, tenant: 'forgotten', subject: createSubjects(secrets.tokens).of(account) }
    const sent = await other.sendCode({ ...bound, phone, client: { ip: '127.0.0.1' } })
    const session = { session_token: sent.ok && sent.sessionToken, code: await world.codeTo(phone, 2) }
    expect((await resetTo(newPassword, session)).status).toBe(400)
    const verified = await other.verifyCode({ ...bound, sessionToken: session.session_token, code: session.code })
    // As a thief with the database would put it into a grant.
    await world.database.query('UPDATE password_reset_grant SET proof = $1 WHERE account_id = $2', [
      verified.ok && verified.proof,
      account.id,
    ])
    expect((await resetTo(newPassword, grant)).status).toBe(400)
    expect(await opensWith(phone, oldPassword)).toBe(true)
    await other.close()
  })

  test('control: with the right purpose such a proof would open it', async () => {
    const { phone, account } = await world.person()
    const [grant, another] = [await grantOf(phone), await grantOf((await world.person()).phone)]
    await world.database.query(
      'UPDATE password_reset_grant SET account_id = $1, proof = (SELECT proof FROM password_reset_grant WHERE account_id = $1)',
      [account.id],
    )
    expect((await resetTo(newPassword, another)).status).toBe(200)
    expect((await resetTo(newPassword, grant)).status).toBe(400)
  })

  test('is not opened by the grant of one’s own, put onto it', async () => {
    const [victim, attacker] = [await world.person(), await world.person()]
    const grant = await grantOf(attacker.phone)
    await world.database.query('UPDATE password_reset_grant SET account_id = $1 WHERE account_id = $2', [
      victim.account.id,
      attacker.account.id,
    ])
    expect((await resetTo(newPassword, grant)).status).toBe(400)
    expect(await opensWith(victim.phone, oldPassword)).toBe(true)
  })

  test('is not opened by a number that has become another’s since the code was sent', async () => {
    const former = await world.person()
    const session = await world.forget(former.phone)
    const grant = await grantOf(await moved(former.phone))
    // The code came to the number while it was the former owner's; it is somebody else's account now, of which nothing is told.
    expect((await world.visitor().post(verify, session)).status).toBe(400)
    expect((await resetTo(newPassword, grant)).status).toBe(200)
  })

  /** The number goes over to another account. */
  const moved = async (phone: string) => {
    await world.advance(121_000)
    const taken = await world.person()
    await world.database.query('UPDATE account SET phone = $2 WHERE phone = $1', [phone, world.freshPhone()])
    await world.database.query('UPDATE account SET phone = $2 WHERE id = $1', [taken.account.id, phone])
    return phone
  }

  test('a grant does not outlive the number or the account it was for', async () => {
    const { phone, account } = await world.person()
    const grant = await grantOf(phone)
    await world.database.query('UPDATE account SET phone = $2 WHERE id = $1', [account.id, world.freshPhone()])
    expect((await resetTo(newPassword, grant)).status).toBe(400)
    const other = await world.person()
    const [session, its] = [await world.forget(other.phone), await grantOf((await world.person()).phone)]
    await world.database.query('UPDATE account SET is_active = false')
    expect((await resetTo(newPassword, session)).status).toBe(400)
    expect((await resetTo(newPassword, its)).status).toBe(400)
    await world.database.query('UPDATE account SET is_active = true')
  })
})

describe('once', () => {
  test('of five confirmations of one grant, one sets its password', async () => {
    const { phone } = await world.person()
    const grant = await grantOf(phone)
    const passwords = Array.from({ length: 5 }, (_, one) => `un secret numéro ${one}`)
    const done = await Promise.all(passwords.map((password) => resetTo(password, grant)))
    expect(done.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
    const winner = passwords[done.findIndex(({ status }) => status === 200)] ?? ''
    for (const password of passwords) expect(await opensWith(phone, password)).toBe(password === winner)
    expect((await resetTo(newPassword, grant)).status).toBe(400)
  })

  test('of ten confirmations of one code, one sets its password', async () => {
    const { phone } = await world.person()
    const session = await world.forget(phone)
    const passwords = Array.from({ length: 10 }, (_, one) => `un secret numéro ${one}`)
    const done = await Promise.all(passwords.map((password) => resetTo(password, session)))
    expect(done.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await opensWith(phone, passwords[done.findIndex(({ status }) => status === 200)] ?? '')).toBe(true)
  })

  test('a reset ends the codes and grants that were under way', async () => {
    const { phone } = await world.person()
    const early = await grantOf(phone)
    await world.advance(61_000)
    const session = await world.forget(phone)
    await world.advance(91_000)
    expect((await resetTo(newPassword, await grantOf(phone))).status).toBe(200)
    expect((await resetTo('encore un autre 3', early)).status).toBe(400)
    expect((await resetTo('encore un autre 3', session)).status).toBe(400)
    expect(await opensWith(phone, newPassword)).toBe(true)
  })

  test('a password that changed otherwise ends them too', async () => {
    const { phone, account } = await world.person()
    const grant = await grantOf(phone)
    await world.advance(61_000)
    const session = await world.forget(phone)
    await world.database.query("UPDATE account SET password_hash = password_hash || 'x' WHERE id = $1", [account.id])
    expect((await resetTo(newPassword, grant)).status).toBe(400)
    expect((await resetTo(newPassword, session)).status).toBe(400)
  })
})

describe('who has an authenticator', () => {
  test('gives its code as well, and is asked for it only once the phone is proven', async () => {
    const { phone, totp } = await world.person({ totp: true })
    const visitor = world.visitor()
    const session = await world.forget(phone, visitor)
    const unproven = await visitor.post(confirm, { ...session, code: wrong(session.code), ...typed(newPassword) })
    expect(unproven.text).not.toMatch(/totp|authentification/)
    const missing = await visitor.post(confirm, { ...session, ...typed(newPassword) })
    expect([missing.status, missing.body.data.totp_required]).toEqual([403, true])
    expect(missing.body.message).toMatch(/application d’authentification/)
    const { token } = missing.body.data
    const mistaken = await visitor.post(confirm, { token, totp: wrong(totp()), ...typed(newPassword) })
    expect([mistaken.status, mistaken.body.message]).toEqual([403, 'Code de l’application d’authentification incorrect.'])
    expect(await opensWith(phone, oldPassword)).toBe(true)
    expect((await visitor.post(confirm, { token, totp: totp(), ...typed(newPassword) })).status).toBe(200)
    expect(await opensWith(phone, newPassword)).toBe(true)
  })

  test('gives it in one step, where it is known to be needed', async () => {
    const { phone, totp } = await world.person({ totp: true })
    const session = await world.forget(phone)
    expect((await world.visitor().post(verify, { ...session, code: wrong(session.code) })).text).not.toMatch(/totp/)
    expect((await resetTo(newPassword, { ...session, totp: totp() })).status).toBe(200)
  })

  test('is told of it by verify', async () => {
    const { phone } = await world.person({ totp: true })
    const { body } = await world.visitor().post(verify, await world.forget(phone))
    expect(body.data.totp_required).toBe(true)
  })

  test('a grant takes five guesses of it, also at once', async () => {
    const { phone, totp } = await world.person({ totp: true })
    const grant = await grantOf(phone)
    const guesses = await Promise.all(Array.from({ length: 8 }, () => resetTo(newPassword, { ...grant, totp: wrong(totp()) })))
    expect(guesses.map(({ status }) => status).sort()).toEqual([400, 400, 400, 403, 403, 403, 403, 403])
    expect((await resetTo(newPassword, { ...grant, totp: totp() })).status).toBe(400)
    expect(await opensWith(phone, oldPassword)).toBe(true)
  })
})

describe('a number that was verified long ago', () => {
  test('is not enough alone, and whoever has its code is told so', async () => {
    const { phone } = await world.person({ verifiedDaysAgo: 181 })
    const session = await world.forget(phone)
    const refused = await resetTo(newPassword, session)
    expect([refused.status, refused.body.data]).toEqual([403, {}])
    expect(refused.body.message).toMatch(/un SMS ne suffit plus/)
    expect(await opensWith(phone, oldPassword)).toBe(true)
  })

  test('is enough with an authenticator', async () => {
    const { phone, totp } = await world.person({ verifiedDaysAgo: 181, totp: true })
    expect((await resetTo(newPassword, { ...(await world.forget(phone)), totp: totp() })).status).toBe(200)
  })

  test('counts from the last time that its code was typed', async () => {
    const { phone } = await world.person({ verifiedDaysAgo: 179 })
    expect((await resetTo(newPassword, await world.forget(phone))).status).toBe(200)
    await world.advance(2 * day)
    expect((await resetTo('encore un autre 3', await world.forget(phone))).status).toBe(200)
  })
})

test('however often a reset is asked for and guessed at, the owner signs in', { timeout: 60_000 }, async () => {
  const { phone } = await world.person()
  for (let asked = 0; asked < 12; asked++) {
    const visitor = world.visitor()
    const { body } = await visitor.post(`${base}/password/forgot/`, { phone })
    const guess = { session_token: body.data.session_token, code: '000000' }
    await Promise.all(Array.from({ length: 5 }, () => visitor.post(verify, guess)))
  }
  expect(await opensWith(phone, oldPassword)).toBe(true)
})
