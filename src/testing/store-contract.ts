import type { Store } from '../store/store.js'
import { attempt } from './store-contract/attempt.js'
import { close } from './store-contract/close.js'
import { everyVerb } from './store-contract/every-verb.js'
import { createKit, type StoreFixture } from './store-contract/kit.js'
import { open } from './store-contract/open.js'
import { quotas } from './store-contract/quotas.js'
import { release } from './store-contract/release.js'
import { renew } from './store-contract/renew.js'

export type { StoreFixture } from './store-contract/kit.js'

export interface StoreContract {
  /** The test function of the runner: vitest, node:test, jest and mocha's `it` fit. */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** Called once a test. Stores of two tests may share a server: no id or key is used twice. */
  readonly makeStore: () => StoreFixture | Promise<StoreFixture>
  /** Put before every title: `group: sentence`. Default: nothing. */
  readonly group?: string | undefined
  /** A store whose server is gone: every verb of it must reject. Default: only spans of time that are not numbers are tried. */
  readonly unavailable?: (() => Store | Promise<Store>) | undefined
  /** What the random sequences begin with. Default: a new one every time; a failure names it. */
  readonly seed?: number | undefined
}

/**
 * Registers one test for every sentence with a MUST in the contract of `Store`, under that sentence. A store that passes may be used.
 * Give `advance` wherever the store's clock can be moved: then every boundary is tried to the millisecond. Without it the tests wait
 * for a few seconds in all.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'phone-verify/store/memory'
 * import { storeContract } from 'phone-verify/testing'
 * import { test } from 'vitest'
 *
 * const makeStore = () => {
 *   let nowMs = 0
 *   const advance = (ms: number) => {
 *     nowMs += ms
 *   }
 *   return { store: memoryStore({ now: () => nowMs }), advance }
 * }
 * storeContract({ test, makeStore })
 * ```
 */
export function storeContract({ test, makeStore, group, unavailable, seed }: StoreContract): void {
  for (const { title, prove } of [...everyVerb, ...open, ...quotas, ...renew, ...attempt, ...close, ...release]) {
    test(group === undefined ? title : `${group}: ${title}`, async () => {
      const fixture = await makeStore()
      const kit = createKit(fixture, seed ?? (crypto.getRandomValues(new Uint32Array(1))[0] as number), unavailable)
      await prove(kit).finally(() => fixture.dispose?.())
    })
  }
}
