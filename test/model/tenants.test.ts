import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createPhoneVerifier, type SmsBackend } from 'phone-verify'
import { type Outbox, outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { fakeClock } from 'phone-verify/testing'
import { expect, test } from 'vitest'
import { runs } from './property.js'
import { settle } from './send-and-compare.js'

type Tenant = string | undefined
type Deed = 'send' | 'resend' | 'guess right' | 'guess wrong' | 'guess old' | 'redeem' | 'unlock' | 'forget' | 'use the other'
type Event = { readonly side: 0 | 1; readonly deed: Deed } | { readonly waitMs: number }

const minute = 60_000
const limits = {
  sendsPerPhone: [{ max: 4, windowMs: 10 * minute }],
  sendsPerClient: [{ max: 5, windowMs: 20 * minute }],
  sendsPerPrefix: [{ max: 6, windowMs: 30 * minute }],
  sendsPerTenant: [{ max: 7, windowMs: 40 * minute }],
  sendsPerSubject: [{ max: 5, windowMs: 15 * minute }],
  checksPerClient: [{ max: 9, windowMs: 5 * minute }],
  failuresPerPhone: [{ max: 6, windowMs: 15 * minute }],
}
const appNames = ['First', 'Second'] as const

/** One house with two tenants, who know the same person: one phone, purpose, subject, payload and client. */
function openHouse([first, second]: readonly [Tenant, Tenant]) {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const outboxes = new Map<Tenant, Outbox>([
    [first, outboxBackend()],
    [second, outboxBackend()],
  ])
  const sms: SmsBackend = { name: 'by tenant', send: (message) => (outboxes.get(message.tenant) as Outbox).send(message) }
  const verifier = createPhoneVerifier({
    ...{ store, sms, limits, now: clock.now, codeLength: 10, countries: '*', secret: 'a secret of two tenants, 32 bytes' },
    appName: appNames[0],
    tenants: (id) => (id === second ? { appName: appNames[1], maxAttempts: 3 } : { appName: appNames[0] }),
    purposes: { visit: { resend: 'new' } },
  })
  const same = { purpose: 'visit', subject: 'ann', payload: { amount: '10 EUR' } }
  const phone = '+14155552671'
  const client = { ip: '192.0.2.1' }

  const sides = [first, second].map((tenant) => ({ tenant, tokens: [] as string[], proofs: [] as string[], history: [] as unknown[] }))
  const codesOf = (tenant: Tenant) => (outboxes.get(tenant) as Outbox).messages.map(({ code = '' }) => code)

  const call = (side: 0 | 1, deed: Deed) => {
    const { tenant, tokens, proofs } = sides[side] as (typeof sides)[number]
    const codes = codesOf(tenant)
    const mine = { tenant, client, ...same, sessionToken: tokens.at(-1) }
    const wrong = codes.at(-1)?.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
    if (deed === 'send') return verifier.sendCode({ ...same, phone, tenant, client })
    if (deed === 'resend') return verifier.resendCode({ ...mine })
    if (deed === 'guess right') return verifier.verifyCode({ ...mine, code: codes.at(-1) })
    if (deed === 'guess wrong') return verifier.verifyCode({ ...mine, code: wrong })
    if (deed === 'guess old') return verifier.verifyCode({ ...mine, sessionToken: tokens[0], code: codes[0] })
    if (deed === 'redeem') return verifier.redeemProof({ tenant, ...same, proof: proofs.at(-1) })
    return deed === 'unlock' ? verifier.unlock({ phone, tenant }) : verifier.forget({ phone, tenant })
  }

  /** What one tenant gives out is nothing to the other: not a session, not a code, not a proof. */
  const useOther = async (side: 0 | 1) => {
    const [own, other] = [sides[side], sides[1 - side]] as [(typeof sides)[number], (typeof sides)[number]]
    const foreign = { ...same, tenant: own.tenant, sessionToken: other.tokens.at(-1) }
    const no = { ok: false, reason: 'invalid_session' }
    assert.deepStrictEqual(await verifier.verifyCode({ ...foreign, code: codesOf(other.tenant).at(-1) }), no)
    assert.deepStrictEqual(await verifier.resendCode(foreign), no)
    const redeemed = await verifier.redeemProof({ ...same, tenant: own.tenant, proof: other.proofs.at(-1) })
    assert.deepStrictEqual(redeemed, { ok: false, reason: 'invalid_proof' })
  }

  return async (events: readonly Event[]) => {
    for (const event of events) {
      if ('waitMs' in event) clock.advance(event.waitMs)
      else if (event.deed === 'use the other') await useOther(event.side)
      else {
        const { outcome, sessionToken, proof } = await settle(call(event.side, event.deed))
        const { history, tokens, proofs } = sides[event.side] as (typeof sides)[number]
        history.push([event.deed, outcome])
        if (sessionToken !== undefined) tokens.push(sessionToken)
        if (proof !== undefined) proofs.push(proof)
      }
    }
    // A store whose time stands still sweeps itself for ever.
    clock.advance(86_400_000)
    return sides.map(({ tenant, history }) => ({
      history,
      texts: (outboxes.get(tenant) as Outbox).messages.map(({ text }) => text.replace(/\d{10}/, '')),
    }))
  }
}

const deeds = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Deed>('send', 'guess wrong', 'guess right') },
  { weight: 2, arbitrary: fc.constantFrom<Deed>('resend', 'guess old', 'redeem', 'use the other') },
  { weight: 1, arbitrary: fc.constantFrom<Deed>('unlock', 'forget') },
)
const scripts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ side: fc.constantFrom<0 | 1>(0, 1), deed: deeds }) },
    { weight: 1, arbitrary: fc.record({ waitMs: fc.constantFrom(1, minute, 5 * minute, 10 * minute, 20 * minute) }) },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

const alone = (events: readonly Event[], side: 0 | 1) =>
  events.filter((event) => 'waitMs' in event || (event.side === side && event.deed !== 'use the other'))

const independent = (pairs: fc.Arbitrary<readonly [Tenant, Tenant]>) =>
  fc.asyncProperty(pairs, scripts, async (pair, events) => {
    const together = await openHouse(pair)(events)
    for (const side of [0, 1] as const) {
      const lonely = await openHouse(pair)(alone(events, side))
      assert.deepStrictEqual(together[side], lonely[side])
      for (const text of together[side]?.texts ?? []) assert.ok(text.includes(appNames[side]), 'the text names its own app')
    }
  })

test('T-TEN-01: whatever two tenants do, each has the history that it has alone', { timeout: 60_000 }, async () => {
  const pairs = fc.constantFrom<readonly [Tenant, Tenant]>(
    ['acme', 'globex'],
    ['acme', 'Acme'],
    [undefined, 'acme'],
    ['acme', 'acme '],
    ['a|b', 'a'],
    ['__proto__', 'constructor'],
  )
  await fc.assert(independent(pairs), runs(200))
})

test('control: one tenant in both roles has not', { timeout: 60_000 }, async () => {
  const { failed } = await fc.check(independent(fc.constant(['acme', 'acme'])), { numRuns: 300, endOnFailure: true })
  expect(failed).toBe(true)
})
