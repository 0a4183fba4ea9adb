import { setImmediate as turn } from 'node:timers/promises'
import { memoryStore } from 'phone-verify/store/memory'
import { afterAll, beforeAll } from 'vitest'
import { naiveStore } from '../../fixtures/naive-store.js'
import { lifted, line } from '../races.js'
import { frameworks, startApp } from './app.js'
import type { Target, Targets } from './http-races.js'

let phones = 0
const freshPhone = () => {
  phones += 1
  return `+1415${3_000_000 + phones}`
}

/** Every framework in this process, each over a store of its own. The control waits a turn of the loop for its store, as for a server. */
export function memoryField(naive = false): () => Targets {
  let targets: Targets
  let stop = async () => {}
  beforeAll(async () => {
    const started = await Promise.all(
      frameworks.map(async (framework) => {
        const { verifier, sms, begin, end } = line((now) => (naive ? naiveStore({ now, roundTrip: () => turn() }) : memoryStore({ now })), {
          limits: lifted,
        })
        const app = await startApp(framework, verifier)
        const target: Target = {
          ports: [app.port],
          begin: () => begin(freshPhone()),
          freshPhone,
          messages: async () => sms.messages.length,
        }
        const close = async () => {
          await app.close()
          await verifier.close()
          end()
        }
        return { framework, target, close }
      }),
    )
    targets = Object.fromEntries(started.map(({ framework, target }) => [framework, target])) as Targets
    stop = async () => void (await Promise.all(started.map(({ close }) => close())))
  })
  afterAll(() => stop())
  return () => targets
}
