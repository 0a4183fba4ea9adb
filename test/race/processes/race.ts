import type { WorkerPool } from '../../fixtures/worker-pool.js'
import type { Crowd } from './crowd.js'
import type { OwnPlace } from './place.js'

export interface Field {
  readonly pool: WorkerPool
  readonly own: OwnPlace
  readonly crowd: Crowd
}

/** One race, so many times. Every broken promise is a complaint, so that the control can be heard complaining too. */
export interface Race {
  readonly title: string
  /** Of a thousand rounds of all races together, how many are of this one. */
  readonly share: number
  /** So many rounds at least: fewer are no evidence. */
  readonly least?: number
  run(field: Field, rounds: number): Promise<readonly string[]>
}

/** A race that a store which reads, compares and writes must lose. */
export interface ControlledRace extends Race {
  /** What the control is heard complaining of. */
  readonly control: RegExp
}

/** A race whose rounds have nothing to do with each other. */
export const inRounds =
  (round: (field: Field, complain: (about: string) => void, index: number) => Promise<void>): Race['run'] =>
  async (field, rounds) => {
    const complaints: string[] = []
    for (let index = 0; index < rounds; index++) await round(field, (about) => complaints.push(`round ${index}: ${about}`), index)
    return complaints
  }

/** Says what is another than it must be. */
export const differs = (name: string, found: unknown, wanted: unknown): readonly string[] => {
  const [is, mustBe] = [JSON.stringify(found), JSON.stringify(wanted)]
  return is === mustBe ? [] : [`${name} ${is} instead of ${mustBe}`]
}
