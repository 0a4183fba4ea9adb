import { readFileSync } from 'node:fs'
import type { Room, Store } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { type StoreContract, type StoreFixture, storeContract } from '../../src/testing/store-contract.js'
import { type Decisions, sound, soundStore } from './sound-store.js'

const prose = readFileSync('src/store/store.ts', 'utf8')

/** The items of lists in comments that hold a MUST, each on one line. */
const promised = [...prose.matchAll(/^ *\* - (.*(?:\n *\* {3}.*)*)/gm)]
  .map(([, text = '']) => text.replace(/\n *\* +/g, ' '))
  .filter((sentence) => sentence.includes('MUST'))

const proofsOf = (makeStore: () => StoreFixture, options: Partial<StoreContract> = {}) => {
  const proofs = new Map<string, () => Promise<void>>()
  storeContract({ ...options, test: (title, run) => proofs.set(title, run), makeStore })
  return proofs
}

const standing = (make: (now: () => number) => Store) => () => {
  let nowMs = 0
  const advance = (ms: number) => {
    nowMs += ms
  }
  return { store: make(() => nowMs), advance }
}

/** The sentences that a store breaks. */
async function brokenBy(makeStore: () => StoreFixture): Promise<readonly string[]> {
  const runs = [...proofsOf(makeStore)].map(([title, prove]) =>
    prove().then(
      () => [],
      () => [title],
    ),
  )
  return (await Promise.all(runs)).flat()
}

/** Proves the sentence that begins so. */
async function prove(sentence: string, makeStore: () => StoreFixture, options: Partial<StoreContract> = {}): Promise<void> {
  const [run, ...others] = [...proofsOf(makeStore, options)].flatMap(([title, each]) => (title.startsWith(sentence) ? [each] : []))
  expect(others).toEqual([])
  await run?.()
}

/** Not any error: the proof must have compared, and not just stumbled. */
const refuted = { code: 'ERR_ASSERTION' }

describe('the contract says what the prose says', () => {
  const titles = [...proofsOf(standing(soundStore)).keys()]

  test('every sentence with a MUST is the title of a test, and every title is such a sentence', () => {
    expect(promised.length).toBeGreaterThan(25)
    expect(titles.toSorted()).toEqual(promised.toSorted())
  })

  test('no MUST stands outside these sentences but in the one that speaks of them', () => {
    expect(prose.match(/\bMUST\b/g)).toHaveLength(promised.length + 1)
  })

  test('a group stands before every title', () => {
    const grouped = proofsOf(standing(soundStore), { group: 'redis' }).keys()
    expect([...grouped]).toEqual(titles.map((title) => `redis: ${title}`))
  })
})

const wall = () => Math.floor(performance.now())

type Windows = readonly Room[]
const firstBy = (order: (a: Room, b: Room) => number) => (windows: Windows) => windows.toSorted(order)[0] as Room

type Renewed = Decisions['renewed']
const renewedTo = (changes: (...given: Parameters<Renewed>) => Partial<ReturnType<Renewed>>) => ({
  renewed: (...given: Parameters<Renewed>) => ({ ...sound.renewed(...given), ...changes(...given) }),
})

