import { Redis } from 'ioredis'
import { redisStore } from 'phone-verify/store/redis'
import { expect, test } from 'vitest'
import { freePort } from '../../fixtures/free-port.js'
import { describeWith } from '../../fixtures/services.js'
import { base, newPassword, oldPassword, type ResetWorld, startResetWorld, typed, wrong } from '../password-reset-world.js'
import type { WorldOptions } from '../world.js'

const verify = `${base}/password/reset/verify/`
const confirm = `${base}/password/reset/confirm/`

/** The flow and its races, on servers. */
async function works(world: ResetWorld) {
  const { phone, totp } = await world.person({ totp: true })
  const visitor = world.visitor()
  const session = await world.forget(phone, visitor)
  expect((await visitor.post(verify, { ...session, code: wrong(session.code) })).status).toBe(400)
  const { body } = await visitor.post(verify, session)
  const { token } = body.data
  expect((await visitor.post(confirm, { token, totp: wrong(totp()), ...typed(newPassword) })).status).toBe(403)
  const elsewhere = world.visitor()
  elsewhere.bear((await world.signIn(elsewhere, phone, oldPassword))?.access)
  const passwords = Array.from({ length: 4 }, (_, one) => `un secret numéro ${one}`)
  const done = await Promise.all(passwords.map((password) => visitor.post(confirm, { token, totp: totp(), ...typed(password) })))
  expect(
    done.filter(({ status }) => status === 200),
    done.map(({ text }) => text).join(),
  ).toHaveLength(1)
  const winner = done.findIndex(({ status }) => status === 200)
  for (const [index, password] of passwords.entries()) {
    expect((await world.signIn(world.visitor(), phone, password)) !== undefined).toBe(index === winner)
  }
  expect((await elsewhere.post(`${base}/password/change/request/`, { current_password: 'x' })).status).toBe(401)

  const other = await world.person()
  const its = await world.forget(other.phone)
  const codes = await Promise.all(passwords.map((password) => world.visitor().post(confirm, { ...its, ...typed(password) })))
  expect(codes.filter(({ status }) => status === 200)).toHaveLength(1)
}

const inWorld = async (options: WorldOptions, act: (world: ResetWorld) => Promise<void>) => {
  const world = await startResetWorld(options)
  await act(world).finally(() => world.close())
}

describeWith('password reset on a PostgreSQL server', 'postgres', ({ postgres }) => {
  test('the flow and its races', { timeout: 60_000 }, () => inWorld({ postgres }, works))
})

describeWith('password reset with verification in Redis', ['postgres', 'redis'], ({ postgres, redis }) => {
  test('the flow and its races', { timeout: 60_000 }, () => inWorld({ postgres, redis }, works))
})

test('a store that is away: 503 for every phone alike, and nothing happened', { timeout: 60_000 }, async () => {
  const client = new Redis(await freePort(), { maxRetriesPerRequest: 1, retryStrategy: () => 50 })
  client.on('error', () => {})
  const world = await startResetWorld({ over: () => ({ store: redisStore(client), storeJoins: false }) })
  try {
    const { phone } = await world.person()
    const replies = []
    for (const one of [phone, world.freshPhone(), (await world.person({ inactive: true })).phone, '+33142345678']) {
      const { status, text, headers } = await world.visitor().post(`${base}/password/forgot/`, { phone: one })
      replies.push(JSON.stringify([status, text, headers.get('retry-after')]))
    }
    expect(new Set(replies)).toEqual(new Set([replies[0]]))
    expect(replies[0]).toMatch(/^\[503,/)
    expect(world.carrier.sms).toEqual([])
    expect(await world.signIn(world.visitor(), phone, oldPassword)).toBeDefined()
  } finally {
    await world.close()
    client.disconnect()
  }
})
