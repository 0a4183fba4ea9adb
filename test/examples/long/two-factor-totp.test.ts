import { decodeJwt } from 'jose'
import { type TOTP, URI } from 'otpauth'
import { toDataURL } from 'qrcode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setPasswordHash } from '../../../examples/accounts/account.js'
import { createPasswords } from '../../../examples/accounts/password.js'
import { createSecretSeal } from '../../../examples/accounts/secret-seal.js'
import { buildApp } from '../../../examples/two-factor/app.js'
import { addAuthenticator, newPerson, password, signIn, verifyLogin } from '../two-factor-person.js'
import { startWorld, type World } from '../world.js'

let world: World
beforeAll(async () => {
  world = await startWorld(buildApp)
}, 60_000)
afterAll(() => world.close())

const wrongCode = { code: ['Code de vérification incorrect.'] }

describe('setting an authenticator up', () => {
  test('shows a secret as text, as URI and as QR code, and ten backup codes', async () => {
    const { visitor, email } = await newPerson(world)
    const { status, body } = await visitor.post('/api/auth/2fa/setup/')
    expect(status).toBe(200)
    expect(body.message).toBe("Configuration 2FA générée. Scannez le QR code avec votre application d'authentification.")
    const { qr_code, secret_key, backup_codes, totp_uri } = body.setup_data
    // 32 characters of base32 are 160 bits; 16 are 80.
    expect(secret_key).toMatch(/^[A-Z2-7]{32}$/)
    expect(new Set(backup_codes).size).toBe(10)
    for (const code of backup_codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/)
    expect(URI.parse(totp_uri)).toMatchObject({ label: email, issuer: 'Acme', digits: 6, period: 30, algorithm: 'SHA1' })
    expect((URI.parse(totp_uri) as TOTP).secret.base32).toBe(secret_key)
    const png = Buffer.from(qr_code.replace('data:image/png;base64,', ''), 'base64')
    expect(png.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'))
    expect(qr_code).toBe(await toDataURL(totp_uri))
  })

  test('is on once the app has shown a right code, and no sooner', async () => {
    const person = await newPerson(world)
    const status = async () => (await person.visitor.get('/api/auth/2fa/status/')).body
    expect(await status()).toEqual({ is_enabled: false, is_configured: false, backup_codes_count: 0, last_used: null, methods: [] })
    await person.visitor.post('/api/auth/2fa/setup/')
    expect(await status()).toMatchObject({ is_enabled: false, is_configured: true, backup_codes_count: 0 })
    expect((await signIn(world, person)).body.requires_2fa).toBe(false)
    expect(await person.visitor.post('/api/auth/2fa/verify-setup/', { code: '000000' })).toMatchObject({ status: 400, body: wrongCode })
    await addAuthenticator(world, person)
    expect(await status()).toMatchObject({
      is_enabled: true,
      is_configured: true,
      backup_codes_count: 10,
      methods: ['totp', 'backup_code'],
    })
    expect((await person.visitor.get('/api/auth/profile/')).body.two_factor_enabled).toBe(true)
    // A second one would replace the first without its code.
    const again = await person.visitor.post('/api/auth/2fa/setup/')
    expect([again.status, again.body]).toEqual([403, { error: "L'authentification à deux facteurs est déjà activée." }])
  })

  test('a backup code does not prove that the app works', async () => {
    const { visitor } = await newPerson(world)
    const { backup_codes } = (await visitor.post('/api/auth/2fa/setup/')).body.setup_data
    const { status, body } = await visitor.post('/api/auth/2fa/verify-setup/', { code: backup_codes[0] })
    expect([status, Object.keys(body)]).toEqual([400, ['code']])
    expect((await visitor.get('/api/auth/2fa/status/')).body.is_enabled).toBe(false)
  })

  test('ends the sessions that had no factor, but this one', async () => {
    const person = await newPerson(world)
    const { visitor: elsewhere } = await signIn(world, person)
    await addAuthenticator(world, person)
    expect((await elsewhere.get('/api/auth/profile/')).status).toBe(401)
    expect((await person.visitor.get('/api/auth/profile/')).status).toBe(200)
  })

  test('takes a recent sign-in', async () => {
    const { visitor, refresh } = await newPerson(world)
    await world.advance(15 * 60_000)
    visitor.bear((await visitor.post('/api/auth/token/refresh/', { refresh })).body.access)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(200)
    const { status, body } = await visitor.post('/api/auth/2fa/setup/')
    expect([status, Object.keys(body)]).toEqual([403, ['error']])
  })

  test('keeps no secret that can be read, and none that fits another account', async () => {
    const person = await newPerson(world)
    const { secret, backupCodes } = await addAuthenticator(world, person)
    const tables = ['account_authenticator', 'two_factor_backup_code'].map((table) => world.database.query(`SELECT * FROM ${table}`))
    const kept = JSON.stringify(await Promise.all(tables))
    expect(kept).toContain('sealed_secret')
    for (const hidden of [secret, ...backupCodes, ...backupCodes.map((code) => code.replaceAll('-', ''))]) {
      expect(kept).not.toContain(hidden)
    }
    const seal = createSecretSeal(Buffer.alloc(32, 7))
    const sealed = seal.seal('17', Buffer.from('secret'))
    expect(seal.open('17', sealed).toString()).toBe('secret')
    expect(() => seal.open('18', sealed)).toThrow()
    expect(() => createSecretSeal(Buffer.alloc(32, 8)).open('17', sealed)).toThrow()
    const bytes = Buffer.from(sealed, 'base64url')
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(() => seal.open('17', changed.toString('base64url'))).toThrow()
    }
  })
})

