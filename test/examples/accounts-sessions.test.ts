import { createHash } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accessTokenMs } from '../../examples/accounts/access-token.js'
import { type Account, insertAccount } from '../../examples/accounts/account.js'
import { createSessions, refreshTokenMs, type Sessions } from '../../examples/accounts/sessions.js'
import { type Database, overPglite } from '../../examples/service/database.js'
import { migrate } from '../../examples/service/migrate.js'
import { describeWith } from '../fixtures/services.js'
import { freshPglite } from './fresh-pglite.js'
import { ownSchema } from './service-own-schema.js'
import { migrationsOf } from './service-probe.js'

const start = Date.UTC(2030, 0, 1)
const secrets = { verification: 'v'.repeat(32), tokens: 't'.repeat(32) }
const publicUrl = new URL('https://app.example')

let people = 0
async function somebody(database: Database): Promise<Account> {
  people += 1
  const phone = `+336${String(people).padStart(8, '0')}` as PhoneNumber
  const account = { phone, email: null, passwordHash: 'none', firstName: 'A', lastName: 'B', createdAt: new Date(start) }
  const inserted = await insertAccount(database, account)
  if (inserted === undefined) throw new Error('the account is there already')
  return inserted
}

describe('sessions', () => {
  let database: Database
  let sessions: Sessions
  let account: Account
  let now = start

  beforeAll(async () => {
    database = overPglite(await freshPglite())
    await migrate(database, [migrationsOf('accounts')])
    sessions = createSessions({ database, secrets, publicUrl, now: () => now })
  }, 60_000)
  afterAll(() => database?.close())
  beforeEach(async () => {
    now = start
    account = await somebody(database)
  })

  const isSignedIn = async (access: string) => (await sessions.signedIn(access)) !== undefined
  const rotated = async (refresh: string) => {
    const tokens = await sessions.rotate(refresh)
    if (tokens === undefined) throw new Error('the token was refused')
    return tokens
  }

  test('keep of a refresh token its digest alone', async () => {
    const { access, refresh } = await sessions.open(database, account)
    const rows = JSON.stringify(await database.query('SELECT * FROM refresh_token, account_session'))
    expect(rows).not.toContain(refresh)
    expect(rows).not.toContain(access)
    expect(rows).toContain(createHash('sha256').update(refresh).digest('base64url'))
    expect(await sessions.signedIn(access)).toMatchObject({ account: { id: account.id }, sessionId: expect.any(String) })
  })

  test('open within a transaction, and not without it', async () => {
    let access = ''
    const undone = database.transaction(async (transaction) => {
      access = (await sessions.open(transaction, account)).access
      throw new Error('what allowed it failed')
    })
    await expect(undone).rejects.toThrow()
    expect(await isSignedIn(access)).toBe(false)
  })

  test('trade a refresh token for new ones, and last as long as they are refreshed', async () => {
    let tokens = await sessions.open(database, account)
    for (let week = 0; week < 4; week += 1) {
      now += refreshTokenMs - 1
      const before = tokens
      tokens = await rotated(tokens.refresh)
      expect(tokens.refresh).not.toBe(before.refresh)
      expect([await isSignedIn(tokens.access), await isSignedIn(before.access)]).toEqual([true, false])
    }
  })

  test('end when they are not refreshed in time', async () => {
    const { refresh } = await sessions.open(database, account)
    now += refreshTokenMs
    expect(await sessions.rotate(refresh)).toBeUndefined()
    expect(await sessions.revoke(refresh)).toBe(false)
    // Whoever signs in again sweeps up.
    await sessions.open(database, account)
    expect(await database.query('SELECT 1 FROM account_session WHERE account_id = $1', [account.id])).toHaveLength(1)
  })

  test('end an access token with its time, the session lives on', async () => {
    const { access, refresh } = await sessions.open(database, account)
    now += accessTokenMs
    expect(await isSignedIn(access)).toBe(false)
    expect(await isSignedIn((await rotated(refresh)).access)).toBe(true)
  })

  test.each([
    ['at once', 0],
    ['long after the token would have ended', 3 * refreshTokenMs],
  ])('a token that comes a second time, %s, ends the session for all that hold it', async (_, laterMs) => {
    const stolen = await sessions.open(database, account)
    const other = await sessions.open(database, account)
    let thief = await rotated(stolen.refresh)
    for (const until = now + laterMs; now < until; thief = await rotated(thief.refresh)) now += refreshTokenMs / 2
    expect(await isSignedIn(thief.access)).toBe(true)
    expect(await sessions.rotate(stolen.refresh)).toBeUndefined()
    expect(await isSignedIn(thief.access)).toBe(false)
    expect(await sessions.rotate(thief.refresh)).toBeUndefined()
    // Sessions of their own are not touched.
    if (laterMs === 0) expect(await isSignedIn(other.access)).toBe(true)
  })

  test('what was never a token ends nothing', async () => {
    const { access, refresh } = await sessions.open(database, account)
    for (const garbage of ['', 'x', refresh.slice(1), `${refresh} `, access, '\u0000'])
      expect([await sessions.rotate(garbage), await sessions.revoke(garbage)]).toEqual([undefined, false])
    expect(await isSignedIn(access)).toBe(true)
  })

  test('revoke: once, and all that the session gave is worth nothing', async () => {
    const first = await sessions.open(database, account)
    const second = await rotated(first.refresh)
    expect(await sessions.revoke(second.refresh)).toBe(true)
    expect(await sessions.revoke(second.refresh)).toBe(false)
    expect(await sessions.rotate(second.refresh)).toBeUndefined()
    expect([await isSignedIn(first.access), await isSignedIn(second.access)]).toEqual([false, false])
  })

  test('revokeAll: every session of this account but one', async () => {
    const [kept, ended, another] = [
      await sessions.open(database, account),
      await sessions.open(database, account),
      await somebody(database),
    ]
    const others = await sessions.open(database, another)
    const sessionId = (await sessions.signedIn(kept.access))?.sessionId
    await sessions.revokeAll(database, account.id, sessionId)
    expect([await isSignedIn(kept.access), await isSignedIn(ended.access), await isSignedIn(others.access)]).toEqual([true, false, true])
    await sessions.revokeAll(database, account.id)
    expect([await isSignedIn(kept.access), await isSignedIn(others.access)]).toEqual([false, true])
  })

  test('an account that is not active is not signed in', async () => {
    const { access, refresh } = await sessions.open(database, account)
    await database.query('UPDATE account SET is_active = false WHERE id = $1', [account.id])
    expect([await isSignedIn(access), await sessions.rotate(refresh)]).toEqual([false, undefined])
  })

  test('a token that names another account than its session does opens nothing', async () => {
    const other = await somebody(database)
    const { access } = await sessions.open(database, account)
    const sessionId = (await sessions.signedIn(access))?.sessionId
    await database.query('UPDATE account_session SET account_id = $2 WHERE id = $1', [sessionId, other.id])
    expect(await isSignedIn(access)).toBe(false)
  })
})

