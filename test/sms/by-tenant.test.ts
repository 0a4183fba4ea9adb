import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { createPhoneVerifier } from '../../src/index.js'
import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import { type ByTenantOptions, byTenant, type ResolveBackend } from '../../src/sms/by-tenant.js'
import { fallback } from '../../src/sms/fallback.js'
import { memoryStore } from '../../src/store/memory.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { makeLeaf, makeMessage, outcomeOf } from './fallback-leaf.js'

const toTenant = (tenant: string | undefined) => makeMessage(tenant === undefined ? {} : { tenant })

/** A provider that writes down with whose credentials each message came. */
function makeProvider() {
  const sent: { readonly account: string; readonly tenant: string | undefined }[] = []
  const login = (account: string): SmsBackend => ({
    name: 'provider',
    async send({ tenant }) {
      await new Promise((resolve) => setImmediate(resolve))
      sent.push({ account, tenant })
      return { backend: 'provider', messageId: String(sent.length) }
    },
  })
  return { sent, login }
}

describe.each<[string, (leaf: SmsBackend) => ResolveBackend]>([
  ['at once', (leaf) => () => leaf],
  ['later', (leaf) => async () => leaf],
  ['with a fallback', (leaf) => () => fallback([leaf])],
])('contract, resolved %s', (_, resolveTo) => {
  const makeBackend = () => {
    const { carrier, messages } = makeLeaf('leaf')
    const backend = byTenant(resolveTo(carrier))
    return { backend, delivered: () => messages, fail: carrier.fail, names: ['leaf', 'by-tenant'] }
  }
  backendContract({ test, makeBackend, canFail: true })
})

describe('T-TEN-01: a tenant`s messages go out with its own credentials only', () => {
  const names = ['a', 'b', 'A', '__proto__', 'constructor', 'Zo\u00eb', 'Zoe\u0308', ' a', 'a ', '', 'undefined', undefined]

  test('all at once, again and again, in a cache that is too small', async () => {
    const provider = makeProvider()
    const backend = byTenant(async (tenant) => provider.login(`account of ${String(tenant)}${tenant === undefined ? '!' : ''}`), {
      maxCached: 5,
    })
    for (let round = 0; round < 20; round += 1) await Promise.all(names.map((tenant) => backend.send(toTenant(tenant))))
    expect(provider.sent).toHaveLength(20 * names.length)
    for (const { account, tenant } of provider.sent) expect(account).toBe(`account of ${String(tenant)}${tenant === undefined ? '!' : ''}`)
  })

  test('the control: a cache in an object, with a default, mixes them', async () => {
    const provider = makeProvider()
    const backends: Record<string, SmsBackend> = { a: provider.login('a') }
    const resolve = (tenant: string | undefined) => backends[String(tenant).trim().toLowerCase()] ?? backends['a']
    for (const tenant of ['A', ' a', 'b']) await resolve(tenant)?.send(toTenant(tenant))
    expect(provider.sent.filter(({ account, tenant }) => account !== tenant)).toHaveLength(3)
  })

  test('two tenants with one phone and one purpose, under a verifier', async () => {
    const provider = makeProvider()
    const sms = byTenant((tenant) => (tenant === undefined ? undefined : provider.login(tenant)))
    const options = { store: memoryStore(), secret: 'w9Tn4kPq7Lx2Vb8Zr5Jd3Hs6Gf1YcMaE', appName: 'Acme', countries: '*' } as const
    const verifier = createPhoneVerifier({ ...options, sms })
    const send = (tenant?: string) =>
      verifier.sendCode({ phone: '+33612345678', purpose: 'login', ...(tenant !== undefined && { tenant }) })
    await Promise.all([send('a'), send('b')])
    expect(provider.sent.toSorted((one, other) => one.account.localeCompare(other.account))).toEqual([
      { account: 'a', tenant: 'a' },
      { account: 'b', tenant: 'b' },
    ])
    await expect(send()).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE' })
    expect(provider.sent).toHaveLength(2)
  })
})

