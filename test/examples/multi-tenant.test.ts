import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { base, defaults, startTenants, type Tenants, twilioAccount } from './multi-tenant-world.js'

let tenants: Tenants
beforeAll(async () => {
  tenants = await startTenants()
}, 120_000)
afterAll(() => tenants?.world.close())

describe('an organization', () => {
  test('sends by its own account, as its own sender, in its own words', async () => {
    const { id, account } = await tenants.organization({ name: 'Birch', template: 'Your {{app}} code is {{code}}', code_length: 8 })
    const phone = tenants.freshPhone()
    const sent = await tenants.send(id, phone)
    expect(sent.status).toBe(202)
    expect(sent.body).toEqual({
      status: 'success',
      message: 'Un code de vérification a été envoyé.',
      data: { session_token: expect.any(String), expires_at: expect.any(String), resend_at: expect.any(String) },
    })
    expect(tenants.textsTo(phone)).toEqual([
      expect.objectContaining({
        text: expect.stringMatching(/^Your Birch code is \d{8}$/),
        account: account.account_sid,
        from: account.sender,
      }),
    ])
    const basic = Buffer.from(`${account.account_sid}:${account.auth_token}`).toString('base64')
    expect(tenants.world.carrier.requests.at(-1)?.headers.authorization).toBe(`Basic ${basic}`)

    const verified = await tenants.verify(id, sent.body.data.session_token, tenants.codeTo(phone))
    expect(verified.body.data).toEqual({ phone, proof: expect.any(String) })
    const joined = await tenants.join(id, verified.body.data.proof)
    expect([joined.status, joined.body.data]).toEqual([201, { phone }])
    expect(await tenants.membersOf(id)).toEqual([phone])
    // Code and proof are good once.
    const replays = [
      await tenants.verify(id, sent.body.data.session_token, tenants.codeTo(phone)),
      await tenants.join(id, verified.body.data.proof),
    ]
    expect(replays.map(({ status, body }) => [status, body.data.reason])).toEqual([
      [400, 'already_used'],
      [400, 'already_redeemed'],
    ])
  })

  test('sends by Vonage as well, or by the account of the service where it says so', async () => {
    const { id } = await tenants.organization()
    const vonage = { provider: 'vonage', api_key: 'abcd1234', api_secret: 'a-vonage-secret', sender: 'Birch', base_url: tenants.carrierUrl }
    expect((await tenants.rotate(id, vonage)).body.data.organization.account).toEqual({
      ...{ provider: 'vonage', sender: 'Birch', base_url: tenants.carrierUrl },
    })
    const phone = tenants.freshPhone()
    expect((await tenants.send(id, phone)).status).toBe(202)
    // A number of Vonage has no plus.
    expect(tenants.world.carrier.sms.at(-1)).toMatchObject({ provider: 'vonage', account: 'abcd1234', from: 'Birch' })
    await tenants.rotate(id, { provider: 'house' })
    const another = tenants.freshPhone()
    expect((await tenants.send(id, another)).status).toBe(202)
    expect(tenants.textsTo(another)).toEqual([expect.objectContaining({ account: `AC${'5eed'.repeat(8)}` })])
  })

  test('has codes that live as long as it says, and five guesses', async () => {
    const { id } = await tenants.organization({ code_seconds: 60 })
    const late = await tenants.pending(id)
    await tenants.world.advance(61_000)
    expect((await tenants.verify(id, late.token, late.code)).body.data.reason).toBe('expired')
    const { token, code } = await tenants.pending(id)
    const wrong = code === '000000' ? '111111' : '000000'
    const guesses = []
    for (let guess = 0; guess < 5; guess++) guesses.push(await tenants.verify(id, token, wrong))
    expect(guesses.map(({ body }) => body.data.attempts_left)).toEqual([4, 3, 2, 1, 0])
    expect((await tenants.verify(id, token, code)).body.data.reason).toBe('too_many_attempts')
    // How long a code must be is not the service's word.
    expect((await tenants.verify(id, token, '12')).body).toMatchObject({ message: 'Le code est incomplet.' })
  })

  test('of proofs that come twice at once, one makes a member', async () => {
    const { id } = await tenants.organization()
    const proof = await tenants.proofOf(id)
    const replies = await Promise.all(Array.from({ length: 5 }, () => tenants.join(id, proof)))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400])
  })

  test('hears 503 while its provider is away, and no quota is used up', async () => {
    const { id } = await tenants.organization({ sends_per_hour: 1 })
    await tenants.world.carrier.unlisten()
    const phone = tenants.freshPhone()
    expect((await tenants.send(id, phone)).status).toBe(503)
    await tenants.world.carrier.listen()
    expect((await tenants.send(id, phone)).status).toBe(202)
  })
})

