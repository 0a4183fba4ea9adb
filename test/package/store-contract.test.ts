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

const withDefect =
  (defect: Partial<Decisions>): Make =>
  (now) =>
    soundStore(now, defect)

describe('the contract says what the prose says', () => {
  const proofs = registered(() => ({ store: soundStore(() => 0) }))

  test('every sentence with a MUST is the title of a test, and every title is such a sentence', () => {
    expect(promised.length).toBeGreaterThan(25)
    expect([...proofs.keys()].sort()).toEqual([...promised].sort())
    // A MUST outside a list would be a promise that nobody tests.
    expect(prose.match(/\bMUST\b/g)).toHaveLength(promised.length + 1)
  })

  test('a group stands before every title', () => {
    const titles = [...registered(() => ({ store: soundStore(() => 0) }), { group: 'redis' }).keys()]
    expect(titles).toEqual([...proofs.keys()].map((title) => `redis: ${title}`))
  })
})

describe('a store without defect', () => {
  test('passes', async () => {
    expect(await brokenBy(withDefect({}))).toEqual([])
  })
})
