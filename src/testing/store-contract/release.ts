import assert from 'node:assert/strict'
import { answered, quota, type Sentence } from './kit.js'

export const release: readonly Sentence[] = [
  {
    title: 'release MUST forget a key wholly without hit, and only the hits of that call with it.',
    async prove({ store, fresh, opened, hitsOn }) {
      const [one, two, untouched] = [fresh(), fresh(), fresh()]
      const quotas = [one, two, untouched].map((key) => quota(key, 50))
      const { id, hit: oldest } = await opened({}, quotas)
      const { hit: middle } = answered(await store.attempt(id, quotas), 'granted')
      await opened({}, quotas)
      await store.release([one, two], middle)
      assert.deepEqual([await hitsOn(one), await hitsOn(two), await hitsOn(untouched)], [2, 2, 3])
      await store.release([one], oldest)
      assert.equal(await hitsOn(one), 1)
      await store.release([one, two])
      assert.deepEqual([await hitsOn(one), await hitsOn(two), await hitsOn(untouched)], [0, 0, 3])
    },
  },
  {
    title: 'release MUST do nothing the second time, or for what is not there.',
    async prove({ store, fresh, opened, hitsOn }) {
      const key = fresh()
      const { id, hit } = await opened({}, [quota(key, 50)])
      const { hit: other } = await opened({}, [quota(fresh(), 50)])
      await opened({}, [quota(key, 50)])
      await opened({}, [quota(key, 50)])
      await store.release([key, key], hit)
      await store.release([key], hit)
      for (const nobody of ['', '0', 'NaN', 'null', 'undefined', `${hit} `, fresh(), other]) await store.release([key], nobody)
      await store.release([fresh(), id])
      await store.release([fresh(), id], hit)
      await store.release([])
      assert.equal(await hitsOn(key), 2)
      answered(await store.attempt(id, []), 'granted')

      await store.release([key])
      await store.release([key])
      await opened({}, [quota(key, 50)])
      await store.release([key], hit)
      for (const nobody of ['NaN', 'null', 'undefined']) await store.release([key], nobody)
      assert.equal(await hitsOn(key), 1)
    },
  },
]
