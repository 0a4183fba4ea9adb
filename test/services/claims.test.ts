import { fakeClock } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { createClaims } from '../../src/services/claims.js'
import { memoryStore } from '../../src/store/memory.js'
import { sampleChallenge } from '../fixtures/challenge.js'

const [ttlMs, lifeMs] = [300_000, 600_000]

/** A deferred send whose claim was opened with it. */
async function makeClaims() {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const claims = createClaims({ store, now: clock.now })
  const challenge = sampleChallenge({ claim: 1, startedAt: clock.now(), expiresAt: clock.now() + ttlMs })
  const { id } = challenge
  await store.open({ id, codeDigest: 'd', attempts: 5, ttlMs, lifeMs }, [], claims.first(challenge))
  return { clock, store, claims, challenge }
}

describe('createClaims', () => {
  test('a send that no worker delivers opens no claim', async () => {
    const { claims } = await makeClaims()
    expect(claims.first(sampleChallenge({ claim: undefined }))).toEqual([])
  })

  test('a claim lives as long as its challenge may', async () => {
    const { clock, claims, challenge } = await makeClaims()
    clock.advance(lifeMs - 1)
    expect(await claims.take(challenge)).toBe(1)
  })

  test('a claim ends with its challenge', async () => {
    const { clock, claims, challenge } = await makeClaims()
    clock.advance(lifeMs)
    expect(await claims.take(challenge)).toBe('absent')
  })

  test('fifty workers at once take one claim', async () => {
    const { claims, challenge } = await makeClaims()
    const taken = await Promise.all(Array.from({ length: 50 }, () => claims.take(challenge)))
    expect(taken.filter((number) => number === 1)).toHaveLength(1)
    expect(taken.filter((number) => number === 'taken')).toHaveLength(49)
  })

  test.each([0, 1, 19, 20, 21])('after %i sends that certainly failed, a resend can still be delivered', async (failures) => {
    const { claims, challenge } = await makeClaims()
    for (let failed = 0; failed < failures; failed++) {
      const turn = await claims.take(challenge)
      if (typeof turn === 'number') await claims.giveBack(challenge, turn)
    }
    const claim = await claims.renew(challenge)
    expect(await claims.take({ ...challenge, claim })).toBe(1)
    expect(await claims.take(challenge)).not.toBe(1)
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

  test('a send that keeps failing is not claimed for ever', async () => {
    const { claims, challenge } = await makeClaims()
    let last: number | string = 0
    for (let turn = 0; turn < 100 && last !== 'taken'; turn++) {
      last = await claims.take(challenge)
      if (typeof last === 'number') await claims.giveBack(challenge, last)
    }
    expect(last).toBe('taken')
  })

  test('a send that no worker delivers renews no claim', async () => {
    const { claims } = await makeClaims()
    expect(await claims.renew(sampleChallenge({ claim: undefined }))).toBeUndefined()
  })

  const moments = ['before it is claimed', 'while a worker holds it', 'after it was given back', 'after it was given back and claimed anew']

  test.each(moments)('a claim renewed %s is the older send nobody can deliver, and the newer one worker', async (when) => {
    const { claims, challenge } = await makeClaims()
    if (when !== moments[0]) await claims.take(challenge)
    if (when === moments[2] || when === moments[3]) await claims.giveBack(challenge, 1)
    if (when === moments[3]) await claims.take(challenge)
    const claim = await claims.renew(challenge)
    expect(claim).toBe(2)
    await claims.giveBack(challenge, when === moments[3] ? 2 : 1)
    expect(await claims.take(challenge)).toBe('taken')
    expect(await claims.take({ ...challenge, claim })).toBe(1)
    expect(await claims.take({ ...challenge, claim })).toBe('taken')
  })

  test('a claim renewed at whatever moment its holder gives it back is the older send nobody can deliver', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { claims, challenge } = await makeClaims()
      await claims.take(challenge)
      const renewing = claims.renew(challenge)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await claims.giveBack(challenge, 1)
      expect(await renewing).toBe(2)
      expect(await claims.take(challenge)).toBe('taken')
      expect(await claims.take({ ...challenge, claim: 2 })).toBe(1)
    }
  })

  test('renewed with an older token, the newest send is the one that follows all others', async () => {
    const { claims, challenge } = await makeClaims()
    expect(await claims.renew(challenge)).toBe(2)
    expect(await claims.renew(challenge)).toBe(3)
    expect(await claims.renew({ ...challenge, claim: 2 })).toBe(4)
    for (const claim of [1, 2, 3]) expect(await claims.take({ ...challenge, claim })).toBe('taken')
    expect(await claims.take({ ...challenge, claim: 4 })).toBe(1)
  })

  test('renewed by five at once, the five sends have numbers of their own, and one of them can be delivered', async () => {
    const { claims, challenge } = await makeClaims()
    const numbers = await Promise.all(Array.from({ length: 5 }, () => claims.renew(challenge)))
    expect([...numbers].sort()).toEqual([2, 3, 4, 5, 6])
    const taken = await Promise.all(numbers.map((claim) => claims.take({ ...challenge, claim })))
    expect(taken.filter((outcome) => outcome === 1)).toHaveLength(1)
  })
})
