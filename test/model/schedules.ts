import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createPhoneVerifier, type Store } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { fakeClock, faultyCarrier } from 'phone-verify/testing'
import { scheduledStore } from '../fixtures/scheduled-store.js'

type Step = 'guess the first code' | 'guess the newest code' | 'guess wrong' | 'resend' | 'resend, and an SMS fails' | 'redeem'

/** One schedule: what three clients do one after another, and in which order the store hears of it. */
export interface Schedule {
  readonly scheduler: fc.Scheduler
  readonly clients: readonly (readonly Step[])[]
  readonly resend: 'same' | 'new'
}

/** Makes the store of one schedule; one that waits within its verbs waits for `pause`. */
export type MakeStore = (now: () => number, pause: () => Promise<unknown>) => Store

/** What holds in every order of events. Each is broken by a store that reads, compares and writes. */
export const invariants = [
  'at most maxAttempts guesses are evaluated',
  'at most one guess succeeds',
  'at most one redeem succeeds',
  'no more SMS leave than the cap allows',
  'an old code is dead once a resend has returned',
  'the ledger counts every guess that was evaluated since the last success',
] as const

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('guess the first code' as const) },
  { weight: 2, arbitrary: fc.constantFrom('guess wrong' as const, 'resend' as const) },
  { weight: 1, arbitrary: fc.constantFrom('guess the newest code' as const, 'resend, and an SMS fails' as const, 'redeem' as const) },
)
/** Wherever else the steps go, some schedules are the ones that matter most: a guess before, beside and after a resend. */
const aroundResend = fc.shuffledSubarray<Step>(['guess the first code', 'resend', 'guess the newest code', 'guess the first code'], {
  minLength: 2,
})

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  scheduler: fc.scheduler(),
  clients: fc.array(fc.oneof(fc.array(steps, { minLength: 1, maxLength: 5 }), aroundResend), { minLength: 3, maxLength: 3 }),
  resend: fc.constantFrom('same', 'new'),
})

const maxAttempts = 5
const smsCap = 3
const lockedAt = 1_000
const windowMs = 900_000

/** Plays a schedule and says which invariants it broke. */
export async function play({ scheduler, clients, resend }: Schedule, makeStore: MakeStore): Promise<readonly string[]> {
  const clock = fakeClock()
  const sms = outboxBackend()
  const carrier = faultyCarrier(sms)
  const store = makeStore(clock.now, () => scheduler.schedule(Promise.resolve(), 'within a verb'))
  let evaluated = 0
  let ledger = ''
  const watched: Store = {
    ...store,
    async attempt(id, quotas) {
      const attempt = await store.attempt(id, quotas)
      if (attempt.status === 'granted') evaluated += 1
      ledger = quotas[0]?.key ?? ''
      return attempt
    },
  }
  const verifier = createPhoneVerifier({
    ...{
      sms,
      maxAttempts,
      codeLength: 10,
      now: clock.now,
      appName: 'Schedule',
      countries: '*',
      secret: 'a secret for schedules, 32 bytes',
    },
    store: scheduledStore(watched, scheduler),
    purposes: { schedule: { resend } },
    limits: { sendsPerPhone: [{ max: smsCap, windowMs }], failuresPerPhone: [{ max: 100, windowMs }] },
    deadlines: { send: 600_000, verify: 600_000, redeem: 600_000, store: 600_000 },
  })

  const purpose = 'schedule'
  const sending = verifier.sendCode({ phone: '+14155552671', purpose })
  await scheduler.waitFor(sending)
  const sent = await sending
  if (!sent.ok) throw new Error('the first send is accepted')
  const { sessionToken } = sent
  const codes = () => sms.messages.map(({ code = '' }) => code)

  // An old code is one that was known when a resend began which has since returned.
  let old = 0
  let resends = 0
  let accepted = 0
  let redeemed = 0
  let revived = 0
  let proof: string | undefined
  const guess = async (code: string) => {
    const oldNow = old
    const verified = await verifier.verifyCode({ sessionToken, code, purpose })
    if (!verified.ok) return
    accepted += 1
    proof = verified.proof
    if (codes().indexOf(code) < oldNow) revived += 1
  }
  const take: Readonly<Record<Step, () => Promise<void>>> = {
    'guess the first code': () => guess(codes()[0] as string),
    'guess the newest code': () => guess(codes().at(-1) as string),
    'guess wrong': () => guess((codes()[0] as string).replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))),
    async resend() {
      const known = codes().length
      if (!(await verifier.resendCode({ sessionToken })).ok) return
      resends += 1
      if (resend === 'new') old = Math.max(old, known)
    },
    // Whichever resend is the next to reach the provider.
    'resend, and an SMS fails'() {
      carrier.fail('refused', 1)
      return take.resend()
    },
    async redeem() {
      if (proof !== undefined && (await verifier.redeemProof({ proof, purpose })).ok) redeemed += 1
    },
  }

  const run = async (client: readonly Step[]) => {
    for (const step of client) await take[step]()
  }
  await scheduler.waitFor(Promise.all(clients.map(run)))
  // When all is quiet no order of events may have left an old code alive.
  await scheduler.waitFor(run(['guess the first code', 'redeem', 'redeem']))

  const probing = store.open({ id: 'probe', codeDigest: '', attempts: 1, ttlMs: 1, lifeMs: 1 }, [{ key: ledger, max: lockedAt, windowMs }])
  await scheduler.waitFor(probing)
  const probe = await probing
  // A store whose time stands still sweeps itself for ever.
  clock.advance(86_400_000)
  const counted = probe.status === 'opened' ? lockedAt - 1 - (probe.room[0]?.remaining ?? 0) : lockedAt
  const holds = [
    evaluated <= maxAttempts,
    accepted <= 1,
    redeemed <= 1,
    codes().length <= smsCap && codes().length === 1 + resends,
    revived === 0,
    counted === (accepted > 0 ? 0 : evaluated),
  ]
  return invariants.filter((_, index) => !holds[index])
}

/** No schedule breaks an invariant of the memory store. */
export const breaksNothing = fc.asyncProperty(schedules, async (schedule) => {
  assert.deepStrictEqual(await play(schedule, (now) => memoryStore({ now })), [])
})
