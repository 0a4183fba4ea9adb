import { readFileSync } from 'node:fs'
import type { Store } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { type StoreFixture, storeContract } from '../../src/testing/store-contract.js'
import { naiveStore } from '../fixtures/naive-store.js'
import { type Decisions, sound, soundStore } from './sound-store.js'

const prose = readFileSync('src/store/store.ts', 'utf8')

/** The items of the lists in the comments that hold a MUST, without their markup. */
const promised = [...prose.matchAll(/^ *\* - (.*(?:\n *\* {3}.*)*)/gm)]
  .map(([, text = '']) => text.replace(/\n *\* +/g, ' '))
  .filter((sentence) => sentence.includes('MUST'))

type Make = (now: () => number) => Store
type Options = Partial<Parameters<typeof storeContract>[0]>

const registered = (makeStore: () => StoreFixture, options: Options = {}) => {
  const proofs = new Map<string, () => Promise<void>>()
  storeContract({ ...options, test: (title, run) => proofs.set(title, run), makeStore })
  return proofs
}

/** The sentences that a store breaks, on a clock of its own. */
async function brokenBy(make: Make, options: Options = {}): Promise<readonly string[]> {
  const proofs = registered(() => {
    let nowMs = 0
    const advance = (ms: number) => {
      nowMs += ms
    }
    return { store: make(() => nowMs), advance }
  }, options)
  const results = await Promise.allSettled([...proofs].map(([title, prove]) => prove().catch(() => Promise.reject(title))))
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as string] : []))
}

describe('the contract says what the prose says', () => {
  const proofs = registered(() => ({ store: soundStore(() => 0) }))

  test('every sentence with a MUST is the title of a test, and every title is such a sentence', () => {
    expect(promised.length).toBeGreaterThan(25)
    expect([...proofs.keys()].sort()).toEqual([...promised].sort())
  })

  test('no MUST stands outside these sentences but the one that speaks of them', () => {
    expect(prose.match(/\bMUST\b/g)).toHaveLength(promised.length + 1)
  })

  test('a group stands before every title', () => {
    const titles = registered(() => ({ store: soundStore(() => 0) }), { group: 'redis' }).keys()
    expect([...titles]).toEqual([...proofs.keys()].map((title) => `redis: ${title}`))
  })
})

/** What is done otherwise, and the sentence that finds it out, by its first words. */
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
  ['frees the id when the code ends', { holdsId: ({ codeEndsAt }, at) => at < codeEndsAt }, 'open MUST answer exists'],
  ['frees an id a millisecond late', { isOver: (endsAt, at) => at > endsAt }, 'open MUST free an id'],
  ['names the last full key', { fullOnes: (full) => full.toReversed() }, 'open MUST answer limited'],
  ['says the shortest wait', { wait: (waits) => Math.min(...waits) }, 'retryAfterMs of limited'],
  ['counts in fixed windows', { isInside: (hitAt, at, ms) => Math.floor(hitAt / ms) === Math.floor(at / ms) }, 'A quota MUST admit'],
  ['keeps a hit a millisecond too long', { isInside: (hitAt, at, windowMs) => at - hitAt <= windowMs }, 'A quota MUST admit'],
  ['takes a hit for every window', { hitsPerCall: (windows) => windows }, 'Quotas of one call'],
  ['gives the rows in another order', { rows: (rows) => rows.toReversed() }, 'room MUST hold'],
  ['tells the roomiest window', { tightest: (windows) => sound.tightest(windows.map(turned)) }, 'room MUST hold'],
  ['tells the shorter of two waits', { tightest: (windows) => windows.toSorted(byRoomThenWait)[0] as Room }, 'room MUST hold'],
  ['lets a code outlive its challenge', { renewed: (...given) => ({ ...sound.renewed(...given), codeEndsAt: sum(given) }) }, 'renew MUST give'],
]
