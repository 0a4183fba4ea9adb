import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { auc } from '../fixtures/auc.js'

const unlimited = {
  sendsPerPhone: [],
  sendsPerPrefix: [],
  sendsPerTenant: [],
  sendsPerSubject: [],
  sendsPerClient: [],
}
const pairs = 3_000
const warmUp = 500

type Kind = 'a' | 'b'

/** Kinds of call in the order they are made, each by a coin of its own: in pairs, a call would follow the other kind more often than its own. */
const drawn = () => Array.from({ length: 2 * (pairs + warmUp) }, (): Kind => (Math.random() < 0.5 ? 'a' : 'b'))

/**
 * Durations of two kinds of call. No two calls share a phone or a token: of two that do, the second finds the caches warm, and whichever
 * kind is ahead in one run would be the slower one.
 */
async function durations(kinds: readonly Kind[], call: (kind: Kind, index: number) => Promise<unknown>) {
  const spent: Record<Kind, number[]> = { a: [], b: [] }
  for (const [index, kind] of kinds.entries()) {
    const start = process.hrtime.bigint()
    await call(kind, index)
    const end = process.hrtime.bigint()
    if (index >= 2 * warmUp) spent[kind].push(Number(end - start))
    // What the reply set off runs before the next call.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return auc(spent.a, spent.b)
}

/** The measure is statistical: two runs of three must agree (T-ENU-01). */
async function indistinguishable(measure: () => Promise<number>): Promise<readonly number[]> {
  const runs: number[] = []
  while (runs.length < 3 && runs.filter((value) => value > 0.45 && value < 0.55).length < 2) runs.push(await measure())
  return runs
}

const within = (runs: readonly number[]) => runs.filter((value) => value > 0.45 && value < 0.55).length

const busy = (ns: bigint) => {
  const end = process.hrtime.bigint() + ns
  while (process.hrtime.bigint() < end);
}

const phoneOf = (index: number) => `+1415${2_000_000 + index}`

describe('a decoy takes the time of a real send', () => {
  const build = () => createTestVerifier({ limits: unlimited })

  test('sendCode for a known and for an unknown account', { timeout: 60_000 }, async () => {
    const runs = await indistinguishable(async () => {
      const { verifier, settled } = build()
      const result = await durations(drawn(), (kind, index) =>
        verifier.sendCode({ phone: phoneOf(index), purpose: 'password_reset', decoy: kind === 'a', subject: `user-${index}` }),
      )
      await settled()
      return result
    })
    expect(within(runs), `AUC ${runs.join(', ')}`).toBeGreaterThanOrEqual(2)
  })

  test('verifyCode with a wrong code', { timeout: 60_000 }, async () => {
    const runs = await indistinguishable(async () => {
      const { verifier, settled } = build()
      const kinds = drawn()
      const tokens: string[] = []
      for (const [index, kind] of kinds.entries()) {
        const sent = await verifier.sendCode({ phone: phoneOf(index), purpose: 'password_reset', decoy: kind === 'a' })
        if (sent.ok) tokens.push(sent.sessionToken)
      }
      await settled()
      return durations(kinds, (_kind, index) =>
        verifier.verifyCode({ sessionToken: tokens[index], code: '000000', purpose: 'password_reset' }),
      )
    })
    expect(within(runs), `AUC ${runs.join(', ')}`).toBeGreaterThanOrEqual(2)
  })

  test('control: this measure sees 50 µs of extra work', { timeout: 60_000 }, async () => {
    const { verifier, settled } = build()
    const seen = await durations(drawn(), async (kind, index) => {
      if (kind === 'a') busy(50_000n)
      return verifier.sendCode({ phone: phoneOf(index), purpose: 'password_reset', decoy: true })
    })
    await settled()
    expect(seen).toBeGreaterThan(0.7)
  })
})
