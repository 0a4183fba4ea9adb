import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccounts } from '../../../examples/multi-tenant/account.js'
import { buildApp } from '../../../examples/multi-tenant/app.js'
import { adminToken, base, defaults, startTenants, type Tenants, twilioAccount } from '../multi-tenant-world.js'

let tenants: Tenants
beforeAll(async () => {
  tenants = await startTenants()
}, 120_000)
afterAll(() => tenants?.world.close())

const add = (body: object) => tenants.admin().post(base, { id: 'never', account: twilioAccount(tenants.carrierUrl), ...defaults, ...body })
const isThere = async (id: string) => (await tenants.admin().get(`${base}/${id}`)).status === 200

describe('the administrator', () => {
  test('adds, reads and changes organizations, and no reply holds a credential', async () => {
    const { id, account } = await tenants.organization({ name: 'Larch' })
    const reply = await tenants.admin().get(`${base}/${id}`)
    expect(reply.body.data.organization).toEqual({
      ...{ id, ...defaults, name: 'Larch', suspended_at: null },
      account: { provider: 'twilio', sender: account.sender, base_url: tenants.carrierUrl },
    })
    const replies = [reply, await tenants.change(id, { name: 'Elm' }), await tenants.rotate(id, account), await tenants.suspend(id)]
    for (const { status, text } of replies) {
      expect(status).toBe(200)
      expect(text).not.toContain(account.auth_token)
      expect(text).not.toContain(account.account_sid)
    }
  })

  test('is told where an id is taken, and changes nobody by it', async () => {
    const { id } = await tenants.organization({ name: 'First' })
    const taken = await add({ id, name: 'Second' })
    expect([taken.status, taken.body.data]).toEqual([409, { reason: 'taken' }])
    expect((await tenants.admin().get(`${base}/${id}`)).body.data.organization.name).toBe('First')
    const at = { id: 'rush' }
    const rush = await Promise.all([add(at), add(at), add(at)])
    expect(rush.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  test.each(['get', 'patch', 'put', 'suspend'])('finds nobody where there is nobody: %s', async (verb) => {
    const calls = {
      get: () => tenants.admin().get(`${base}/nobody`),
      patch: () => tenants.change('nobody', { name: 'x' }),
      put: () => tenants.rotate('nobody', { provider: 'house' }),
      suspend: () => tenants.suspend('nobody'),
    }
    expect((await calls[verb as keyof typeof calls]()).status).toBe(404)
  })

  test.each([
    ['no token', undefined],
    ['another', adminToken.toUpperCase()],
    ['a part', adminToken.slice(0, -1)],
    ['more', `${adminToken}0`],
  ])('is known by the token alone: %s', async (_, token) => {
    const { id } = await tenants.organization()
    const stranger = tenants.world.visitor()
    stranger.bear(token)
    const replies = [
      ...[await stranger.post(base, {}), await stranger.get(`${base}/${id}`), await stranger.request('PATCH', `${base}/${id}`, {})],
      ...[
        await stranger.put(`${base}/${id}/account`, {}),
        await stranger.post(`${base}/${id}/suspend`),
        await stranger.post(`${base}/${id}/resume`),
      ],
    ]
    expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(401))
  })

  test('a token that can be guessed opens no service', async () => {
    await expect(buildApp(tenants.world.parts, { adminToken: 'short' })).rejects.toThrow('ADMIN_TOKEN')
  })

  test('is guessed at a hundred and twenty times a minute, and by nobody else', async () => {
    const stranger = tenants.world.visitor()
    const guesses = []
    for (let guess = 0; guess < 121; guess++) guesses.push((await stranger.get(`${base}/nobody`)).status)
    expect([guesses.filter((status) => status === 401).length, guesses.at(-1)]).toEqual([120, 429])
    expect((await tenants.admin().get(`${base}/nobody`)).status).toBe(404)
  })

  test("another site's page changes nothing", async () => {
    const { id } = await tenants.organization()
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await tenants.admin().post(`${base}/${id}/suspend`, undefined, { headers })).status).toBe(403)
    expect((await tenants.world.visitor().post(`/${id}/send`, { phone: tenants.freshPhone() }, { headers })).status).toBe(403)
  })
})

