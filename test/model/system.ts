import fc from 'fast-check'
import type { PhoneVerifier, PhoneVerifierOptions } from 'phone-verify'
import { type Outbox, outboxBackend } from 'phone-verify/sms/outbox'
import { type FakeClock, type FaultyCarrier, fakeClock, faultyCarrier } from 'phone-verify/testing'
import type { Limits } from './counted.js'
import { onePurpose, type Purpose, purposes } from './given.js'
import type { Window } from './hits.js'
import { type Bound, type Challenge, createReference, type Reference, type Rules } from './reference.js'

/** One store for one sequence of commands. */
export interface Bench {
  /** A verifier over that store. Called again whenever secrets rotate. */
  makeVerifier(options: Omit<PhoneVerifierOptions, 'store'>): PhoneVerifier
  /** Moves the time of the store by so many milliseconds; the verifier's own has been moved. */
  readonly advance?: (ms: number) => void | Promise<void>
  /** Frees what the store holds. */
  readonly dispose?: () => void | Promise<void>
}

export type MakeBench = (clock: FakeClock) => Bench | Promise<Bench>

/** The real thing, and what a person and an operator hold of it. Tokens and proofs stand in the order in which the reference has them. */
export interface System {
  readonly bench: Bench
  readonly narrow: Purpose | undefined
  readonly clock: FakeClock
  readonly outbox: Outbox
  readonly carrier: FaultyCarrier
  readonly tokens: string[]
  readonly proofs: string[]
  /** Every code that arrived, oldest first. */
  readonly codes: Map<Challenge, string[]>
  verifier: PhoneVerifier
  admission: 'yes' | 'no' | 'throws'
  rotate(secrets: readonly string[]): void
}

/** What differs from sequence to sequence. */
export interface Setup {
  /** A narrow sequence is about one phone and this purpose, so that what counts by phone is full sooner. */
  readonly narrow: Purpose | undefined
  readonly maxAttempts: number
  readonly ttlMs: number
  readonly limits: Limits | undefined
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Both sides of ten minutes, which is where the cooldown ends. */
export const windowsMs = [1, second, 30 * second, minute, 10 * minute - 1, 10 * minute, hour, day]

const per = (windowMs: number, max: number): Window => ({ max, windowMs })

/** What is promised to an application that names no limits. */
const defaults: Limits = {
  sendsPerPhone: [per(30 * second, 1), per(90 * second, 2), per(210 * second, 3), per(510 * second, 4), per(hour, 5), per(day, 10)],
  sendsPerClient: [per(hour, 10), per(day, 50)],
  sendsPerPrefix: [per(hour, 20)],
  sendsPerTenant: [per(hour, 200), per(day, 1_000)],
  sendsPerSubject: [per(hour, 5), per(day, 10)],
  checksPerClient: [per(5 * minute, 30)],
  failuresPerPhone: [per(15 * minute, 10), per(day, 20), per(30 * day, 50)],
}

const windows = (max: number) =>
  fc.array(fc.record({ max: fc.integer({ min: 1, max }), windowMs: fc.constantFrom(...windowsMs) }), { maxLength: 3 })
const rare = (arbitrary: fc.Arbitrary<readonly Window[]>) => fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary })
const none: Limits = Object.fromEntries(Object.keys(defaults).map((name) => [name, []]))

export const setups: fc.Arbitrary<Setup> = fc.record({
  narrow: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 4, arbitrary: onePurpose }),
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  ttlMs: fc.constantFrom(minute, 5 * minute, 10 * minute),
  limits: fc.oneof(
    fc.constantFrom(undefined, none),
    fc.record({
      sendsPerPhone: windows(6),
      sendsPerClient: rare(windows(8)),
      sendsPerPrefix: rare(windows(8)),
      sendsPerTenant: rare(windows(10)),
      sendsPerSubject: rare(windows(6)),
      checksPerClient: rare(windows(10)),
      failuresPerPhone: windows(6),
    }),
  ),
})

const secretOf = (name: string) => name.padEnd(32, '.')

/** With ten digits no guess is right by chance, not in all the years of all the runs. */
const codeLength = 10
const proofTtls: Readonly<Record<Purpose, number>> = {
  login: 10 * minute,
  two_factor: 10 * minute,
  delivery_pin: minute,
  invitation: 3 * minute,
}
const builtIn = ['registration', 'login', 'two_factor', 'password_reset', 'phone_change', 'payment', 'marketing_opt_in']
const names = Object.keys(purposes) as Purpose[]

/** A verifier and its reference, fresh, about the same world. */
export async function start(
  { narrow, maxAttempts, ttlMs, limits }: Setup,
  makeBench: MakeBench,
): Promise<{ model: Reference; real: System }> {
  const clock = fakeClock()
  const outbox = outboxBackend()
  const carrier = faultyCarrier(outbox)
  const bench = await makeBench(clock)

  const makeVerifier = (secrets: readonly string[]) =>
    bench.makeVerifier({
      ...{ maxAttempts, ttlMs, codeLength, limits, sms: carrier, now: clock.now },
      secret: secrets.map(secretOf),
      indexSecret: secretOf('index'),
      appName: 'Model',
      countries: ['FR', 'US'],
      purposes: Object.fromEntries(names.map((name) => [name, { ...purposes[name], proofTtlMs: proofTtls[name] }])),
      tenants: (id) => (id === 'acme' ? { maxAttempts: 2, purposes: { login: { ttlMs: 2 * minute } } } : undefined),
      deadlines: { send: 600_000, verify: 600_000, redeem: 600_000, store: 600_000, provider: 600_000 },
      admit() {
        if (real.admission === 'throws') throw new Error('the look-up failed')
        return real.admission === 'yes' ? { ok: true } : { ok: false, reason: 'blocked' }
      },
    })

  const real: System = {
    ...{ bench, narrow, clock, outbox, carrier, tokens: [], proofs: [], codes: new Map(), admission: 'yes' },
    verifier: makeVerifier(['first']),
    rotate(secrets) {
      real.verifier = makeVerifier(secrets)
    },
  }

  const rulesOf = ({ tenant, purpose }: Bound): Rules | undefined => {
    if (tenant === 'nobody') return undefined
    const own = { ...purposes[purpose as Purpose], proofTtlMs: proofTtls[purpose as Purpose], codeLength, ttlMs, maxAttempts }
    return tenant === 'acme' ? { ...own, maxAttempts: 2, ...(purpose === 'login' && { ttlMs: 2 * minute }) } : own
  }
  const everyPurpose = [...new Set([...builtIn, ...names])]
  const model = createReference({ start: clock.now(), secret: 'first', purposes: everyPurpose, rulesOf, limits: limits ?? defaults })
  return { model, real }
}
