import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../examples/service/log.js'
import { network } from '../../examples/service/network.js'
import { openSecrets } from '../../examples/service/secrets.js'
import { readSettings } from '../../examples/service/settings.js'

const none = { verification: undefined, tokens: undefined }
const twilio = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'token', TWILIO_FROM: '+15005550006' }

describe('settings', () => {
  test('nothing set: a laptop', () => {
    expect(readSettings('probe', {})).toEqual({
      port: 3000,
      publicUrl: new URL('http://localhost:3000'),
      databaseUrl: undefined,
      dataDir: join('.data', 'probe'),
      redisUrl: undefined,
      trustedProxies: 0,
      isProduction: false,
      secrets: none,
      twilio: undefined,
      vonage: undefined,
    })
  })

  test('set and empty is not set', () => {
    const names = ['PORT', 'PUBLIC_URL', 'DATABASE_URL', 'REDIS_URL', 'TOKEN_SECRET', 'TWILIO_FROM', 'NODE_ENV']
    expect(readSettings('probe', Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readSettings('probe', {}))
  })

  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PUBLIC_URL', 'example.com'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['DATABASE_URL', 'mysql://root@localhost/app'],
    ['DATABASE_URL', 'localhost'],
    ['REDIS_URL', 'http://localhost'],
    ['TRUSTED_PROXIES', 'true'],
    ['TRUSTED_PROXIES', '21'],
    ['PHONE_VERIFY_SECRET', 'hunter2'],
    ['TOKEN_SECRET', 'a'.repeat(31)],
    ['TWILIO_BASE_URL', 'twilio'],
  ])('%s=%s is named, and not shown', (name, value) => {
    expect(() => readSettings('probe', { [name]: value })).toThrow(new Error(`these variables are wrong or missing: ${name}`))
  })

  test('names all that is wrong at once, each once', () => {
    expect(() => readSettings('probe', { PORT: 'x', REDIS_URL: 'y', VONAGE_FROM: 'Acme', NODE_ENV: 'production' })).toThrow(
      new Error('these variables are wrong or missing: PORT, REDIS_URL, VONAGE_API_KEY, VONAGE_API_SECRET, PUBLIC_URL'),
    )
  })

  test('half an account is a mistake, not the console', () => {
    const { TWILIO_FROM, ...half } = twilio
    expect(() => readSettings('probe', half)).toThrow(/missing: TWILIO_FROM$/)
    expect(readSettings('probe', { ...twilio, TWILIO_BASE_URL: 'http://localhost:9' }).twilio).toEqual({
      accountSid: 'AC1',
      authToken: 'token',
      from: TWILIO_FROM,
      baseUrl: 'http://localhost:9',
    })
  })

  test('production needs a provider and its own address', () => {
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://example.com' }
    expect(() => readSettings('probe', production)).toThrow(/missing: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM$/)
    expect(readSettings('probe', { ...production, ...twilio })).toMatchObject({ isProduction: true, vonage: undefined })
  })
})

describe('secrets', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phone-verify-secrets-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('twenty that start at once draw one pair, for their owner alone, and leave no draft', async () => {
    const dataDir = join(folder, 'race')
    const opened = await Promise.all(Array.from({ length: 20 }, () => openSecrets({ dataDir, secrets: none, isProduction: false })))
    expect(new Set(opened.map((one) => JSON.stringify(one))).size).toBe(1)
    const { verification = '', tokens = '' } = opened[0] ?? {}
    expect([verification.length, tokens.length, verification === tokens]).toEqual([43, 43, false])
    expect((await readdir(dataDir)).sort()).toEqual(['token-secret', 'verification-secret'])
    for (const file of ['', 'token-secret', 'verification-secret'])
      expect((await stat(join(dataDir, file))).mode & 0o077, `${file} is nobody else's`).toBe(0)
    expect(await openSecrets({ dataDir, secrets: none, isProduction: false })).toEqual(opened[0])
  })

  test('those of the environment come first, and then nothing is written', async () => {
    const secrets = { verification: 'v'.repeat(32), tokens: 't'.repeat(32) }
    const dataDir = join(folder, 'given')
    expect(await openSecrets({ dataDir, secrets, isProduction: true })).toEqual(secrets)
    await expect(stat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each([
    ['PHONE_VERIFY_SECRET', { verification: undefined, tokens: 't'.repeat(32) }],
    ['TOKEN_SECRET', { verification: 'v'.repeat(32), tokens: undefined }],
  ])('production without %s is refused', async (name, secrets) => {
    await expect(openSecrets({ dataDir: join(folder, 'production'), secrets, isProduction: true })).rejects.toThrow(name)
  })

  test('a file that was emptied is no secret', async () => {
    await writeFile(join(folder, 'verification-secret'), '')
    await expect(openSecrets({ dataDir: folder, secrets: none, isProduction: false })).rejects.toThrow(/verification-secret is too short/)
  })
})

test('the log: one line of JSON, and of an error its name and code alone', () => {
  const lines: string[] = []
  const log = createLog({ write: (line) => void lines.push(line) })
  log.error({ err: Object.assign(new TypeError('+33612345678'), { code: 'E1', detail: 'secret' }) }, 'failed')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'error', time: expect.stringMatching(/^\d{4}-.*Z$/), err: { name: 'TypeError', code: 'E1' }, msg: 'failed' },
  ])
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['unknown', 'unknown'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:9:8:7:6', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
])('%s is counted by %s', (ip, counted) => expect(network(ip)).toBe(counted))
