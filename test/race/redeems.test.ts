import { memoryStore } from 'phone-verify/store/memory'
import { expect, test } from 'vitest'
import { line, type MakeStore, redeemAtOnce } from './races.js'

const memory: MakeStore = (now) => memoryStore({ now })

test('T-RPL-02: of 1 000 redeems of one proof at once exactly one is accepted', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 10; round++) {
    const { counts, later } = await redeemAtOnce(memory, 1_000)
    expect(counts).toEqual({ ok: 1, already_redeemed: 999 })
    expect(later).toEqual({ ok: false, reason: 'already_redeemed' })
  }
})

test('T-RPL-01: an accepted code is never accepted again, and the ledger is not charged for it', async () => {
  const { begin, guess, clock, end } = line(memory, { maxAttempts: 10 })
  const { sessionToken, code } = await begin()
  expect((await guess(sessionToken, code)).ok).toBe(true)
  for (const waitMs of [0, 1, 1_000, 298_998]) {
    clock.advance(waitMs)
    expect(await guess(sessionToken, code)).toEqual({ ok: false, reason: 'already_used' })
  }
  clock.advance(1)
  expect(await guess(sessionToken, code)).toEqual({ ok: false, reason: 'expired' })
  end()
})
