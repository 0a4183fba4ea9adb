import assert from 'node:assert/strict'
import type { Quota } from '../../store/store.js'
import { answered, type Kit, LONG_MS, quota, type Sentence, SPAN_MS, times } from './kit.js'
import { createQuotaModel, createRandom } from './quota-model.js'

export const quotas: readonly Sentence[] = [
  {
    title: 'open MUST answer limited when a quota is full, naming the first full key in the order given.',
    async prove({ store, fresh, challenge, opened }) {
      const [roomy, one, two, shut] = [quota(fresh(), 50), quota(fresh(), 1), quota(fresh(), 2), quota(fresh(), 0)]
      const named = async (...given: readonly Quota[]) => answered(await store.open(challenge(), given), 'limited').key
      assert.equal(await named(roomy, shut), shut.key)
      await opened({}, [two, one])
      assert.equal(await named(one), one.key)
      await opened({}, [roomy, two])
      assert.equal(await named(roomy, one, two), one.key)
      assert.equal(await named(two, one, roomy), two.key)
      // The window that is full may come after another key's.
      assert.equal(await named({ ...two, max: 50 }, one, two), one.key)
      answered(await store.open(challenge(), [roomy]), 'opened')
    },
  },
  {
    title: 'retryAfterMs of limited MUST be the time until every full quota is free again.',
    async prove({ store, fresh, challenge, opened, exact, isLeft, now, pass }) {
      const [short, long, roomy] = [quota(fresh(), 2), quota(fresh(), 1, 2 * LONG_MS), quota(fresh(), 50, 5 * LONG_MS)]
      const since = now()
      await opened({}, [short, long, roomy])
      await opened({}, [short])
      for (const given of [
        [short, long, roomy],
        [long, roomy, short],
        [roomy, long],
      ]) {
        isLeft(answered(await store.open(challenge(), given), 'limited').retryAfterMs, 2 * LONG_MS, since)
      }
      isLeft(answered(await store.open(challenge(), [roomy, short]), 'limited').retryAfterMs, LONG_MS, since)

      const brief = quota(fresh(), 2, SPAN_MS)
      const briefSince = now()
      await opened({}, [brief])
      if (exact) await pass(SPAN_MS / 2)
      await opened({}, [brief])
      const last = await store.open(challenge(), [brief])
      if (last.status === 'opened') return assert.ok(now() - briefSince >= SPAN_MS - 5, 'a third hit before the first had left')
      const { retryAfterMs } = answered(last, 'limited')
      if (exact) {
        assert.equal(answered(await store.open(challenge(), [{ ...brief, max: 1 }]), 'limited').retryAfterMs, SPAN_MS)
        await pass(retryAfterMs - 1)
        answered(await store.open(challenge(), [brief]), 'limited')
        await pass(1)
      } else await pass(retryAfterMs)
      answered(await store.open(challenge(), [brief]), 'opened')
    },
  },
  {
    title: 'A quota MUST admit at most max hits in any window of windowMs, wherever the window begins.',
    prove: (kit) => (kit.exact ? followsTheModel(kit) : staysWithinWindows(kit)),
  },
  {
    title: 'Quotas of one call with the same key MUST share one record: one hit, tested against every window.',
    async prove({ store, fresh, challenge, opened, hitsOn, exact, pass }) {
      for (const order of [1, -1]) {
        const [key, other] = [fresh(), fresh()]
        const given = [quota(key, 3, 2 * LONG_MS), quota(key, 50), quota(other, 50), quota(key, 4, 3 * LONG_MS)].sort(() => order)
        for (const hits of [1, 2, 3]) {
          const { room } = await opened({}, given)
          assert.equal(room.filter((row) => row.key === key).length, 1)
          assert.equal(await hitsOn(key), hits)
        }
        assert.equal(answered(await store.open(challenge(), given), 'limited').key, key)
        assert.equal(await hitsOn(other), 3)
      }
      if (!exact) return

      // One record is kept for its longest window.
      const key = fresh()
      const given = [quota(key, 1, SPAN_MS), quota(key, 2, 3 * SPAN_MS), quota(key, 50, 2 * SPAN_MS)]
      await opened({}, given)
      await pass(SPAN_MS)
      await opened({}, given)
      await pass(2 * SPAN_MS - 1)
      answered(await store.open(challenge(), given), 'limited')
      await pass(1)
      await opened({}, given)
    },
  },
  {
    title:
      'room MUST hold one row for every key, in the order given: what its tightest window has left and when that window has more; of equally tight ones, the longest wait.',
    async prove({ store, fresh, opened, isLeft, now, exact, pass }) {
      const [first, second, third] = [fresh(), fresh(), fresh()]
      const given = [
        quota(second, 50),
        quota(first, 9),
        quota(second, 3, 2 * LONG_MS),
        quota(third, 1, 3 * LONG_MS),
        quota(first, 9, SPAN_MS),
      ]
      const since = now()
      const expected = (hits: number) => [
        { key: second, remaining: 3 - hits, windowMs: 2 * LONG_MS },
        { key: first, remaining: 9 - hits, windowMs: LONG_MS },
      ]
      const { id, hit, room } = await opened({}, given)
      assert.equal(room.length, 3)
      for (const [index, row] of [...expected(1), { key: third, remaining: 0, windowMs: 3 * LONG_MS }].entries()) {
        assert.deepEqual(room[index], { key: row.key, remaining: row.remaining, nextInMs: row.windowMs })
      }
      assert.equal(typeof hit, 'string')
      if (exact) await pass(SPAN_MS - 1)

      const rest = given.filter(({ key }) => key !== third)
      const later = answered(await store.attempt(id, rest), 'granted')
      const again = answered(await store.renew(id, { ttlMs: LONG_MS }, rest), 'renewed')
      assert.equal(new Set([hit, later.hit, again.hit]).size, 3)
      for (const [hits, rows] of [
        [2, later.room],
        [3, again.room],
      ] as const) {
        assert.deepEqual(
          rows.map(({ key, remaining }) => ({ key, remaining })),
          expected(hits).map(({ key, remaining }) => ({ key, remaining })),
        )
        for (const [index, { windowMs }] of expected(hits).entries()) isLeft(rows[index]?.nextInMs ?? Number.NaN, windowMs, since)
      }
      assert.deepEqual((await opened()).room, [])
    },
  },
]

