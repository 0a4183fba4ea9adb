import assert from 'node:assert/strict'
import { answered, LONG_MS, quota, type Sentence, SPAN_MS, times } from './kit.js'

export const attempt: readonly Sentence[] = [
  {
    title: 'attempt MUST be granted at most attempts times in all, renewals or not.',
    async prove({ store, opened }) {
      for (const attempts of [1, 3, 10]) {
        const { id } = await opened({ attempts })
        const statuses: string[] = []
        for (const index of times(attempts + 3, (each) => each)) {
          if (index % 2) await store.renew(id, { codeDigest: `digest ${index}`, ttlMs: LONG_MS }, [])
          statuses.push((await store.attempt(id, [])).status)
        }
        assert.deepEqual(statuses, [...times(attempts, () => 'granted'), ...times(3, () => 'exhausted')])
      }
      const { id } = await opened({ attempts: 5 })
      const mixed = await Promise.all(
        times(100, (index) => (index % 2 ? store.attempt(id, []) : store.renew(id, { codeDigest: `digest ${index}`, ttlMs: LONG_MS }, []))),
      )
      assert.equal(mixed.filter(({ status }) => status === 'granted').length, 5)
    },
  },
  {
    title: 'attempt MUST say how many attempts are left after it.',
    async prove({ store, opened }) {
      const { id, codeDigest } = await opened({ attempts: 4 })
      for (const expected of [3, 2, 1, 0]) {
        const answer = answered(await store.attempt(id, []), 'granted')
        assert.equal(answer.attemptsLeft, expected)
        assert.equal(answer.codeDigest, codeDigest)
      }
    },
  },
  {
    title: 'attempt MUST answer absent, expired, closed, exhausted and limited in this precedence.',
    async prove({ store, fresh, opened, exhaust, pass }) {
      const full = quota(fresh(), 1)
      const { id: live } = await opened({}, [full])
      const { id: spent } = await opened({ attempts: 1 })
      const { id: won } = await opened({ attempts: 1 })
      const { id: late } = await opened({ attempts: 1, ttlMs: SPAN_MS })
      const { id: over } = await opened({ attempts: 1, ttlMs: SPAN_MS, lifeMs: SPAN_MS })
      for (const id of [spent, won]) await exhaust(id, 1)
      for (const id of [late, over]) await store.attempt(id, [])
      for (const id of [won, late, over]) await store.close(id)
      await pass(SPAN_MS)
      const attempted = async (id: string) => (await store.attempt(id, [full])).status
      assert.equal(await attempted(fresh()), 'absent')
      assert.equal(await attempted(over), 'absent')
      assert.equal(await attempted(late), 'expired')
      assert.equal(await attempted(won), 'closed')
      assert.equal(await attempted(spent), 'exhausted')
      assert.equal(await attempted(live), 'limited')
    },
  },
  {
    title: 'attempt MUST answer expired at the very millisecond the code ends.',
    async prove({ store, opened, exact, pass }) {
      const { id } = await opened({ ttlMs: SPAN_MS })
      if (exact) {
        await pass(SPAN_MS - 1)
        answered(await store.attempt(id, []), 'granted')
        await pass(1)
      } else await pass(SPAN_MS)
      answered(await store.attempt(id, []), 'expired')
      await pass(1)
      answered(await store.attempt(id, []), 'expired')
    },
  },
  {
    title: 'A count of attempts that is not a positive number MUST read as exhausted.',
    async prove({ store, challenge }) {
      for (const junk of [0, -1, Number.NaN, Number.NEGATIVE_INFINITY, null, undefined, '', 'many', {}]) {
        const record = challenge({ attempts: junk as number })
        // A store may reject a count that it cannot hold: then there is no challenge to guess at.
        const answer = await store.open(record, []).catch(() => undefined)
        const status = answer ? 'exhausted' : 'absent'
        assert.equal((await store.attempt(record.id, [])).status, status, `attempts: ${String(junk)}`)
        assert.equal((await store.renew(record.id, { ttlMs: LONG_MS }, [])).status, status, `attempts: ${String(junk)}`)
      }
    },
  },
]
