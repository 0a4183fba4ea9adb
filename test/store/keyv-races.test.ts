import { Keyv } from 'keyv'
import { Keyv as Keyv6 } from 'keyv6'
import { describe, expect, test } from 'vitest'
import { type KeyvLike, keyvStore } from '../../src/store/keyv.js'
import type { Store } from '../../src/store/store.js'

const record = { id: 'id', codeDigest: 'digest', attempts: 5, ttlMs: 100_000, lifeMs: 200_000 }
const rounds = 20

type Racing = Pick<Store, 'open' | 'attempt' | 'close'>

/** The control: reads a record, decides, and writes it back, as one does over any Keyv. */
const naive = (keyv: KeyvLike): Racing => {
  const read = async () => JSON.parse(String(await keyv.get('id')))
  const write = async (kept: object) => keyv.set('id', JSON.stringify(kept), 60_000)
  return {
    async open({ attempts }) {
      await write({ attempts, closed: false })
      return { status: 'opened', hit: '', room: [] }
    },
    async attempt() {
      const kept = await read()
      if (kept.attempts < 1) return { status: 'exhausted' }
      await write({ ...kept, attempts: kept.attempts - 1 })
      return { status: 'granted', codeDigest: 'digest', attemptsLeft: kept.attempts - 1, hit: '', room: [] }
    },
    async close() {
      const kept = await read()
      if (kept.closed) return 'already'
      await write({ ...kept, closed: true })
      return 'closed'
    },
  }
}

/** A deadline is no finding on a slow machine. */
const patient = (keyv: KeyvLike) => keyvStore(keyv, { deadlineMs: 600_000 })

const race = async (stores: readonly Racing[], calls: number) => {
  await stores[0]!.open(record, [])
  const atOnce = <Answer>(call: (store: Racing) => Promise<Answer>) =>
    Promise.all(Array.from({ length: calls }, (_, index) => call(stores[index % stores.length]!)))
  const guesses = await atOnce((store) => store.attempt('id', []))
  const closes = await atOnce((store) => store.close('id'))
  const left = guesses.flatMap((guess) => (guess.status === 'granted' ? [guess.attemptsLeft] : []))
  return { left: left.toSorted(), won: closes.filter((answer) => answer === 'closed').length }
}

describe.each<[string, () => KeyvLike]>([
  ['Keyv 5', () => new Keyv()],
  ['Keyv 6', () => new Keyv6()],
])('%s', (_, makeKeyv) => {
  test(`1 000 guesses and 1 000 closes at once: 5 granted, 1 won, ${rounds} times`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < rounds; round++) expect(await race([patient(makeKeyv())], 1_000)).toEqual({ left: [0, 1, 2, 3, 4], won: 1 })
  })

  test('the control: read and write on the same Keyv grants and wins more', async () => {
    const { left, won } = await race([naive(makeKeyv())], 1_000)
    expect(left.length).toBeGreaterThan(5)
    expect(won).toBeGreaterThan(1)
  })
})

/** As two processes would have them: two Keyv objects that know nothing of each other, over one adapter. */
const twoOver = (makeAdapter: () => object) => {
  const adapter = makeAdapter()
  return [patient(new Keyv({ store: adapter as never })), patient(new Keyv({ store: adapter as never }))]
}

/** A map that takes a turn for every step, so that two processes come between each other; and one whose delete looks first. */
const slowMap = (deletes: 'tells the truth' | 'looks first') => () => {
  const map = new Map<string, unknown>()
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    async get(key: string) {
      await turn()
      return map.get(key)
    },
    async set(key: string, value: unknown) {
      await turn()
      map.set(key, value)
    },
    async delete(key: string) {
      await turn()
      const there = map.has(key)
      if (deletes === 'looks first') await turn()
      return map.delete(key) || there
    },
    clear: async () => map.clear(),
  }
}

describe('two Keyv objects over one adapter, as two processes have them', () => {
  test('an adapter that tells the truth: no more than 5 granted, 1 won', async () => {
    for (let round = 0; round < rounds; round++) {
      expect(await race(twoOver(slowMap('tells the truth')), 50)).toEqual({ left: [0, 1, 2, 3, 4], won: 1 })
    }
  })

  test('resends bring no ticket back', async () => {
    const stores = twoOver(slowMap('tells the truth'))
    await stores[0]!.open(record, [])
    const mixed = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const store = stores[index % 2]!
        return index % 3 ? store.attempt('id', []) : store.renew('id', { codeDigest: `digest ${index}`, ttlMs: 100_000 }, [])
      }),
    )
    expect(mixed.filter(({ status }) => status === 'granted')).toHaveLength(5)
    expect(mixed.filter(({ status }) => status === 'renewed').length).toBeGreaterThan(0)
  })

  test('the control: an adapter that looks before it deletes grants and wins more, and the probe refuses it', async () => {
    const { left, won } = await race(twoOver(slowMap('looks first')), 50)
    expect(left.length).toBeGreaterThan(5)
    expect(won).toBeGreaterThan(1)
    const [store] = twoOver(slowMap('looks first'))
    await expect(store?.check?.()).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION' })
  })
})
