import type { Defect } from './defect.js'

const model = ['model/sequential.test.ts', 'T-MOD-01'] as const
const tenants = ['model/tenants.test.ts', 'T-TEN-01'] as const
const sends = (name: string) => ['race/sends.test.ts', name] as const
const faults = (name: string) => ['race/faults.test.ts', name] as const

/** Defects of sends, limits and tenants, and of what happens when the world fails. */
export const sending: readonly Defect[] = [
  {
    name: 'no tenant in the keys of quotas',
    file: 'services/quotas.ts',
    find: "keyring.index('tenant', tenant)",
    replace: "keyring.index('tenant', undefined)",
    caughtBy: tenants,
  },
  {
    name: 'the SMS leaves before the store has recorded it',
    file: 'services/open-challenge.ts',
    find: 'const opened = await store.open(',
    replace: `const granted = { hit: '', room: [] }
    const early = await parts.dispatch({ challenge, keys: keyring.current, granted, taken: [], first: true, onFailure: () => [] }, call)
    const dispatch = async () => early
    const opened = await store.open(`,
    caughtBy: faults('G14'),
  },
  {
    name: 'a store that fails allows the send',
    file: 'store/guarded.ts',
    find: "closed('open', () => store.open(challenge, quotas, also))",
    replace: "closed('open', () => store.open(challenge, quotas, also)).catch(() => ({ status: 'opened', hit: '', room: [] }))",
    caughtBy: faults('G12: a store that never answers means no > no SMS leaves for a send'),
  },
  {
    name: 'an admit that fails lets the send through',
    file: 'services/admission.ts',
    find: 'return false',
    replace: 'return true',
    caughtBy: model,
  },
  {
    name: 'the error of a provider is passed on as the cause',
    file: 'services/hand-over.ts',
    find: 'new PhoneVerifyError(...descriptions[status], details) }',
    replace: 'Object.assign(new PhoneVerifyError(...descriptions[status], details), { cause: error }) }',
    caughtBy: faults('G8'),
  },
  {
    name: 'a decoy sends an SMS',
    file: 'services/delivery.ts',
    find: 'if (challenge.decoy || challenge.testNumber)',
    replace: 'if (challenge.testNumber)',
    caughtBy: faults('a decoy sends nothing'),
  },
  {
    name: 'windows stand still instead of sliding',
    file: 'store/memory-hits.ts',
    find: 'firstAbove(hits, AT, at - windowMs)',
    replace: 'firstAbove(hits, AT, at - (at % windowMs) - 1)',
    caughtBy: model,
  },
  {
    name: 'quotas are written after the answer',
    file: 'store/memory.ts',
    find: 'for (const { hits, keepMs, room } of rows) keys.put(room.key, withHit(hits, keepMs, at, calls))',
    replace:
      'void Promise.resolve().then(() => { for (const { hits, keepMs, room } of rows) keys.put(room.key, withHit(hits, keepMs, at, calls)) })',
    caughtBy: sends('T-SND-01'),
  },
  {
    name: 'any number of challenges may be open',
    file: 'services/quotas.ts',
    find: "...(opening ? over(key(tenant, 'o', hash, purpose), challengesPerPhone) : []),",
    replace: '',
    caughtBy: sends('at most three challenges'),
  },
  {
    name: 'a memory store that is full evicts live counters',
    file: 'store/memory.ts',
    find: 'if (size() + records > most) sweep(SLICE)',
    replace: 'if (size() + records > most) { latest = Infinity; sweep(SLICE); latest = Math.floor(now()) - origin }',
    caughtBy: faults('G30'),
  },
  {
    name: 'a tenant that nobody knows gets the terms of the house',
    file: 'services/tenants.ts',
    find: 'if (overrides === undefined || ',
    replace: 'if (overrides === undefined) return termsOf(undefined, purpose)\n      if (',
    caughtBy: model,
  },
  {
    name: 'a number that the provider refuses costs nothing at all',
    file: 'services/dispatch.ts',
    find: 'quotas.cooldownKeys(taken)',
    replace: 'all',
    caughtBy: model,
  },
  {
    name: 'to be forgotten is to be unlocked',
    file: 'services/quotas.ts',
    find: "key(subject.tenant, 'p', hash), ...opened]",
    replace: "key(subject.tenant, 'p', hash), ...opened, ...purposes.map((purpose) => key(subject.tenant, 'f', hash, purpose))]",
    caughtBy: model,
  },
  {
    name: 'an SMS that may have been sent counts as not sent',
    file: 'services/hand-over.ts',
    find: "|| 'unknown'",
    replace: "|| 'unavailable'",
    caughtBy: model,
  },
]
