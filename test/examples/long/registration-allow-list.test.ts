import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowListCommand } from '../../../examples/registration/allow-list/command.js'
import { buildApp } from '../../../examples/registration/app.js'
import { staffCommand } from '../../../examples/registration/staff/command.js'
import { createPeople, form, freshPhone } from '../registration-people.js'
import { createVisitor } from '../visitor.js'
import { startWorld, type World } from '../world.js'

let world: World
let people: ReturnType<typeof createPeople>
let admin: Awaited<ReturnType<ReturnType<typeof createPeople>['admin']>>

beforeAll(async () => {
  world = await startWorld(buildApp)
  people = createPeople(world)
  admin = await people.admin()
}, 120_000)
afterAll(() => world?.close())

const list = '/api/auth/admin/whitelist'
const notAllowed =
  "Votre numéro de téléphone n'est pas autorisé à créer un compte sur cette plateforme. Veuillez contacter le service client pour obtenir l'autorisation."
const refused = { status: 'error', message: `Erreur lors de l'inscription: ${notAllowed}`, data: { phone: [notAllowed] } }

describe('a number that is not on the list', () => {
  test('does not register, gets no text, and leaves nothing behind', async () => {
    const phone = freshPhone()
    const reply = await world.visitor().post('/api/register/', form(phone))
    expect([reply.status, reply.body]).toEqual([400, refused])
    expect(people.codeOf(phone)).toBe('none')
    expect(await world.database.query('SELECT 1 FROM pending_registration WHERE phone = $1', [phone])).toEqual([])
  })

  test('and one that is not active is the same', async () => {
    const phone = freshPhone()
    await people.allow(phone, false)
    expect((await world.visitor().post('/api/register/', form(phone))).body).toEqual(refused)
  })

  test('taken off between registration and activation, activates nothing, until it is on again', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const registered = await people.register(visitor, phone)
    await admin.visitor.delete(`${list}/remove/`, { phone })
    const reply = await visitor.post('/api/activate/', people.activation(phone, registered))
    expect([reply.status, reply.body]).toEqual([400, refused])
    expect(await people.accountsOf(phone)).toBe(0)

    await people.allow(phone)
    await world.advance(61_000)
    const { registration_id, session_token } = registered.body.data
    const resent = await visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    expect(resent.status).toBe(200)
    expect((await visitor.post('/api/activate/', people.activation(phone, resent))).status).toBe(200)
  })

  test('gets no resend either', async () => {
    const phone = freshPhone()
    const visitor = world.visitor()
    const { body } = await people.register(visitor, phone)
    await admin.visitor.delete(`${list}/remove/`, { phone })
    await world.advance(61_000)
    const { registration_id, session_token } = body.data
    const sent = world.carrier.sms.length
    const reply = await visitor.post('/api/resend-code/', { phone, registration_id, session_token })
    expect([reply.status, reply.body.data, world.carrier.sms.length]).toEqual([400, { phone: [notAllowed] }, sent])
  })
})

