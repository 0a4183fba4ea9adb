import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertAccount, setPasswordHash } from '../../../examples/accounts/account.js'
import { createPasswords } from '../../../examples/accounts/password.js'
import { buildApp } from '../../../examples/phone-change/app.js'
import { describeInBrowser } from '../../fixtures/browser.js'
import { base, createPeople, type People, type Person, password } from '../phone-change-people.js'
import { startWorld, type World } from '../world.js'

const hour = 3_600_000

let world: World
let people: People

beforeAll(async () => {
  world = await startWorld(buildApp)
  people = createPeople(world)
}, 60_000)
afterAll(() => world?.close())

/** Somebody whose number a thief, with password and session, has just changed to one of theirs. */
async function robbed() {
  const owner = await people.newcomer()
  const thief = { id: owner.id, phone: people.freshPhone(), ...(await people.signIn(owner.phone)) }
  const changed = await people.changeTo(thief, thief.phone)
  expect(changed.status).toBe(200)
  return { owner, thief, token: people.undoTokenTo(owner.phone) }
}

const signInStatus = async (phone: string) => (await world.visitor().post('/api/login/', { phone, password })).status
const isSignedIn = async ({ visitor }: Pick<Person, 'visitor'>) => (await visitor.get('/api/profile/')).status === 200

/** What "forgot password" does at its end. */
const setPassword = async ({ id }: Pick<Person, 'id'>) =>
  setPasswordHash(world.database, id, await createPasswords(world.parts.passwordCost).hash(password))

