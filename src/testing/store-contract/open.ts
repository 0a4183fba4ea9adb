import assert from 'node:assert/strict'
import { answered, LONG_MS, quota, type Sentence, SPAN_MS } from './kit.js'

export const open: readonly Sentence[] = [
  {
    title: 'open MUST be as durable as the store is configured to be before it resolves.',
    async prove({ store, reopen, fresh, challenge }) {
      const record = challenge()
      const [key, shot] = [fresh(), fresh()]
      answered(await store.open(record, [quota(key, 1)], [{ id: shot, ttlMs: LONG_MS }]), 'opened')
      const later = await reopen()
      const { codeDigest, attemptsLeft } = answered(await later.attempt(record.id, []), 'granted')
      assert.deepEqual({ codeDigest, attemptsLeft }, { codeDigest: record.codeDigest, attemptsLeft: 4 })
      answered(await later.open(challenge(), [quota(key, 1)]), 'limited')
      assert.equal(await later.close(shot), 'closed')
    },
  },
  {
    title:
      'open MUST answer exists for an id within its life, closed and exhausted ones too, with what is left of its code and of its life.',
    async prove({ store, challenge, exact, pass, isLeft, now, exhaust }) {
      const since = now()
      const states = {
        live: challenge(),
        closed: challenge(),
        exhausted: challenge({ attempts: 2 }),
        expired: challenge({ ttlMs: SPAN_MS }),
      }
      for (const record of Object.values(states)) answered(await store.open(record, []), 'opened')
      await store.close(states.closed.id)
      await exhaust(states.exhausted.id, 2)
      await pass(SPAN_MS)
      for (const [state, { id, ttlMs, lifeMs }] of Object.entries(states)) {
        const answer = answered(await store.open(challenge({ id }), []), 'exists')
        isLeft(answer.lifeMs, lifeMs, since)
        if (state === 'expired') assert.equal(answer.expiresInMs, 0)
        else isLeft(answer.expiresInMs, ttlMs, since)
      }
      if (!exact) return
      await pass(2 * LONG_MS - SPAN_MS - 1)
      for (const { id } of Object.values(states)) {
        const { expiresInMs, lifeMs } = answered(await store.open(challenge({ id }), []), 'exists')
        assert.deepEqual({ expiresInMs, lifeMs }, { expiresInMs: 0, lifeMs: 1 })
      }
    },
  },
  {
    title: 'open MUST free an id when its life is over.',
    async prove({ store, fresh, challenge, exact, pass, exhaust }) {
      const short = { ttlMs: SPAN_MS, lifeMs: SPAN_MS, attempts: 1 }
      const [live, closed, spent, shot] = [challenge(short), challenge(short), challenge(short), { id: fresh(), ttlMs: SPAN_MS }]
      answered(await store.open(live, [], [shot]), 'opened')
      answered(await store.open(closed, []), 'opened')
      answered(await store.open(spent, []), 'opened')
      if (exact) {
        await exhaust(spent.id, 1)
        assert.equal(await store.close(closed.id), 'closed')
        await pass(SPAN_MS - 1)
        for (const { id } of [live, closed, spent]) answered(await store.open(challenge({ id }), []), 'exists')
        await pass(1)
      } else {
        await store.attempt(spent.id, [])
        await store.close(closed.id)
        await pass(SPAN_MS)
      }
      for (const { id } of [live, closed, spent, shot]) {
        assert.equal(await store.close(id), 'absent')
        const next = challenge({ id })
        answered(await store.open(next, []), 'opened')
        const { codeDigest, attemptsLeft } = answered(await store.attempt(id, []), 'granted')
        assert.deepEqual({ codeDigest, attemptsLeft }, { codeDigest: next.codeDigest, attemptsLeft: 4 })
      }
    },
  },
]
