import { Keyv } from 'keyv'
import { describe, expect, test } from 'vitest'
import { keyvStore } from '../../src/store/keyv.js'
import type { Quota } from '../../src/store/store.js'
import { watchedKeyv } from '../fixtures/watched-keyv.js'

const record = { codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }
const quota = (key: string, max = 5, windowMs = 1_000): Quota => ({ key, max, windowMs })

describe('what is kept', () => {
  test('every key begins with the prefix and holds no id; every value is text; every time to live is whole and long enough', async () => {
    const { watching, sets } = watchedKeyv()
    const years = 50 * 365 * 24 * 3_600_000
    const store = keyvStore(watching, { prefix: 'mine:', now: () => Date.now() + years })
    const opened = await store.open({ ...record, id: 'the id', lifeMs: 200_000.5 }, [quota('the key', 9, 250_000.25), quota('the key')])
    await store.renew('the id', { ttlMs: 100_000 }, [quota('the key')], [{ id: 'the shot', ttlMs: 300_000 }])
    await store.attempt('the id', [quota('the key')])
    await store.release(['the key'], (opened as { hit: string }).hit)
    await store.close('the id', { open: [{ id: 'the proof', ttlMs: 300_000 }] })
    await store.check?.()
    const kept = sets.filter(({ key }) => !key.startsWith('mine:p:'))
    expect(kept.length).toBeGreaterThan(15)
    for (const { key, value, ttlMs } of kept) {
      expect(key).toMatch(/^mine:[rq]:[0-9a-f]{64}(:[\w-]+:(claim|\d))?$/)
      expect(value).toEqual(expect.any(String))
      expect(Number.isSafeInteger(ttlMs) && ttlMs >= 200_000).toBe(true)
      if (key.startsWith('mine:q:')) expect(ttlMs).toBeGreaterThanOrEqual(250_001)
    }
    expect(sets.every(({ key, ttlMs }) => key.startsWith('mine:') && ttlMs > 0)).toBe(true)
  })

  test('two prefixes in one Keyv share nothing', async () => {
    const keyv = new Keyv()
    const [one, two] = [keyvStore(keyv, { prefix: 'a:' }), keyvStore(keyv, { prefix: 'b:' })]
    expect(await one.open({ ...record, id: 'id' }, [quota('key', 1)])).toMatchObject({ status: 'opened' })
    expect(await two.attempt('id', [])).toEqual({ status: 'absent' })
    expect(await two.open({ ...record, id: 'id' }, [quota('key', 1)])).toMatchObject({ status: 'opened' })
  })

  test('what a namespace of the Keyv puts before a key leads nowhere', async () => {
    const keyv = new Keyv({ namespace: 'pv:q' })
    const store = keyvStore(keyv)
    expect(await store.open({ ...record, id: 'x' }, [quota('pv:r:x', 1), quota('x', 1)])).toMatchObject({ status: 'opened' })
    expect(await store.attempt('x', [])).toMatchObject({ status: 'granted' })
    expect(await store.close('pv:r:x')).toBe('absent')
  })

  test('a resend makes no tickets', async () => {
    const { watching, sets } = watchedKeyv()
    const store = keyvStore(watching)
    await store.open({ ...record, id: 'id' }, [])
    const before = sets.length
    await store.renew('id', { ttlMs: 100_000 }, [])
    expect(sets.length - before).toBe(1)
  })

  test('more attempts than can be kept as tickets are rejected, and leave nothing', async () => {
    const store = keyvStore(new Keyv())
    await expect(store.open({ ...record, id: 'id', attempts: 101 }, [])).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    expect(await store.attempt('id', [])).toEqual({ status: 'absent' })
  })

  test('an attempt whose tickets were all torn up by another process meanwhile leaves no hit', async () => {
    const { watching, sets } = watchedKeyv()
    const store = keyvStore(watching)
    await store.open({ ...record, id: 'id' }, [])
    const before = sets.length
    watching.delete = async () => false
    expect(await store.attempt('id', [quota('key')])).toEqual({ status: 'exhausted' })
    expect(await store.close('id', { open: [{ id: 'proof', ttlMs: 100_000 }] })).toBe('already')
    expect(sets.length).toBe(before)
  })

  test('a challenge whose quotas could not be taken is not there, nor is a renewal', async () => {
    const { keyv, watching } = watchedKeyv()
    const store = keyvStore(watching)
    await store.open({ ...record, id: 'id' }, [])
    watching.set = async (key, value, ttlMs) => !key.startsWith('pv:q:') && keyv.set(key, value, ttlMs)
    const shots = [{ id: 'shot', ttlMs: 100_000 }]
    await expect(store.open({ ...record, id: 'other' }, [quota('key')], shots)).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    await expect(store.renew('id', { codeDigest: 'new', ttlMs: 1 }, [quota('key')], shots)).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    expect(await store.attempt('other', [])).toEqual({ status: 'absent' })
    expect(await store.close('shot')).toBe('absent')
    expect(await store.attempt('id', [])).toMatchObject({ codeDigest: 'digest' })
  })
})
