import type { Quota, Window } from './hits.js'

export type Limits = Readonly<Record<string, readonly Window[]>>

/** Who asks for what. Fields that are absent are counted by nothing. */
export interface Person {
  readonly tenant: string | undefined
  readonly purpose: string
  readonly phone: string
  readonly subject: string | undefined
  readonly client?: string | undefined
}

/** The windows under this are the cooldown, which is counted apart so that it can be given back alone. */
const cooldownBelowMs = 600_000

/** Which limits count what: the table of limits, line by line. */
export const createCounted = (limits: Limits) => {
  const count = (limit: string, of: readonly (string | undefined)[], windows = limits[limit] ?? []) =>
    windows.map((window): Quota => ({ ...window, limit, key: [limit, ...of].join('|') }))
  const sends = limits['sendsPerPhone'] ?? []
  const cooldown = sends.filter(({ windowMs }) => windowMs < cooldownBelowMs)
  const longer = sends.filter(({ windowMs }) => windowMs >= cooldownBelowMs)
  const failures = (tenant: string | undefined, purpose: string, kind: 'phone' | 'subject', whose: string) =>
    count('failuresPerPhone', [tenant, purpose, kind, whose])
  const perPhone = ({ tenant, phone }: Pick<Person, 'tenant' | 'phone'>) => [
    ...count('sendsPerPhone', [tenant, phone, 'cooldown'], cooldown),
    ...count('sendsPerPhone', [tenant, phone, 'longer'], longer),
  ]
  const opening = ({ tenant, purpose, phone }: Pick<Person, 'tenant' | 'purpose' | 'phone'>) =>
    count('challengesPerPhone', [tenant, purpose, phone], [{ max: 3, windowMs: 600_000 }])

  return {
    opening,
    perPhone,
    send: (person: Person) => [
      ...perPhone(person),
      ...(person.client === undefined ? [] : count('sendsPerClient', [person.tenant, person.client])),
      ...count('sendsPerPrefix', [person.tenant, person.phone.slice(0, -4)]),
      ...count('sendsPerTenant', [person.tenant]),
      ...(person.subject === undefined ? [] : count('sendsPerSubject', [person.tenant, person.subject])),
    ],
    checks: ({ tenant, client }: Person) => (client === undefined ? [] : count('checksPerClient', [tenant, client])),
    ledger: ({ tenant, purpose, phone, subject }: Person, by: 'phone' | 'subject') =>
      by === 'subject' && subject !== undefined ? failures(tenant, purpose, 'subject', subject) : failures(tenant, purpose, 'phone', phone),
    isCooldown: ({ key }: Quota) => key.endsWith('|cooldown'),
  }
}

export const keysOf = (quotas: readonly Quota[]) => quotas.map(({ key }) => key)
