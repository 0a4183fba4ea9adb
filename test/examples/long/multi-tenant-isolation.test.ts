import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Carrier, startCarrier } from '../../fixtures/carrier/carrier.js'
import { silence } from '../../fixtures/carrier/faults.js'
import { startTenants, type Tenants, twilioAccount } from '../multi-tenant-world.js'

let slow: Carrier
let tenants: Tenants
beforeAll(async () => {
  slow = await startCarrier()
  tenants = await startTenants({}, [slow.url])
}, 120_000)
afterAll(async () => {
  await tenants?.world.close()
  await slow?.close()
})

/** Two organizations, and a phone that knows both. */
async function pair(settings: object = {}) {
  const [a, b] = [await tenants.organization({ name: 'Alder', ...settings }), await tenants.organization({ name: 'Beech', ...settings })]
  return { a, b, phone: tenants.freshPhone() }
}

const wrongOf = (code: string) => (code === '000000' ? '111111' : '000000')

describe('two organizations, one phone', () => {
  test('every step of one beside every step of the other', async () => {
    const { a, b, phone } = await pair()
    // At once: a cooldown that they shared would refuse one.
    const sent = await Promise.all([a, b].map(({ id }) => tenants.world.visitor().post(`/${id}/send`, { phone })))
    expect(sent.map(({ status }) => status)).toEqual([202, 202])
    const textOf = (account: string) => tenants.textsTo(phone).filter((sms) => sms.account === account)
    const codes = [a, b].map(({ account }) => /\d{6}/.exec(textOf(account.account_sid)[0]?.text ?? '')?.[0] ?? '')
    const tokens = sent.map(({ body }) => String(body.data.session_token))
    const [tokenA = '', tokenB = ''] = tokens
    const [codeA = '', codeB = ''] = codes
    expect([codeA, codeB]).toEqual([expect.stringMatching(/^\d{6}$/), expect.stringMatching(/^\d{6}$/)])

    // A's token opens nothing at B, whatever the code, and is none the worse for it.
    const crossed = [
      await tenants.verify(b.id, tokenA, codeA),
      await tenants.verify(a.id, tokenB, codeB),
      await tenants.resend(b.id, tokenA),
    ]
    expect(crossed.map(({ status, body }) => [status, body.data.reason])).toEqual(Array(3).fill([400, 'invalid_session']))
    // A's code is nothing to B's challenge.
    if (codeA !== codeB)
      expect((await tenants.verify(b.id, tokenB, codeA)).body.data).toEqual({ reason: 'incorrect_code', attempts_left: 4 })
    const verified = [await tenants.verify(a.id, tokenA, codeA), await tenants.verify(b.id, tokenB, codeB)]
    expect(verified.map(({ status }) => status)).toEqual([200, 200])
    const [proofA, proofB] = verified.map(({ body }) => String(body.data.proof))

    // Nor does A's proof make a member of B.
    const borrowed = [await tenants.join(b.id, proofA ?? ''), await tenants.join(a.id, proofB ?? '')]
    expect(borrowed.map(({ status, body }) => [status, body.data.reason])).toEqual(Array(2).fill([400, 'invalid_proof']))
    expect([await tenants.membersOf(a.id), await tenants.membersOf(b.id)]).toEqual([[], []])
    expect((await tenants.join(a.id, proofA ?? '')).status).toBe(201)
    expect([await tenants.membersOf(a.id), await tenants.membersOf(b.id)]).toEqual([[phone], []])
    expect((await tenants.join(b.id, proofB ?? '')).status).toBe(201)
  })

  test('each pays for its own texts, in its own words, as the carrier recorded', async () => {
    const { a, b, phone } = await pair()
    const at = tenants.world.carrier.requests.length
    for (const { id } of [a, b]) await tenants.send(id, phone)
    await tenants.world.advance(31_000)
    for (const { id } of [b, a]) await tenants.send(id, phone)
    const expected = [a, b, b, a].map(({ account }) => [
      `/2010-04-01/Accounts/${account.account_sid}/Messages.json`,
      `Basic ${Buffer.from(`${account.account_sid}:${account.auth_token}`).toString('base64')}`,
      account.sender,
    ])
    const recorded = tenants.world.carrier.requests.slice(at)
    expect(recorded.map(({ path, headers, body }) => [path, headers.authorization, new URLSearchParams(body).get('From')])).toEqual(
      expected,
    )
    expect(tenants.textsTo(phone).map(({ text }) => text.replace(/\d+/, ''))).toEqual(
      ['Alder', 'Beech', 'Beech', 'Alder'].map((name) => ` is your ${name} code.`),
    )
  })

  test('failures lock a phone out of one, and not of the other', async () => {
    const { a, b, phone } = await pair()
    // Ten wrong ones, by challenges that are far enough apart.
    for (let round = 0; round < 2; round++) {
      const { token, code } = await tenants.pending(a.id, phone)
      for (let guess = 0; guess < 5; guess++) await tenants.verify(a.id, token, wrongOf(code))
      await tenants.world.advance(61_000)
    }
    const locked = await tenants.pending(a.id, phone)
    const refused = await tenants.verify(a.id, locked.token, locked.code)
    expect([refused.status, refused.body.data]).toEqual([429, { reason: 'locked' }])
    const { token, code } = await tenants.pending(b.id, phone)
    expect((await tenants.verify(b.id, token, code)).status).toBe(200)
  })

  test('a flood uses up the caps of one, and of its phone and visitor there, and nothing of the other', async () => {
    const { a, b, phone } = await pair({ sends_per_hour: 4, sends_per_day: 4 })
    const visitor = tenants.world.visitor()
    const flood = await Promise.all([
      tenants.send(a.id, phone, visitor),
      ...Array.from({ length: 39 }, () => tenants.send(a.id, tenants.freshPhone(), visitor)),
    ])
    expect(flood.filter(({ status }) => status === 202)).toHaveLength(4)
    expect(flood.filter(({ status }) => status === 429)).toHaveLength(36)
    // The same phone, the same address, at the same time.
    const own = [await tenants.send(b.id, phone, visitor)]
    for (let count = 0; count < 3; count++) own.push(await tenants.send(b.id, tenants.freshPhone(), visitor))
    expect(own.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    expect((await tenants.send(b.id, tenants.freshPhone(), visitor)).status).toBe(429)
  })

  test('requests that the door turns away at one take no room at the door of the other', async () => {
    const { a, b } = await pair()
    const visitor = tenants.world.visitor()
    const knocks = []
    for (let knock = 0; knock < 62; knock++) knocks.push((await visitor.post(`/${a.id}/verify`, { session_token: 'x', code: '1' })).status)
    expect([knocks.filter((status) => status === 400).length, knocks.filter((status) => status === 429).length]).toEqual([60, 2])
    expect((await visitor.post(`/${b.id}/verify`, { session_token: 'x', code: '1' })).status).toBe(400)
  })
})

describe('a provider that hangs', () => {
  test('holds up its own organization alone', async () => {
    const [a, b] = [await tenants.organization({}, twilioAccount(slow.url)), await tenants.organization()]
    slow.misbehave(silence())
    let answered = 0
    const hanging = Array.from({ length: 10 }, () =>
      tenants.world
        .visitor()
        .post(`/${a.id}/send`, { phone: tenants.freshPhone() })
        .finally(() => {
          answered += 1
        }),
    )
    await expect.poll(() => slow.requests.length, { timeout: 10_000 }).toBe(10)
    for (let count = 0; count < 5; count++) expect((await tenants.send(b.id, tenants.freshPhone())).status).toBe(202)
    // The control: all that while nobody at A had an answer.
    expect(answered).toBe(0)
    await slow.unlisten()
    await Promise.all(hanging)
  }, 30_000)
})

describe('what the database keeps', () => {
  test('no credential stands in it', async () => {
    const { a } = await pair()
    const rows = JSON.stringify(await tenants.world.database.query('SELECT * FROM organization'))
    for (const secret of [a.account.auth_token, a.account.account_sid, a.account.sender]) expect(rows).not.toContain(secret)
    expect(rows).toContain('Alder')
  })

  test("an account that was copied into another's row sends nothing, and one that was changed neither", async () => {
    const { a, b, phone } = await pair()
    const { database, carrier } = tenants.world
    const at = carrier.requests.length
    await database.query('UPDATE organization SET sealed_account = (SELECT sealed_account FROM organization WHERE id = $1) WHERE id = $2', [
      ...[a.id, b.id],
    ])
    expect((await tenants.send(b.id, phone)).status).toBe(503)
    await database.query('UPDATE organization SET sealed_account = reverse(sealed_account) WHERE id = $1', [b.id])
    expect((await tenants.send(b.id, phone)).status).toBe(503)
    expect(carrier.requests).toHaveLength(at)
    // The administrator sees it, and mends it.
    expect((await tenants.change(b.id, {})).body.data.organization.account).toBeNull()
    await tenants.rotate(b.id, b.account)
    expect((await tenants.send(b.id, phone)).status).toBe(202)
    expect((await tenants.send(a.id, phone)).status).toBe(202)
  })
})