describe('T-TEN-02: fails closed', () => {
  const rows: Record<string, SmsBackend> = { a: makeLeaf('a').carrier }

  test.each<[string, ResolveBackend]>([
    ['throws', () => assert()],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['answers undefined', () => undefined],
    ['answers null', async () => null],
    ['answers what is no backend', () => ({ name: 'x' }) as never],
    ['answers a list', () => [rows['a']] as never],
    ['answers what cannot be read', () => new Proxy({}, { get: () => assert() }) as never],
    ['never answers', () => new Promise(() => {})],
  ])('resolve %s', async (_, resolve) => {
    const backend = byTenant(resolve, { timeoutMs: 20 })
    await expect(backend.send(toTenant('a'))).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNAVAILABLE', backend: 'by-tenant' })
  })

  const assert = () => {
    throw new Error('boom')
  }

  test.each(['__proto__', 'constructor', 'toString', 'A', 'a ', '', undefined])(
    '%j is nobody in an object that knows a',
    async (tenant) => {
      const backend = byTenant((one) => rows[one as string])
      expect(await outcomeOf(backend.send(toTenant('a')))).toBe('a')
      expect(await outcomeOf(backend.send(toTenant(tenant)))).toBe('ERR_PV_SMS_UNAVAILABLE')
    },
  )

  test('what is no string is nobody, and is not asked for', async () => {
    let asked = 0
    const backend = byTenant(() => {
      asked += 1
      return rows['a']
    })
    for (const tenant of [null, 1, {}, ['a'], true])
      expect(await outcomeOf(backend.send(toTenant(tenant as string)))).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(asked).toBe(0)
  })

  describe('a polluted prototype', () => {
    afterEach(() => {
      delete (Object.prototype as { tenant?: string }).tenant
    })

    test('names no tenant', async () => {
      Object.assign(Object.prototype, { tenant: 'a' })
      const asked: unknown[] = []
      const backend = byTenant((tenant) => void asked.push(tenant) as undefined)
      const { tenant: _, ...message } = makeMessage()
      await outcomeOf(backend.send(message as SmsMessage))
      expect(asked).toEqual([undefined])
    })
  })

  test('nothing of the message, of the tenant or of what resolve threw is in an error', async () => {
    const { to, text, code } = makeMessage()
    const fail = () => Promise.reject(Object.assign(new Error(`key-5f1d ${to} ${text}`), { code: 'ERR_PV_SMS_REFUSED', key: 'key-5f1d' }))
    for (const resolve of [fail, () => undefined]) {
      const error = await byTenant(resolve)
        .send(toTenant('tenant-77'))
        .catch((one) => one)
      const said = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
      expect(error.code).toBe('ERR_PV_SMS_UNAVAILABLE')
      for (const part of [to.slice(1), text, code as string, 'key-5f1d', 'tenant-77']) expect(said).not.toContain(part)
    }
  })
})

describe('a caller who leaves', () => {
  test('before the call: resolve is not asked', async () => {
    let asked = 0
    const backend = byTenant(() => {
      asked += 1
      return undefined
    })
    expect(await outcomeOf(backend.send(toTenant('a'), AbortSignal.abort()))).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(asked).toBe(0)
  })

  test('while it is resolved: nothing is sent, and others who wait are served', async () => {
    const { carrier, messages } = makeLeaf('leaf')
    let answer = (_: SmsBackend) => {}
    const backend = byTenant(() => new Promise((resolve) => (answer = resolve)))
    const controller = new AbortController()
    const [left, stayed] = [backend.send(toTenant('a'), controller.signal), backend.send(toTenant('a'))]
    controller.abort()
    expect(await outcomeOf(left)).toBe('ERR_PV_SMS_UNAVAILABLE')
    answer(carrier)
    expect(await outcomeOf(stayed)).toBe('leaf')
    expect(messages).toHaveLength(1)
  })

  test('later: the leaf gets the signal', async () => {
    const { carrier } = makeLeaf('leaf')
    carrier.hold()
    const controller = new AbortController()
    const sending = outcomeOf(byTenant(() => carrier).send(toTenant('a'), controller.signal))
    setImmediate(() => controller.abort())
    expect(await sending).toBe('ERR_PV_SMS_UNKNOWN')
  })
})

describe('options', () => {
  const faultsOf = (resolve: unknown, options: unknown = {}): readonly string[] => {
    try {
      byTenant(resolve as ResolveBackend, options as ByTenantOptions)
      return []
    } catch (error) {
      const { code, problems } = error as { readonly code: string; readonly problems: readonly { readonly option: string }[] }
      expect(code).toBe('ERR_PV_CONFIGURATION')
      return problems.map(({ option }) => option)
    }
  }
  const nobody = () => undefined

  test.each<[string, unknown[], unknown[]]>([
    ['maxCached', [undefined, 1, 100_000], [0, 100_001, 1.5, '10', null]],
    ['refreshMs', [undefined, 1_000, 86_400_000], [999, 86_400_001, Number.NaN]],
    ['staleMs', [undefined, 60_000, 86_400_000], [59_999, 999, 86_400_001]],
    ['timeoutMs', [undefined, 10, 60_000], [9, 60_001]],
    ['now', [undefined, () => 0], [0]],
  ])('%s', (option, good, bad) => {
    for (const value of good) expect(faultsOf(nobody, { [option]: value })).toEqual([])
    for (const value of bad) expect(faultsOf(nobody, { [option]: value })).toEqual([option])
  })

  test('unknown ones, and all problems at once', () => {
    expect(faultsOf({ a: 1 }, { ttl: 1, maxCached: 0 })).toEqual(['resolve', 'ttl', 'maxCached'])
    expect(faultsOf(nobody, null)).toEqual(['options'])
  })
})