describe('an undo', () => {
  test('gives the number back, ends every session, and the stolen password opens nothing', async () => {
    const { owner, thief, token } = await robbed()
    const before = await people.accountOf(owner)
    const verifiedAt = await world.database.query('SELECT old_verified_at FROM phone_change WHERE account_id = $1', [owner.id])
    // Within the life of an access token, which would end by itself.
    await world.advance(5 * 60_000)

    const undone = await people.undo(token)
    expect(undone.status).toBe(200)
    expect(undone.body).toEqual({
      status: 'success',
      message: 'Changement annulé. Choisissez maintenant un nouveau mot de passe.',
      data: { password_reset_required: true },
    })
    const after = await people.accountOf(owner)
    expect([before.phone, after.phone, after.isActive]).toEqual([thief.phone, owner.phone, true])
    expect(after.phoneVerifiedAt).toEqual(verifiedAt[0]?.['old_verified_at'])
    expect(await isSignedIn(thief)).toBe(false)
    for (const phone of [owner.phone, thief.phone]) expect(await signInStatus(phone)).toBe(401)
    expect(people.textsTo(owner.phone).at(-1)).toMatch(/^Ce numéro est de nouveau celui de votre compte WaterBill\./)
    expect(people.textsTo(thief.phone).at(-1)).toMatch(/^Ce numéro est maintenant celui/)
    expect(await people.changesOf(owner)).toEqual([{ old_phone: owner.phone, new_phone: thief.phone, outcome: 'restored' }])

    await setPassword(owner)
    expect(await signInStatus(owner.phone)).toBe(200)
  })

  test('is there for a day, and not a moment longer', async () => {
    const [early, late] = [await robbed(), await robbed()]
    await world.advance(24 * hour - 60_000)
    expect((await people.undo(early.token)).status).toBe(200)
    await world.advance(60_000)
    const over = await people.undo(late.token)
    expect([over.status, over.body.data]).toEqual([410, { reason: 'over' }])
    expect((await people.accountOf(late.owner)).phone).toBe(late.thief.phone)
    expect(await isSignedIn({ visitor: (await people.signIn(late.thief.phone)).visitor })).toBe(true)
  })

  test('happens once, however often the link is pressed', async () => {
    const { owner, token } = await robbed()
    const replies = await Promise.all(Array.from({ length: 5 }, () => people.undo(token)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410])
    // A second press must not end the sessions of an owner who has signed in since.
    await setPassword(owner)
    const back = await people.signIn(owner.phone)
    const again = await people.undo(token)
    expect([again.status, again.body.data]).toEqual([410, { reason: 'used' }])
    expect(await isSignedIn(back)).toBe(true)
    expect(people.textsTo(owner.phone)).toHaveLength(2)
  })

  test('needs the very token: 96 bits, of which the database keeps a hash', async () => {
    const { owner, thief, token } = await robbed()
    expect(Buffer.from(token, 'base64url')).toHaveLength(12)
    const other = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`
    for (const guess of [other, token.slice(0, 15), `${token}A`, '', 'undefined']) {
      const refused = await people.undo(guess)
      expect([guess, refused.status]).toEqual([guess, 400])
    }
    expect((await people.accountOf(owner)).phone).toBe(thief.phone)
    const kept = JSON.stringify(
      await world.database.query('SELECT * FROM phone_change JOIN phone_change_notice ON change_id = phone_change.id'),
    )
    expect(kept).toContain(owner.phone)
    expect(kept).not.toContain(token)
  })

  test('guesses from one address are throttled', async () => {
    const guesser = world.visitor()
    const statuses: number[] = []
    for (let time = 0; time < 12; time++) statuses.push((await people.undo(`guess ${time}`, guesser)).status)
    expect(statuses).toEqual([...Array(10).fill(400), 429, 429])
  })

  test('closes the account where the old number is somebody else’s by then', async () => {
    const { owner, thief, token } = await robbed()
    const passwordHash = await createPasswords(world.parts.passwordCost).hash(password)
    const next = {
      phone: owner.phone,
      email: null,
      passwordHash,
      firstName: 'Next',
      lastName: 'Holder',
      createdAt: new Date(world.parts.now()),
    }
    const holder = await insertAccount(world.database, next)
    const refused = await people.undo(token)
    expect([refused.status, refused.body.data]).toEqual([409, { reason: 'taken' }])
    expect((await people.accountOf({ id: String(holder?.id) })).phone).toBe(owner.phone)
    // The thief keeps nothing of it: neither session nor password, and no reset by the thief's number.
    expect(await isSignedIn(thief)).toBe(false)
    expect(await signInStatus(thief.phone)).toBe(401)
    expect((await people.accountOf(owner)).isActive).toBe(false)
    expect((await people.undo(token)).status).toBe(410)
    expect(await people.changesOf(owner)).toEqual([expect.objectContaining({ outcome: 'closed' })])
  })
})

describe('while an undo is open', () => {
  test('there is no second change, so that a thief cannot push the undo away', async () => {
    const { owner, thief, token } = await robbed()
    const phone = people.freshPhone()
    const again = await people.request(thief, phone)
    expect([again.status, again.body.data]).toEqual([409, { reason: 'changed_lately' }])
    expect(people.textsTo(phone)).toEqual([])
    expect((await people.undo(token)).status).toBe(200)
    expect((await people.accountOf(owner)).phone).toBe(owner.phone)
  })

  test('nor by a challenge that was opened before', async () => {
    const person = await people.newcomer()
    const first = await people.pending(person, people.freshPhone())
    const second = await people.pending(person, people.freshPhone())
    expect((await people.confirm(person, first.sessionToken, first.code)).status).toBe(200)
    const refused = await people.confirm(person, second.sessionToken, second.code)
    expect([refused.status, refused.body.data]).toEqual([409, { reason: 'changed_lately' }])
    expect(await people.changesOf(person)).toHaveLength(1)
  })

  test('nor after it was used: the thief may still be there', async () => {
    const { owner, token } = await robbed()
    await people.undo(token)
    await setPassword(owner)
    const back = await people.signIn(owner.phone)
    expect((await people.request(back, people.freshPhone())).status).toBe(409)
    await world.advance(24 * hour)
    const later = await people.signIn(owner.phone)
    expect((await people.request(later, people.freshPhone())).status).toBe(202)
  })
})

describe('the page of the link', () => {
  test('undoes nothing by being opened, whoever opens it, and is the same for everybody', async () => {
    const { owner, thief, token } = await robbed()
    const pages = await Promise.all(
      [`/phone/undo#${token}`, '/phone/undo', `/phone/undo/?token=${token}`].map((path) => world.visitor().get(path)),
    )
    for (const page of pages) {
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect([page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer'])
      expect(page.text).toBe(pages[0]?.text)
    }
    expect((await world.visitor().get(`${base}/undo/`)).status).toBe(405)
    expect((await people.accountOf(owner)).phone).toBe(thief.phone)
  })

  test('speaks French or English', async () => {
    const english = await world.visitor({ 'accept-language': 'en-GB' }).get('/phone/undo/')
    expect(english.text).toContain('<h1>Undo the change of number</h1>')
    expect((await world.visitor().get('/phone/undo/')).text).toContain('<h1>Annuler le changement de numéro</h1>')
  })
})

describeInBrowser('in a browser', (browser) => {
  test('the button undoes, and the token is in no URL that was asked for', async () => {
    const { owner, token } = await robbed()
    const page = await browser().newPage({ locale: 'fr-FR' })
    const asked: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    const link = String(people.textsTo(owner.phone)[0]?.match(/http\S+$/)?.[0])
    await page.goto(link)
    expect((await people.changesOf(owner))[0]?.outcome).toBeNull()
    await page.getByRole('button').click()
    await expect.poll(() => page.getByRole('status').textContent()).toContain('Changement annulé.')
    expect((await people.accountOf(owner)).phone).toBe(owner.phone)
    // Chromium's name for a page includes what stands behind the #; it is not sent.
    expect(asked.filter((url) => url.includes(token) && !url.includes(`#${token}`))).toEqual([])
    expect(complaints.filter((text) => !text.includes('favicon') && !text.includes('404'))).toEqual([])
    await page.close()
  })
})

test('what was written of a change stands', async () => {
  await robbed()
  for (const change of ["UPDATE phone_change SET old_phone = 'x'", "UPDATE phone_change_undo SET outcome = 'closed'"]) {
    await expect(world.database.run(change)).rejects.toThrow('stands')
  }
})

test('no log line holds a number, a code, a token or a password', () => {
  expect(people.leaks()).toEqual([])
})