describeWith('sessions of two processes', 'postgres', ({ postgres }) => {
  let schema: Awaited<ReturnType<typeof ownSchema>>
  let databases: readonly [Database, Database]

  beforeAll(async () => {
    schema = await ownSchema(postgres)
    databases = [await schema.open(), await schema.open()]
    await migrate(databases[0], [migrationsOf('accounts')])
  }, 30_000)
  afterAll(() => schema?.close())

  test('one token twenty times at once: one wins, and the session ends for it as well', async () => {
    const both = databases.map((database) => createSessions({ database, secrets, publicUrl, now: () => start }))
    const [sessions] = both
    if (sessions === undefined) throw new Error('no sessions')
    const { refresh } = await sessions.open(databases[0], await somebody(databases[0]))
    const traded = await Promise.all(Array.from({ length: 20 }, (_, n) => both[n % 2]?.rotate(refresh)))
    const winners = traded.filter((tokens) => tokens !== undefined)
    expect(winners).toHaveLength(1)
    expect(await sessions.signedIn(winners[0]?.access ?? '')).toBeUndefined()
    expect(await sessions.rotate(winners[0]?.refresh ?? '')).toBeUndefined()
  })

  test('control: who looks first and uses it up then lets several win', async () => {
    await databases[0].run('INSERT INTO account_session SELECT gen_random_uuid(), id, now(), now() FROM account LIMIT 1')
    await databases[0].run("INSERT INTO refresh_token SELECT 'naive', id, now() FROM account_session LIMIT 1")
    const naive = async ({ query }: Database) => {
      if ((await query("SELECT 1 FROM refresh_token WHERE digest = 'naive' AND used_at IS NULL")).length === 0) return false
      await query("UPDATE refresh_token SET used_at = now() WHERE digest = 'naive'")
      return true
    }
    const won = await Promise.all(Array.from({ length: 20 }, (_, n) => naive(databases[n % 2 === 0 ? 0 : 1])))
    expect(won.filter(Boolean).length).toBeGreaterThan(1)
  })
})