const explained = (seed: number, step: number) => `step ${step} of the sequence of seed ${seed}`

/** Random calls, every answer compared with that of a model. */
async function followsTheModel({ store, fresh, challenge, now, pass, seed }: Kit): Promise<void> {
  const random = createRandom(seed)
  const model = createQuotaModel()
  // A key comes with the same windows every time: a store keeps hits no longer than the windows it was shown.
  const windows = [[SPAN_MS], [SPAN_MS, 3 * SPAN_MS], [2 * SPAN_MS, 5 * SPAN_MS, 7 * SPAN_MS]].map((list) => ({ key: fresh(), list }))
  const calls: string[] = []
  for (const step of times(400, (index) => index)) {
    if (random.below(3) > 0) await pass(random.pick([1, SPAN_MS / 2 - 1, SPAN_MS / 2, SPAN_MS - 1, SPAN_MS]))
    if (random.below(12) === 0) {
      const keys = windows.filter(() => random.below(2) > 0).map(({ key }) => key)
      const call = random.below(4) > 0 ? random.pick(calls) : undefined
      await store.release(keys, call)
      model.release(keys, call)
      continue
    }
    const chosen = random.shuffled(windows).slice(random.below(3))
    const given = random.shuffled(chosen.flatMap(({ key, list }) => list.map((windowMs) => quota(key, 1 + random.below(5), windowMs))))
    const answer = await store.open(challenge(), given)
    const limited = model.limited(given, now())
    if (limited || answer.status !== 'opened') {
      assert.deepEqual(answer, limited, explained(seed, step))
      continue
    }
    calls.push(answer.hit)
    assert.deepEqual(answer.room, model.hit(given, now(), answer.hit), explained(seed, step))
  }
}

/** Calls in real time: the moments before and after each tell between which the server must have counted it. */
async function staysWithinWindows({ store, fresh, challenge, now, pass, seed }: Kit): Promise<void> {
  const random = createRandom(seed)
  const key = fresh()
  const given = [quota(key, 3, SPAN_MS), quota(key, 6, 3 * SPAN_MS)]
  const taken: { readonly before: number; readonly after: number }[] = []
  for (const step of times(40, (index) => index)) {
    const before = now()
    const answer = await store.open(challenge(), given)
    const after = now()
    if (random.below(4) === 0) await pass(random.below(SPAN_MS / 4))
    if (answer.status === 'opened') taken.push({ before, after })
    else assert.ok(answered(answer, 'limited').retryAfterMs <= 3 * SPAN_MS, explained(seed, step))
    for (const { max, windowMs } of given) {
      const tooEarly = taken.filter((hit, index) => hit.after - (taken[index - max]?.before ?? Number.NEGATIVE_INFINITY) < windowMs - 5)
      assert.deepEqual(tooEarly, [], `more than ${max} hits within ${windowMs} ms, ${explained(seed, step)}`)
    }
  }
}