/** What a store does otherwise, and the sentence that finds it out, by its first words. */
const defects: readonly (readonly [name: string, defect: Partial<Decisions>, sentence: string])[] = [
  ['reads, and writes a moment later', { betweenReadAndWrite: () => Promise.resolve() }, 'Every verb MUST be one atomic step'],
  ['takes the quotas of a refused call', { whenLimited: (takeAnyway) => takeAnyway() }, 'Every refusal MUST leave no trace'],
  ['reads ids in any case', { idName: (id) => `id ${id.toLowerCase()}` }, 'Ids and keys MUST be opaque'],
  ['keeps keys as UTF-8', { keyName: (key) => `key ${Buffer.from(key)}` }, 'Ids and keys MUST be opaque'],
  ['keeps keys in a normal form', { keyName: (key) => `key ${key.normalize()}` }, 'Ids and keys MUST be opaque'],
  ['cuts long ids', { idName: (id) => `id ${id.slice(0, 255)}` }, 'Ids and keys MUST be opaque'],
  ['keeps ids and keys in one place', { idName: (id) => id, keyName: (key) => key }, 'An id and a quota key'],
  ['takes any number for a span of time', { isSpan: () => true }, 'What a store cannot do'],
  ['writes after it answered', { write: (run) => void setTimeout(run, 1) }, 'open MUST be as durable'],
  ['frees the id of a closed one', { holdsId: ({ closed }) => !closed }, 'open MUST answer exists'],
  ['frees an id when the code ends', { holdsId: ({ codeEndsAt }, at) => at < codeEndsAt }, 'open MUST answer exists'],
  ['frees an id a millisecond late', { isOver: (endsAt, at) => at > endsAt }, 'open MUST free an id'],
  ['names the last full key', { fullOnes: (full) => full.toReversed() }, 'open MUST answer limited'],
  ['says the shortest wait', { wait: (waits) => Math.min(...waits) }, 'retryAfterMs of limited'],
  ['counts in fixed windows', { isInside: (hitAt, at, ms) => Math.floor(hitAt / ms) === Math.floor(at / ms) }, 'A quota MUST admit'],
  ['keeps a hit a millisecond too long', { isInside: (hitAt, at, windowMs) => at - hitAt <= windowMs }, 'A quota MUST admit'],
  ['takes a hit for every window', { hitsPerCall: (windows) => windows }, 'Quotas of one call'],
  ['gives the rows in another order', { rows: (rows) => rows.toReversed() }, 'room MUST hold'],
  ['tells the roomiest window', { tightest: firstBy((a, b) => b.remaining - a.remaining) }, 'room MUST hold'],
  ['tells the shorter of two waits', { tightest: firstBy((a, b) => a.remaining - b.remaining || a.nextInMs - b.nextInMs) }, 'room MUST'],
  ['lets a code outlive its challenge', renewedTo((_, at, { ttlMs }) => ({ codeEndsAt: at + ttlMs })), 'renew MUST give the code'],
  ['adds to the life that was left', renewedTo(({ codeEndsAt }, _, { ttlMs }) => ({ codeEndsAt: codeEndsAt + ttlMs })), 'renew MUST give'],
  ['keeps the first digest', renewedTo(({ codeDigest }) => ({ codeDigest })), 'renew MUST replace the digest'],
  ['forgets the digest where none is given', renewedTo((_, __, { codeDigest }) => ({ codeDigest })), 'renew MUST replace the digest'],
  ['gives attempts back', renewedTo(({ attempts }) => ({ attemptsLeft: attempts })), 'renew MUST NOT give attempts back'],
  ['gives one attempt back', renewedTo(({ attemptsLeft }) => ({ attemptsLeft: attemptsLeft + 1 })), 'attempt MUST be granted at most'],
  ['renews without quotas', { renewQuotas: () => [] }, 'renew MUST take the quotas'],
  ['asks first whether attempts are left', { renewOrder: ['absent', 'exhausted', 'closed'] }, 'renew MUST answer absent, closed'],
  ['grants one attempt more', { isExhausted: (attemptsLeft) => !(attemptsLeft >= 0) }, 'attempt MUST be granted at most attempts times'],
  ['says what was left before', { saidLeft: (attemptsLeft) => attemptsLeft + 1 }, 'attempt MUST say how many attempts are left'],
  [
    'asks late whether the code ended',
    { attemptOrder: ['absent', 'closed', 'expired', 'exhausted'] },
    'attempt MUST answer absent, expired',
  ],
  ['lets a code live a millisecond more', { isOver: (endsAt, at) => at > endsAt }, 'attempt MUST answer expired at the very'],
  ['takes any count but 0 for attempts', { isExhausted: (attemptsLeft) => attemptsLeft === 0 }, 'A count of attempts that is not'],
  ['closes as often as asked', { isClosed: () => false }, 'close MUST answer closed to exactly one caller'],
  ['follows a loser', { whenNotFirst: (followAnyway) => followAnyway() }, 'close MUST forget the released keys'],
  ['forgets whole keys when it closes', { closeHit: () => undefined }, 'close with hit MUST forget only'],
  ['lets one guess at a one-shot', { isChallenge: () => true }, 'A one-shot MUST only be closed'],
  ['opens a one-shot anew', { keepsShot: () => false }, 'A one-shot that is there already'],
  ['opens a spent one-shot anew', { keepsShot: ({ closed }) => !closed }, 'A one-shot that is there already'],
  ['forgets everything at every release', { released: () => [] }, 'release MUST forget a key wholly'],
  ['forgets nothing without hit', { released: (hits, hit) => hits.filter(({ call }) => call !== hit) }, 'release MUST forget a key wholly'],
  [
    'forgets a hit, whichever',
    { released: (hits, hit) => (hit === undefined ? [] : hits.slice(1)) },
    'release MUST do nothing the second time',
  ],
]

describe('the contract bites', () => {
  test('and leaves a store without defect alone, on a clock that stands and in real time', async () => {
    const broken = await Promise.all([brokenBy(standing(soundStore)), brokenBy(() => ({ store: soundStore(wall) }))])
    expect(broken).toEqual([[], []])
  })

  test.each(defects)('a store that %s', async (_, defect, sentence) => {
    const makeStore = standing((now) => soundStore(now, defect))
    await expect(prove(sentence, makeStore)).rejects.toMatchObject(refuted)
  })

  test('with every sentence', () => {
    const idle = promised.filter((title) => !defects.some(([, , sentence]) => title.startsWith(sentence)))
    expect(idle).toEqual([])
  })

  test('a store that answers though its server is gone', async () => {
    const unavailable = () => soundStore(() => 0)
    await expect(prove('What a store cannot do', standing(soundStore), { unavailable })).rejects.toMatchObject(refuted)
  })

  test('a store that loses what it had answered', async () => {
    const makeStore = () => ({ ...standing(soundStore)(), reopen: () => soundStore(() => 0) })
    await expect(prove('open MUST be as durable', makeStore)).rejects.toMatchObject(refuted)
  })

  test.each<readonly [string, Partial<Decisions>, string]>([
    ['forgets hits too early', { isInside: (hitAt, at, windowMs) => at - hitAt < windowMs / 2 }, 'A quota MUST admit'],
    ['never ends a code', { isOver: () => false }, 'attempt MUST answer expired'],
    ['never frees an id', { isOver: () => false }, 'open MUST free an id'],
  ])('in real time, a store that %s', async (_, defect, sentence) => {
    const makeStore = () => ({ store: soundStore(wall, defect) })
    await expect(prove(sentence, makeStore)).rejects.toMatchObject(refuted)
  })
})

test('a failure of a random sequence says how to begin it again', async () => {
  const late = standing((now) => soundStore(now, { isInside: (hitAt, at, windowMs) => at - hitAt <= windowMs }))
  await expect(prove('A quota MUST admit', late, { seed: 77 })).rejects.toThrow('seed 77')
})

test('every fixture is disposed of, also when its test fails', async () => {
  let [made, disposed] = [0, 0]
  const makeStore = () => {
    made += 1
    const dispose = () => {
      disposed += 1
    }
    return { ...standing((now) => soundStore(now, { isOver: () => true }))(), dispose }
  }
  expect((await brokenBy(makeStore)).length).toBeGreaterThan(10)
  expect([made, disposed]).toEqual([promised.length, promised.length])
})
