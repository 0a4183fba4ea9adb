import type { PhoneNumber } from 'phone-verify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { member, staff } from '../../../examples/accounts/access.js'
import { type Account, insertAccount, setPasswordHash } from '../../../examples/accounts/account.js'
import { claimsOf, describeAccount } from '../../../examples/accounts/describe-account.js'
import { createPasswords, type Passwords } from '../../../examples/accounts/password.js'
import { addSampleAccount, sample } from '../../../examples/accounts/sample-account.js'
import { createSessions, type Sessions } from '../../../examples/accounts/sessions.js'
import { readPhone, signInRoutes } from '../../../examples/accounts/sign-in.js'
import { migrate } from '../../../examples/service/migrate.js'
import { route } from '../../../examples/service/route.js'
import { hostileValues } from '../../fixtures/hostile-values.js'
import { frameworks, migrationsOf, serveProbe } from '../service-probe.js'
import type { Visitor } from '../visitor.js'
import { startWorld, type World } from '../world.js'

const password = 'correct horse battery'

describe.each(frameworks)('signing in, with %s', (framework) => {
  let world: World
  let sessions: Sessions
  const real = createPasswords(4)
  /** What happens while a password is looked at. */
  let meanwhile = async () => {}
  const passwords: Passwords = {
    hash: real.hash,
    async matches(typed, hash) {
      const matches = await real.matches(typed, hash)
      await meanwhile()
      return matches
    },
  }

  beforeAll(async () => {
    world = await startWorld(async (parts) => {
      await migrate(parts.database, [migrationsOf('accounts')])
      sessions = createSessions(parts, claimsOf)
      const describe = async (account: Account) => describeAccount(account)
      const replies = { 200: 'Well' }
      const answer = async () => ({ status: 200, body: {} })
      return serveProbe(framework, parts, [
        ...signInRoutes('/auth', { parts, sessions, passwords, defaultCountry: 'FR', describe }),
        route({ method: 'GET', path: '/me/', summary: 'Members', access: member(sessions), replies, answer }),
        route({ method: 'GET', path: '/office/', summary: 'Staff', access: staff(sessions), replies, answer }),
      ])
    })
  }, 60_000)
  afterAll(() => world?.close())

  let people = 0
  const somebody = async (): Promise<Account & { readonly phone: PhoneNumber }> => {
    people += 1
    const phone = `+3361234${String(people).padStart(4, '0')}` as PhoneNumber
    const [passwordHash, createdAt] = [await real.hash(password), new Date(world.parts.now())]
    const account = await insertAccount(world.database, { phone, email: null, passwordHash, firstName: 'Ada', lastName: 'L', createdAt })
    if (account === undefined) throw new Error('the account is there already')
    return { ...account, phone }
  }
  const signIn = (visitor: Visitor, phone: string, typed = password) => visitor.post('/auth/login/', { phone, password: typed })

  test('gives tokens that open what is for members, are renewed once, and end at the sign-out', async () => {
    const account = await somebody()
    const visitor = world.visitor()
    expect((await visitor.get('/me/')).status).toBe(401)
    const reply = await signIn(visitor, account.phone.replace('+33', '0'))
    expect([reply.status, reply.body.data.user]).toEqual([200, describeAccount(account)])
    const { access, refresh } = reply.body.data.tokens
    visitor.bear(access)
    expect([(await visitor.get('/me/')).status, (await visitor.get('/office/')).status]).toEqual([200, 403])
    const renewed = await visitor.post('/auth/token/refresh/', { refresh })
    expect([renewed.status, Object.keys(renewed.body)]).toEqual([200, ['access', 'refresh']])
    expect((await visitor.post('/auth/logout/', { refresh: renewed.body.refresh })).status).toBe(200)
    expect((await visitor.get('/me/')).status).toBe(401)
    for (const path of ['/auth/logout/', '/auth/token/refresh/'])
      expect((await visitor.post(path, { refresh: renewed.body.refresh })).status).toBe(400)
    expect(world.logged.join('')).not.toMatch(new RegExp(`${account.phone.slice(1)}|${access}|${refresh}|${password}`))
  })

  test('says the same to the byte of a number that nobody has, a wrong password and an account that is not active', async () => {
    const [known, inactive] = [await somebody(), await somebody()]
    await world.database.query('UPDATE account SET is_active = false WHERE id = $1', [inactive.id])
    const replies = await Promise.all(
      [
        [known.phone, 'wrong'],
        [inactive.phone, 'wrong'],
        [inactive.phone, password],
        ['+33612999999', password],
      ].map(async ([phone = '', typed]) => {
        const { status, text, headers } = await signIn(world.visitor(), phone, typed)
        return { status, text, headers: [...headers].filter(([name]) => name !== 'date' && name !== 'x-ratelimit-reset') }
      }),
    )
    expect(replies[0]?.status).toBe(401)
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1)
  })

  test.each(['123', 'nobody', '', '+', "' OR 1=1"])('%j is no number, and no reason to say so', async (phone) => {
    expect((await signIn(world.visitor(), phone)).status).toBe(401)
  })

  test('opens nothing to a password that was changed while it was looked at', async () => {
    const account = await somebody()
    meanwhile = async () => {
      meanwhile = async () => {}
      await world.database.transaction(async (transaction) => {
        await setPasswordHash(transaction, account.id, await real.hash('another password'))
        await sessions.revokeAll(transaction, account.id)
      })
    }
    expect((await signIn(world.visitor(), account.phone)).status).toBe(401)
    expect(await world.database.query('SELECT 1 FROM account_session WHERE account_id = $1', [account.id])).toEqual([])
    expect((await signIn(world.visitor(), account.phone, 'another password')).status).toBe(200)
  })

  test('guesses: 15 a minute from one address, 30 an hour at one number', async () => {
    const account = await somebody()
    const statuses = async (visitor: Visitor, times: number) => {
      const seen: number[] = []
      for (let time = 0; time < times; time += 1) seen.push((await signIn(visitor, account.phone, 'wrong')).status)
      return seen
    }
    const [one, two, three] = [world.visitor(), world.visitor(), world.visitor()]
    expect(await statuses(one, 16)).toEqual([...Array(15).fill(401), 429])
    expect(await statuses(two, 15)).toEqual(Array(15).fill(401))
    const refused = await signIn(three, account.phone)
    expect([refused.status, refused.headers.get('x-ratelimit-limit')]).toEqual([429, '30'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)
    // Written otherwise it is the same number, and a neighbour's is another.
    expect((await signIn(world.visitor(), account.phone.replace('+33', '0'))).status).toBe(429)
    expect((await signIn(world.visitor(), (await somebody()).phone)).status).toBe(200)
  })

  test('refreshing and signing out: 30 a minute from one address, together', async () => {
    const visitor = world.visitor()
    const paths = ['/auth/token/refresh/', '/auth/logout/']
    for (let time = 0; time < 30; time += 1) expect((await visitor.post(paths[time % 2] ?? '', { refresh: 'x' })).status).toBe(400)
    for (const path of paths) expect((await visitor.post(path, { refresh: 'x' })).status).toBe(429)
  })

  test('garbage in any field is refused, and never breaks anything', async () => {
    for (const [name, make] of Object.entries(hostileValues)) {
      if (['circular', 'deeply nested', '10 MB of digits', 'BigInt'].includes(name) || /[Tt]hrow|Proxy/.test(name)) continue
      const visitor = world.visitor()
      const replies = await Promise.all([
        visitor.post('/auth/login/', { phone: make(), password }),
        visitor.post('/auth/login/', { phone: '+33612000000', password: make() }),
        visitor.post('/auth/token/refresh/', { refresh: make() }),
        visitor.post('/auth/logout/', { refresh: make() }),
      ])
      for (const { status } of replies) expect([400, 401, 413], name).toContain(status)
    }
  })

  test('a text that the database cannot hold is the visitor’s mistake', async () => {
    const statement = world.database.query('SELECT * FROM account WHERE first_name = $1', ['a\u0000b'])
    await expect(statement).rejects.toMatchObject({ code: '22021' })
    expect((await signIn(world.visitor(), '+33612\u0000000000')).status).toBe(401)
  })
})

test.each([
  ['+33612345678', '+33612345678'],
  ['06 12 34 56 78', '+33612345678'],
  ['0033612345678', '+33612345678'],
  ['12', undefined],
])('%s is read as %s in France', (typed, phone) => expect(readPhone(typed, 'FR')).toBe(phone))

describe('the sample account', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld(async (parts) => {
      await migrate(parts.database, [migrationsOf('accounts')])
      return serveProbe('Express', parts, [])
    })
  }, 60_000)
  afterAll(() => world?.close())

  test('is made once, where nobody is, and never in production', async () => {
    const count = async () => (await world.database.query('SELECT 1 FROM account')).length
    await addSampleAccount(world.parts, true)
    expect(await count()).toBe(0)
    await addSampleAccount(world.parts, false)
    await addSampleAccount(world.parts, false)
    expect(await count()).toBe(1)
    expect(world.logged.join('')).not.toMatch(new RegExp(`${sample.password}|${sample.phone.slice(1)}`))
  })
})
