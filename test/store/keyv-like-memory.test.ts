import { Keyv } from 'keyv'
import { expect, test } from 'vitest'
import { keyvStore } from '../../src/store/keyv.js'
import { memoryStore } from '../../src/store/memory.js'
import type { OneShot, Quota, Store } from '../../src/store/store.js'
import { createRandom } from '../../src/testing/store-contract/quota-model.js'

type Random = ReturnType<typeof createRandom>

/** One call that both stores get; `hits` are the names that this store gave to earlier calls, in their order. */
const someCall = (random: Random): ((store: Store, hits: readonly string[]) => Promise<unknown>) => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const spans = [0, 1, 40, 100, 250, 1_000, Number.NaN]
  const span = () => (random.below(20) === 0 ? random.pick(spans) : random.pick(spans.slice(2, -1)))
  const some = <Item>(make: () => Item) => Array.from({ length: random.below(4) }, make)
  const quotas: readonly Quota[] = some(() => ({ key: random.pick(['x', 'y']), max: random.below(7), windowMs: span() }))
  const shots: readonly OneShot[] = some(() => ({ id: random.pick(ids.slice(2)), ttlMs: span() }))
  const [id, ttlMs, lifeMs, attempts, nth] = [random.pick(ids), span(), span(), random.pick([5, 1, 2, 0, 3, Number.NaN]), random.below(50)]
  const keys = some(() => random.pick(['x', 'y', 'z']))
  const [codeDigest, wholly] = [random.below(3) ? `digest ${nth}` : undefined, random.below(2) === 0]
  const hitOf = (hits: readonly string[]) => (wholly ? undefined : hits.at(-1 - nth))
  const renewal = codeDigest === undefined ? { ttlMs } : { ttlMs, codeDigest }
  switch (random.below(7)) {
    case 0:
    case 1:
      return (store) => store.open({ id, codeDigest: codeDigest ?? '', attempts, ttlMs, lifeMs }, quotas, shots)
    case 2:
      return (store) => store.renew(id, renewal, quotas, shots)
    case 3:
      return (store, hits) => store.release(keys, hitOf(hits))
    case 4:
      return (store, hits) => {
        const hit = hitOf(hits)
        return store.close(id, { release: keys, open: shots, ...(hit !== undefined && { hit }) })
      }
    default:
      return (store) => store.attempt(id, quotas)
  }
}

test('answers like memoryStore, call by call', { timeout: 60_000 }, async () => {
  const seen = new Set<unknown>()
  for (let sequence = 0; sequence < 20; sequence++) {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] as number
    const random = createRandom(seed)
    const clock = { nowMs: 1e12 }
    const now = () => clock.nowMs
    const pair = [memoryStore({ now }), keyvStore(new Keyv(), { now })].map((store) => ({ store, hits: [] as string[] }))
    for (let step = 0; step < 400; step++) {
      clock.nowMs += random.pick([0, 0, 1, 10, 50, 100])
      const call = someCall(random)
      const answers = []
      for (const { store, hits } of pair) {
        const answer = await call(store, hits).catch((error: { code?: unknown }) => error.code)
        const { hit, ...rest } = Object(answer) as { hit?: string; status?: string }
        if (hit !== undefined) hits.push(hit)
        answers.push(hit === undefined ? answer : rest)
        seen.add(rest.status ?? answer)
      }
      expect(answers[1], `step ${step} of the sequence of seed ${seed}`).toEqual(answers[0])
    }
    // A store whose time stands still sweeps itself for ever.
    clock.nowMs += 1e9
  }
  const outcomes = [
    'opened',
    'exists',
    'limited',
    'renewed',
    'granted',
    'expired',
    'exhausted',
    'absent',
    'closed',
    'already',
    'ERR_PV_STORE',
  ]
  expect([...seen]).toEqual(expect.arrayContaining(outcomes))
})