describe('a change', () => {
  test('holds for the next challenge without a restart, and never inside a running one', async () => {
    const { id } = await tenants.organization()
    const running = await tenants.pending(id)
    const change = { name: 'Cedar', template: 'Cedar says: {{code}}', code_length: 9, code_seconds: 60 }
    expect((await tenants.change(id, change)).body.data.organization).toMatchObject({ ...change, sends_per_hour: 100 })

    const next = tenants.freshPhone()
    await tenants.send(id, next)
    expect(tenants.textsTo(next)[0]?.text).toMatch(/^Cedar says: \d{9}$/)
    // The running one keeps its words, its length and its life.
    await tenants.world.advance(61_000)
    expect((await tenants.resend(id, running.token)).status).toBe(202)
    const [first, second] = tenants.textsTo(running.phone)
    expect(first?.text).toBe(`${running.code} is your Acme code.`)
    expect(second?.text).toBe(first?.text)
    await tenants.world.advance(61_000)
    expect((await tenants.verify(id, running.token, running.code)).status).toBe(200)
  })

  test('of the account holds for the very next text, a resend too: old credentials may be dead already', async () => {
    const { id, account } = await tenants.organization()
    const running = await tenants.pending(id)
    const rotated = twilioAccount(tenants.carrierUrl)
    expect((await tenants.rotate(id, rotated)).status).toBe(200)
    await tenants.world.advance(31_000)
    const before = tenants.world.carrier.requests.length
    const resent = await tenants.resend(id, running.token)
    expect(resent.status).toBe(202)
    expect(tenants.textsTo(running.phone).map((sms) => [sms.account, sms.from])).toEqual([
      [account.account_sid, account.sender],
      [rotated.account_sid, rotated.sender],
    ])
    const used = tenants.world.carrier.requests.slice(before).map(({ headers }) => headers.authorization)
    expect(used).toEqual([`Basic ${Buffer.from(`${rotated.account_sid}:${rotated.auth_token}`).toString('base64')}`])
    expect((await tenants.verify(id, resent.body.data.session_token, running.code)).status).toBe(200)
  })

  test('of limits holds at once', async () => {
    const { id } = await tenants.organization({ sends_per_hour: 1 })
    await tenants.pending(id)
    const refused = await tenants.send(id, tenants.freshPhone())
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    await tenants.change(id, { sends_per_hour: 2 })
    expect((await tenants.send(id, tenants.freshPhone())).status).toBe(202)
  })

  test('that suspends ends everything at once, and a resumed organization goes on', async () => {
    const { id } = await tenants.organization()
    const { token, code } = await tenants.pending(id)
    const proof = await tenants.proofOf(id)
    const at = tenants.world.carrier.sms.length
    expect((await tenants.suspend(id)).body.data.organization.suspended_at).toEqual(expect.any(String))
    const refused = [
      ...[await tenants.send(id, tenants.freshPhone()), await tenants.resend(id, token)],
      ...[await tenants.verify(id, token, code), await tenants.join(id, proof)],
    ]
    expect(refused.map(({ status, body }) => [status, body.data])).toEqual(Array(4).fill([404, { reason: 'unknown_tenant' }]))
    expect(tenants.world.carrier.sms).toHaveLength(at)
    await tenants.resume(id)
    expect((await tenants.verify(id, token, code)).status).toBe(200)
    expect((await tenants.join(id, proof)).status).toBe(201)
  })
})

describe('nobody is served by default', () => {
  test.each([
    ...['nobody', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'ORG-1', 'Org-1', 'org-1%20', 'org-1%00', '%20org-1', 'org-1.'],
    ...['undefined', 'null', '0', 'docs', 'healthz', 'org%2d1%0a', 'оrg-1', 'x'.repeat(5_000)],
  ])('%s', async (id) => {
    const at = tenants.world.carrier.requests.length
    const bodies = { send: { phone: tenants.freshPhone() }, resend: { session_token: 'x' }, verify: { session_token: 'x', code: '1' } }
    for (const [verb, body] of Object.entries({ ...bodies, join: { proof: 'x' } })) {
      const reply = await tenants.world.visitor().post(`/${encodeURI(decodeURI(id))}/${verb}`, body)
      expect([reply.status, reply.body?.data]).toEqual([404, { reason: 'unknown_tenant' }])
    }
    expect(tenants.world.carrier.requests).toHaveLength(at)
  })

  test('the control: org-1 is there', async () => {
    expect((await tenants.send('org-1', tenants.freshPhone())).status).toBe(202)
  })

  test('an organization may be called constructor, and is itself', async () => {
    const account = twilioAccount(tenants.carrierUrl)
    expect((await tenants.admin().post(base, { id: 'constructor', account, ...defaults })).status).toBe(201)
    const phone = tenants.freshPhone()
    expect((await tenants.send('constructor', phone)).status).toBe(202)
    expect(tenants.textsTo(phone)).toEqual([expect.objectContaining({ account: account.account_sid })])
  })
})

test('the document is valid, and lists the routes', async () => {
  const { body } = await tenants.world.visitor().get('/openapi.json')
  const document = await SwaggerParser.validate(structuredClone(body))
  const routes = Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.keys(operations ?? {}).map((one) => `${one} ${path}`),
  )
  expect(routes.sort()).toEqual(
    [
      ...[`post ${base}`, `get ${base}/{organization}`, `patch ${base}/{organization}`, `put ${base}/{organization}/account`],
      ...[`post ${base}/{organization}/suspend`, `post ${base}/{organization}/resume`],
      ...['send', 'resend', 'verify', 'join'].map((verb) => `post /{organization}/${verb}`),
    ].sort(),
  )
})

test('no log line holds a number, a code, a token, a proof or a credential', () => {
  expect(tenants.secrets.size).toBeGreaterThan(30)
  expect(tenants.world.logged.length).toBeGreaterThan(50)
  expect(tenants.leaks()).toEqual([])
})
