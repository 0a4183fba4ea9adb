import assert from 'node:assert/strict'
import { answered, LONG_MS, quota, type Sentence, SPAN_MS, times } from './kit.js'

export const close: readonly Sentence[] = [
  {
    title: 'close MUST answer closed to exactly one caller within its life, already to the others, absent outside it.',
    async prove({ store, fresh, opened, exact, pass }) {
      const shot = { id: fresh(), ttlMs: LONG_MS }
      const { id } = await opened({ ttlMs: SPAN_MS }, [], [shot])
      assert.equal(await store.close(fresh()), 'absent')
      await pass(SPAN_MS)
      for (const each of [id, shot.id]) {
        const answers = await Promise.all(times(20, () => store.close(each)))
        assert.equal(answers.filter((answer) => answer === 'closed').length, 1)
        assert.equal(await store.close(each), 'already')
      }

      const brief = { id: fresh(), ttlMs: SPAN_MS }
      const { id: over } = await opened({ ttlMs: SPAN_MS, lifeMs: SPAN_MS }, [], [brief])
      const { id: last } = await opened({ ttlMs: SPAN_MS, lifeMs: SPAN_MS })
      await pass(SPAN_MS - 1)
      if (exact) assert.deepEqual([await store.close(last), await store.close(last)], ['closed', 'already'])
      await pass(1)
      for (const each of [over, last, brief.id]) assert.equal(await store.close(each), 'absent')
    },
  },
  {
    title: "close MUST forget the released keys and open the one-shots in the winner's step only.",
    async prove({ store, fresh, opened, hitsOn }) {
      const [forgotten, kept, first, second] = [fresh(), fresh(), fresh(), fresh()]
      const quotas = [quota(forgotten, 50), quota(kept, 50)]
      const { id } = await opened({}, quotas)
      await opened({}, quotas)
      assert.equal(await store.close(id, { release: [forgotten], open: [{ id: first, ttlMs: LONG_MS }] }), 'closed')
      assert.deepEqual([await hitsOn(forgotten), await hitsOn(kept)], [0, 2])
      assert.equal(await store.close(first), 'closed')

      await opened({}, quotas)
      const loser = { release: [forgotten, kept], open: [{ id: second, ttlMs: LONG_MS }] }
      assert.equal(await store.close(id, loser), 'already')
      assert.equal(await store.close(fresh(), loser), 'absent')
      assert.deepEqual([await hitsOn(forgotten), await hitsOn(kept)], [1, 3])
      assert.equal(await store.close(second), 'absent')
    },
  },
  {
    title: 'close with hit MUST forget only the hits of that call.',
    async prove({ store, fresh, opened, hitsOn }) {
      const [one, two, untouched] = [fresh(), fresh(), fresh()]
      const quotas = [one, two, untouched].map((key) => quota(key, 50))
      await opened({}, quotas)
      const { id, hit } = await opened({}, quotas)
      await opened({}, quotas)
      assert.equal(await store.close(id, { release: [one, two], hit }), 'closed')
      assert.deepEqual([await hitsOn(one), await hitsOn(two), await hitsOn(untouched)], [2, 2, 3])
      await store.close(id, { release: [untouched], hit })
      assert.equal(await hitsOn(untouched), 3)
    },
  },
  {
    title: 'A one-shot MUST only be closed: attempt and renew call it absent.',
    async prove({ store, fresh, opened, hitsOn }) {
      const [claim, proof, key] = [fresh(), fresh(), fresh()]
      const { id } = await opened({}, [], [{ id: claim, ttlMs: LONG_MS }])
      await store.close(id, { open: [{ id: proof, ttlMs: LONG_MS }] })
      for (const shot of [claim, proof]) {
        for (const expected of ['closed', 'already']) {
          answered(await store.attempt(shot, [quota(key, 50)]), 'absent')
          answered(await store.renew(shot, { codeDigest: 'digest', ttlMs: LONG_MS }, [quota(key, 50)]), 'absent')
          assert.equal(await store.close(shot), expected)
        }
      }
      assert.equal(await hitsOn(key), 0)
    },
  },
  {
    title: 'A one-shot that is there already MUST stay as it is when it is opened again.',
    async prove({ store, fresh, opened, exact, pass }) {
      const [spent, open] = [fresh(), fresh()]
      const shots = (ttlMs: number) => [spent, open].map((id) => ({ id, ttlMs }))
      const { id: live, codeDigest } = await opened({}, [], shots(LONG_MS))
      assert.equal(await store.close(spent), 'closed')
      const { id } = await opened({}, [], shots(SPAN_MS))
      answered(await store.renew(id, { ttlMs: LONG_MS }, [], shots(SPAN_MS)), 'renewed')
      await store.close(id, { open: [...shots(SPAN_MS), { id: live, ttlMs: SPAN_MS }] })
      await pass(SPAN_MS)
      assert.equal(await store.close(spent), 'already')
      assert.equal(await store.close(open), 'closed')
      assert.equal(answered(await store.attempt(live, []), 'granted').codeDigest, codeDigest)
      if (!exact) return

      const brief = fresh()
      await opened(
        {},
        [],
        [
          { id: brief, ttlMs: SPAN_MS },
          { id: brief, ttlMs: LONG_MS },
        ],
      )
      await opened({}, [], [{ id: brief, ttlMs: LONG_MS }])
      await pass(SPAN_MS)
      assert.equal(await store.close(brief), 'absent')
    },
  },
]
