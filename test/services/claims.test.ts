import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { createClaims } from '../../src/services/claims.js'
import { memoryStore } from '../../src/store/memory.js'
import { sampleChallenge } from '../fixtures/challenge.js'

const ttlMs = 300_000

/** A deferred send whose claim was opened with it. */
async function makeClaims() {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const claims = createClaims({ store, now: clock.now })
  const challenge = sampleChallenge({ claim: 'c1', startedAt: clock.now(), expiresAt: clock.now() + ttlMs })
  const { id } = challenge
  await store.open({ id, codeDigest: 'd', attempts: 5, ttlMs, lifeMs: 600_000 }, [], claims.oneShots(challenge))
  return { clock, store, claims, challenge }
}

describe('createClaims', () => {
  test('a send that no worker delivers opens no claim', async () => {
    const { claims } = await makeClaims()
    expect(claims.oneShots(sampleChallenge({ claim: undefined }))).toEqual([])
  })

  test('a claim lives as long as its code', async () => {
    const { clock, claims, challenge } = await makeClaims()
    expect(claims.oneShots(challenge)).toEqual([{ id: `${challenge.id}dc1.1`, ttlMs }])
    clock.advance(ttlMs - 1)
    expect(await claims.take(challenge)).toBe(1)
  })

  test('a claim ends with its code', async () => {
    const { clock, claims, challenge } = await makeClaims()
    clock.advance(ttlMs)
    expect(await claims.take(challenge)).toBe('absent')
  })

  test('fifty workers at once take one claim', async () => {
    const { claims, challenge } = await makeClaims()
    const taken = await Promise.all(Array.from({ length: 50 }, () => claims.take(challenge)))
    expect(taken.filter((number) => number === 1)).toHaveLength(1)
    expect(taken.filter((number) => number === 'taken')).toHaveLength(49)
  })

  test('a claim that was given back is taken once more, under the next number', async () => {
    const { claims, challenge } = await makeClaims()
    for (const number of [1, 2, 3]) {
      const taken = await Promise.all(Array.from({ length: 5 }, () => claims.take(challenge)))
      expect(taken.filter((outcome) => outcome !== 'taken')).toEqual([number])
      await claims.giveBack(challenge, number)
    }
  })

  test('a claim given back twice opens one claim', async () => {
    const { claims, challenge } = await makeClaims()
    await claims.take(challenge)
    await claims.giveBack(challenge, 1)
    expect(await claims.take(challenge)).toBe(2)
    await claims.giveBack(challenge, 1)
    expect(await claims.take(challenge)).toBe('taken')
  })

  test('the claim of another send of the same challenge is another claim', async () => {
    const { claims, challenge, store } = await makeClaims()
    const later = { ...challenge, claim: 'c2' }
    await store.renew(challenge.id, { ttlMs }, [], claims.oneShots(later))
    expect(await claims.take(challenge)).toBe(1)
    expect(await claims.take(later)).toBe(1)
  })

  test('a send that keeps failing is not claimed for ever', async () => {
    const { claims, challenge } = await makeClaims()
    let last: number | string = 0
    for (let turn = 0; turn < 100 && last !== 'taken'; turn++) {
      last = await claims.take(challenge)
      if (typeof last === 'number') await claims.giveBack(challenge, last)
    }
    expect(last).toBe('taken')
  })

  test.each(['before it is claimed', 'while a worker holds it', 'after it was given back'])(
    'a claim revoked %s is never taken again',
    async (when) => {
      const { claims, challenge } = await makeClaims()
      if (when !== 'before it is claimed') await claims.take(challenge)
      if (when === 'after it was given back') await claims.giveBack(challenge, 1)
      await claims.revoke(challenge)
      if (when === 'while a worker holds it') await claims.giveBack(challenge, 1)
      expect(await claims.take(challenge)).toBe('taken')
    },
  )

  test('a claim revoked at whatever moment its holder gives it back is never taken again', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { claims, challenge } = await makeClaims()
      await claims.take(challenge)
      const revoking = claims.revoke(challenge)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await Promise.all([revoking, claims.giveBack(challenge, 1)])
      expect(await claims.take(challenge)).toBe('taken')
    }
  })
})
