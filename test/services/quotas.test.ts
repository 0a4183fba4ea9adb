import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineTerms } from '../../src/combine-terms.js'
import { createKeyring } from '../../src/domain/keyring.js'
import { type Limits, limitNames } from '../../src/domain/limits.js'
import type { PhoneNumber } from '../../src/domain/phone-number.js'
import type { Terms } from '../../src/domain/terms.js'
import type { QuotaSubject } from '../../src/services/challenge.js'
import { createQuotas } from '../../src/services/quotas.js'
import type { Room } from '../../src/store/store.js'
import { keyringOf, samplePhone, secretOf } from '../fixtures/challenge.js'

const quotas = createQuotas(keyringOf('a'))
const termsOf = (limits: Partial<Limits> = {}): Terms => combineTerms([{ appName: 'Acme', countries: '*', limits }], 'login')
const terms = termsOf()

const asking = (over: Partial<QuotaSubject> = {}): QuotaSubject => ({
  ...{ tenant: 'acme', purpose: 'login', phone: samplePhone, subject: 'user-17', client: { ip: '192.0.2.1' } },
  ...over,
})

const limitOf = (key: string) => quotas.limited({ status: 'limited', key, retryAfterMs: 0 }).limit

/** Of each quota of a send: the limit's name, how many, in how long. */
const sendRows = (over: Partial<QuotaSubject> = {}, opening = true, its = terms) =>
  quotas.forSend(asking(over), its, opening).map(({ key, max, windowMs }) => `${limitOf(key)} ${max}/${windowMs / 1_000}s`)

/** The key of each limit of a send. A limit's last key is the one of its longest windows. */
const sendKeysOf = (over: Partial<QuotaSubject>) =>
  Object.fromEntries(quotas.forSend(asking(over), terms, true).map(({ key }) => [limitOf(key), key]))

describe('what a send takes', () => {
  const perPhone = ['1/30s', '2/90s', '3/210s', '4/510s', '5/3600s', '10/86400s'].map((it) => `sendsPerPhone ${it}`)
  const brakes = ['sendsPerPrefix 20/3600s', 'sendsPerTenant 200/3600s', 'sendsPerTenant 1000/86400s']
  const perClient = ['sendsPerClient 10/3600s', 'sendsPerClient 50/86400s']
  const perSubject = ['sendsPerSubject 5/3600s', 'sendsPerSubject 10/86400s']

  test('is the table of limits, the cap on challenges first', () => {
    expect(sendRows()).toEqual(['challengesPerPhone 3/600s', ...perPhone, ...perClient, ...brakes, ...perSubject])
  })

  test('a resend opens nothing', () => expect(sendRows({}, false)).toEqual([...perPhone, ...perClient, ...brakes, ...perSubject]))

  test('without client and subject there is nothing to count them by', () => {
    expect(sendRows({ client: undefined, subject: undefined }, false)).toEqual([...perPhone, ...brakes])
    expect(sendRows({ client: { id: undefined }, subject: undefined }, false)).toEqual([...perPhone, ...brakes])
  })

  test('an unlimited limit takes nothing, and the cap on challenges stays', () => {
    const none = Object.fromEntries(limitNames.map((name) => [name, []]))
    expect(sendRows({}, true, termsOf(none))).toEqual(['challengesPerPhone 3/600s'])
    expect(quotas.forAttempt(asking(), 'phone', termsOf(none))).toEqual([])
    expect(quotas.forNotice('acme', termsOf(none))).toEqual([])
  })

  test('windows under ten minutes are the cooldown, and have a key of their own', () => {
    const rows = quotas.forSend(
      asking(),
      termsOf({
        sendsPerPhone: [
          { max: 1, windowMs: 599_999 },
          { max: 2, windowMs: 600_000 },
        ],
      }),
      false,
    )
    const [short, long] = rows.filter(({ key }) => limitOf(key) === 'sendsPerPhone')
    expect(short?.key).not.toBe(long?.key)
    expect(quotas.cooldownKeys(rows)).toEqual([short?.key])
  })
})

