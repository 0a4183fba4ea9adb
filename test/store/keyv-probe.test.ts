import { Keyv } from 'keyv'
import { describe, expect, test } from 'vitest'
import { type KeyvLike, keyvStore } from '../../src/store/keyv.js'

const lying = (change: (honest: Keyv) => Partial<KeyvLike>): KeyvLike => {
  const honest = new Keyv()
  const base: KeyvLike = {
    get: (key) => honest.get(key),
    set: (key, value, ttlMs) => honest.set(key, value, ttlMs),
    delete: (key) => honest.delete(key),
  }
  return { ...base, ...change(honest) }
}

/** Looks, and deletes only then, as an adapter does that has no better. */
const looksFirst = lying((honest) => ({
  async delete(key) {
    const there = (await honest.get(key)) !== undefined
    await new Promise((resolve) => setImmediate(resolve))
    await honest.delete(key)
    return there
  },
}))

describe('the start-up probe refuses', () => {
  test.each<[string, RegExp, KeyvLike]>([
    ['delete that looks first', /^keyv: delete told 50 of 50 callers/, looksFirst],
    [
      'delete that always says true',
      /^keyv: delete told 50 of 50/,
      lying((honest) => ({ delete: (key) => honest.delete(key).then(() => true) })),
    ],
    [
      'delete that always says false',
      /^keyv: delete told 0 of 50/,
      lying((honest) => ({ delete: (key) => honest.delete(key).then(() => false) })),
    ],
    ['an adapter whose delete says nothing, which Keyv 5 reads as true', /^keyv: delete told 50 of 50/, silentDelete()],
    ['delete that deletes nothing', /^keyv: get still answers after delete/, lyingOnce()],
    ['get that knows nothing', /^keyv: get does not give back/, lying(() => ({ get: async () => undefined }))],
    ['get that gives another value', /^keyv: get does not give back/, lying(() => ({ get: async () => '1' }))],
    [
      'set that drops at once',
      /^keyv: get does not give back/,
      lying((honest) => ({ set: async (key, value) => honest.set(key, value, -1) })),
    ],
    ['a time to live that is ignored', /^keyv: a time to live/, lying((honest) => ({ set: (key, value) => honest.set(key, value) }))],
  ])('%s', async (_, message, keyv) => {
    await expect(keyvStore(keyv).check?.()).rejects.toMatchObject({
      code: 'ERR_PV_CONFIGURATION',
      message: expect.stringMatching(message),
      problems: [{ option: 'keyv' }],
    })
  })
})

function silentDelete(): KeyvLike {
  const map = new Map<string, unknown>()
  return new Keyv({
    store: {
      get: async (key: string) => map.get(key),
      set: async (key: string, value: unknown) => void map.set(key, value),
      delete: async (key: string) => void map.delete(key),
      clear: async () => map.clear(),
    } as never,
  })
}

function lyingOnce(): KeyvLike {
  const told = new Set<string>()
  return lying(() => ({
    async delete(key) {
      const first = !told.has(key)
      told.add(key)
      return first
    },
  }))
}

describe('an adapter that fails is an outage, not a configuration', () => {
  const rejects = async (): Promise<never> => {
    throw new Error('redis://user:secret@host')
  }
  test.each<[string, Partial<KeyvLike>]>([
    ['set rejects', { set: rejects }],
    ['set says false', { set: async () => false }],
    ['get rejects', { get: rejects }],
    ['delete rejects', { delete: rejects }],
    ['delete says nothing', { delete: async () => undefined }],
  ])('%s', async (_, part) => {
    const error = await keyvStore(lying(() => part))
      .check?.()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_PV_STORE', message: expect.not.stringContaining('secret') })
  })

  test('one that never answers is given up within a second or so', async () => {
    const began = performance.now()
    const silent = lying(() => ({ delete: () => new Promise(() => {}) }))
    await expect(keyvStore(silent).check?.()).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    expect(performance.now() - began).toBeLessThan(1_500)
  })
})

test('any number of probes at once do not disturb each other, and leave nothing', async () => {
  const map = new Map()
  const keyv = new Keyv({ store: map })
  await Promise.all(Array.from({ length: 5 }, () => keyvStore(keyv).check?.()))
  expect(map.size).toBe(0)
})
