import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../examples/registration/app.js'
import { describeWith } from '../../fixtures/services.js'
import { createPeople, freshPhone, password } from '../registration-people.js'
import { startWorld, type World, type WorldOptions } from '../world.js'

interface Running {
  world: World
  people: ReturnType<typeof createPeople>
}

/** Between two texts to one number. */
const cooldownMs = 31_000

const statuses = (replies: readonly { readonly status: number }[]) => replies.map(({ status }) => status).sort()

function open(where: WorldOptions): Running {
  const running = {} as Running
  beforeAll(async () => {
    running.world = await startWorld(buildApp, where)
    running.people = createPeople(running.world)
  }, 120_000)
  afterAll(() => running.world?.close())
  return running
}

/** What must hold wherever the data lives. */
function crucial(running: Running): void {
  test('somebody registers, activates and signs in', async () => {
    const { people } = running
    const { activated, signedIn } = await people.member()
    expect([activated.status, signedIn.status]).toEqual([200, 200])
  })

  test('of three activations at once one makes the account', async () => {
    const { world, people } = running
    const phone = freshPhone()
    const registered = await people.register(world.visitor(), phone)
    const body = people.activation(phone, registered)
    const replies = await Promise.all([1, 2, 3].map(() => world.visitor().post('/api/activate/', body)))
    expect(statuses(replies)).toEqual([200, 400, 400])
    expect(await people.accountsOf(phone)).toBe(1)
  })

  test('of 200 guesses at once, from as many addresses, no more than five are looked at, whatever time goes by', async () => {
    const { world, people } = running
    const phone = freshPhone()
    const registered = await people.register(world.visitor(), phone)
    const code = people.codeOf(phone)
    const before = people.decided('verify', 'incorrect_code')
    const guess = () => String((Number(code) + randomInt(1, 999_999)) % 1_000_000).padStart(6, '0')
    for (let minute = 0; minute < 3; minute += 1) {
      const replies = await Promise.all(
        Array.from({ length: minute === 0 ? 200 : 20 }, () =>
          world.visitor().post('/api/activate/', people.activation(phone, registered, guess())),
        ),
      )
      // 503 where 200 at once are more than a busy machine's database answers in time: then nothing was compared.
      expect(replies.filter(({ status }) => ![400, 429, 503].includes(status))).toEqual([])
      await world.advance(61_000)
    }
    const compared = people.decided('verify', 'incorrect_code') - before
    expect(compared).toBeGreaterThan(0)
    expect(compared).toBeLessThanOrEqual(5)
    const right = await world.visitor().post('/api/activate/', people.activation(phone, registered, code))
    expect(right.status).toBe(400)
    expect(await people.accountsOf(phone)).toBe(0)
  }, 60_000)

  test('of two refreshes at once with one token at most one succeeds', async () => {
    const { people } = running
    const { visitor, refresh } = await people.member()
    const replies = await Promise.all([1, 2].map(() => visitor.post('/api/token/refresh/', { refresh })))
    expect(statuses(replies)).toEqual([200, 400])
  })
}

/** Two who say that a number is theirs. */
function rivals(running: Running): void {
  test('of two registrations of a number, both proven, one gets it; the other hears that it is taken', async () => {
    const { world, people } = running
    const phone = freshPhone()
    const one = await people.register(world.visitor(), phone, { first_name: 'One' })
    const oneCode = people.codeOf(phone)
    await world.advance(cooldownMs)
    const other = await people.register(world.visitor(), phone, { first_name: 'Other' })
    const otherCode = people.codeOf(phone)
    const bodies = [people.activation(phone, one, oneCode), people.activation(phone, other, otherCode)]
    const replies = await Promise.all(bodies.map((body) => world.visitor().post('/api/activate/', body)))
    expect(statuses(replies)).toEqual([200, 400])
    expect(replies.find(({ status }) => status === 400)?.body).toEqual({
      status: 'error',
      message: "Erreur lors de l'inscription: Un utilisateur avec ce numéro de téléphone existe déjà.",
      data: { phone: ['Un utilisateur avec ce numéro de téléphone existe déjà.', 'Connectez-vous, ou réinitialisez votre mot de passe.'] },
    })
    expect(await people.accountsOf(phone)).toBe(1)
  })

  test('a number that nobody proved is somebody else’s to register meanwhile', async () => {
    const { world, people } = running
    const phone = freshPhone()
    const squatter = await people.register(world.visitor(), phone, { first_name: 'Squatter' })
    await world.advance(cooldownMs)
    const owner = world.visitor()
    const registered = await people.register(owner, phone, {
      first_name: 'Owner',
      password: 'another pass phrase',
      password_confirm: 'another pass phrase',
    })
    const activated = await owner.post('/api/activate/', people.activation(phone, registered))
    expect(activated.body.data.user.first_name).toBe('Owner')
    // Neither the squatter's session nor the squatter's password opens what the owner has proven.
    const late = await world.visitor().post('/api/activate/', people.activation(phone, squatter))
    expect(late.status).toBe(400)
    expect((await world.visitor().post('/api/login/', { phone, password })).status).toBe(401)
    expect((await owner.post('/api/login/', { phone, password: 'another pass phrase' })).status).toBe(200)
  })
}

describe('everything in PGlite', () => {
  const running = open({})
  crucial(running)
  rivals(running)
})

describeWith('everything on a Postgres server', 'postgres', ({ postgres }) => {
  const running = open({ postgres })
  crucial(running)
  rivals(running)
})

// Rivals wait for a cooldown, and nobody moves the clock of a Redis.
describeWith('verification in Redis', 'redis', ({ redis }) => crucial(open({ redis })))