describe('what the others take', () => {
  test('an attempt takes the ledger first, so that a full ledger answers before a full client', () => {
    const rows = quotas.forAttempt(asking(), 'phone', terms).map(({ key, max, windowMs }) => `${limitOf(key)} ${max}/${windowMs / 1_000}s`)
    expect(rows).toEqual(['10/900s', '20/86400s', '50/2592000s'].map((it) => `failuresPerPhone ${it}`).concat('checksPerClient 30/300s'))
    expect(quotas.forAttempt(asking({ client: undefined }), 'phone', terms)).toHaveLength(3)
  })

  test('a notice takes the brake of its tenant', () => {
    expect(quotas.forNotice('acme', terms).map(({ key }) => key)).toEqual(Array(2).fill(sendKeysOf({})['sendsPerTenant']))
  })

  test('the ledger counts by subject where it shall and can, else by phone', () => {
    const byPhone = quotas.ledgerKey(asking({ subject: undefined }), 'phone')
    expect(quotas.ledgerKey(asking(), 'phone')).toBe(byPhone)
    expect(quotas.ledgerKey(asking({ subject: undefined }), 'subject')).toBe(byPhone)
    const bySubject = quotas.ledgerKey(asking(), 'subject')
    expect(bySubject).not.toBe(byPhone)
    expect(quotas.ledgerKey(asking({ phone: '+33612345679' as PhoneNumber }), 'subject')).toBe(bySubject)
    expect(quotas.ledgerKeys(asking())).toEqual([byPhone, bySubject])
    expect(quotas.ledgerKeys(asking({ subject: undefined }))).toEqual([byPhone])
  })

  test('forget drops what a send counted by its phone, and leaves the ledger', () => {
    const sent = quotas.forSend(asking(), terms, true).map(({ key }) => key)
    const dropped = quotas.sendKeys(asking(), ['login', 'payment'])
    const byPhone = sent.filter((key) => ['sendsPerPhone', 'challengesPerPhone'].includes(limitOf(key)))
    expect(dropped).toEqual(expect.arrayContaining(byPhone))
    expect(new Set(dropped.map(limitOf))).toEqual(new Set(['sendsPerPhone', 'challengesPerPhone']))
    expect(dropped).toHaveLength(4)
  })
})

describe('a key', () => {
  // G18, G29: every key of a tenant begins with its tag and shares one slot of a cluster; nothing in it can be read.
  test('is the tag of its tenant, a letter and keyed hashes', () => {
    const keys = [...quotas.forSend(asking(), terms, true), ...quotas.forAttempt(asking(), 'subject', terms)].map(({ key }) => key)
    for (const key of keys) {
      expect(key.startsWith(quotas.tag('acme'))).toBe(true)
      expect(key).toMatch(/^\{[\w-]{8}\}[a-z]([\w-]{22})?(login(:s)?)?$/)
      expect(key).not.toMatch(/612345|user-17|192\.0|acme/)
    }
  })

  test('another index secret makes other keys', () => {
    const others = createQuotas(createKeyring([secretOf('a')], secretOf('b')))
    expect(others.tag('acme')).not.toBe(quotas.tag('acme'))
    expect(others.ledgerKey(asking(), 'phone')).not.toBe(quotas.ledgerKey(asking(), 'phone'))
  })

  // What each limit counts by, and so nothing else may change its key.
  const counted: Readonly<Record<string, readonly (keyof QuotaSubject)[]>> = {
    challengesPerPhone: ['tenant', 'purpose', 'phone'],
    sendsPerPhone: ['tenant', 'phone'],
    sendsPerClient: ['tenant', 'client'],
    sendsPerPrefix: ['tenant'],
    sendsPerTenant: ['tenant'],
    sendsPerSubject: ['tenant', 'subject'],
  }
  const changes: readonly Partial<QuotaSubject>[] = [
    { tenant: 'other' },
    { tenant: undefined },
    { purpose: 'payment' },
    { phone: '+33612345679' as PhoneNumber },
    { subject: 'user-18' },
    { client: { ip: '192.0.2.2' } },
    { client: { id: '192.0.2.1' } },
  ]
  const rows = Object.keys(counted).flatMap((limit) => changes.map((change) => [limit, change] as const))
  test.each(rows)('of %s with %j', (limit, change) => {
    const changed = sendKeysOf(change)[limit] !== sendKeysOf({})[limit]
    expect(changed).toBe(Object.keys(change).some((field) => counted[limit]?.includes(field as keyof QuotaSubject)))
  })

  // Behind the tag too: what two tenants count of one client or phone must not be known for the same.
  test('is another for another tenant, tag or no tag', () => {
    const hashes = (tenant: string) =>
      quotas.forSend(asking({ tenant }), terms, true).map(({ key }) => key.slice(quotas.tag(tenant).length))
    const shared = hashes('acme').filter((hash) => hashes('other').includes(hash))
    expect(new Set(shared)).toEqual(new Set(['t']))
  })

  test('of sendsPerPrefix changes with the number less its last four digits', () => {
    expect(sendKeysOf({ phone: '+33612349999' as PhoneNumber })['sendsPerPrefix']).toBe(sendKeysOf({})['sendsPerPrefix'])
    expect(sendKeysOf({ phone: '+33612355678' as PhoneNumber })['sendsPerPrefix']).not.toBe(sendKeysOf({})['sendsPerPrefix'])
  })

  // T-BND-04. Purposes are names of letters, digits, _ and -; everything else is anybody's.
  test('two ledgers or caps have one key if and only if tenant, purpose and phone or subject are the same', { timeout: 60_000 }, () => {
    const awkward = fc.string({ unit: fc.constantFrom('a', ':', 's', '{', '}', '|', '\0', '\n', '-'), minLength: 1, maxLength: 3 })
    const subject = fc.record({
      tenant: fc.option(awkward, { nil: undefined }),
      purpose: fc.constantFrom('a', 's', 'a-s', 'as', 'sa'),
      phone: fc.constantFrom('+3361234567', '+33612345678', '+336123456789').map((phone) => phone as PhoneNumber),
      subject: fc.oneof(awkward, fc.constantFrom('+3361234567', '+33612345678')),
      client: fc.constant(undefined),
    })
    const by = ({ tenant, purpose, phone, subject: id }: QuotaSubject, ledger: 'phone' | 'subject') =>
      JSON.stringify([tenant ?? null, purpose, ledger, ledger === 'phone' ? phone : id])
    const ledger = fc.constantFrom('phone', 'subject')
    fc.assert(
      fc.property(
        subject,
        ledger,
        subject,
        ledger,
        (a, byA, b, byB) => (quotas.ledgerKey(a, byA) === quotas.ledgerKey(b, byB)) === (by(a, byA) === by(b, byB)),
      ),
      { numRuns: 100_000 },
    )
  })

  test('the tags of ten thousand tenants are told apart, and stay the same', () => {
    const tags = Array.from({ length: 10_000 }, (_, n) => quotas.tag(`tenant-${n}`))
    expect(new Set([...tags, quotas.tag(undefined), quotas.tag('undefined')]).size).toBe(10_002)
    expect(quotas.tag('tenant-0')).toBe(tags[0])
    expect(createQuotas(keyringOf('a')).tag('tenant-0')).toBe(tags[0])
  })
})

