import { clientKey } from '../domain/client.js'
import type { Keyring } from '../domain/keyring.js'
import { challengesPerPhone, cooldownBelowMs, type Limit } from '../domain/limits.js'
import { numberPrefix } from '../domain/phone-number.js'
import type { Quota, Room } from '../store/store.js'
import type { QuotaSubject, Quotas } from './challenge.js'

/** One letter a kind behind the tenant's tag: it tells the limit's name, and the keyed hash after it tells nothing. */
const names = {
  o: 'challengesPerPhone',
  w: 'sendsPerPhone',
  p: 'sendsPerPhone',
  k: 'sendsPerClient',
  x: 'sendsPerPrefix',
  t: 'sendsPerTenant',
  s: 'sendsPerSubject',
  g: 'checksPerClient',
  f: 'failuresPerPhone',
} as const

type Kind = keyof typeof names

const tagLength = 8
const rememberedTags = 1_000

/**
 * Which limits apply to a call, as quotas for the store. Keys are `{tag}`, one letter, and keyed hashes of tenant and phone, client or
 * subject: tenants share nothing, and a store holds no phone number.
 */
export function createQuotas(keyring: Keyring): Quotas {
  const tags = new Map<string | undefined, string>()

  const tag = (tenant: string | undefined): string => {
    const known = tags.get(tenant)
    if (known !== undefined) return known
    const made = `{${keyring.index('tenant', tenant).slice(0, tagLength)}}`
    if (tags.size >= rememberedTags) tags.clear()
    tags.set(tenant, made)
    return made
  }

  const key = (tenant: string | undefined, kind: Kind, hash = '', purpose = '') => tag(tenant) + kind + hash + purpose
  const phoneHash = ({ tenant, phone }: Pick<QuotaSubject, 'tenant' | 'phone'>) => keyring.index('phone', tenant, phone)
  const subjectHash = (tenant: string | undefined, subject: string) => keyring.index('subject', tenant, subject)
  const clientHash = (tenant: string | undefined, client: string) => keyring.index('client', tenant, client)

  const ledgerKey: Quotas['ledgerKey'] = ({ tenant, purpose, phone, subject }, ledger) =>
    ledger === 'subject' && subject !== undefined
      ? key(tenant, 'f', subjectHash(tenant, subject), `${purpose}:s`)
      : key(tenant, 'f', phoneHash({ tenant, phone }), purpose)

  return {
    tag,
    ledgerKey,

    forSend(subject, terms, opening) {
      const { tenant, purpose, phone } = subject
      const { limits } = terms
      const hash = phoneHash(subject)
      const client = clientKey(subject.client)
      const cooldown = limits.sendsPerPhone.filter(({ windowMs }) => windowMs < cooldownBelowMs)
      const longer = limits.sendsPerPhone.filter(({ windowMs }) => windowMs >= cooldownBelowMs)
      return [
        ...(opening ? over(key(tenant, 'o', hash, purpose), challengesPerPhone) : []),
        ...over(key(tenant, 'w', hash), cooldown),
        ...over(key(tenant, 'p', hash), longer),
        ...(client === undefined ? [] : over(key(tenant, 'k', clientHash(tenant, client)), limits.sendsPerClient)),
        ...over(key(tenant, 'x', keyring.index('prefix', tenant, numberPrefix(phone))), limits.sendsPerPrefix),
        ...over(key(tenant, 't'), limits.sendsPerTenant),
        ...(subject.subject === undefined ? [] : over(key(tenant, 's', subjectHash(tenant, subject.subject)), limits.sendsPerSubject)),
      ]
    },

    forNotice: (tenant, terms) => over(key(tenant, 't'), terms.limits.sendsPerTenant),

    forAttempt(subject, ledger, { limits }) {
      const client = clientKey(subject.client)
      return [
        ...over(ledgerKey(subject, ledger), limits.failuresPerPhone),
        ...(client === undefined ? [] : over(key(subject.tenant, 'g', clientHash(subject.tenant, client)), limits.checksPerClient)),
      ]
    },

    ledgerKeys: (subject) => [...new Set([ledgerKey(subject, 'phone'), ledgerKey(subject, 'subject')])],

    cooldownKeys: (quotas) => keysOf(quotas, 'w'),

    ledgerTaken: (quotas) => keysOf(quotas, 'f'),

    sendKeys(subject, purposes) {
      const hash = phoneHash(subject)
      const opened = purposes.map((purpose) => key(subject.tenant, 'o', hash, purpose))
      return [key(subject.tenant, 'w', hash), key(subject.tenant, 'p', hash), ...opened]
    },

    limited: ({ key: full, retryAfterMs }) => ({ limit: nameOf(full), retryAfterMs }),

    // A resend opens no challenge: what it waits for is every other quota that is full.
    resendInMs: (room) => Math.max(0, ...room.filter((row) => row.remaining === 0 && kindOf(row.key) !== 'o').map((row) => row.nextInMs)),

    states(room) {
      const tightest = new Map<string, Room>()
      for (const row of room) {
        const other = tightest.get(nameOf(row.key))
        if (other === undefined || tighter(row, other)) tightest.set(nameOf(row.key), row)
      }
      return [...tightest].map(([limit, { remaining, nextInMs }]) => ({ limit, remaining, resetMs: nextInMs }))
    },

    policies(taken) {
      const longest = new Map<string, Quota>()
      for (const quota of taken) {
        const other = longest.get(nameOf(quota.key))
        if (other === undefined || quota.windowMs > other.windowMs) longest.set(nameOf(quota.key), quota)
      }
      return [...longest].map(([limit, { max, windowMs }]) => ({ limit, max, windowMs }))
    },
  }
}

const over = (key: string, limits: readonly Limit[]): readonly Quota[] => limits.map(({ max, windowMs }) => ({ key, max, windowMs }))

const kindOf = (key: string) => key[tagLength + 2] as Kind

const keysOf = (quotas: readonly Quota[], kind: Kind) => [...new Set(quotas.map(({ key }) => key))].filter((key) => kindOf(key) === kind)

const nameOf = (key: string) => names[kindOf(key)]

const tighter = (a: Room, b: Room) => a.remaining < b.remaining || (a.remaining === b.remaining && a.nextInMs > b.nextInMs)