describe('what an organization cannot be', () => {
  test.each<[string, unknown]>([
    ...['Acme', 'a', '__proto__', 'a b', 'a/b', '1st', '-a', 'a'.repeat(33), 'admin', 'docs', 'healthz', '', null, 7, ['acme']].map(
      (id): [string, unknown] => ['id', id],
    ),
    ...['', ' Acme', 'a\nb', 'x'.repeat(65), '🙂'.repeat(33), '\ud800', null, 7].map((name): [string, unknown] => ['name', name]),
    ...['', 'no code', '{{code', '{{code}} {{subject}}', '{{code}} {{template}}', '{{code}}\n', `{{code}}${'x'.repeat(140)}`, 7].map(
      (template): [string, unknown] => ['template', template],
    ),
    ...[5, 11, 6.5, '6', null].map((length): [string, unknown] => ['code_length', length]),
    ...[59, 601, Number.MAX_SAFE_INTEGER].map((seconds): [string, unknown] => ['code_seconds', seconds]),
    ...[0, -1, 100_001].map((max): [string, unknown] => ['sends_per_hour', max]),
    ...[0, '1', 1_000_001].map((max): [string, unknown] => ['sends_per_day', max]),
    ...[
      null,
      {},
      [],
      'twilio',
      { provider: 'nobody' },
      { provider: '__proto__' },
      { provider: 'twilio' },
      { provider: 'house', sender: '+1' },
    ].map((account): [string, unknown] => ['account', account]),
  ])('%s %j', async (field, value) => {
    const reply = await add({ [field]: value })
    expect([reply.status, Object.keys(reply.body.data)]).toEqual([400, [field]])
    if (typeof value === 'string' && /^[\w-]+$/.test(value) && field === 'id') expect(await isThere(value)).toBe(false)
    expect(await isThere('never')).toBe(false)
  })

  test('an unknown field is refused, not forgotten', async () => {
    expect((await add({ is_admin: true })).status).toBe(400)
    const { id } = await tenants.organization()
    expect((await tenants.change(id, { id: 'other' })).status).toBe(400)
    expect((await tenants.change(id, { suspended_at: null })).status).toBe(400)
  })
})

describe('a base URL', () => {
  const refused = [
    ...['http://127.0.0.1:1', 'http://localhost', 'http://[::1]/', 'http://169.254.169.254/latest/meta-data', 'https://[fd00::1]'],
    ...['https://metadata.google.internal', 'https://127.0.0.1.nip.io', 'https://2130706433', 'file:///etc/passwd', 'https://example.com'],
    ...['gopher://127.0.0.1', '//127.0.0.1', '', 'javascript:1'],
  ]

  test.each(refused)('is refused where nobody allowed it: %s', async (base_url) => {
    const { id, account } = await tenants.organization()
    const replies = [await tenants.rotate(id, { ...account, base_url }), await add({ account: { ...account, base_url } })]
    expect(replies.map(({ status, body }) => [status, body.data])).toEqual(
      Array(2).fill([400, { account: ['Compte, expéditeur ou adresse refusés.'] }]),
    )
    expect((await tenants.admin().get(`${base}/${id}`)).body.data.organization.account.base_url).toBe(tenants.carrierUrl)
  })

  test('is allowed letter by letter', async () => {
    const { id, account } = await tenants.organization()
    const near = [
      `${tenants.carrierUrl}/`,
      `${tenants.carrierUrl}/x`,
      `${tenants.carrierUrl}@example.com`,
      tenants.carrierUrl.toUpperCase(),
    ]
    for (const base_url of near) expect((await tenants.rotate(id, { ...account, base_url })).status).toBe(400)
    expect((await tenants.rotate(id, account)).status).toBe(200)
  })

  test('that is no longer allowed sends nothing', () => {
    const account = twilioAccount('https://gateway.example.com')
    const { sms } = tenants.world.parts
    expect(createAccounts(['https://gateway.example.com'], sms).open(account).name).toBe('twilio')
    expect(() => createAccounts([], sms).open(account)).toThrow('the base URL is not allowed')
    // What the library would not call is refused although it is listed.
    expect(createAccounts(['http://10.0.0.1'], sms).schema.safeParse({ ...account, base_url: 'http://10.0.0.1' }).success).toBe(false)
  })
})

describe('garbage', () => {
  const values = [null, 0, -1, 1e308, true, [], {}, '', 'x'.repeat(9_000), '\u0000', '\ud800', { __proto__: null }, [['a']], '🙂']
  test.each(['send', 'resend', 'verify', 'join'])('in any field of %s is never a 500', async (verb) => {
    const { id } = await tenants.organization()
    for (const value of values) {
      const body = { phone: value, session_token: value, code: value, proof: value }
      const reply = await tenants.world.visitor().post(`/${id}/${verb}`, body)
      expect([verb, value, reply.status >= 400 && reply.status < 500]).toEqual([verb, value, true])
    }
    for (const raw of ['', '{', '[]', 'null', '"x"', '{"a":1}']) {
      const { status } = await tenants.world.visitor().post(`/${id}/${verb}`, undefined, { raw })
      expect([raw, status]).toEqual([raw, 400])
    }
  })

  test('in any field of the administrator is never a 500', async () => {
    const { id } = await tenants.organization()
    await tenants.world.advance(61_000)
    for (const value of values) {
      const body = { name: value, template: value, code_length: value }
      const replies = [await tenants.change(id, body), await tenants.rotate(id, { ...twilioAccount(''), sender: value })]
      for (const { status } of replies) expect([400, 413]).toContain(status)
    }
  })
})
