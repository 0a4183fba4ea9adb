import assert from 'node:assert/strict'
import type { ChallengeRecord } from '../../store/store.js'
import { awkward } from './awkward.js'
import { answered, LONG_MS, quota, type Sentence, times } from './kit.js'

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

const namesOf = (records: readonly ChallengeRecord[]) => records.map(({ id }) => id)

export const everyVerb: readonly Sentence[] = [
  {
    title: 'Every verb MUST be one atomic step: calls made at once end as if they had been made one after another.',
    async prove({ store, fresh, challenge, hitsOn }) {
      const atOnce = <Result>(count: number, call: (index: number) => Promise<Result>) => Promise.all(times(count, call))
      const { id } = challenge()
      const records = times(100, () => challenge({ id }))
      const opens = await Promise.all(records.map((record) => store.open(record, [])))
      const first = opens.findIndex(({ status }) => status === 'opened')
      assert.deepEqual(opens.map(({ status }) => status).toSorted(), [...times(99, () => 'exists'), 'opened'], 'opens of one id')

      const attempts = await atOnce(200, () => store.attempt(id, []))
      const granted = attempts.flatMap((answer) => (answer.status === 'granted' ? [answer] : []))
      assert.deepEqual(sorted(granted.map(({ attemptsLeft }) => attemptsLeft)), [0, 1, 2, 3, 4], 'attempts granted of 5')
      assert.deepEqual([...new Set(granted.map(({ codeDigest }) => codeDigest))], [records[first]?.codeDigest])

      const proof = fresh()
      const closes = await atOnce(200, () => store.close(id, { open: [{ id: proof, ttlMs: LONG_MS }] }))
      assert.deepEqual(closes.toSorted(), [...times(199, () => 'already'), 'closed'], 'closes of one challenge')
      const redeemed = await atOnce(200, () => store.close(proof))
      assert.deepEqual(redeemed.toSorted(), [...times(199, () => 'already'), 'closed'], 'closes of one proof')

      // In both orders: a store that locks one key after another must not lock itself out.
      const [few, many] = [quota(fresh(), 20), quota(fresh(), 40)]
      const sends = await atOnce(200, (index) => store.open(challenge(), index % 2 ? [few, many] : [many, few]))
      const taken = sends.flatMap((answer) => (answer.status === 'opened' ? [answer] : []))
      const left = taken.map(({ room }) => room.find(({ key }) => key === few.key)?.remaining ?? Number.NaN)
      assert.deepEqual(
        sorted(left),
        times(20, (index) => index),
        'places left of 20, one send after another',
      )
      assert.deepEqual([await hitsOn(few.key), await hitsOn(many.key)], [20, 20], 'hits of 20 sends')

      await atOnce(50, () => store.release([few.key], taken[0]?.hit))
      assert.equal(await hitsOn(few.key), 19, 'hits left when one of 20 was released many times')
    },
  },
  {
    title: 'Every refusal MUST leave no trace: no record, no hit, no changed digest.',
    async prove({ store, fresh, challenge, opened, hitsOn, exhaust, isLeft, now }) {
      const [roomy, full, shot] = [quota(fresh(), 50), quota(fresh(), 1), fresh()]
      const also = [{ id: shot, ttlMs: LONG_MS }]
      const since = now()
      const live = await opened({}, [full])
      const spent = await opened({ attempts: 1 })
      const closed = await opened()
      await exhaust(spent.id, 1)
      await store.close(closed.id)

      const never = challenge()
      answered(await store.open(never, [roomy, full], also), 'limited')
      answered(await store.open({ ...challenge(), id: live.id }, [roomy], also), 'exists')
      answered(await store.open({ ...challenge(), id: closed.id }, [roomy], also), 'exists')
      for (const { id } of [live, spent, closed, never]) {
        const quotas = id === live.id ? [roomy, full] : [roomy]
        await store.renew(id, { codeDigest: 'changed', ttlMs: 2 * LONG_MS }, quotas, also)
        await store.attempt(id, quotas)
      }
      assert.equal(await store.close(closed.id, { release: [full.key], open: also }), 'already')
      assert.equal(await store.close(never.id, { release: [full.key], open: also }), 'absent', 'a record of a refused open')

      assert.equal(await hitsOn(roomy.key), 0, 'hits of refused calls')
      assert.equal(await hitsOn(full.key), 1, 'hits of a full key')
      assert.equal(await store.close(shot), 'absent', 'a one-shot of refused calls')
      const { expiresInMs } = answered(await store.open(challenge({ id: live.id }), []), 'exists')
      isLeft(expiresInMs, LONG_MS, since)
      const { codeDigest, attemptsLeft } = answered(await store.attempt(live.id, []), 'granted')
      assert.deepEqual({ codeDigest, attemptsLeft }, { codeDigest: live.codeDigest, attemptsLeft: 4 })
    },
  },
  {
    title: 'Ids and keys MUST be opaque: two different strings never meet, whatever characters they hold.',
    async prove({ store, tag, fresh, challenge }) {
      const base = fresh()
      const names = [...new Set([...awkward.map((end) => base + end), tag, `${tag} `, base.toLowerCase(), base.toUpperCase(), `x${base}`])]
      const records = names.map((id) => challenge({ id }))
      // A store may reject what it cannot hold, which is not to confuse it with another.
      const opens = await Promise.all(records.map((record) => store.open(record, [quota(`${record.id}:`, 1)]).catch(() => undefined)))
      const met = records.filter((_, index) => opens[index] && opens[index].status !== 'opened')
      assert.deepEqual(namesOf(met), [], 'ids and keys that meet another')
      const held = records.filter((_, index) => opens[index])
      for (const name of [base, `${base}:`, `${base}::`, `${base}-`]) assert.ok(namesOf(held).includes(name))

      const digests = async (of: readonly ChallengeRecord[]) =>
        (await Promise.all(of.map(({ id }) => store.attempt(id, [])))).map((answer) => answered(answer, 'granted').codeDigest)
      assert.deepEqual(
        await digests(held),
        held.map(({ codeDigest }) => codeDigest),
      )
      await store.close(base)
      await store.release([`${base}:`])
      const others = held.filter(({ id }) => id !== base)
      await digests(others)
      const sends = await Promise.all(others.map(({ id }) => store.open(challenge({ id: `${id}~` }), [quota(`${id}:`, 1)])))
      const freed = others.filter((_, index) => sends[index]?.status !== 'limited')
      assert.deepEqual(namesOf(freed), [], 'keys released with another')
    },
  },
  {
    title: 'An id and a quota key that are the same string MUST NOT meet.',
    async prove({ store, fresh, opened, hitsOn }) {
      const name = fresh()
      const { codeDigest } = await opened({ id: name }, [quota(name, 5)], [{ id: `${name}2`, ttlMs: LONG_MS }])
      await opened({}, [quota(`${name}2`, 5)])
      assert.equal(answered(await store.attempt(name, [quota(name, 5)]), 'granted').codeDigest, codeDigest)
      assert.deepEqual([await hitsOn(name), await hitsOn(`${name}2`)], [2, 1])
      await store.release([name, `${name}2`])
      answered(await store.attempt(name, [quota(name, 5)]), 'granted')
      assert.equal(await store.close(name), 'closed')
      assert.equal(await store.close(`${name}2`), 'closed')
      assert.equal(await hitsOn(name), 1)
    },
  },
  {
    title: 'What a store cannot do, a span of time that is no finite number included, MUST reject, never resolve with a guess.',
    async prove({ store, unavailable, fresh, challenge, opened, hitsOn }) {
      const one = await opened()
      const key = fresh()
      for (const ms of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const never = challenge()
        await assert.rejects(async () => store.open({ ...never, ttlMs: ms }, [quota(key, 5)]), `ttlMs: ${ms}`)
        await assert.rejects(async () => store.open({ ...never, lifeMs: ms }, [quota(key, 5)]), `lifeMs: ${ms}`)
        await assert.rejects(async () => store.open(never, [quota(key, 5), quota(fresh(), 5, ms)]), `windowMs: ${ms}`)
        await assert.rejects(async () => store.open(never, [quota(key, 5)], [{ id: fresh(), ttlMs: ms }]), `ttlMs of a one-shot: ${ms}`)
        await assert.rejects(async () => store.renew(one.id, { ttlMs: ms }, [quota(key, 5)]), `ttlMs of a renewal: ${ms}`)
        assert.equal(await store.close(never.id), 'absent', 'a record of a call that failed')
        assert.equal(await hitsOn(key), 0, 'hits of calls that failed')
      }
      const broken = await unavailable?.()
      if (!broken) return
      await assert.rejects(async () => broken.open(challenge(), []), 'open')
      await assert.rejects(async () => broken.renew(one.id, { ttlMs: LONG_MS }, []), 'renew')
      await assert.rejects(async () => broken.attempt(one.id, []), 'attempt')
      await assert.rejects(async () => broken.close(one.id), 'close')
      await assert.rejects(async () => broken.release([key]), 'release')
    },
  },
]
