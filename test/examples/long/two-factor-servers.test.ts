import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../../examples/two-factor/app.js'
import { describeWith } from '../../fixtures/services.js'
import { startTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.js'
import { addAuthenticator, addPhone, freshPhone, newPerson, signIn, verifyLogin } from '../two-factor-person.js'
import { startWorld, type World, type WorldOptions } from '../world.js'

// The races run on a Postgres server too: see two-factor-races.test.ts.

describeWith('verification in Redis, accounts in Postgres', ['redis', 'postgres'], ({ redis, postgres }) => {
  let world: World
  let proxy: TcpProxy
  beforeAll(async () => {
    const { hostname, port } = new URL(redis)
    proxy = await startTcpProxy({ host: hostname, port: Number(port || 6379) })
    const options: WorldOptions = { postgres, redis: `redis://${proxy.host}:${proxy.port}` }
    world = await startWorld(buildApp, options)
  }, 60_000)
  afterAll(async () => {
    await world.close()
    proxy.stop()
  })

  /** Somebody at the second step, with a code on the way. */
  async function waiting() {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const phone = freshPhone()
    // As if it had been verified long ago: Redis keeps its own time, and its cooldown is not waited out here.
    await world.database.query('UPDATE account SET phone = $2, phone_verified_at = now() WHERE id = $1', [person.id, phone])
    await world.database.query('INSERT INTO two_factor_sms (account_id, activated_at) VALUES ($1, now())', [person.id])
    const { visitor } = await signIn(world, person)
    const { status, body } = await visitor.post('/api/auth/2fa/sms/send/')
    expect(status).toBe(200)
    return { person, app, visitor, guess: { code: world.carrier.lastCode(phone), session_token: body.session_token } }
  }

  test('a number is proven, and replaced by another', async () => {
    const person = await newPerson(world)
    await addPhone(world, person)
    const phone = await addPhone(world, person)
    expect((await person.visitor.get('/api/auth/profile/')).body).toMatchObject({ phone, is_verified: true, two_factor_enabled: true })
    // Redis keeps the cooldown of the number that had a code just now.
    const { visitor } = await signIn(world, person)
    expect((await visitor.post('/api/auth/2fa/sms/send/')).status).toBe(429)
  })

  test('one code by text, ten times at once: one session', async () => {
    const { visitor, guess } = await waiting()
    const replies = await Promise.all(Array.from({ length: 10 }, () => verifyLogin(visitor, guess)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('while Redis is away nothing is spent, and the app still opens', { timeout: 60_000 }, async () => {
    const { person, app, visitor, guess } = await waiting()
    const { visitor: other } = await signIn(world, person)
    proxy.refuse()
    proxy.reset()
    // More often than wrong codes are forgiven: what was never compared locks nobody out.
    for (let time = 0; time < 7; time += 1) {
      const { status, body, headers } = await verifyLogin(visitor, guess)
      expect([status, Object.keys(body), headers.get('retry-after')]).toEqual([503, ['error'], '5'])
    }
    expect((await person.visitor.post('/api/auth/2fa/sms/setup/', { phone: freshPhone() })).status).toBe(503)
    expect((await verifyLogin(other, { code: await app.nextCode() })).status).toBe(200)
    await proxy.accept()
    await expect.poll(async () => (await verifyLogin(visitor, guess)).status, { timeout: 20_000, interval: 1_000 }).toBe(200)
  })
})
