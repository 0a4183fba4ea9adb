import { describe, expect, test } from 'vitest'
import { keyvStore } from '../../src/store/keyv.js'
import type { Quota } from '../../src/store/store.js'
import { watchedKeyv } from '../fixtures/watched-keyv.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }
const quota = (key: string): Quota => ({ key, max: 50, windowMs: 10_000 })

describe('what somebody else wrote', () => {
  const spoiled = async (kind: 'r' | 'q', spoil: (value: string) => unknown) => {
    const { keyv, watching, sets } = watchedKeyv()
    const store = keyvStore(watching)
    await store.open({ ...record, id: 'id' }, [quota('key')])
    const { key, value } = sets.findLast((set) => new RegExp(`^pv:${kind}:[0-9a-f]+$`).test(set.key)) as { key: string; value: string }
    await keyv.set(key, spoil(value) as string, 60_000)
    return store
  }
  const junk = [
    '',
    'junk',
    'null',
    '5',
    '{}',
    '[]',
    '["lot"]',
    '["lot",null]',
    '["lot","9e9"]',
    '[1,9e15,9e15,5,"digest"]',
    '["lot",9e15,9e15,5,5]',
  ]
  const without = (index: number) => (value: string) => JSON.stringify(JSON.parse(value).toSpliced(index, 1))
  const changed = (index: number, to: unknown) => (value: string) => JSON.stringify(JSON.parse(value).with(index, to))

  test.each(junk)('a challenge that reads %j is exhausted, cannot be won and is not opened anew', async (text) => {
    const store = await spoiled('r', () => text)
    expect(await store.attempt('id', [])).toEqual({ status: 'exhausted' })
    expect(await store.renew('id', { ttlMs: 9 }, [])).toEqual({ status: 'exhausted' })
    expect(await store.close('id')).toBe('absent')
    await expect(store.open({ ...record, id: 'id' }, [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
  })

  test.each([0, -1, 0.5, 101, 1e308, null, '5', 'many', {}, [5], true])('a count of attempts that reads %j is exhausted', async (count) => {
    const store = await spoiled('r', changed(3, count))
    expect(await store.attempt('id', [])).toEqual({ status: 'exhausted' })
    expect(await store.renew('id', { ttlMs: 9 }, [])).toEqual({ status: 'exhausted' })
  })

  test.each([0, 1, 2, 3, 4])('a challenge without its field %i is never granted', async (index) => {
    const store = await spoiled('r', without(index))
    expect(await store.attempt('id', [])).toEqual({ status: 'exhausted' })
  })

  test('a count of attempts that was raised makes no tickets', async () => {
    const store = await spoiled('r', changed(3, 100))
    const statuses = []
    for (let guess = 0; guess < 8; guess++) statuses.push((await store.attempt('id', [])).status)
    expect(statuses).toEqual([...Array(5).fill('granted'), ...Array(3).fill('exhausted')])
  })

  test.each([...junk, '[10000,1]', '[10000,null,"call"]', '["10000",1,"call"]', '[10000,1,2]'])(
    'a quota that reads %j is full until it is released wholly',
    async (text) => {
      const store = await spoiled('q', () => text)
      const full = { status: 'limited', key: 'key', retryAfterMs: 10_000 }
      expect(await store.attempt('id', [quota('key')])).toEqual(full)
      await store.release(['key'], 'call')
      expect(await store.attempt('id', [quota('key')])).toEqual(full)
      await store.release(['key'])
      expect(await store.attempt('id', [quota('key')])).toMatchObject({ status: 'granted', attemptsLeft: 4 })
    },
  )

  test.each([null, 5, true, {}, [], ['lot', 9e15]])('a value that is no text rejects: %j', async (value) => {
    const [challenge, hits] = [await spoiled('r', () => value), await spoiled('q', () => value)]
    await expect(challenge.attempt('id', [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    await expect(hits.attempt('id', [quota('key')])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
  })
})