describe('the staff', () => {
  test('adds, checks, lists and removes a number, in the words of the reference', async () => {
    const { visitor } = admin
    const phone = freshPhone()
    const added = await visitor.post(`${list}/add/`, { phone: phone.slice(4), notes: 'Client VIP', is_active: true })
    const item = {
      ...{ id: expect.any(Number), phone, added_by_display: 'Admin User', added_by_phone: admin.phone },
      ...{ added_at: expect.stringMatching(/^\d{4}-.*Z$/), notes: 'Client VIP', is_active: true },
    }
    expect(added.status).toBe(201)
    expect(added.body).toEqual({
      status: 'success',
      message: 'Numéro ajouté à la liste blanche avec succès',
      data: { whitelist_item: item },
    })
    expect(Number(added.headers.get('x-ratelimit-limit'))).toBe(1_000)

    const { added_by_phone: _left, ...details } = item
    const checked = await visitor.post(`${list}/check/`, { phone })
    expect(checked.body).toEqual({
      status: 'success',
      message: 'Numéro autorisé',
      data: { is_authorized: true, whitelist_details: details },
    })

    const off = await visitor.post(`${list}/add/`, { phone, notes: 'Client VIP', is_active: false })
    expect([off.status, off.body.message, off.body.data.whitelist_item]).toEqual([
      ...[200, 'Numéro mis à jour dans la liste blanche', { ...item, is_active: false }],
    ])
    const listed = await visitor.get(`${list}/`)
    expect([listed.status, listed.body.message]).toEqual([200, 'Liste blanche récupérée avec succès'])
    expect(listed.body.data.whitelist).toContainEqual({ ...item, is_active: false })
    const { total_count, active_count, inactive_count } = listed.body.data.statistics
    const all: readonly { readonly is_active: boolean }[] = listed.body.data.whitelist
    expect([total_count, active_count]).toEqual([all.length, all.filter((one) => one.is_active).length])
    expect(inactive_count).toBe(total_count - active_count)

    const removed = await visitor.delete(`${list}/remove/`, { phone })
    expect(removed.body).toEqual({
      status: 'success',
      message: 'Numéro supprimé de la liste blanche avec succès',
      data: { removed_phone: phone },
    })
    expect((await visitor.delete(`${list}/remove/`, { phone })).status).toBe(404)
    expect((await visitor.post(`${list}/check/`, { phone })).body.data).toEqual({ is_authorized: false, whitelist_details: null })
  })

  test('is who works here: others get 401 and 403, in both places, whatever they send', async () => {
    const someone = await people.member()
    for (const base of ['/api', '/api/auth']) {
      for (const [method, path] of [
        ['GET', '/'],
        ['POST', '/add/'],
        ['POST', '/check/'],
        ['DELETE', '/remove/'],
      ] as const) {
        const body = method === 'GET' ? undefined : { phone: freshPhone() }
        const at = `${base}/admin/whitelist${path}`
        expect((await world.visitor().request(method, at, body)).status).toBe(401)
        expect((await someone.visitor.request(method, at, body)).status).toBe(403)
      }
    }
  })

  test('leaves a trace of every change, which nobody takes away', async () => {
    const phone = freshPhone()
    await admin.visitor.post(`${list}/add/`, { phone, notes: 'one' })
    await admin.visitor.post(`${list}/add/`, { phone, notes: 'two', is_active: false })
    await admin.visitor.delete(`${list}/remove/`, { phone })
    const trace = 'SELECT actor, action, notes, is_active, at FROM allow_list_log WHERE phone = $1 ORDER BY id'
    const expected = [
      ['added', 'one', true],
      ['changed', 'two', false],
      ['removed', 'two', false],
    ].map(([action, notes, is_active]) => ({ actor: 'Admin User', action, notes, is_active, at: expect.any(Date) }))
    expect(await world.database.query(trace, [phone])).toEqual(expected)
    for (const attack of [`UPDATE allow_list_log SET actor = 'nobody'`, 'DELETE FROM allow_list_log', 'TRUNCATE allow_list_log'])
      await expect(world.database.query(attack)).rejects.toThrow('append-only')
    expect(await world.database.query(trace, [phone])).toHaveLength(3)
  })

  test('adds a number once, though ten do so at the same time', async () => {
    const phone = freshPhone()
    const replies = await Promise.all(Array.from({ length: 10 }, () => admin.visitor.post(`${list}/add/`, { phone })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(9)
  })
})

test('with the list off, every number of the countries registers', async () => {
  const service = await buildApp(world.parts, { allowList: 'off' })
  const server = createServer(service.listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    const phone = freshPhone()
    const visitor = createVisitor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {})
    expect((await visitor.post('/api/register/', form(phone))).status).toBe(201)
    expect((await world.visitor().post('/api/register/', form(phone))).status).toBe(400)
  } finally {
    server.close()
    await service.close()
  }
})

describe('the terminal', () => {
  const run = (...args: string[]) => allowListCommand({ ...world.parts, isProduction: false }, args)

  test('adds, checks, lists and removes, and leaves the same trace', async () => {
    const phone = freshPhone()
    expect(await run('check', phone)).toEqual({ text: `${phone} may not register`, exitCode: 1 })
    expect(await run('add', phone, 'Client', 'VIP')).toEqual({ text: `${phone} was added` })
    expect(await run('check', phone.slice(4))).toEqual({ text: `${phone} may register` })
    expect((await run('list')).text).toMatch(new RegExp(`\\${phone} .*active .*terminal  Client VIP`))
    expect(await run('remove', phone)).toEqual({ text: `${phone} was removed` })
    expect(await run('remove', phone)).toEqual({ text: `${phone} is not on the list`, exitCode: 1 })
    const trace = await world.database.query('SELECT actor, actor_id, action FROM allow_list_log WHERE phone = $1 ORDER BY id', [phone])
    expect(trace).toEqual(['added', 'removed'].map((action) => ({ actor: 'terminal', actor_id: null, action })))
  })

  test('adds numbers to try with; those that were switched off stay so, unless it is forced', async () => {
    expect((await run('init')).text).toMatch(/^\d of 5/)
    await run('add', '+237670000000')
    await admin.visitor.post(`${list}/add/`, { phone: '+237670000000', is_active: false })
    expect((await run('init')).text).toMatch(/^0 of 5/)
    expect(await run('check', '+237670000000')).toMatchObject({ exitCode: 1 })
    expect((await run('init', '--force')).text).toMatch(/^1 of 5/)
    expect(await run('check', '+237670000000')).toEqual({ text: '+237670000000 may register' })
    await expect(allowListCommand({ ...world.parts, isProduction: true }, ['init'])).rejects.toThrow('production')
  })

  test('makes an account staff, and one like every other again', async () => {
    const { phone, visitor } = await people.member()
    const staff = (...args: string[]) => staffCommand({ ...world.parts, isProduction: false }, args)
    expect((await visitor.get(`${list}/`)).status).toBe(403)
    expect(await staff('add', phone)).toEqual({ text: `${phone} is staff now` })
    expect((await visitor.get(`${list}/`)).status).toBe(200)
    expect((await staff('list')).text).toContain(phone)
    await staff('remove', phone)
    expect((await visitor.get(`${list}/`)).status).toBe(403)
    expect(await staff('add', freshPhone())).toMatchObject({ exitCode: 1 })
  })

  test.each([[[]], [['nonsense']], [['add']], [['add', 'nonsense']], [['check', '12']]])('refuses %j', async (args) => {
    await expect(run(...args)).rejects.toThrow(/Usage|mobile number/)
  })

  test('runs as npm run example does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'registration-'))
    const example = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', 'examples/run.ts', ...args], {
        env: { PATH: process.env['PATH'], DATA_DIR: folder },
      })
    try {
      expect((await example('registration/allow-list', 'add', '675799743', 'Client VIP')).stdout).toBe('+237675799743 was added\n')
      await expect(example('registration/staff', 'add', '+237675799743')).rejects.toMatchObject({ code: 1 })
    } finally {
      await rm(folder, { recursive: true })
    }
  }, 180_000)
})
