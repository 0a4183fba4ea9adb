import assert from 'node:assert/strict'
import { answered, LONG_MS, quota, type Sentence, SPAN_MS } from './kit.js'

export const renew: readonly Sentence[] = [
  {
    title: 'renew MUST give the code ttlMs from now, also after it expired, but never beyond the life of its challenge.',
    async prove({ store, challenge, opened, exact, pass, isLeft, now }) {
      const since = now()
      const one = await opened({ ttlMs: SPAN_MS })
      await pass(SPAN_MS)
      answered(await store.attempt(one.id, []), 'expired')
      const renewedAt = now()
      const longer = answered(await store.renew(one.id, { ttlMs: LONG_MS }, []), 'renewed')
      assert.equal(longer.expiresInMs, LONG_MS)
      answered(await store.attempt(one.id, []), 'granted')
      isLeft(answered(await store.open(challenge({ id: one.id }), []), 'exists').expiresInMs, LONG_MS, renewedAt)

      const capped = answered(await store.renew(one.id, { ttlMs: 3 * LONG_MS }, []), 'renewed')
      isLeft(capped.expiresInMs, one.lifeMs, since)
      isLeft(answered(await store.open(challenge({ id: one.id }), []), 'exists').lifeMs, one.lifeMs, since)
      if (exact) {
        await pass(capped.expiresInMs - 1)
        answered(await store.attempt(one.id, []), 'granted')
        await pass(1)
        answered(await store.attempt(one.id, []), 'absent')
      }

      const shorter = await opened()
      answered(await store.renew(shorter.id, { ttlMs: SPAN_MS }, []), 'renewed')
      await pass(SPAN_MS)
      answered(await store.attempt(shorter.id, []), 'expired')
    },
  },
  {
    title: 'renew MUST replace the digest where one is given and keep it where none is.',
    async prove({ store, opened }) {
      const { id, codeDigest } = await opened()
      const digest = async () => answered(await store.attempt(id, []), 'granted').codeDigest
      answered(await store.renew(id, { ttlMs: LONG_MS }, []), 'renewed')
      assert.equal(await digest(), codeDigest)
      answered(await store.renew(id, { codeDigest: 'next', ttlMs: LONG_MS }, []), 'renewed')
      assert.equal(await digest(), 'next')
      answered(await store.renew(id, { ttlMs: LONG_MS }, []), 'renewed')
      assert.equal(await digest(), 'next')
    },
  },
  {
    title: 'renew MUST NOT give attempts back.',
    async prove({ store, opened }) {
      const { id } = await opened({ attempts: 3 })
      for (const expected of [2, 1, 0]) {
        assert.equal(answered(await store.attempt(id, []), 'granted').attemptsLeft, expected)
        await store.renew(id, { codeDigest: `after ${expected}`, ttlMs: LONG_MS }, [])
      }
      answered(await store.renew(id, { ttlMs: LONG_MS }, []), 'exhausted')
      answered(await store.attempt(id, []), 'exhausted')
    },
  },
  {
    title: 'renew MUST take the quotas and open the one-shots, or do nothing.',
    async prove({ store, fresh, challenge, opened, hitsOn, isLeft, now }) {
      const [first, second, roomy, full] = [fresh(), fresh(), quota(fresh(), 50), quota(fresh(), 1)]
      const { id } = await opened()
      const since = now()
      const { hit, room } = answered(
        await store.renew(id, { codeDigest: 'first', ttlMs: LONG_MS }, [roomy, full], [{ id: first, ttlMs: LONG_MS }]),
        'renewed',
      )
      assert.deepEqual(room, [
        { key: roomy.key, remaining: 49, nextInMs: LONG_MS },
        { key: full.key, remaining: 0, nextInMs: LONG_MS },
      ])
      assert.equal(await store.close(first), 'closed')

      const refused = await store.renew(id, { codeDigest: 'second', ttlMs: SPAN_MS }, [roomy, full], [{ id: second, ttlMs: LONG_MS }])
      assert.equal(answered(refused, 'limited').key, full.key)
      assert.deepEqual([await hitsOn(roomy.key), await hitsOn(full.key)], [1, 1])
      assert.equal(await store.close(second), 'absent')
      isLeft(answered(await store.open(challenge({ id }), []), 'exists').expiresInMs, LONG_MS, since)
      assert.equal(answered(await store.attempt(id, []), 'granted').codeDigest, 'first')

      await store.release([roomy.key, full.key], hit)
      answered(await store.renew(id, { ttlMs: LONG_MS }, [full]), 'renewed')
    },
  },
  {
    title: 'renew MUST answer absent, closed, exhausted and limited in this precedence.',
    async prove({ store, fresh, opened, exhaust, pass }) {
      const full = quota(fresh(), 1)
      const { id: live } = await opened({}, [full])
      const { id: spent } = await opened({ attempts: 1 })
      const { id: won } = await opened({ attempts: 1 })
      const { id: over } = await opened({ ttlMs: SPAN_MS, lifeMs: SPAN_MS })
      await exhaust(spent, 1)
      await exhaust(won, 1)
      await store.close(won)
      await store.close(over)
      await pass(SPAN_MS)
      const renewed = async (id: string) => (await store.renew(id, { ttlMs: LONG_MS }, [full])).status
      assert.equal(await renewed(fresh()), 'absent')
      assert.equal(await renewed(over), 'absent')
      assert.equal(await renewed(won), 'closed')
      assert.equal(await renewed(spent), 'exhausted')
      assert.equal(await renewed(live), 'limited')
    },
  },
]
