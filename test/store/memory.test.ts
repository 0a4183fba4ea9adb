import { test } from 'vitest'
import { memoryStore } from '../../src/store/memory.js'
import { storeContract } from '../../src/testing/store-contract.js'

const makeStore = () => {
  let nowMs = 0
  const advance = (ms: number) => {
    nowMs += ms
  }
  return { store: memoryStore({ now: () => nowMs }), advance }
}
storeContract({ test, makeStore, group: 'a clock that stands' })
storeContract({ test, makeStore: () => ({ store: memoryStore() }), group: 'real time' })
