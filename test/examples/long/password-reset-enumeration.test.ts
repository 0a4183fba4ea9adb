import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { base, newPassword, type ResetWorld, startResetWorld, typed } from '../password-reset-world.js'
import type { Reply } from '../visitor.js'

let world: ResetWorld

beforeAll(async () => {
  world = await startResetWorld()
}, 60_000)
afterAll(() => world.close())

const forgot = `${base}/password/forgot/`
const resend = `${base}/password/reset/resend/`
const token = /[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+/

/** What a client can compare: all of the reply but the token itself, whose length stays. */
const seen = ({ status, text, headers }: Reply) => {
  const rest = Object.fromEntries(headers)
  return { status, text: text.replace(token, (found) => `<${found.length}>`), headers: { ...rest, date: '', 'x-ratelimit-reset': '' } }
}

const phoneIn: Readonly<Record<string, () => Promise<string>>> = {
  known: async () => (await world.person()).phone,
  unknown: async () => world.freshPhone(),
  inactive: async () => (await world.person({ inactive: true })).phone,
  'with an authenticator': async () => (await world.person({ totp: true })).phone,
  'verified long ago': async () => (await world.person({ verifiedDaysAgo: 400 })).phone,
  landline: async () => '+33142345678',
  'premium rate': async () => '+33899123456',
  async 'rate limited, known'() {
    const { phone } = await world.person()
    await asked(phone, 4)
    return phone
  },
  async 'rate limited, unknown'() {
    const phone = world.freshPhone()
    await asked(phone, 4)
    return phone
  },
  async 'asked for a moment ago by somebody else'() {
    const { phone } = await world.person()
    await asked(phone, 1)
    return phone
  },
  async 'sent a code to a member a moment ago'() {
    const { phone } = await world.person()
    const visitor = world.visitor()
    visitor.bear((await world.signIn(visitor, phone, 'un vieux secret 1'))?.access)
    const sent = await visitor.post(`${base}/password/change/request/`, { current_password: 'un vieux secret 1' })
    expect(sent.status).toBe(202)
    return phone
  },
  async 'with a full ledger of wrong guesses'() {
    const { phone } = await world.person()
    for (let challenge = 0; challenge < 2; challenge++) {
      await world.advance(121_000)
      const { body } = await world.visitor().post(forgot, { phone })
      const guesser = world.visitor()
      for (let guess = 0; guess < 5; guess++) {
        await guesser.post(`${base}/password/reset/verify/`, { session_token: body.data.session_token, code: '000000' })
      }
    }
    return phone
  },
}

/** Somebody asks so often: a minute and more between, so that each is a challenge of its own while there is room. */
async function asked(phone: string, times: number): Promise<void> {
  for (let one = 0; one < times; one++) {
    if (one > 0) await world.advance(121_000)
    await world.visitor().post(forgot, { phone })
  }
}

/** Everything a stranger can do with a phone and no code. */
async function walk(phone: string): Promise<Readonly<Record<string, ReturnType<typeof seen>>>> {
  const visitor = world.visitor()
  const first = await visitor.post(forgot, { phone })
  const { session_token: session } = first.body.data
  const early = await visitor.post(resend, { session_token: session })
  const guess = { session_token: session, code: '000000' }
  const wrong = await visitor.post(`${base}/password/reset/verify/`, guess)
  const confirmed = await visitor.post(`${base}/password/reset/confirm/`, { ...guess, ...typed(newPassword), totp: '000000' })
  const personal = await visitor.post(`${base}/password/reset/confirm/`, { ...guess, ...typed('quartzfeld-2030') })
  const twice = await visitor.post(forgot, { phone })
  for (let one = 0; one < 3; one++) await visitor.post(`${base}/password/reset/verify/`, guess)
  const exhausted = await visitor.post(`${base}/password/reset/verify/`, guess)
  await world.advance(610_000)
  const expired = await visitor.post(`${base}/password/reset/verify/`, guess)
  const late = await visitor.post(resend, { session_token: session })
  return Object.fromEntries(
    Object.entries({ first, early, wrong, confirmed, personal, twice, exhausted, expired, late }).map(([step, reply]) => [
      step,
      seen(reply),
    ]),
  )
}

describe('T-ENU-02: what a stranger sees of a phone is the same', () => {
  let unknown: Awaited<ReturnType<typeof walk>>

  beforeAll(async () => {
    unknown = await walk(world.freshPhone())
  }, 60_000)

  test('and is what it should be', () => {
    const statuses = Object.fromEntries(Object.entries(unknown).map(([step, { status }]) => [step, status]))
    const refused = { wrong: 400, confirmed: 400, personal: 400, exhausted: 400, expired: 400, late: 400 }
    expect(statuses).toEqual({ first: 202, early: 202, twice: 202, ...refused })
    expect(unknown['first']?.text).toMatch(/"session_token":"<\d{3,4}>"/)
  })

  test.each(Object.keys(phoneIn))('%s', { timeout: 30_000 }, async (state) => {
    const phone = await phoneIn[state]?.()
    expect(await walk(phone ?? '')).toEqual(unknown)
  })

  test('control: a walk that begins with the code is another', async () => {
    const { phone } = await world.person()
    const visitor = world.visitor()
    const { code, session_token: session } = await world.forget(phone, visitor)
    const right = await visitor.post(`${base}/password/reset/verify/`, { session_token: session, code })
    expect(seen(right)).not.toEqual(unknown['wrong'])
  })
})

test('T-ENU-03: a token that is ours, forged, foreign or cut is refused alike', async () => {
  const { phone } = await world.person()
  const { session_token: session, code } = await world.forget(phone)
  const flipped = `${session.slice(0, -1)}${session.endsWith('A') ? 'Q' : 'A'}`
  const visitor = world.visitor()
  const replies = []
  for (const forged of [flipped, session.slice(0, -9), 'fake_token', `${session}.x`, '0'.repeat(4_096)]) {
    const { status, body } = await visitor.post(`${base}/password/reset/verify/`, { session_token: forged, code })
    replies.push(JSON.stringify([status, body]))
  }
  const ours = await visitor.post(`${base}/password/reset/verify/`, { session_token: session, code: '000000' })
  expect(new Set([...replies, JSON.stringify([ours.status, ours.body])]).size).toBe(1)
})

test('a phone without an account is sent nothing', async () => {
  const phone = world.freshPhone()
  await world.visitor().post(forgot, { phone })
  const inactive = await world.person({ inactive: true })
  await world.visitor().post(forgot, { phone: inactive.phone })
  // The texts leave in turn: once this one is there, theirs would be.
  await world.forget((await world.person()).phone)
  expect(world.carrier.sms.filter(({ to }) => to === phone || to === inactive.phone)).toEqual([])
})

test('only what is no number at all is said to be none', async () => {
  for (const phone of ['12', 'abc', '+33', '+999123456789', '']) {
    const { status, body } = await world.visitor().post(forgot, { phone })
    expect([status, Object.keys(body.data)]).toEqual([400, ['phone']])
  }
})

test('no line of the log holds a number, a code, a token or a password', async () => {
  const person = await world.person()
  const session = await world.forget(person.phone)
  const visitor = world.visitor()
  const { body } = await visitor.post(`${base}/password/reset/verify/`, session)
  await visitor.post(`${base}/password/reset/confirm/`, { token: body.data.token, ...typed(newPassword) })
  // Without the numbers in it: a duration may have the digits of any code.
  const words = (line: string) => JSON.stringify(JSON.parse(line), (_, value) => (typeof value === 'number' ? 0 : value))
  const lines = world.logged.map(words).join('\n')
  expect(lines).toContain('"type":"redeem"')
  const secrets = [
    session.code,
    session.session_token,
    body.data.token,
    newPassword,
    person.phone,
    person.phone.slice(4),
    person.account.email,
  ]
  for (const secret of secrets) expect(lines).not.toContain(secret)
})
