import type { Job } from '../../fixtures/worker-pool.js'
import type { Operation } from '../linearizable.js'
import { joinBarrier } from './barrier.js'
import { askStore, type Input } from './challenge-model.js'
import type { Place } from './open-store.js'
import { storeAt } from './visitor.js'

/** What one process does in one history. */
export interface Script {
  readonly name: string
  readonly inputs: readonly Input[]
  /** Whether it waits for an answer before it asks again. */
  readonly inTurn: boolean
}

/** One history after another, each begun together with the other processes; all that was asked, answered and when. */
export async function record(place: Place, scripts: readonly Script[], barrierPort: number): Promise<Job<readonly Operation<Input>[][]>> {
  const { store } = await storeAt(place)
  const barrier = await joinBarrier(barrierPort)
  const observe = async (name: string, input: Input): Promise<Operation<Input>> => {
    const from = process.hrtime.bigint()
    const answer = await askStore(store, name, input)
    return { input, answer, from, to: process.hrtime.bigint() }
  }
  const play = async ({ name, inputs, inTurn }: Script) => {
    if (!inTurn) return Promise.all(inputs.map((input) => observe(name, input)))
    const done: Operation<Input>[] = []
    for (const input of inputs) done.push(await observe(name, input))
    return done
  }
  return {
    async go() {
      const histories: Operation<Input>[][] = []
      for (const script of scripts) {
        await barrier.arrive()
        histories.push(await play(script))
      }
      return histories
    },
    end: () => barrier.leave(),
  }
}