describe('the second step', () => {
  test('signs in by a code of the app, once', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor, body } = await signIn(world, person)
    expect(body).toEqual({
      ...{ message: 'Second facteur requis.', user: null, tokens: null, requires_2fa: true },
      ...{ pre_login_token: expect.any(String), methods: ['totp', 'backup_code'] },
    })
    const reply = await verifyLogin(visitor, { code: await app.nextCode() })
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      message: 'Connexion réussie avec authentification à deux facteurs.',
      user: { id: person.id, email: person.email, first_name: 'Ada', last_name: 'Byron', two_factor_enabled: true },
      tokens: { access: expect.any(String), refresh: expect.any(String) },
      verification_method: 'totp',
    })
    expect(reply.headers.getSetCookie()).toEqual([])
    // The pre-login is used up, whatever code comes next.
    expect((await verifyLogin(visitor, { code: await app.nextCode() })).status).toBe(401)
    visitor.bear(reply.body.tokens.access)
    const { last_used, is_enabled } = (await visitor.get('/api/auth/2fa/status/')).body
    expect([is_enabled, Math.abs(Date.parse(last_used) - world.parts.now()) < 60_000]).toEqual([true, true])
  })

  test('nothing that the first step answers opens anything else', async () => {
    const person = await newPerson(world)
    await addAuthenticator(world, person)
    const { visitor, body } = await signIn(world, person)
    const texts = JSON.stringify(body).match(/[\w.-]{20,}/g) ?? []
    expect(texts).toContain(body.pre_login_token)
    const doors = [
      ...[
        ['GET', 'profile/'],
        ['GET', '2fa/status/'],
        ['GET', 'devices/'],
        ['PUT', 'profile/update/'],
        ['POST', '2fa/setup/'],
      ],
      ...[
        ['POST', '2fa/disable/'],
        ['POST', '2fa/regenerate-backup-codes/'],
        ['POST', '2fa/sms/setup/'],
        ['DELETE', 'devices/'],
      ],
    ] as const
    for (const text of texts) {
      visitor.bear(text)
      for (const [method, path] of doors) {
        const reply = await visitor.request(method, `/api/auth/${path}`, method === 'GET' ? undefined : { password })
        expect([path, reply.status, reply.body.code]).toEqual([path, 401, 'token_not_valid'])
      }
      expect((await visitor.post('/api/auth/token/refresh/', { refresh: text.slice(0, 200) })).status).toBe(401)
    }
    // Not even where a session had its name: it is of another type.
    const { sid, sub } = decodeJwt(body.pre_login_token)
    const [at, later] = [0, 60_000].map((ms) => new Date(world.parts.now() + ms))
    await world.database.query('INSERT INTO account_session (id, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
      ...[sid, sub, at, later],
    ])
    visitor.bear(body.pre_login_token)
    expect((await visitor.get('/api/auth/profile/')).status).toBe(401)
    // And an access token is no pre-login.
    expect((await verifyLogin(person.visitor, { code: '123456' })).status).toBe(401)
  })

  test.each([
    [-2, 400],
    [-1, 200],
    [0, 200],
    [1, 200],
    [2, 400],
  ])('a code %i steps from now answers %i', async (steps, expected) => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signIn(world, person)
    // To the beginning of a step, so that it does not end meanwhile.
    await world.advance(120_000 - (world.parts.now() % 30_000))
    expect((await verifyLogin(visitor, { code: app.code(steps) })).status).toBe(expected)
  })

  test('a code that was used is none, nor one before it, though its step is not over', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    await world.advance(60_000)
    const [before, code] = [app.code(-1), app.code()]
    const first = await signIn(world, person)
    expect((await verifyLogin(first.visitor, { code })).status).toBe(200)
    const second = await signIn(world, person)
    expect(await verifyLogin(second.visitor, { code })).toMatchObject({ status: 400, body: wrongCode })
    expect(await verifyLogin(second.visitor, { code: before })).toMatchObject({ status: 400, body: wrongCode })
    expect((await verifyLogin(second.visitor, { code: await app.nextCode() })).status).toBe(200)
  })

  test('waits five minutes', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const late = await signIn(world, person)
    const inTime = await signIn(world, person)
    await world.advance(5 * 60_000 - 60_000)
    expect((await verifyLogin(inTime.visitor, { code: await app.nextCode() })).status).toBe(200)
    await world.advance(40_000)
    const { status, body } = await verifyLogin(late.visitor, { code: await app.nextCode() })
    expect([status, body.code]).toEqual([401, 'token_not_valid'])
  })

  test('ends with the password that it began with', async () => {
    const person = await newPerson(world)
    const app = await addAuthenticator(world, person)
    const { visitor } = await signIn(world, person)
    await setPasswordHash(world.database, String(person.id), await createPasswords(10).hash('another password'))
    expect((await verifyLogin(visitor, { code: await app.nextCode() })).status).toBe(401)
  })

  test('a backup code signs in once, however it is typed', async () => {
    const person = await newPerson(world)
    const { backupCodes } = await addAuthenticator(world, person)
    const typed = ` ${backupCodes[0]!.toLowerCase().replaceAll('-', ' ')} `
    const { visitor } = await signIn(world, person)
    const reply = await verifyLogin(visitor, { code: typed })
    expect([reply.status, reply.body.verification_method]).toEqual([200, 'backup_code'])
    visitor.bear(reply.body.tokens.access)
    expect((await visitor.get('/api/auth/2fa/status/')).body.backup_codes_count).toBe(9)
    const again = await signIn(world, person)
    expect(await verifyLogin(again.visitor, { code: backupCodes[0] })).toMatchObject({ status: 400, body: wrongCode })
    // Another person's codes are none.
    const stranger = await newPerson(world)
    await addAuthenticator(world, stranger)
    const { visitor: other } = await signIn(world, stranger)
    expect(await verifyLogin(other, { code: backupCodes[1] })).toMatchObject({ status: 400, body: wrongCode })
  })
})