describe('what a store answers, in the words of the documentation', () => {
  const key = (limit: string) => sendKeysOf({})[limit] as string
  const [cooldown = ''] = quotas.cooldownKeys(quotas.forSend(asking(), terms, true))
  const room = (limit: string, remaining: number, nextInMs: number): Room => ({
    key: limit === 'cooldown' ? cooldown : key(limit),
    remaining,
    nextInMs,
  })

  test('a full quota is named, and how long it stays full', () => {
    expect(quotas.limited({ status: 'limited', key: cooldown, retryAfterMs: 7 })).toEqual({ limit: 'sendsPerPhone', retryAfterMs: 7 })
  })

  test('of two keys with one name the tighter tells', () => {
    expect(quotas.states([room('cooldown', 2, 10), room('sendsPerPhone', 1, 20), room('sendsPerTenant', 9, 30)])).toEqual([
      { limit: 'sendsPerPhone', remaining: 1, resetMs: 20 },
      { limit: 'sendsPerTenant', remaining: 9, resetMs: 30 },
    ])
    expect(quotas.states([room('cooldown', 0, 10), room('sendsPerPhone', 0, 20)])).toEqual([
      { limit: 'sendsPerPhone', remaining: 0, resetMs: 20 },
    ])
    expect(quotas.states([])).toEqual([])
  })

  test('the policy of a limit is its longest window, whichever key it has', () => {
    const quota = (name: string, max: number, windowMs: number) => ({ key: name === 'cooldown' ? cooldown : key(name), max, windowMs })
    const taken = [quota('cooldown', 1, 30), quota('sendsPerPhone', 10, 900), quota('sendsPerPhone', 5, 60), quota('sendsPerTenant', 7, 8)]
    expect(quotas.policies(taken)).toEqual([
      { limit: 'sendsPerPhone', max: 10, windowMs: 900 },
      { limit: 'sendsPerTenant', max: 7, windowMs: 8 },
    ])
    expect(quotas.policies([])).toEqual([])
  })

  test('a resend waits for every full quota that it takes', () => {
    expect(quotas.resendInMs([room('cooldown', 0, 30_000), room('sendsPerClient', 0, 50_000), room('sendsPerTenant', 1, 90_000)])).toBe(
      50_000,
    )
    expect(quotas.resendInMs([room('challengesPerPhone', 0, 600_000), room('cooldown', 0, 30_000)])).toBe(30_000)
    expect(quotas.resendInMs([])).toBe(0)
  })
})
