import fc from 'fast-check'
import { createPhoneVerifier } from 'phone-verify'
import { expect, test } from 'vitest'
import { naiveStore } from '../fixtures/naive-store.js'
import { answersLikeTheReference, runs } from '../model/property.js'
import { guessAtOnce, type MakeStore, redeemAtOnce, resendAtOnce, sendAtOnce, wrongCodes } from './races.js'

// The races of this folder on a store that reads, compares and writes. A race that this store wins proves nothing about any other.

const naive: MakeStore = (now) => naiveStore({ now })

test('while nothing happens at once, the naive store keeps every promise', { timeout: 60_000 }, async () => {
  const onNaive = answersLikeTheReference((clock) => {
    const store = naiveStore({ now: clock.now })
    return { makeVerifier: (options) => createPhoneVerifier({ ...options, store }) }
  })
  await fc.assert(onNaive, runs(200))
})

test('T-ATT-01: it evaluates all of 1 000 wrong guesses', async () => {
  const { counts } = await guessAtOnce(naive, (code) => wrongCodes(code, 1_000))
  expect(counts['incorrect_code']).toBeGreaterThan(5)
})

test('T-ATT-02: it accepts the right code more than once', async () => {
  const { proofs } = await guessAtOnce(naive, (code) => Array<string>(1_000).fill(code))
  expect(proofs.length).toBeGreaterThan(1)
})

test('T-ATT-04: it finds the right code among 1 000 guesses in every round', { timeout: 60_000 }, async () => {
  let successes = 0
  for (let round = 0; round < 5; round++)
    successes += (await guessAtOnce(naive, (code) => [...wrongCodes(code, 999), code])).counts['ok'] ?? 0
  expect(successes).toBe(5)
})

test('T-SND-01: it sends more than one SMS', async () => {
  expect((await sendAtOnce(naive, 1_000)).sms.length).toBeGreaterThan(1)
})

test('T-RSN-02: it accepts both of two resends', async () => {
  expect((await resendAtOnce(naive, 2)).counts).toEqual({ ok: 2 })
})

test('T-RPL-02: it redeems a proof more than once', async () => {
  expect((await redeemAtOnce(naive, 1_000)).counts['ok']).toBeGreaterThan(1)
})
